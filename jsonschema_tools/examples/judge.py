"""Whether a schema accepts a value, as far as that is known while an example is made."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from jsonschema_tools.values import as_object, count_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from jsonschema_tools.values import Json, Schema

_MOST_COPIES = 2_000_000  # values of a schema, times those of a value: each error has a copy
_OF_THE_WHOLE = frozenset(("$schema", "$id", "examples", "default"))


class Judge:
    """Knows what schemas accept; each is compiled once."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Json, Callable[[Json], bool] | None]] = {}

    def accepts(self, schema: Json, value: Json) -> bool:
        """Tell whether a schema accepts a value; what is not known counts as accepted."""
        if isinstance(schema, bool):
            return schema
        if id(schema) not in self._known:
            self._known[id(schema)] = (schema, test_of(schema))  # with the schema: so its id stays
        test = self._known[id(schema)][1]
        try:
            return test is None or test(value)
        except ValueError:  # a date or a lone surrogate
            return True

    def matches(self, pattern: str, name: str) -> bool:
        """Tell whether a name matches a pattern; what is not known counts as a match."""
        test = pattern_test(pattern)
        try:
            return test is None or test(name)
        except ValueError:  # a lone surrogate
            return True

    def refusal(self, schema: Json, value: Json) -> tuple[str, list[str | int]]:
        """Return why a schema refuses a value, and where in the value."""
        from jsonschema_rs import Draft7Validator, ValidationError

        validator = Draft7Validator(_compilable(schema), validate_formats=True, mask="the value")
        error: ValidationError
        if count_values(schema, _MOST_COPIES) * count_values(value, _MOST_COPIES) <= _MOST_COPIES:
            error = next(iter(validator.iter_errors(value)))
        else:
            try:
                validator.validate(value)
            except ValidationError as first:
                error = first
        return error.message.partition("\n")[0], list(error.instance_path)


@lru_cache(maxsize=4096)  # the objects of an example are made with the same ones
def pattern_test(pattern: str) -> Callable[[Json], bool] | None:
    """Return what tells whether a name matches a pattern; None where the engine cannot know."""
    return test_of({"pattern": pattern})


def test_of(schema: Json) -> Callable[[Json], bool] | None:
    """Return what tells whether a schema accepts a value; None where the engine cannot know."""
    from jsonschema_rs import Draft7Validator  # few schemas need an example

    try:
        return Draft7Validator(_compilable(schema), validate_formats=True, offline=True).is_valid
    except ValueError:  # a reference, or a pattern that the engine does not know
        return None


def _compilable(schema: Json) -> Schema:
    return {key: value for key, value in as_object(schema).items() if key not in _OF_THE_WHOLE}
