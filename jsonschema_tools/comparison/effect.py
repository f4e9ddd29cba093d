"""Which events a change of a schema may concern: those that it refuses, those that it admits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias, TypeGuard

from jsonschema_tools import keywords
from jsonschema_tools.values import equal

if TYPE_CHECKING:
    from jsonschema_tools.values import Json

Polarity: TypeAlias = Literal["same", "negated", "both", "unused"]
"""What a change means for the whole schema: the same as for its part, the opposite as below `not`,
either as below `if` and `oneOf`, or nothing as in a definition that no `$ref` leads to."""


class Effect(NamedTuple):
    """What a change may do to events; False where it surely does not.

    Fields that no version declares are left out of account: an event counts with those fields
    that its own version declares, and `additionalProperties: false` of the older version does
    not count against fields that only the newer one declares.

    Attributes:
        refuses: an event that the older version accepts may be refused by the newer one.
        admits: an event that the newer version accepts may be refused by the older one.
    """

    refuses: bool
    admits: bool

    def seen_from_root(self, polarity: Polarity) -> Effect:
        """Return the effect on the whole schema of what happens in a part of it."""
        if polarity == "negated":
            return Effect(self.admits, self.refuses)
        if polarity == "both":
            return BOTH if self != NONE else NONE
        return NONE if polarity == "unused" else self


NONE: Final = Effect(refuses=False, admits=False)
NARROWS: Final = Effect(refuses=True, admits=False)
WIDENS: Final = Effect(refuses=False, admits=True)
BOTH: Final = Effect(refuses=True, admits=True)

_OPEN = frozenset(
    {
        "additionalItems",
        "additionalProperties",
        "else",
        "items",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    }
)
"""Keywords that refuse nothing when their schema does not."""


def refuses_nothing(keyword: str, value: Json) -> bool:
    """Tell whether a keyword has no effect with this value."""
    if keyword in _OPEN:
        return accepts_all(value)
    if keyword in {"minItems", "minLength", "minProperties"}:
        return equal(value, 0)
    if keyword in keywords.MAPS | keywords.IN_PLACE.lists:
        return value in ({}, [])
    return keyword == "uniqueItems" and value is False


def accepts_all(schema: Json) -> bool:
    """Tell whether a schema is one of the two that say nothing."""
    return schema is True or schema == {}


def of_schemas(old: Json, new: Json) -> Effect:
    """Return the effect of one schema in the place of another one, as far as it is obvious."""
    if accepts_all(old):
        return NONE if accepts_all(new) else NARROWS
    if accepts_all(new):
        return WIDENS
    if old is False or new is False:
        return WIDENS if old is False else NARROWS
    if _are_names(old) and _are_names(new):  # of `dependencies`
        return Effect(not set(new) <= set(old), not set(old) <= set(new))
    return BOTH


def _are_names(value: Json) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def of_values(keyword: str, old: Json, new: Json) -> Effect:
    """Return the effect of another value of a keyword, as far as it is obvious."""
    if keywords.is_annotation(keyword):
        return NONE
    if keyword in _OPEN:
        return of_schemas(old, new)
    if refuses_nothing(keyword, old):
        return NONE if refuses_nothing(keyword, new) else NARROWS
    return WIDENS if refuses_nothing(keyword, new) else BOTH


def of_new(keyword: str, value: Json) -> Effect:
    """Return the effect of a keyword that is new."""
    if keyword in keywords.REFERENCES | keywords.IDENTITIES:
        return BOTH  # draft-07 ignores what is beside `$ref`
    if keyword not in keywords.CONSTRAINTS or refuses_nothing(keyword, value):
        return NONE
    return NARROWS


def of_gone(keyword: str, value: Json) -> Effect:
    """Return the effect of a keyword that is no longer there."""
    refuses, admits = of_new(keyword, value)
    return Effect(admits, refuses)
