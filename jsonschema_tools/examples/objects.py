"""Which properties an example object gets, as json-schema-faker's `objectType` decides it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from jsonschema_tools.ecmascript.conversions import MISSING, truthy
from jsonschema_tools.ecmascript.objects import creation_order
from jsonschema_tools.errors import ExampleError
from jsonschema_tools.examples.fixed_random import between, pick, shuffled
from jsonschema_tools.examples.judge import pattern_test
from jsonschema_tools.examples.scalars import number_at, pattern_example
from jsonschema_tools.examples.schemas import merge, required_names
from jsonschema_tools.messages import counted, quote

if TYPE_CHECKING:
    from jsonschema_tools.examples.schemas import Budget
    from jsonschema_tools.values import Json, Schema

EXTRA_NAME = "dolorb"
"""Name of a map's entry: json-schema-faker's first word and its random suffix."""

_MAX_NAMES = 10_000
_MATCH = 5  # what it costs to match a name with a pattern


class ObjectPlan:
    """The properties of one example object.

    Args:
        schema: its schema.
        budget: what the example may still cost.

    Raises:
        ExampleError: a keyword of the schema has a value that makes no sense, or there are too
            many properties and patterns.
    """

    def __init__(self, schema: Schema, budget: Budget) -> None:
        self._budget = budget
        self._properties = _mapping(schema, "properties")
        self._patterns = _mapping(schema, "patternProperties")
        self._dependencies = _mapping(schema, "dependencies")
        self._required = list(required_names(schema))
        self._others: Json = schema.get("additionalProperties")
        if self._others is True:
            self._others = _anything()
        declared = [*self._properties, *self._patterns]
        self._is_required = set(self._required).__contains__
        optional = [name for name in declared if not self._is_required(name)]
        count = len(self._required) + len(optional)
        open_ended = self._others is not False
        self._max = number_at(schema, "maxProperties") or count + open_ended
        self._min = max(number_at(schema, "minProperties") or 0, len(self._required))
        if self._min > _MAX_NAMES:
            raise ExampleError(
                "minProperties is too large for an example",
                hint=f"lower it to {_MAX_NAMES} or less, or give the schema an example",
            )
        if count == 1 and not self._required:
            self._min = max(between(1, self._max), self._min)
        limit = int(min(max(self._max, -len(declared)), count))  # it may be infinite
        self._listed = [*self._patterns]
        self._names = (self._required + shuffled(optional)[:limit])[:limit]

    def dependent_schemas(self) -> list[Json]:
        """Return the schemas that the properties bring along; their dependent names are added."""
        schemas: list[Json] = []
        names = set(self._names)
        for name, wanted in self._dependencies.items():
            if name not in names:
                continue
            if isinstance(wanted, list):
                for other in wanted:
                    if isinstance(other, str) and other not in names:
                        names.add(other)
                        self._names.append(other)
            else:
                schemas.append(wanted)
        return schemas

    def schemas(self) -> dict[str, Json]:
        """Return the schema of each property."""
        chosen: dict[str, Json] = {}
        if not self._budget.affords(_MATCH * len(self._names) * len(self._patterns)):
            raise ExampleError(
                f"{counted(len(self._names), 'property', 'properties')} and "
                f"{counted(len(self._patterns), 'pattern')} under patternProperties are too many "
                "for an example: each is matched with each",
                hint="give the schema an example",
            )
        for name in self._names:
            self._choose(chosen, name)
        count = self._fill_up(chosen, len(chosen))
        if not self._required and self._others is False:
            self._add_declared(chosen, count)
        return chosen

    def _choose(self, chosen: dict[str, Json], name: str) -> None:
        declared = self._properties.get(name, MISSING)
        if truthy(declared) or (self._others is False and self._is_required(name)):
            chosen[name] = declared
        matching = [
            schema for pattern, schema in self._patterns.items() if self._matches(pattern, name)
        ]
        for schema in matching:
            if truthy(chosen.get(name)):
                merge(chosen[name], schema)
            else:
                chosen[self._named(name)] = schema
        if matching or self._others is False:
            return
        if truthy(self._patterns.get(name)):
            chosen[self._named(name)] = declared if truthy(declared) else self._patterns[name]
        elif truthy(self._others):
            chosen[name] = declared if truthy(declared) else self._others

    def _matches(self, pattern: str, name: str) -> bool:
        try:
            if (test := pattern_test(pattern)) is not None:
                return test(name)
        except ValueError:
            pass
        raise ExampleError(
            f"{quote(pattern)} under patternProperties is not a regular expression",
            hint="correct it, or give the schema an example",
        )

    def _named(self, pattern: str) -> str:
        """Return the name that a pattern gives."""
        name = pattern_example(pattern)
        self._budget.spend(len(name))
        return name

    def _fill_up(self, chosen: dict[str, Json], count: int) -> int:
        """Add names up to the least number, if the schema allows others; return the number."""
        open_ended, wanted = self._others is not False, self._min
        if open_ended and not self._required and truthy(self._others):
            wanted = max(between(1, self._max), wanted)
        required, others, number = deque(self._required), self._patterns, 0
        while (self._patterns or open_ended) and count < wanted:
            before = count, len(required)
            if open_ended:
                count += _added(chosen, *self._another(chosen, required))
            left: dict[str, Json] = {}  # the patterns whose name may still be set
            for pattern, schema in others.items():
                if count < self._min:
                    name = self._named(pattern)
                    count += _added(chosen, name, schema)
                    if truthy(chosen.get(name)):
                        continue
                left[pattern] = schema
            others = left
            if (count, len(required)) == before:  # the reference would never end
                if count >= self._min or not open_ended:
                    break
                number = max(number, len(chosen)) + 1
                while f"{EXTRA_NAME}{number}" in chosen:
                    number += 1
                chosen[f"{EXTRA_NAME}{number}"] = (
                    self._others if truthy(self._others) else _anything()
                )
                count += 1
        return count

    def _another(self, chosen: dict[str, Json], required: deque[str]) -> tuple[str, Json]:
        if self._patterns and not truthy(self._others):
            pattern = pick(self._listed)
            return self._named(pattern), self._patterns[pattern]
        name = _next_unused(required, chosen) or EXTRA_NAME
        return name, self._others if truthy(self._others) else _anything()

    def _add_declared(self, chosen: dict[str, Json], count: int) -> None:
        names = deque(self._properties)
        limit = between(self._min, self._max)
        while count < limit and names:
            if name := _next_unused(names, chosen):
                chosen[name] = self._properties[name]
            count += 1


def _mapping(schema: Schema, keyword: str) -> dict[str, Json]:
    """Return an object under a keyword, in JavaScript's order."""
    value = schema.get(keyword)
    if not truthy(value):
        return {}
    if not isinstance(value, dict):
        raise ExampleError(f"{keyword} is not an object", hint=f"write {keyword} as a mapping")
    return {key: value[key] for key in creation_order(tuple(value))}


def _added(chosen: dict[str, Json], name: str, schema: Json) -> bool:
    """Set the schema of a name unless it has one; tell whether it had none."""
    if truthy(chosen.get(name)):
        return False
    chosen[name] = schema
    return True


def _next_unused(names: deque[str], chosen: dict[str, Json]) -> str:
    """Take names from a list up to the first that is not chosen yet; return the last one taken."""
    name = ""
    while names:
        name = names.popleft()
        if not truthy(chosen.get(name)):
            break
    return name


def _anything() -> Schema:
    """Return the schema of what nothing is said about; the first type is taken."""
    return {"type": ["integer", "number", "string", "boolean"]}
