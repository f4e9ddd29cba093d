"""The JSON Schema of the configuration file, and what a configuration has wrong by it.

`config.schema.json` is where a setting is declared: its name, type, default and description. The
loader, editors and the settings page of the docs all read it. It has only the keywords of draft-07
that `violations` knows, and `errorMessage`, which editors show as well. They are walked here, since
every command reads the configuration: this takes 0.2 ms, while importing jsonschema-rs alone takes
17 ms. A test holds the verdicts against those of jsonschema-rs.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias, TypedDict, cast

from jsonschema_tools.values import equal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jsonschema_tools.values import Json, Schema

    #: the schema of a setting: what `config.schema.json` has in it
    Setting = TypedDict(
        "Setting",
        {
            "$ref": str,
            "additionalProperties": "Setting | Literal[False]",
            "anyOf": "list[Setting]",
            "default": Json,
            "definitions": "dict[str, Setting]",
            "description": str,
            "enum": list[Json],
            "errorMessage": str,
            "exclusiveMinimum": float,
            "format": str,
            "items": "Setting",
            "maxItems": int,
            "minItems": int,
            "minLength": int,
            "minimum": float,
            "pattern": str,
            "properties": "dict[str, Setting]",
            "propertyNames": "Setting",
            "required": list[str],
            "type": str | list[str],
        },
        total=False,
    )

CONFIG_SCHEMA: Final = "config.schema.json"

Formats: TypeAlias = "Mapping[str, Callable[[str], str | None]]"
"""By format, what tells what is wrong with a string: "" for just that, None for nothing."""


class Violation(NamedTuple):
    """A value that is not what its key takes, or a key that is not known.

    Attributes:
        path: keys and indexes that lead to it.
        name: the settings on the way to it, with dots between them, such as `intake.cors`.
        expected: what the key takes; None for a key that is not known.
        value: the value that `expected` is about.
        known: the keys that are known beside one that is not.
    """

    path: tuple[str | int, ...]
    name: str
    expected: str | None = None
    value: Json = None
    known: tuple[str, ...] = ()


@cache
def config_schema() -> Schema:
    """Return the JSON Schema of the configuration file."""
    schema: Schema = json.loads(config_schema_text())
    return schema


def _whole() -> Setting:
    return cast("Setting", config_schema())  # our own file, which a test holds to its meta-schema


def config_schema_text() -> str:
    """Return the text of `config.schema.json`."""
    # not importlib.resources, whose import takes 9 ms
    return Path(__file__).with_name(CONFIG_SCHEMA).read_text("utf-8")


def properties(*section: str) -> dict[str, Setting]:
    """Return the schemas of the settings of a section by key; of the top level without one."""
    schema = _whole()
    for key in section:
        schema = schema["properties"][key]
    return schema["properties"]


def violations(configuration: Json, formats: Formats) -> Iterator[Violation]:
    """Yield what is wrong with a configuration, in the order of its keys.

    Args:
        configuration: the content of a configuration file.
        formats: the formats that strings are held to; others allow anything.
    """
    yield from _walk(configuration, _whole(), _SettingPlace(), formats)


class _SettingPlace(NamedTuple):
    """Where the walk is, and what the closest part of the schema that says so expects there."""

    path: tuple[str | int, ...] = ()
    names: tuple[str, ...] = ()
    expected: str | None = None
    value: Json = None

    def below(self, token: str | int, name: str | None = None) -> _SettingPlace:
        names = self.names if name is None else (*self.names, name)
        # what the parent expects of the whole is said of its items, but not of other settings
        expected = self.expected if name is None else None
        return _SettingPlace((*self.path, token), names, expected, self.value)

    def violation(self, detail: str | None = None) -> Violation:
        expected = f"{self.expected} ({detail})" if detail else self.expected
        return Violation(self.path, ".".join(self.names), expected, self.value)


def _walk(
    value: Json, schema: Setting, place: _SettingPlace, formats: Formats
) -> Iterator[Violation]:
    schema = _resolved(schema)
    if (expected := _expected(schema)) and ("errorMessage" in schema or not place.expected):
        place = _SettingPlace(place.path, place.names, expected, value)
    if isinstance(value, datetime) and schema.get("format") == "date":
        value = value.date().isoformat()  # a YAML timestamp
    broken = [key for key, of in schema.items() if key in _HOLD and not _HOLD[key](value, of)]
    if broken == ["minItems"] and schema["minItems"] == 1:
        place = _SettingPlace(place.path, place.names, "expected at least one entry", value)
    if broken:
        yield place.violation()
    elif "anyOf" in schema:
        yield from _any_of(value, schema["anyOf"], place, formats)
    elif isinstance(value, dict):
        yield from _mapping(value, schema, place, formats)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _walk(item, schema.get("items", {}), place.below(index), formats)
    elif isinstance(value, str) and schema.get("format") in formats:
        wrong = formats[schema["format"]](value)
        if wrong is not None:
            yield place.violation(wrong)


def _any_of(
    value: Json, branches: list[Setting], place: _SettingPlace, formats: Formats
) -> Iterator[Violation]:
    """Yield what is wrong by the branch for values of this type, unless a branch allows it."""
    found = [list(_walk(value, branch, place, formats)) for branch in branches]
    if all(found):
        for branch, wrong in zip(branches, found, strict=True):
            if _is_of(value, _resolved(branch).get("type", [])):
                yield from wrong
                return
        yield place.violation()


def _mapping(
    value: Mapping[str, Json], schema: Setting, place: _SettingPlace, formats: Formats
) -> Iterator[Violation]:
    known = schema.get("properties", {})
    anything: Setting = {}
    others = schema.get("additionalProperties", anything)
    for key, item in value.items():
        if key in known:
            yield from _walk(item, known[key], place.below(key, key), formats)
        elif others is False:
            name = ".".join((*place.names, key))
            yield Violation((*place.path, key), name, known=tuple(known))
        else:
            yield from _walk(key, schema.get("propertyNames", {}), place.below(key), formats)
            yield from _walk(item, others, place.below(key), formats)


def _resolved(schema: Setting) -> Setting:
    if "$ref" not in schema:
        return schema
    return _whole()["definitions"][schema["$ref"].rpartition("/")[2]]


def _expected(schema: Setting) -> str | None:
    """Return what a schema expects, in words; None where it expects nothing by itself."""
    if "errorMessage" in schema:
        return schema["errorMessage"]
    if "enum" in schema:
        return f"expected one of {', '.join(map(str, schema['enum']))}"
    return _IN_WORDS.get(str(schema.get("type")))


_IN_WORDS = {"boolean": "expected true or false", "string": "expected a string"}
_TYPES: Mapping[str, Callable[[Json], bool]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: _number(value) is not None,
    "string": lambda value: isinstance(value, str),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict),
}


def _matches(pattern: str, text: str) -> bool:
    # JavaScript's `$` does not match before a final newline; these patterns have no other `$`
    return re.search(pattern.replace("$", r"\Z"), text) is not None


def _is_of(value: Json, types: str | list[str]) -> bool:
    return any(_TYPES[name](value) for name in ([types] if isinstance(types, str) else types))


def _number(value: Json) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


#: assertion -> whether it holds for a value; it does for values of other types (draft-07, 6);
#: the second parameter is what `Setting` has under that name
_HOLD: Mapping[str, Callable[[Json, Any], bool]] = {
    "type": _is_of,
    "enum": lambda value, allowed: any(equal(value, one) for one in allowed),
    "minLength": lambda value, least: not isinstance(value, str) or len(value) >= least,
    "pattern": lambda value, pattern: not isinstance(value, str) or _matches(pattern, value),
    "minimum": lambda value, least: (number := _number(value)) is None or number >= least,
    "exclusiveMinimum": lambda value, below: (number := _number(value)) is None or number > below,
    "minItems": lambda value, least: not isinstance(value, list) or len(value) >= least,
    "maxItems": lambda value, most: not isinstance(value, list) or len(value) <= most,
    "required": lambda value, keys: (
        not isinstance(value, dict) or all(map(value.__contains__, keys))
    ),
}
