"""How much work the comparison of two versions may be; and whether patterns match names."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from jsonschema_tools.ecmascript.regexp import backtracks
from jsonschema_tools.errors import SchemaError
from jsonschema_tools.values import count_values

if TYPE_CHECKING:
    from collections.abc import Callable

    from jsonschema_tools.values import Json

_MOST = 5_000_000  # units, of half a microsecond
_OF_A_NODE = 10
_OF_COMPILING = 100
_OF_MATCHING = 2
_OF_BACKTRACKING = 200
_SHORT_NAME = 64
_MOST_STEPS = 10_000


class Effort:
    """Limits the work that grows with the product of properties and what may concern them."""

    def __init__(self) -> None:
        """Begin with all that may be done."""
        self._left = _MOST
        self._tests: dict[str, _NameTest] = {}
        self._sizes: dict[int, tuple[Json, int]] = {}  # keeps the value, so that ids stay

    def spend(self, units: int) -> None:
        """Count some work.

        Raises:
            SchemaError: it is too much.
        """
        self._left -= units
        if self._left < 0:
            raise SchemaError(
                "too many patterns, alternatives or maps for so many properties: to compare the "
                "versions takes too long",
                hint="say the same with fewer of them",
            )

    def compare(self, *schemas: Json) -> None:
        """Count the comparison of schemas, of each from the second time on.

        Raises:
            SchemaError: it is too much.
        """
        for schema in schemas:
            if isinstance(schema, dict):
                known = self._sizes.get(id(schema))
                if known is not None:
                    self.spend(_OF_A_NODE * known[1])
                else:
                    self._sizes[id(schema)] = schema, count_values(schema, _MOST // _OF_A_NODE)

    def match(self, pattern: str, name: str) -> bool:
        """Tell whether a pattern matches a name, or may do so.

        Raises:
            SchemaError: that was asked too often.
        """
        test = self._tests.get(pattern)
        if test is None:
            test = self._tests[pattern] = _test_of(pattern)
            self.spend(_OF_COMPILING)
        self.spend(test.effort * (1 + len(name) // _SHORT_NAME))
        return test.matches(name)


def matches(pattern: str, name: str) -> bool:
    """Tell whether a pattern matches a name, or may do so."""
    return _test_of(pattern).matches(name)


class _NameTest(NamedTuple):
    """Whether names match a pattern.

    Attributes:
        accepts: tells it; None: the pattern is not a regular expression.
        effort: how long it takes, in units.
    """

    accepts: Callable[[str], bool] | None
    effort: int

    def matches(self, name: str) -> bool:
        """Tell whether a name matches the pattern, or may do so."""
        if self.accepts is None:  # it may mean anything
            return True
        try:
            return self.accepts(name)
        except UnicodeEncodeError:  # with half a surrogate pair, which no event in UTF-8 has
            return True


@lru_cache(maxsize=4096)  # names are matched with the same patterns again and again
def _test_of(pattern: str) -> _NameTest:
    # jsonschema-rs reads patterns as ECMA 262 does, and gives up on one that would never end
    import jsonschema_rs

    options = jsonschema_rs.FancyRegexOptions(backtrack_limit=_MOST_STEPS)
    try:
        accepts = jsonschema_rs.validator_for(
            {"pattern": pattern}, pattern_options=options
        ).is_valid
    except (jsonschema_rs.ValidationError, ValueError):
        return _NameTest(None, _OF_MATCHING)
    return _NameTest(accepts, _OF_BACKTRACKING if backtracks(pattern) else _OF_MATCHING)
