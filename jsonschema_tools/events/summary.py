"""What came of validating many events: counts, and findings grouped by their kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from jsonschema_tools.messages import counted, cut, one_line, workflow_data, workflow_property

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.events.verdict import Status, Verdict
    from jsonschema_tools.values import Json

_PLACES = 3
_GROUPS = 1000
_EXAMPLE = 200
_LONGEST = 1000  # characters of a name or message that is kept


class EventPlace(NamedTuple):
    """Where an event is.

    Attributes:
        file: the file, as messages call it.
        number: 1-based line, or number of the event in formats other than JSON Lines.
    """

    file: str
    number: int

    def __str__(self) -> str:
        """Return `file:line`."""
        return f"{self.file}:{self.number}"

    def after(self, lines: int) -> EventPlace:
        """Return the place that is so many lines further down."""
        return EventPlace(self.file, self.number + lines)


class Kind(NamedTuple):
    """What findings have in common.

    Attributes:
        schema: the schema's URI; None where an event names none.
        pointer: JSON Pointer in the event, with `*` for the index of a list.
        keyword: the keyword that refuses the event, or `error`.
        detail: the message, for errors and for missing or undeclared names; else empty.
    """

    schema: str | None
    pointer: str
    keyword: str
    detail: str


@dataclass(slots=True)
class Group:
    """The findings of one kind.

    Attributes:
        kind: what they have in common.
        count: how many events have such a finding.
        message: the first one's message.
        hint: the first one's hint.
        source: `file:line` of the keyword in the schema.
        places: of the first events.
        example: the first event, cut short.
    """

    kind: Kind
    message: str
    hint: str | None
    source: str | None
    example: str
    count: int = 0
    places: list[EventPlace] = field(default_factory=list)

    def as_json(self) -> dict[str, Json]:
        """Return it as an entry of `findings`."""
        return {
            "schema": self.kind.schema,
            "pointer": self.kind.pointer,
            "keyword": self.kind.keyword,
            "message": self.message,
            "hint": self.hint,
            "source": self.source,
            "count": self.count,
            "places": list(map(str, self.places)),
            "example": self.example,
        }


class Finding(NamedTuple):
    """One thing that is wrong with one event."""

    kind: Kind
    message: str
    hint: str | None
    source: str | None


def findings(verdict: Verdict) -> Iterator[Finding]:
    """Yield what is wrong with an event."""
    uri = _short(verdict.uri)
    if verdict.status == "error":
        message = cut(verdict.message or "", _LONGEST)
        yield Finding(Kind(uri, "", "error", message), message, verdict.hint, _text(verdict.at))
    for problem in verdict.problems:
        message = cut(problem.message, _LONGEST)
        detail = message if problem.keyword in {"required", "additionalProperties"} else ""
        pointer = cut(_general(problem.pointer), _LONGEST)
        kind = Kind(uri, pointer, problem.keyword, detail)
        yield Finding(kind, message, problem.hint, _text(problem.at))


def _short(name: str | None) -> str | None:
    """Return a name, which an event may make as long as it likes, in a length that can be kept."""
    return name if name is None or len(name) <= _LONGEST else cut(name, _LONGEST)


def _text(at: object) -> str | None:
    return None if at is None else str(at)


def _general(pointer: str) -> str:
    return "/".join("*" if token.isdecimal() else token for token in pointer.split("/"))


@dataclass(slots=True)
class Summary:
    """Counts and groups; memory does not grow with the number of events."""

    counts: dict[tuple[str | None, str | None], dict[str, int]] = field(default_factory=dict)
    groups: dict[Kind, Group] = field(default_factory=dict)
    ungrouped: int = 0

    def count(self, uri: str | None, stream: str | None, status: Status, number: int = 1) -> None:
        """Count events by their schema and stream."""
        self._counts_of(uri, stream)[status] += number

    def _counts_of(self, uri: str | None, stream: str | None) -> dict[str, int]:
        key = _short(uri), _short(stream)
        if (counts := self.counts.get(key)) is not None:
            return counts
        if len(self.counts) >= _GROUPS:
            key = "(other schemas and streams)", None
        return self.counts.setdefault(key, {"valid": 0, "invalid": 0, "error": 0})

    def add(self, finding: Finding, place: EventPlace, example: str) -> None:
        """Put a finding to those of its kind."""
        group = self.groups.get(finding.kind)
        if group is None:
            if len(self.groups) == _GROUPS:
                self.ungrouped += 1
                return
            group = Group(
                finding.kind, finding.message, finding.hint, finding.source, example[:_EXAMPLE]
            )
            self.groups[finding.kind] = group
        group.count += 1
        if len(group.places) < _PLACES:
            group.places.append(place)

    def move(self, lines: int) -> None:
        """Put all places so many lines further down."""
        for group in self.groups.values():
            group.places = [place.after(lines) for place in group.places]

    def merge(self, other: Summary) -> None:
        """Add what another part of the same run found; parts are merged in their order."""
        for key, counts in other.counts.items():
            mine = self._counts_of(*key)
            for status, number in counts.items():
                mine[status] += number
        self.ungrouped += other.ungrouped
        for kind, group in other.groups.items():
            known = self.groups.get(kind)
            if known is not None:
                known.count += group.count
                known.places = (known.places + group.places)[:_PLACES]
            elif len(self.groups) < _GROUPS:
                self.groups[kind] = group
            else:
                self.ungrouped += group.count

    def total(self, status: str) -> int:
        """Return how many events have a status."""
        return sum(counts[status] for counts in self.counts.values())

    @property
    def events(self) -> int:
        """How many events there were."""
        return sum(map(sum, (counts.values() for counts in self.counts.values())))

    def sorted_groups(self) -> list[Group]:
        """Return the groups, the most frequent first."""
        return sorted(
            self.groups.values(),
            key=lambda group: (-group.count, tuple(str(part or "") for part in group.kind)),
        )

    def as_json(self) -> dict[str, Json]:
        """Return the report of `validate --format json`."""
        return {
            "version": 1,
            "summary": {name: self.total(name) for name in ("valid", "invalid", "error")},
            "schemas": [
                {"schema": schema, "stream": stream, **counts}
                for (schema, stream), counts in sorted(
                    self.counts.items(), key=lambda item: tuple(str(p or "") for p in item[0])
                )
            ],
            "findings": [group.as_json() for group in self.sorted_groups()],
            "ungrouped": self.ungrouped,
        }


def text_report(summary: Summary) -> str:
    """Return the report for people."""
    lines = []
    for (schema, stream), counts in sorted(
        summary.counts.items(), key=lambda item: tuple(str(part or "") for part in item[0])
    ):
        name = schema or "(no schema)"
        where = f" in {stream}" if stream else ""
        parts = [f"{counts[s]:,} {s}" for s in ("valid", "invalid", "error") if counts[s]]
        lines.append(one_line(f"{name}{where}: {', '.join(parts)}"))
    for group in summary.sorted_groups():
        lines += ["", *map(one_line, _group_lines(group, summary.events))]
    if summary.ungrouped:
        lines += ["", f"and {summary.ungrouped:,} findings of other kinds"]
    total = counted(summary.events, "event")
    results = ", ".join(
        f"{summary.total(status):,} {word}"
        for status, word in (("valid", "valid"), ("invalid", "invalid"), ("error", "in error"))
    )
    return "\n".join([*lines, "", f"{total}: {results}"]).lstrip("\n") + "\n"


def line(finding: Finding) -> str:
    """Return one finding of one event as a line of text, without its place."""
    hint = f" ({finding.hint})" if finding.hint else ""
    return one_line(f"{_headline(finding.kind, finding.message)}{hint}")


def _headline(kind: Kind, message: str) -> str:
    where = "" if kind.keyword == "error" else f" {kind.pointer or '(the event)'}"
    return f"{kind.schema or '(no schema)'}{where}: {kind.keyword}: {message}"


def _group_lines(group: Group, events: int) -> Iterator[str]:
    kind = group.kind
    number = counted(group.count, "event")
    share = f", {group.count / events:.1%}" if events > 1 else ""
    yield f"{_headline(kind, group.message)} ({number}{share})"
    yield f"  first at {', '.join(map(str, group.places))}"
    if group.source:
        yield f"  schema: {group.source}"
    if group.hint:
        yield f"  hint: {group.hint}"
    if group.example:
        yield f"  event: {group.example}"


def github_report(summary: Summary) -> str:
    """Return the findings as workflow commands of GitHub Actions, one for each group."""
    lines = []
    for group in summary.sorted_groups():
        file, line = group.places[0]
        kind = group.kind
        message = f"{kind.pointer or kind.schema or '(the event)'}: {group.message}"
        if group.count > 1:
            message += f" ({group.count:,} events)"
        lines.append(
            f"::error file={workflow_property(file)},line={line},"
            f"title={workflow_property(kind.keyword)}::{workflow_data(message)}"
        )
    return "".join(f"{line}\n" for line in lines)
