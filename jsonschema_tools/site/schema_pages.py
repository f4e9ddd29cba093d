"""The pages of one schema: one for each version, and one for the latest under its own address."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jsonschema_tools.authoring.diff_formats import grouped_lines
from jsonschema_tools.site import paths
from jsonschema_tools.site.rendering import render
from jsonschema_tools.site.tables import table_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jsonschema_tools.site.model import SchemaInfo, Site, Version

_MOST_LINES = 60  # changes of one version that are listed; the rest stand on the comparison


@dataclass(frozen=True, slots=True)
class Entry:
    """What a version changed.

    Attributes:
        version: the version.
        old: name of the version before it; empty for the first.
        compare: the page that compares the two; empty for the first.
        groups: the changes in words, by kind.
        first: whether it is the first version.
    """

    version: Version
    old: str
    compare: str
    groups: tuple[tuple[str, tuple[str, ...]], ...]
    first: bool


def schema_pages(schema: SchemaInfo, site: Site) -> Iterator[tuple[str, bytes]]:
    """Yield the pages of a schema, each with its path."""
    history = tuple(reversed(tuple(entries(schema))))
    for version in schema.versions:
        page = paths.schema_page(schema.name, version.name)
        content = _page(schema, version, history, page, site)
        yield page, content
        if version == schema.latest:  # in the same folder, so the same links lead there
            yield paths.schema_page(schema.name), content
    if schema.latest is None:
        page = paths.schema_page(schema.name)
        yield page, _page(schema, None, (), page, site)


def entries(schema: SchemaInfo) -> Iterator[Entry]:
    """Yield what each version that can be read changed, oldest first."""
    by_name = {version.name: version for version in schema.versions}
    for diff in schema.diffs:
        old = diff.old.name if diff.old else ""
        compare = paths.compare_page(schema.name, old, diff.new.name) if old else ""
        groups = tuple((kind, tuple(lines[:_MOST_LINES])) for kind, lines in grouped_lines(diff))
        yield Entry(by_name[diff.new.name], old, compare, groups, first=diff.old is None)


def readable(schema: SchemaInfo) -> tuple[Version, ...]:
    """Return the versions that can be compared."""
    return tuple(version for version in schema.versions if version.schema is not None)


def _page(
    schema: SchemaInfo, version: Version | None, history: Sequence[Entry], page: str, site: Site
) -> bytes:
    names = [one.name for one in readable(schema)]
    example = version.example if version else None
    return render(
        "schema.html",
        page,
        site,
        schema=schema,
        version=version,
        history=history,
        example=_pretty(example) if example is not None else "",
        produce=list(produce(schema, example, site.intake)),
        pairs=len(names) > 1,
        readable=names,
        compare_folder=f"{paths.OWN_FOLDER}/compare/{schema.name}",
        raw=raw_of(schema, version),
        table=table_of(schema, version),
    )


def raw_of(schema: SchemaInfo, version: Version | None) -> list[str]:
    """Return the names of the published files of a version."""
    if version is None:
        return []
    names = (version.name, f"{version.name}.yaml", f"{version.name}.json")
    return [name for name in names if name in schema.raw]


def produce(schema: SchemaInfo, example: object, intake: str) -> Iterator[tuple[str, str, str]]:
    """Yield how an event is sent: a label, the language for highlighting, the code."""
    if not isinstance(example, dict) or schema.is_fragment:
        return
    event = _with_stream(example, schema.streams)
    text = _pretty([event])
    quoted = text.replace("'", "'\\''")
    address = intake.replace("'", "%27").replace('"', "%22").replace("\\", "%5C")
    yield (
        "curl",
        "bash",
        f"curl -X POST '{address}' -H 'content-type: application/json' -d '{quoted}'\n",
    )
    yield (
        "Python",
        "python",
        "import json\nfrom urllib.request import Request, urlopen\n\n"
        f"events = json.loads({_raw_literal(text)})\n"
        f'request = Request("{address}", json.dumps(events).encode(),\n'
        '                  {"content-type": "application/json"})\n'
        "print(urlopen(request).status)\n",
    )
    yield (
        "JavaScript",
        "javascript",
        f"const events = {text};\n"
        f'const answer = await fetch("{address}", {{\n'
        '  method: "POST",\n  headers: { "content-type": "application/json" },\n'
        "  body: JSON.stringify(events),\n});\nconsole.log(answer.status);\n",
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
