"""Changes an example until its schema accepts it, as little as may be.

json-schema-faker's example shows the shape of an event, and may violate its schema; what is valid
in it stays. Values are tried out, not proved: each that is returned was accepted, and where none
is found, that is said. All of it is bounded.
"""

from __future__ import annotations

import json
from itertools import chain, count, islice
from typing import TYPE_CHECKING, Final

from jsonschema_tools.ecmascript.conversions import MISSING
from jsonschema_tools.examples.fit_scalars import numbers, texts
from jsonschema_tools.examples.plain_forms import both, plain_forms
from jsonschema_tools.values import as_list, as_object, strings_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jsonschema_tools.examples.judge import Judge
    from jsonschema_tools.values import Json, Schema

_DEEPEST: Final = 40
_TRIES: Final = 20_000  # values of one example that are tried
_MATCHES: Final = 1_000_000  # of names with patterns
_MOST: Final = 1_000  # items or properties that are added
_SIMPLE: Final[tuple[Json, ...]] = ("dolor", 0, 1, False, True, None, {}, [], "", -1, 0.5)
_TYPES: Final = ("string", "integer", "number", "boolean", "object", "array", "null")
_INFERRED: Final = {
    "object": ("properties", "required", "patternProperties", "propertyNames", "minProperties"),
    "array": ("items", "contains", "minItems", "uniqueItems"),
    "string": ("pattern", "format", "minLength", "maxLength"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
}


class UnfitError(Exception):
    """No value was found that the schema accepts."""


class Fitter:
    """Makes values fit schemas.

    Args:
        judge: tells what schemas accept.
    """

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._left = _TRIES
        self._matches_left = _MATCHES

    def fit(self, schema: Json, value: Json, depth: int = 0) -> Json:
        """Return the value, or what comes close to it, that a schema accepts.

        Args:
            schema: the schema, valid draft-07.
            value: what should be kept of; MISSING for nothing.
            depth: how deep in the example it is.

        Raises:
            UnfitError: none was found.
        """
        if value is not MISSING and self._judge.accepts(schema, value):
            return value
        return next(self._accepted(schema, value, depth))

    def _accepted(self, schema: Json, value: Json, depth: int) -> Iterator[Json]:
        """Yield values that a schema accepts; raise where there are no more."""
        if depth <= _DEEPEST and schema is not False:
            for candidate in self._candidates(schema, value, depth):
                self._left -= 1
                if self._left < 0:
                    break
                if self._judge.accepts(schema, candidate):
                    yield candidate
        raise UnfitError

    def _candidates(self, schema: Json, value: Json, depth: int) -> Iterator[Json]:
        if isinstance(schema, dict) and "default" in schema:
            yield schema["default"]
        for form in plain_forms(schema):
            if "const" in form:
                yield form["const"]
            elif isinstance(values := form.get("enum"), list):
                yield from values
            else:
                for kind in _kinds(form, value):
                    yield from self._of_kind(kind, form, value, depth)
        yield from _SIMPLE

    def _of_kind(self, kind: str, form: Schema, value: Json, depth: int) -> Iterator[Json]:
        if kind == "object":
            for everything in (True, False):
                try:
                    yield _Object(self, form, value, depth, everything=everything).made
                except UnfitError:
                    continue
        elif kind == "array":
            try:
                yield self._array(form, value if isinstance(value, list) else [], depth)
            except UnfitError:
                return
        elif kind == "string":
            yield from texts(form)
        elif kind in {"integer", "number"}:
            yield from numbers(form, whole=kind == "integer")
        else:
            yield from (False, True) if kind == "boolean" else (None,)

    def _array(self, form: Schema, value: list[Json], depth: int) -> list[Json]:
        items, others = form.get("items", True), form.get("additionalItems", True)
        contained = form.get("contains", True)
        least = max(_count(form, "minItems", 0), "contains" in form)
        made: list[Json] = []
        known: set[str] = set()
        most = min(_count(form, "maxItems", _MOST), _MOST)
        while len(made) < min(max(len(value), least), most):
            index = len(made)
            part = items
            if isinstance(items, list):
                part = items[index] if index < len(items) else others
            if "contains" in form and index == least - 1:
                part = {"allOf": [part, contained]}
            given = value[index] if index < len(value) else MISSING
            try:
                item = self._new(part, given, known if form.get("uniqueItems") else set(), depth)
            except UnfitError:
                if index < least:
                    raise
                break
            known.add(_text(item))
            made.append(item)
        return made

    def _new(self, part: Json, value: Json, known: set[str], depth: int) -> Json:
        """Return a value that a schema accepts, and that is not one of those that are known."""
        kept = self._judge.accepts(part, value) if value is not MISSING else False
        values: Iterable[Json] = self._accepted(part, value, depth + 1)
        for item in chain([value] if kept else [], values):
            for other in chain([item], islice(_variations(item), len(known) + 2)):
                if _text(other) not in known and self._judge.accepts(part, other):
                    return other
        raise UnfitError

    def accepts(self, schema: Json, value: Json) -> bool:
        """Tell whether a schema accepts a value."""
        return self._judge.accepts(schema, value)

    def matches(self, pattern: str, name: str) -> bool:
        """Tell whether a name matches a pattern.

        Raises:
            UnfitError: too many were matched.
        """
        self._matches_left -= 1
        if self._matches_left < 0:
            raise UnfitError
        return self._judge.matches(pattern, name)


class _Object:
    """An object that is made to fit a schema without applicators in place.

    Attributes:
        made: the object.
    """

    def __init__(
        self, fitter: Fitter, form: Schema, value: Json, depth: int, *, everything: bool
    ) -> None:
        self._fitter, self._form, self._depth = fitter, form, depth
        self._value: Schema = value if isinstance(value, dict) else {}
        self._required = dict.fromkeys(strings_in(form.get("required")))
        self._names = form.get("propertyNames", True)
        self.made: Schema = {}
        kept = [n for n in self._value if everything or n in self._required]
        for name in dict.fromkeys([*kept, *self._required]):
            self._put(name)
        self._heed_dependencies()
        self._fill_up()
        self._cut_down()

    def _put(self, name: str) -> bool:
        """Add a property; tell whether there is a value for it, if it is not required."""
        given = self._value.get(name, MISSING)
        try:
            if not self._fitter.accepts(self._names, name):
                raise UnfitError
            self.made[name] = self._fitter.fit(self._part(name), given, self._depth + 1)
        except UnfitError:
            if name in self._required:
                raise
            return False
        return True

    def _part(self, name: str) -> Json:
        """Return what the schema says of a property."""
        form = self._form
        properties = as_object(form.get("properties"))
        parts = [properties[name]] if name in properties else []
        parts += [
            part
            for pattern, part in as_object(form.get("patternProperties")).items()
            if self._fitter.matches(pattern, name)
        ]
        if not parts:
            return form.get("additionalProperties", True)
        return parts[0] if len(parts) == 1 else {"allOf": parts}

    def _heed_dependencies(self) -> None:
        for name, wanted in as_object(self._form.get("dependencies")).items():
            if name not in self.made:
                continue
            others = strings_in(wanted)
            if not isinstance(wanted, list) and not self._fitter.accepts(wanted, self.made):
                self._take_over(wanted)
            for other in others:
                if other not in self.made and not self._put(other):
                    self._drop(name)

    def _take_over(self, wanted: Json) -> None:
        rest = {key: value for key, value in self._form.items() if key != "dependencies"}
        for form in plain_forms(wanted):
            joined = both(rest, form)
            try:
                self.made = _Object(
                    self._fitter, joined, self.made, self._depth + 1, everything=True
                ).made
            except UnfitError:
                continue
            return

    def _drop(self, name: str) -> None:
        if name in self._required:
            raise UnfitError
        self.made.pop(name, None)

    def _fill_up(self) -> None:
        least = _count(self._form, "minProperties", 0)
        if least > _MOST:
            raise UnfitError
        declared = as_object(self._form.get("properties"))
        names = chain(declared, islice(self._new_names(), 4 * least + 8))
        while len(self.made) < least:
            name = next(names, None)
            if name is None:
                raise UnfitError
            if name not in self.made:
                self._put(name)

    def _new_names(self) -> Iterator[str]:
        for pattern in as_object(self._form.get("patternProperties")):
            yield from texts({"pattern": pattern})
        for number in count():
            for form in plain_forms(self._names):
                yield from strings_in([form["const"]] if "const" in form else form.get("enum"))
                yield from texts(form, number)

    def _cut_down(self) -> None:
        most = _count(self._form, "maxProperties", _MOST)
        for name in [n for n in reversed(self.made) if n not in self._required]:
            if len(self.made) <= most:
                return
            self._drop(name)


def _count(form: Schema, keyword: str, default: int) -> int:
    number = form.get(keyword, default)
    return int(number) if isinstance(number, (int, float)) else default


def _kinds(form: Schema, value: Json) -> list[str]:
    """Return the types that a value may have, the likeliest first."""
    declared = form.get("type", [*_TYPES])
    types = [declared] if isinstance(declared, str) else as_list(declared)
    hinted = [name for name, keys in _INFERRED.items() if any(key in form for key in keys)]
    given = [] if value is MISSING else [_kind(value)]
    return list(dict.fromkeys(kind for kind in (*given, *hinted, *types) if kind in types))


def _kind(value: Json) -> str:
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, (int, float)):
        return "integer" if isinstance(value, int) else "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def _variations(value: Json) -> Iterator[Json]:
    """Yield values like one, all different."""
    for number in count(1):
        if isinstance(value, bool) or value is None:
            return
        if isinstance(value, (int, float)):
            yield value + number
        elif isinstance(value, str):
            text = str(number)
            yield value[: -len(text)] + text if len(value) > len(text) else text
        elif isinstance(value, list):
            yield [*value, number]
        elif isinstance(value, dict):
            for name, part in value.items():
                yield from ({**value, name: other} for other in islice(_variations(part), number))
            yield {**value, f"dolor{number}": number}


def _text(value: Json) -> str:
    return json.dumps(value, sort_keys=True, default=str)
