"""The pages of one schema: one for each version, and one for the latest under its own address."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jsonschema_tools.authoring.diff_formats import grouped_lines
from jsonschema_tools.site import paths
from jsonschema_tools.site.compare_pages import comparable, has_page, is_long, verdict
from jsonschema_tools.site.field_list import field_list
from jsonschema_tools.site.rendering import render
from jsonschema_tools.site.tables import table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from markupsafe import Markup

    from jsonschema_tools.site.model import SchemaInfo, Site, Version

_MOST_LINES = 60  # changes of one version that are listed; the rest are on the comparison
_MOST_HISTORY = 30_000  # characters of changes on one page
_MOST_LISTED = 100  # versions, streams and uses that the page of a version names; others have all


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """What a version changed.

    Attributes:
        version: the version.
        old: name of the version before it; empty for the first.
        compare: the page that compares the two; empty for the first.
        groups: the changes in words, by kind.
        first: whether it is the first version.
        verdict: how good the change is, as a class of badges, and the same in words.
    """

    version: Version
    old: str
    compare: str
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    first: bool
    verdict: tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Content:
    """What the pages in one folder have in common, and where they differ.

    Attributes:
        fields: the fields of the version as a list; None if the schema has no version.
        history: what versions changed.
        comparable: names of the versions any two of which can be compared.
        whole: whether it is the page of the schema, with its table.
    """

    fields: Markup | None
    history: Sequence[HistoryEntry]
    comparable: Sequence[str]
    whole: bool = False


def schema_pages(schema: SchemaInfo, site: Site) -> Iterator[tuple[str, bytes]]:
    """Yield the pages of a schema, each with its path."""
    history = tuple(entries(schema))
    by_version = {entry.version.name: entry for entry in history}
    names = [version.name for version in comparable(schema)]
    latest_fields: Markup | None = None
    for version in schema.versions:
        page = paths.schema_page(schema.name, version.name)
        own = [by_version[version.name]] if version.name in by_version else []
        fields = field_list(version, page, site)
        if version == schema.latest:
            latest_fields = fields
        yield page, _page(schema, version, page, site, _Content(fields, own, names))
    page = paths.schema_page(schema.name)  # in the same folder, so the same links lead there
    content = _Content(latest_fields, list(_recent(reversed(history))), names, whole=True)
    yield page, _page(schema, schema.latest, page, site, content)


def _recent(history: Iterable[HistoryEntry]) -> Iterator[HistoryEntry]:
    """Yield the entries that a page has room for; at least one."""
    size = 0
    for entry in history:
        yield entry
        size += sum(len(line) + 20 for _, lines in entry.groups for line in lines)
        if size > _MOST_HISTORY:
            return


def entries(schema: SchemaInfo) -> Iterator[HistoryEntry]:
    """Yield what each version that can be read changed, oldest first."""
    by_name = {version.name: version for version in schema.versions}
    for diff in schema.diffs:
        old = diff.old.name if diff.old else ""
        known = by_name.get(old)
        paged = known is not None and has_page(known, by_name[diff.new.name])
        compare = paths.compare_page(schema.name, old, diff.new.name) if paged else ""
        groups = tuple((kind, tuple(lines[:_MOST_LINES])) for kind, lines in grouped_lines(diff))
        yield HistoryEntry(
            by_name[diff.new.name], old, compare, groups, diff.old is None, verdict(diff)
        )


def _page(
    schema: SchemaInfo, version: Version | None, page: str, site: Site, content: _Content
) -> bytes:
    example = version.example if version else None
    return render(
        "schema.html",
        page,
        site,
        schema=schema,
        version=version,
        fields=content.fields,
        history=content.history,
        whole=content.whole,
        is_cut=content.whole and len(content.history) < len(schema.readable),
        example=_pretty(example) if example is not None else "",
        produce=list(produce(schema, example, site.intake)),
        comparable=content.comparable,
        listed=schema.versions if content.whole else _listed(schema, version),
        most=None if content.whole else _MOST_LISTED,
        is_long=is_long(schema),
        compare_folder=f"{paths.OWN_FOLDER}/compare/{schema.name}",
        raw=raw_of(schema, version),
        table=table_of(schema) if content.whole else None,
    )


def _listed(schema: SchemaInfo, version: Version | None) -> Sequence[Version]:
    """Return the versions that the page of a version names: the newest, and that one."""
    newest = schema.versions[-_MOST_LISTED:]
    others = [one for one in schema.versions[:-_MOST_LISTED] if one is version]
    return (*others, *newest)


def raw_of(schema: SchemaInfo, version: Version | None) -> list[str]:
    """Return the names of the published files of a version."""
    if version is None:
        return []
    names = (version.name, f"{version.name}.yaml", f"{version.name}.json")
    return [name for name in names if name in schema.raw]


def produce(
    schema: SchemaInfo, example: object, intake: str
) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """Yield how an event is sent: a label, and the code in parts, each after its language."""
    if not isinstance(example, dict) or schema.is_fragment:
        return
    text = _pretty([_with_stream(example, schema.streams)])
    quoted = text.replace("'", "'\\''")
    address = intake.replace("'", "%27").replace('"', "%22").replace("\\", "%5C")
    command = f"curl -X POST '{address}' -H 'content-type: application/json' -d "
    yield "curl", (("bash", command), ("string", f"'{quoted}'"))
    yield (
        "Python",
        (
            (
                "python",
                "import json\nfrom urllib.request import Request, urlopen\n\nevents = json.loads(",
            ),
            ("string", _raw_literal(text)),
            (
                "python",
                f')\nrequest = Request("{address}", json.dumps(events).encode(),\n'
                '                  {"content-type": "application/json"})\n'
                "print(urlopen(request).status)",
            ),
        ),
    )
    yield (
        "JavaScript",
        (
            ("javascript", "const events = "),
            ("json", text),
            (
                "javascript",
                f';\nconst answer = await fetch("{address}", {{\n'
                '  method: "POST",\n  headers: { "content-type": "application/json" },\n'
                "  body: JSON.stringify(events),\n});\nconsole.log(answer.status);",
            ),
        ),
    )


def _raw_literal(text: str) -> str:
    return f'r"""{text}"""' if '"""' not in text and not text.endswith("\\") else repr(text)


def _with_stream(example: Mapping[str, object], streams: Sequence[str]) -> Mapping[str, object]:
    """Return an example whose stream is one that takes it, where such a one is configured."""
    stream = next((name for name in streams if not name.startswith("/")), None)
    meta = example.get("meta")
    if stream is None or not isinstance(meta, dict):
        return example
    return {**example, "meta": {**meta, "stream": stream}}


def _pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)
