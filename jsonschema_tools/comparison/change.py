"""One difference between two versions of a schema, and the place where a comparison stands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from jsonschema_tools import keywords
from jsonschema_tools.comparison.value_diff import named
from jsonschema_tools.pointers import join

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema_tools.comparison.declared_properties import Declarations
    from jsonschema_tools.values import Json, Schema

Group: TypeAlias = Literal["added", "loosened", "tightened", "removed", "changed", "documentation"]
Verdict: TypeAlias = Literal["allowed", "constraint", "incompatible"]

ABSENT: Final[Json] = object()
"""The value of a keyword that is not there."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two versions of a schema.

    Attributes:
        group: what kind of difference it is.
        verdict: what it means within one major version.
        message: the difference in plain words, one line.
        path: tokens that lead to the part that changed, in both versions.
        keyword: the keyword of that part that changed; None where the part itself did.
        pointer: JSON Pointer into the new version: the change, or the nearest thing that is left.
        name: the property that it is about, if it is about one.
    """

    group: Group
    verdict: Verdict
    message: str
    path: tuple[str, ...]
    keyword: str | None
    pointer: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the two schemas a comparison stands.

    Attributes:
        old: what the whole old schema declares.
        free: values of `minimum` and `maximum` that may be added.
        path: tokens that lead here.
        turned: the keyword above which turns meanings around: what allows more below it may
            refuse an event, as in `not`; None where there is none.
    """

    old: Declarations
    free: Mapping[str, frozenset[int | float]]
    path: tuple[str, ...] = ()
    turned: str | None = None

    def __str__(self) -> str:
        """Return the place as messages name it."""
        return named(join(self.path)) if self.path else "the schema"

    def below(self, *tokens: str) -> Place:
        """Return the place of a part of this one."""
        turned = self.turned or self._turning(tokens[0])
        return replace(self, path=(*self.path, *tokens), turned=turned)

    def _turning(self, keyword: str) -> str | None:
        if keyword in keywords.DEFINITIONS:  # a `$ref` below `not` may lead there
            return keyword if self.old.has_references else None
        return keyword if keyword in {"not", "if", "oneOf"} else None


@dataclass(frozen=True, slots=True)
class Pair:
    """A schema object before and after, and where it stands."""

    old: Schema
    new: Schema
    place: Place

    def values(self, keyword: str) -> tuple[Json, Json]:
        """Return the value of a keyword before and after, ABSENT where there is none."""
        return self.old.get(keyword, ABSENT), self.new.get(keyword, ABSENT)

    def change(
        self, group: Group, verdict: Verdict, message: str, keyword: str, name: str | None = None
    ) -> Change:
        """Return a change of a keyword here.

        What is allowed because it allows more is a constraint where meanings are turned around.
        """
        if group == "loosened" and verdict == "allowed" and self.place.turned:
            verdict = "constraint"
            message = f"{message}; inside `{self.place.turned}` that may refuse an event"
        tokens = [*self.place.path, keyword] if keyword in self.new else self.place.path
        if name is not None and keyword == "properties" and name in self.new.get(keyword, {}):
            tokens = [*tokens, name]
        return Change(group, verdict, message, self.place.path, keyword, join(tokens), name)
