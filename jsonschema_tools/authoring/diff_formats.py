"""What changed between versions, as text, Markdown or JSON: pure functions, one line a change."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jsonschema_tools.messages import json_text, one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jsonschema_tools.authoring.diff import VersionDiff
    from jsonschema_tools.comparison import Change, Group, Verdict

_HEADINGS: Mapping[Group, str] = {
    "added": "added optional fields",
    "loosened": "loosened",
    "tightened": "tightened",
    "removed": "removed",
    "changed": "changed",
    "documentation": "documentation only",
}
_NOTES: Mapping[Verdict, str] = {
    "allowed": "",
    "constraint": " (new constraint: needs a new major version)",
    "incompatible": " (incompatible: needs a new major version)",
}

# what GitHub links, or sends a mail about: mentions, addresses, issues, commits; and formulas
_LINKED = re.compile(
    r"@|://|www\.|(?:mailto|xmpp):|#\d|\bGH-\d|\b[0-9a-f]{7,40}\b|\$", re.IGNORECASE
)
_STARTS_BLOCK = re.compile(r"\s|[-+=]|\d+[.)](?!\d)")


def text(diffs: Sequence[VersionDiff], *, unified: bool = False) -> str:
    """Return what changed for a terminal, or only the unified diffs."""
    if unified:
        return "".join(diff.unified for diff in diffs)
    return "\n".join(_text_of(diff) for diff in diffs)


def _text_of(diff: VersionDiff) -> str:
    lines = [f"{diff.new.title} {_what(diff)}"]
    for heading, changes in _grouped(diff):
        lines.append(f"  {heading}")
        for change in changes:
            lines.append(f"    - {_line(diff, change)}")
            if (event := diff.counterexamples.get(change)) is not None:
                lines.append(f"      {event}")
    if diff.table:
        lines += ["  table", *(f"    - {line}" for line in diff.table)]
    return "\n".join([*lines, ""])


def markdown(diffs: Sequence[VersionDiff], *, unified: bool = False) -> str:
    """Return what changed for a comment on a pull request."""
    return "\n".join(_markdown_of(diff, unified=unified) for diff in diffs)


def _markdown_of(diff: VersionDiff, *, unified: bool) -> str:
    lines = [f"### {in_markdown(diff.new.title)} {in_markdown(_what(diff))}", ""]
    for heading, changes in _grouped(diff):
        lines += [f"**{heading.capitalize()}**", ""]
        for change in changes:
            lines.append(f"- {in_markdown(_line(diff, change))}")
            if (event := diff.counterexamples.get(change)) is not None:
                lines.append(f"  - {in_markdown(event)}")
        lines.append("")
    if diff.table:
        lines += ["**Table**", "", *(f"- {in_markdown(line)}" for line in diff.table), ""]
    if unified:
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", diff.unified)), default=0))
        lines += [f"{fence}diff", diff.unified.rstrip("\n"), fence, ""]
    return "\n".join(lines)


def json(diffs: Sequence[VersionDiff], *, unified: bool = False) -> str:
    """Return what changed as one JSON object."""
    entries = [_entry(diff) | ({"unified": diff.unified} if unified else {}) for diff in diffs]
    return json_text({"version": 1, "diffs": entries})


def _entry(diff: VersionDiff) -> dict[str, object]:
    return {
        "title": diff.new.title,
        "old": diff.old and diff.old.name,
        "new": diff.new.name,
        "old_path": diff.old and diff.old.path,
        "new_path": diff.new.path,
        "required_bump": diff.bump,
        "policy": diff.policy,
        "changes": [
            {
                "group": change.group,
                "verdict": change.verdict,
                "message": change.message,
                "pointer": change.pointer,
                "counterexample": diff.counterexamples.get(change),
            }
            for change in diff.changes
        ],
        "table": diff.table,
    }


def grouped_lines(diff: VersionDiff) -> list[tuple[str, list[str]]]:
    """Return what changed in words, by kind of change, as the text of `diff` has it."""
    return [
        (heading, [_line(diff, change) for change in changes])
        for heading, changes in _grouped(diff)
    ]


REPORTS = {"text": text, "json": json, "markdown": markdown}


def _what(diff: VersionDiff) -> str:
    if diff.old is None:
        return f"{diff.new.name}: the first version"
    summary = {None: "nothing changed", "patch": "documentation only"}.get(
        diff.bump, f"{diff.bump} change"
    )
    policy = f", policy {diff.policy}" if diff.bump else ""
    return f"{diff.old.name} -> {diff.new.name}: {summary}{policy}"


def _grouped(diff: VersionDiff) -> Iterator[tuple[str, list[Change]]]:
    for group, heading in _HEADINGS.items():
        if changes := [change for change in diff.changes if change.group == group]:
            yield heading, changes


def _line(diff: VersionDiff, change: Change) -> str:
    """Return a change; what a new major version or a prerelease allows anyhow is not marked."""
    return f"{change.message}{_NOTES[change.verdict] if diff.is_bound else ''}"


def in_markdown(line: str) -> str:
    """Return a line in which Markdown marks up nothing but what is between backticks.

    Where a name makes that impossible, or GitHub would make a link or a mention of it, the whole
    line becomes code.
    """
    line = one_line(line)
    spans = line.split("`")
    has_pairs = len(spans) % 2 and "``" not in line
    if not has_pairs or _STARTS_BLOCK.match(line) or any(map(_LINKED.search, spans[::2])):
        return _code(line)
    return "`".join(span if index % 2 else _plain(span) for index, span in enumerate(spans))


def _plain(span: str) -> str:
    return re.sub(r"[\\*_<>\[\]|#~&!]", r"\\\g<0>", span)


def _code(line: str) -> str:
    """Return a line as a code span (CommonMark, section 6.1)."""
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    return f"{fence} {line} {fence}"
