"""Fills defaults into events as ajv 6 does with `useDefaults: true`.

A default is filled in where the property is missing and the object that it belongs to exists, also
one that was itself filled in; likewise for missing items of a list of `items`. Nothing is filled in
below `anyOf`, `oneOf`, `not`, `if` and `contains`; `then` and `else` count where they apply.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING

from jsonschema_tools.keywords import Applicators
from jsonschema_tools.subschemas import parts
from jsonschema_tools.values import MAX_DEPTH, as_list

if TYPE_CHECKING:
    from collections.abc import Callable

    from jsonschema_tools.values import Json, Schema

_FILLED = Applicators(
    frozenset({"additionalItems", "additionalProperties", "else", "items", "then"}),
    frozenset({"allOf", "items"}),
    frozenset({"dependencies", "patternProperties", "properties"}),
)
"""The applicators below which defaults count."""


class TooDeepError(ValueError):
    """An event, or the way to a default in its schema, is nested too deeply."""


class Defaults:
    """The defaults of one schema.

    Args:
        schema: the schema.
        resolve: returns the subschema that a `$ref` points to; None if there is none.
        is_valid: tells whether an instance is valid against a subschema, for `if`.
    """

    def __init__(
        self,
        schema: Json,
        resolve: Callable[[str], Json],
        is_valid: Callable[[Json, Json], bool],
    ) -> None:
        self._schema = schema
        self._resolve = resolve
        self._is_valid = is_valid
        self._patterns: dict[str, Schema] = {}
        #: whether a subschema, by its identity, has defaults anywhere below it
        self._filled: dict[int, bool] = {}
        self.exist = self._has_defaults(schema)

    def fill(self, event: Json) -> None:
        """Fill the defaults into an event, in place.

        Raises:
            TooDeepError: the event, or the way to the defaults in the schema, is nested too deeply.
        """
        if self.exist:
            self._fill(self._schema, event, MAX_DEPTH)

    def _has_defaults(self, schema: Json) -> bool:
        """Tell whether there are defaults in a schema, or in what its references lead to."""
        seen: set[int] = set()
        waiting = [schema]
        while waiting:
            part = waiting.pop()
            if not isinstance(part, dict) or id(part) in seen:
                continue
            seen.add(id(part))
            if "default" in part:
                return True
            reference = part.get("$ref")
            if isinstance(reference, str):
                waiting.append(self._resolve(reference))
            else:
                waiting += [inner for _, inner in parts(part, _FILLED)]
        return False

    def _fill(self, schema: Json, value: Json, left: int) -> None:
        """Fill in what one schema says.

        Args:
            schema: the schema.
            value: what it is about.
            left: how many levels deeper this may go.
        """
        if not isinstance(schema, dict) or not isinstance(value, (dict, list)):
            return
        has_defaults = self._filled.get(id(schema))
        if has_defaults is None:
            has_defaults = self._filled[id(schema)] = self._has_defaults(schema)
        if not has_defaults:
            return
        if not left:
            raise TooDeepError(
                "the event is nested too deeply to fill in the defaults of its schema"
            )
        left -= 1
        hops = 0
        while isinstance(reference := schema.get("$ref"), str):
            # what is beside it is ignored, as in draft-07; in other documents it may go in a circle
            schema, hops = self._resolve(reference), hops + 1
            if not isinstance(schema, dict):
                return
            if hops > MAX_DEPTH:
                raise TooDeepError(f"more than {MAX_DEPTH} `$ref`s lead from one to the next")
        if isinstance(value, dict):
            self._fill_object(schema, value, left)
        elif isinstance(value, list):
            self._fill_list(schema, value, left)
        for part in as_list(schema.get("allOf")):
            self._fill(part, value, left)
        if "if" in schema:
            branch = "then" if self._is_valid(schema["if"], value) else "else"
            self._fill(schema.get(branch), value, left)

    def _fill_object(self, schema: Schema, value: dict[str, Json], left: int) -> None:
        properties = _mapping(schema, "properties")
        for name, part in properties.items():
            if isinstance(part, dict) and "default" in part and name not in value:
                value[name] = deepcopy(part["default"])
        for name, part in _mapping(schema, "dependencies").items():
            if name in value and isinstance(part, dict):
                self._fill(part, value, left)
        patterns = _mapping(schema, "patternProperties")
        others = schema.get("additionalProperties")
        for name, item in value.items():
            matched = name in properties
            if matched:
                self._fill(properties[name], item, left)
            for pattern, part in patterns.items():
                if self._is_valid(self._named(pattern), name):
                    matched = True
                    self._fill(part, item, left)
            if not matched:
                self._fill(others, item, left)

    def _named(self, pattern: str) -> Schema:
        """Return the schema of the names that a pattern matches; always the same object."""
        return self._patterns.setdefault(pattern, {"pattern": pattern})

    def _fill_list(self, schema: Schema, value: list[Json], left: int) -> None:
        items = schema.get("items")
        if not isinstance(items, list):
            for item in value:
                self._fill(items, item, left)
            return
        for index, part in enumerate(items):
            if index >= len(value) and isinstance(part, dict) and "default" in part:
                value += [None] * (index - len(value))  # JavaScript's holes, null in JSON
                value.append(deepcopy(part["default"]))
        for index, item in enumerate(value):
            part = items[index] if index < len(items) else schema.get("additionalItems")
            self._fill(part, item, left)


def _mapping(schema: Schema, key: str) -> dict[str, Json]:
    value = schema.get(key)
    return value if isinstance(value, dict) else {}
