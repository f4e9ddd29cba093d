"""Data for the scripts of a site: the search index, schemas for the validator, formats."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final

from jsonschema_tools.documents import Document
from jsonschema_tools.events.schema import UnusableSchemaError, require_usable
from jsonschema_tools.site import paths
from jsonschema_tools.site.fields import flat
from jsonschema_tools.site.texts import summary, visible
from jsonschema_tools.subschemas import places
from jsonschema_tools.validation import SHAPES

if TYPE_CHECKING:
    from jsonschema_tools.site.model import SchemaInfo, Site, Version
    from jsonschema_tools.values import Schema

_MOST_REFERENCED: Final = 2_000_000  # characters of the schemas that a version refers to
_ANNOTATIONS: Final = ("title", "description", "examples", "$comment", "$id")
_OWN_FORMATS: Final = r"""
SCHEMA_FORMATS.regex = (text) => {
  if (/[^\\]\\Z/.test(text)) return false;
  try { new RegExp(text); return true; } catch { return false; }
};
SCHEMA_FORMATS.ipv6 = (text) => {
  const [, address, zone] = /^\s*([^%]*?)(?:%(.+?))?\s*$/.exec(text) ?? [null, "", undefined];
  const halves = address.split("::");
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const all = groups.flat();
  let count = all.length;
  const last = all.at(-1);
  if (last !== undefined && last.includes(".")) {
    if (!/^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/.test(last)) return false;
    if (groups.length === 2 && groups[1].length === 0) return false;
    all.pop();
    count += 1;
  }
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  return halves.length === 2 ? count < 8 : count === 8;
};
"""


def search_data(site: Site) -> bytes:
    """Return what is searched as a script, which pages from the disk may load."""
    rows = [
        {
            "title": visible(schema.title),
            "page": paths.quoted(paths.schema_page(schema.name)),
            "latest": schema.latest.name if schema.latest else "",
            "fragment": schema.is_fragment,
            "deprecated": schema.is_deprecated,
            "streams": len(schema.streams),
            "text": summary(schema.latest.description) if schema.latest else "",
            "fields": [visible(f.dotted) for f in flat(schema.latest.fields)]
            if schema.latest
            else [],
        }
        for schema in site.schemas
    ]
    return f'"use strict";\nconst SEARCH_DATA = JSON.parse({literal(rows)});\n'.encode()


def formats() -> bytes:
    """Return the formats of the validator in the page: the same shapes as in Python."""
    lines = [
        f"  {json.dumps(name)}: /^(?:{_in_javascript(shape)})$/i,\n"
        for name, shape in SHAPES.items()
    ]
    return (
        '"use strict";\nconst SCHEMA_SHAPES = {\n'
        + "".join(lines)
        + "};\nconst SCHEMA_FORMATS = Object.fromEntries(Object.entries(SCHEMA_SHAPES).map("
        "([name, shape]) => [name, (text) => shape.test(text)]));\n" + _OWN_FORMATS
    ).encode()


def _in_javascript(shape: str) -> str:
    """Return a regular expression of Python's as JavaScript has it, without its flag `u`."""
    text = shape.replace(r"\U0010FFFF", r"\uFFFF").replace(r"\Z", "$").replace("/", r"\/")
    return text.replace(r"[^\n]", ".")


def try_data(schema: SchemaInfo, version: Version, site: Site) -> bytes:
    """Return a version for the validator in the page: without what says nothing of events.

    The schemas of the site that it refers to come with it.
    """
    data: dict[str, Any]
    try:
        require_usable(Document(version.path, version.schema, version.text), "eventgate")
        data = {"schema": _bare(version.schema or {})}
        if documents := _referenced(version.schema or {}, site):
            data["documents"] = documents
    except UnusableSchemaError as error:
        data = {"unusable": visible(error.message)}
    return f"receiveSchema(JSON.parse({literal(data)}));\n".encode()


def _referenced(schema: Schema, site: Site) -> dict[str, Schema]:
    """Return the schemas that references lead to, and those that these refer to, by URL.

    Raises:
        UnusableSchemaError: they are more than a page should load.
    """
    found: dict[str, Schema] = {}
    waiting = [schema]
    size = 0
    while waiting:
        for place in places(waiting.pop()):
            reference = place.schema.get("$ref")
            url = reference.partition("#")[0] if isinstance(reference, str) else ""
            known = site.by_url.get(url.removesuffix(".yaml").removesuffix(".json"))
            if url not in found and known is not None and known.schema is not None:
                size += len(known.text)
                if size > _MOST_REFERENCED:
                    raise UnusableSchemaError(
                        "the schemas that it refers to are too large for this page"
                    )
                found[url] = _bare(known.schema)
                waiting.append(known.schema)
    return found


def _bare(schema: Schema) -> Schema:
    copy: Schema = deepcopy(schema)
    for place in list(places(copy)):
        for keyword in _ANNOTATIONS:
            place.schema.pop(keyword, None)
    return copy


def literal(value: object) -> str:
    """Return a value as a string literal of JavaScript that holds it as JSON.

    An object literal would not do: `__proto__` in it is not a property (ECMA-262, section B.3.1).
    """
    return json.dumps(json.dumps(value, ensure_ascii=True, separators=(",", ":"), default=str))
