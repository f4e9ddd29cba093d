"""Random schemas, random changes of them, and random events, for the properties of comparing."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from hypothesis import assume
from hypothesis import strategies as st
from jsonschema import Draft7Validator, SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from random import Random

NAMES = ["a", "b", "c", "ab"]
TEXTS = ["", "a", "b", "ab", "abc", "2021-01-01"]
NUMBERS = [-1, 0, 1, 2, 0.5]
PATTERNS = ["^a", "b$", "^.$"]
IN_PLACE = ("allOf", "anyOf", "oneOf")


@st.composite
def versions(draw: st.DrawFn, *, either_way: bool = False) -> tuple[Any, Any, Random]:
    """Two versions of a schema, and chance for events.

    Args:
        either_way: whether the older one may be the change of the newer one, too.
    """
    rnd = draw(st.randoms(use_true_random=False))
    old = usable(schema(rnd))
    assume(isinstance(old, dict))
    new = changed(rnd, old)
    if either_way and draw(st.booleans()):
        old, new = new, old
    try:
        Draft7Validator.check_schema(old)
        Draft7Validator.check_schema(new)
    except SchemaError:
        assume(False)
    return old, new, rnd


def scalar(rnd: Random) -> Any:
    return rnd.choice([*TEXTS, *NUMBERS, True, False, None])


def schema(rnd: Random, depth: int = 3) -> Any:
    if rnd.random() < 0.04:
        return rnd.choice([True, {}])
    kinds = ["string", "integer", "number", "boolean"]
    if depth:
        kinds += ["object"] * 4 + ["array"]
    kind = rnd.choice(kinds)
    made: dict[str, Any] = {"type": kind}
    if kind == "object":
        made["properties"] = {
            name: schema(rnd, depth - 1) for name in rnd.sample(NAMES, rnd.randint(0, 3))
        }
    if kind == "array":
        made["items"] = schema(rnd, depth - 1)
    for _ in range(rnd.choice([0, 0, 0, 1, 1, 2])):
        key = keyword(rnd, kind)
        made[key] = value(rnd, key, depth)
    return made


def keyword(rnd: Random, kind: Any) -> str:
    own = _KEYWORDS.get(str(kind)) or [key for keys in _KEYWORDS.values() for key in keys]
    return rnd.choice([*own * 2, *_EVERYWHERE])


_KEYWORDS = {
    "string": ["minLength", "maxLength", "enum", "pattern", "format", "const"],
    "integer": ["minimum", "maximum", "exclusiveMinimum", "multipleOf", "enum", "const"],
    "number": ["minimum", "maximum", "exclusiveMaximum", "multipleOf", "enum"],
    "boolean": ["const", "enum", "not"],
    "object": [
        *("required", "additionalProperties", "required", "additionalProperties", "minProperties"),
        *("patternProperties", "maxProperties", "propertyNames", "dependencies"),
    ],
    "array": ["minItems", "maxItems", "uniqueItems", "contains", "items", "additionalItems"],
}
_EVERYWHERE = [
    *(*IN_PLACE, "oneOf", "not", "if", "then", "else"),
    *("description", "default", "type"),
]


def value(rnd: Random, key: str, depth: int) -> Any:
    below = max(depth - 1, 0)
    if key in {"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"}:
        return rnd.randint(0, 3)
    if key in {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}:
        return rnd.choice(NUMBERS)
    if key == "multipleOf":
        return rnd.choice([1, 2, 0.5])
    if key == "enum":
        return rnd.sample(TEXTS, rnd.randint(1, 3)) + rnd.sample(NUMBERS, rnd.randint(0, 2))
    if key == "required":
        return rnd.sample(NAMES, rnd.randint(0, 2))
    if key in IN_PLACE:
        return [schema(rnd, below) for _ in range(rnd.randint(1, 3))]
    if key == "items" and rnd.random() < 0.3:
        return [schema(rnd, below) for _ in range(rnd.randint(1, 2))]
    if key in {"additionalProperties", "additionalItems"} and rnd.random() < 0.5:
        return rnd.choice([False, False, True])
    if key == "patternProperties":
        return {rnd.choice(PATTERNS): schema(rnd, below)}
    if key == "dependencies":
        needed = rnd.sample(NAMES, 1) if rnd.random() < 0.5 else schema(rnd, below)
        return {rnd.choice(NAMES): needed}
    if key == "propertyNames":
        return {rnd.choice(["maxLength", "minLength"]): 1}
    plain = {
        "pattern": rnd.choice(PATTERNS),
        "format": "date",
        "uniqueItems": rnd.random() < 0.8,
        "type": rnd.choice([["string", "null"], ["integer", "string"], "string", "number"]),
        "const": scalar(rnd),
        "default": scalar(rnd),
        "description": "words",
        "title": "words",
    }
    return plain[key] if key in plain else schema(rnd, below)


def parts(whole: Any) -> Iterator[dict[str, Any]]:
    """Yield the subschemas that are objects."""
    if not isinstance(whole, dict):
        return
    yield whole
    for key, held in whole.items():
        if key in {"properties", "patternProperties", "dependencies"}:
            below: Iterable[Any] = held.values()
        elif key in {*IN_PLACE, "items"} and isinstance(held, list):
            below = held
        elif key in {"enum", "const", "default", "required", "type"}:
            continue
        else:
            below = [held]
        for part in below:
            yield from parts(part)


def changed(rnd: Random, old: Any) -> Any:
    """Return a schema with a few changes, such as an author would make."""
    new = deepcopy(old)
    for _ in range(rnd.choice([1, 1, 1, 2, 3])):
        part = rnd.choice(list(parts(new)))
        edit = rnd.random()
        if edit < 0.35:
            name = rnd.choice(NAMES)
            part.setdefault("properties", {}).setdefault(name, schema(rnd, 1))
        elif edit < 0.55:
            _grow(rnd, new)
        elif edit < 0.65 and part:
            del part[rnd.choice(list(part))]
        else:
            key = keyword(rnd, part.get("type"))
            part[key] = value(rnd, key, 1)
    return usable(new)


def usable(whole: Any) -> Any:
    """Drop `additionalItems` that has no effect; the `jsonschema` library stumbles over some."""
    for part in parts(whole):
        if not isinstance(part.get("items"), list):
            part.pop("additionalItems", None)
    return whole


def _grow(rnd: Random, whole: Any) -> None:
    """Let something in a schema allow more, or hold more."""
    growing = [(part, key) for part in parts(whole) for key in part if key in _GROWING]
    part, key = rnd.choice(growing) if growing else ({}, "")
    if key == "maxLength":
        part[key] += 1
    elif key == "required":
        part[key] = sorted({*part[key], rnd.choice(NAMES)})
    elif key == "enum":
        part[key] = list({repr(v): v for v in [*part[key], scalar(rnd)]}.values())
    elif isinstance(part.get(key), list):
        part[key].append("null" if key == "type" else schema(rnd, 1))


_GROWING = {*IN_PLACE, "enum", "items", "maxLength", "required", "type"}


def event(rnd: Random, of: Any, depth: int = 4) -> Any:
    """Return a value that has a fair chance to be valid."""
    if not isinstance(of, dict) or rnd.random() < 0.05:
        return scalar(rnd)
    if "const" in of and rnd.random() < 0.9:
        return of["const"]
    if "enum" in of and rnd.random() < 0.9:
        return rnd.choice(of["enum"])
    for key in (*IN_PLACE, "then", "else", "not"):
        held = of.get(key)
        branch = rnd.choice(held) if isinstance(held, list) and held else held
        if isinstance(branch, dict) and rnd.random() < 0.5:
            return event(rnd, _both(of, branch, key), depth)
    kind = of.get("type")
    if isinstance(kind, list):
        kind = rnd.choice(kind)
    if kind is None:
        kind = "object" if "properties" in of or "required" in of else rnd.choice(list(_SCALARS))
    if kind == "object":
        return _object(rnd, of, depth)
    if kind == "array":
        length = rnd.choice([0, 1, 1, 2, of.get("minItems", 1)])
        return [event(rnd, _item(of, index), depth - 1) for index in range(length)]
    return rnd.choice(_SCALARS.get(str(kind), [None]))


_SCALARS: dict[str, list[Any]] = {
    "string": TEXTS,
    "integer": [-1, 0, 1, 2],
    "number": NUMBERS,
    "boolean": [True, False],
    "null": [None],
}


def _both(of: dict[str, Any], branch: dict[str, Any], key: str) -> dict[str, Any]:
    both = {**{k: v for k, v in of.items() if k != key}, **branch}
    both["properties"] = {**of.get("properties", {}), **branch.get("properties", {})}
    both["required"] = [*of.get("required", []), *branch.get("required", [])]
    return {k: v for k, v in both.items() if v or k not in {"properties", "required"}}


def _item(of: dict[str, Any], index: int) -> Any:
    items = of.get("items")
    if isinstance(items, list):
        return items[index] if index < len(items) else of.get("additionalItems")
    return items


def _object(rnd: Random, of: dict[str, Any], depth: int) -> Any:
    properties = of.get("properties", {})
    made = {}
    for name in NAMES:
        rest = of.get("additionalProperties")
        wanted = name in of.get("required", [])
        likely = 0.7 if name in properties else 0.3 if isinstance(rest, dict) else 0.1
        if wanted or rnd.random() < likely:
            made[name] = event(rnd, properties.get(name, rest), depth - 1)
    return made


def only_declared(instance: Any, schemas: Iterable[Any]) -> bool:
    """Tell whether every field of an event is declared by a schema that looks at it."""
    looking = [part for one in schemas for part in _in_place(one)]
    if isinstance(instance, dict):
        return all(
            any(_declares(part, name) for part in looking)
            and only_declared(held, [below for part in looking for below in _asked(part, name)])
            for name, held in instance.items()
        )
    if isinstance(instance, list):
        return all(
            only_declared(
                held,
                [below for part in looking for below in (_item(part, i), part.get("contains"))],
            )
            for i, held in enumerate(instance)
        )
    return True


def declared_part(instance: Any, schemas: Iterable[Any]) -> Any:
    """Return an event without the fields that no schema which looks at it declares."""
    looking = [part for one in schemas for part in _in_place(one)]
    if isinstance(instance, dict):
        return {
            name: declared_part(held, [below for part in looking for below in _asked(part, name)])
            for name, held in instance.items()
            if any(_declares(part, name) for part in looking)
        }
    if isinstance(instance, list):
        return [
            declared_part(
                held,
                [below for part in looking for below in (_item(part, i), part.get("contains"))],
            )
            for i, held in enumerate(instance)
        ]
    return instance


def _in_place(one: Any) -> Iterator[dict[str, Any]]:
    if isinstance(one, dict):
        yield one
        held = [part for key in IN_PLACE for part in one.get(key, [])]
        held += [one.get(key) for key in ("not", "if", "then", "else")]
        held += one.get("dependencies", {}).values()
        for part in held:
            yield from _in_place(part)


def _declares(part: dict[str, Any], name: str) -> bool:
    rest = part.get("additionalProperties")
    return (
        name in part.get("properties", {})
        or name in part.get("required", [])
        or (isinstance(rest, dict) and rest != {})
        or any(re.search(pattern, name) for pattern in part.get("patternProperties", {}))
    )


def _asked(part: dict[str, Any], name: str) -> list[Any]:
    found = [part["properties"][name]] if name in part.get("properties", {}) else []
    patterns = part.get("patternProperties", {})
    found += [held for pattern, held in patterns.items() if re.search(pattern, name)]
    return found or [part.get("additionalProperties")]
