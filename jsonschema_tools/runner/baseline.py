"""Adds entries to `skipSchemaTestCases` in a configuration file, and changes no other byte.

A library that keeps comments (ruamel.yaml) would still rewrite quotes, line breaks and indentation
elsewhere in the file. So the entries are put in as text, where libyaml says that the list ends;
then the file is read again, and has to hold what it held and the new entries.
"""

from __future__ import annotations

import json
import re
from codecs import BOM_UTF8
from typing import TYPE_CHECKING, Any

from jsonschema_tools.config_file import CONFIG_NAME
from jsonschema_tools.documents import parse_document, read_document
from jsonschema_tools.errors import ConfigError, Location, SchemaToolsError
from jsonschema_tools.files import read_file
from jsonschema_tools.outputs import Output, require_inside
from jsonschema_tools.values import as_object, equal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from jsonschema_tools.config import Config
    from jsonschema_tools.runner.run import Result
    from jsonschema_tools.values import Json

_KEY = "skipSchemaTestCases"


def needed(results: Iterable[Result]) -> dict[str, list[str]]:
    """Return the entries that failed results need: checks by a pattern for one `$id`."""
    entries: dict[str, list[str]] = {}
    for result in results:
        if result.outcome == "failed" and result.subject.identifier:
            checks = entries.setdefault(pattern_for(result.subject.identifier), [])
            if result.check not in checks:
                checks.append(result.check)
    return entries


def pattern_for(identifier: str) -> str:
    """Return a regular expression, in JavaScript's syntax too, that matches one `$id` only."""
    escaped = re.sub(r"([$()*+.?[\]^{|}\\])", r"\\\1", identifier)
    return f"^{escaped}$"


def write(config: Config, entries: Mapping[str, Sequence[str]]) -> str:
    """Add entries to the configuration file that counts, and return its name.

    Raises:
        ConfigError: no safe place for them was found.
        WriteError: the file cannot be written.
    """
    name = _file(config)
    path = config.working_directory / name
    require_inside(path, config.folders)
    content = read_file(path) if path.exists() else b""
    mark = BOM_UTF8 if content.startswith(BOM_UTF8) else b""
    text = with_entries(content.removeprefix(mark).decode(), entries, name)
    Output(path.resolve(), mark + text.encode()).write(durable=True, tidy=True)
    return name


def _file(config: Config) -> str:
    """Return the last file that has the key, as it wins, or else the last one."""
    for name in reversed(config.files):
        data = read_document(config.working_directory / name, name).data
        if isinstance(data, dict) and _KEY in data:
            return name
    return config.files[-1] if config.files else config.display_path(config.root / CONFIG_NAME)


def with_entries(text: str, entries: Mapping[str, Sequence[str]], path: str) -> str:
    """Return a configuration file with more entries in `skipSchemaTestCases`.

    Args:
        text: the file.
        entries: checks by pattern.
        path: the file's name, for messages.

    Raises:
        ConfigError: the file is written in a way that leaves no safe place for them.
    """
    before = as_object(parse_document(text.encode(), path).data)
    listed = as_object(before.get(_KEY))
    added = {pattern: list(checks) for pattern, checks in entries.items()}
    changed = _with_entries(text, added)
    expected = {**before, _KEY: {**listed, **_merged(listed, added)}}
    try:
        after = parse_document(changed.encode(), path).data
    except SchemaToolsError:
        after = None
    if not equal(after, expected):
        raise ConfigError(
            f"cannot add entries to {_KEY} without touching the rest of the file",
            at=Location(path),
            hint=f"write it as a block, one entry on a line: {_KEY}:",
        )
    return changed


def _merged(listed: Mapping[str, Json], added: Mapping[str, list[str]]) -> dict[str, Json]:
    return {
        pattern: [*_as_list(listed[pattern]), *checks] if pattern in listed else [*checks]
        for pattern, checks in added.items()
    }


def _as_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def _with_entries(text: str, entries: Mapping[str, Sequence[str]]) -> str:
    """Return the text with more entries; unchanged where there is no safe place for them."""
    import yaml

    lines = text.split("\n")
    try:
        key, value = _member(yaml.compose(text, Loader=yaml.CSafeLoader), _KEY)
    except yaml.YAMLError:
        return text
    if key is None:
        at = len(lines) if lines[-1] else len(lines) - 1
        added = {at: [f"{_KEY}:", *_entries(entries, "  "), *([""] if lines[-1] else [])]}
    elif _is_nothing(value):
        at = key.start_mark.line + 1
        lines[at - 1] = _without(lines[at - 1], value)
        added = {at: _entries(entries, "  ")}
    elif _is_block(value):
        added = _in_block(value, lines, entries)
    else:
        return text
    return "\n".join(_with_lines(lines, added, "\r" if "\r\n" in text else ""))


def _with_lines(
    lines: Sequence[str], added: Mapping[int, Sequence[str]], end: str
) -> Iterator[str]:
    """Yield lines, with others put in where they belong."""
    done = 0
    for at, others in sorted(added.items()):
        yield from lines[done:at]
        yield from (f"{line}{end}" if line else line for line in others)
        done = at
    yield from lines[done:]


def _in_block(
    block: Any, lines: Sequence[str], entries: Mapping[str, Sequence[str]]
) -> dict[int, list[str]]:
    """Return the lines to add to a block of entries, by where they belong."""
    known: dict[str, Any] = {}
    for key, value in block.value:
        if isinstance(key.value, str):
            known.setdefault(key.value, value)
    added: dict[int, list[str]] = {}
    for pattern in filter(known.__contains__, entries):
        listed = known[pattern]
        if _is_block(listed) and listed.value:
            dash = re.match(r" *(?=- )", lines[listed.value[-1].start_mark.line])
            checks = [f"{dash[0]}- {check}" for check in entries[pattern]] if dash else []
            added.setdefault(_last_line(listed) + 1, []).extend(checks)
    indent = " " * block.value[0][0].start_mark.column
    others = {pattern: checks for pattern, checks in entries.items() if pattern not in known}
    added.setdefault(_last_line(block) + 1, []).extend(_entries(others, indent))
    return added


def _entries(entries: Mapping[str, Sequence[str]], indent: str) -> list[str]:
    return [line for pattern, checks in entries.items() for line in _entry(pattern, checks, indent)]


def _entry(pattern: str, checks: Sequence[str], indent: str) -> list[str]:
    quoted = (
        "'" + pattern.replace("'", "''") + "'" if pattern.isprintable() else json.dumps(pattern)
    )
    return [f"{indent}{quoted}:", *(f"{indent}  - {check}" for check in checks)]


def _member(mapping: Any, name: str) -> tuple[Any, Any]:
    """Return the nodes of a key and its value, or None twice."""
    for key, value in mapping.value if mapping is not None else ():
        if key.value == name:
            return key, value
    return None, None


def _is_block(node: Any) -> bool:
    """Tell whether a node is a list or mapping with an entry on each line."""
    return not getattr(node, "flow_style", True)


def _is_nothing(node: Any) -> bool:
    return node.value in ("", "~", "null", [])


def _without(line: str, node: Any) -> str:
    """Return a line without a value that is on it."""
    start, end = node.start_mark.column, node.end_mark.column
    return f"{line[:start].rstrip()}{line[end:]}" if end > start else line


def _last_line(node: Any) -> int:
    """Return the index of the last line of a node, comments after it aside."""
    if _is_block(node) and node.value:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    end = node.end_mark
    return int(end.line - 1 if end.column == 0 and end.line > node.start_mark.line else end.line)
