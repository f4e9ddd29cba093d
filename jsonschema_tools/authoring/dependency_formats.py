"""A graph of schemas as text, JSON, DOT (Graphviz) or Mermaid; each a function to a string."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from jsonschema_tools.authoring.dependencies import Dependency, Dependent
    from jsonschema_tools.catalog import SchemaFolder


def text(entries: Iterable[SchemaFolder], uses: Sequence[Dependency]) -> str:
    """Return one paragraph for each schema that uses others."""
    used: dict[Path, dict[str, None]] = {}
    for use in uses:
        used.setdefault(use.user.path, {})[f"  {use.used} {use.label}{_age(use)}"] = None
    lines = []
    for entry in entries:
        if entry.path in used:
            lines += [named(entry), *used[entry.path]]
    return _joined(lines)


def text_of(dependents: Sequence[Dependent]) -> str:
    """Return one line for each schema that depends on one."""
    lines = []
    for one in dependents:
        way = f"through {', '.join(map(named, one.through))}" if one.through else "pins"
        version = "" if one.through else f" {one.use.label}"
        lines.append(f"{named(one.use.user)} {way}{version}")
    return _joined(lines)


def as_json(entries: Iterable[SchemaFolder], uses: Sequence[Dependency]) -> str:
    """Return the graph as an object of `schemas` and `uses`."""
    return _dumped({"schemas": [_schema(entry) for entry in entries], "uses": _uses(uses)})


def as_json_of(dependents: Sequence[Dependent]) -> str:
    """Return what depends on a schema as an object, the nearest first."""
    items = [
        {
            **_schema(one.use.user),
            "use": _use(one.use),
            "through": [entry.title for entry in one.through],
        }
        for one in dependents
    ]
    return _dumped({"touched": items})


def dot(entries: Iterable[SchemaFolder], uses: Sequence[Dependency]) -> str:
    """Return the graph for Graphviz; fragments are ellipses."""
    lines = ["digraph schemas {", "  rankdir=LR;", "  node [shape=box];"]
    for name, entry in _nodes(entries, uses).items():
        shape = ", shape=ellipse" if entry is not None and entry.fragment else ""
        label = named(entry) if entry is not None else name
        lines.append(f"  {_quoted(name)} [label={_quoted(label)}{shape}];")
    for user, used, label in _edges(uses):
        lines.append(f"  {_quoted(user)} -> {_quoted(used)} [label={_quoted(label)}];")
    return _joined([*lines, "}"])


def mermaid(entries: Iterable[SchemaFolder], uses: Sequence[Dependency]) -> str:
    """Return the graph for Mermaid, as GitHub and GitLab render it; fragments are rounded."""
    nodes = _nodes(entries, uses)
    ids = {name: f"s{number}" for number, name in enumerate(nodes)}
    lines = ["flowchart LR"]
    for name, entry in nodes.items():
        label = _entities(named(entry) if entry is not None else name)
        opening, closing = ("(", ")") if entry is not None and entry.fragment else ("[", "]")
        lines.append(f'  {ids[name]}{opening}"{label}"{closing}')
    for user, used, label in _edges(uses):
        lines.append(f'  {ids[user]} -->|"{_entities(label)}"| {ids[used]}')
    return _joined(lines)


FORMATS: Mapping[str, Callable[[Iterable[SchemaFolder], Sequence[Dependency]], str]] = {
    "text": text,
    "json": as_json,
    "dot": dot,
    "mermaid": mermaid,
}


def named(entry: SchemaFolder) -> str:
    """Return a schema's title with the version of its current file."""
    version = entry.current.version if entry.current is not None else None
    return f"{entry.title} {version}" if version is not None else entry.title


def _age(use: Dependency) -> str:
    latest = use.entry.latest if use.entry is not None else None
    outdated = latest is not None and use.pinned is not None and use.pinned < latest
    return f" (latest: {latest})" if outdated else ""


def _nodes(
    entries: Iterable[SchemaFolder], uses: Iterable[Dependency]
) -> dict[str, SchemaFolder | None]:
    """Return the schemas that use others or are used, by title."""
    known = {entry.title: entry for entry in entries}
    titles = {title for use in uses for title in (use.user.title, use.used)}
    return {title: known.get(title) for title in sorted(titles)}


def _edges(uses: Iterable[Dependency]) -> list[tuple[str, str, str]]:
    return list(dict.fromkeys((use.user.title, use.used, use.label) for use in uses))


def _schema(entry: SchemaFolder) -> dict[str, Any]:
    current = entry.current
    return {
        "title": entry.title,
        "version": str(current.version) if current is not None and current.version else None,
        "path": current.display_path if current is not None else entry.display_path,
        "fragment": entry.fragment,
    }


def _uses(uses: Iterable[Dependency]) -> list[dict[str, Any]]:
    return [{"title": use.user.title, **_use(use)} for use in uses]


def _use(use: Dependency) -> dict[str, Any]:
    return {
        "uses": use.used,
        "version": use.label,
        "path": use.at.path,
        "line": use.at.line,
        "pointer": use.at.pointer,
    }


def _dumped(value: dict[str, Any]) -> str:
    return json.dumps({"version": 1, **value}, indent=2) + "\n"


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _quoted(value: str) -> str:
    """Return an identifier or label of DOT (https://graphviz.org/doc/info/lang.html)."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{_visible(escaped)}"'


def _entities(value: str) -> str:
    """Return a label of Mermaid, in which `#` begins an entity.

    Wherever it stands, `%%{` begins a directive for the whole diagram; a backtick begins Markdown,
    and `&` an entity of HTML.
    """
    special = {'"': "#quot;", "<": "#lt;", ">": "#gt;", "\n": " "}
    special |= {character: f"#{ord(character)};" for character in "#&%`"}
    return _visible("".join(special.get(character, character) for character in value))


def _visible(value: str) -> str:
    """Return text with a space for what is not printable: a NUL ends a string of Graphviz."""
    return "".join(character if character.isprintable() else " " for character in value)
