"""One difference between two versions of a schema, and the place where a comparison is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias, cast

from jsonschema_tools import keywords
from jsonschema_tools.comparison import effect as effects
from jsonschema_tools.comparison.value_diff import named
from jsonschema_tools.pointers import join
from jsonschema_tools.values import as_object, strings_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema_tools.comparison.declared_properties import Declarations
    from jsonschema_tools.comparison.effect import Effect, Polarity
    from jsonschema_tools.values import Json, Schema

Group: TypeAlias = Literal["added", "loosened", "tightened", "removed", "changed", "documentation"]
Verdict: TypeAlias = Literal["allowed", "constraint", "incompatible"]

ABSENT: Final = cast("Json", object())
"""The value of a missing keyword."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two versions of a schema.

    Attributes:
        group: what kind of difference it is.
        verdict: what it means within one major version, under the policy that was asked for.
        message: the difference in plain words, one line.
        path: tokens that lead to the part that changed, in both versions.
        keyword: the keyword of that part that changed; None where the part itself did.
        pointer: JSON Pointer into the new version: the change, or the nearest thing that is left.
        effect: which events it may concern.
        name: the property that it is about, if it is about one.
        is_annotation: whether it is in words that no event can notice: annotations, and
            definitions that no `$ref` leads to.
    """

    group: Group
    verdict: Verdict
    message: str
    path: tuple[str, ...]
    keyword: str | None
    pointer: str
    effect: Effect
    name: str | None = None
    is_annotation: bool = False


class Kind(NamedTuple):
    """What a change is, and what it means.

    Attributes:
        group: what kind of difference it is.
        verdict: the reference's verdict.
        effect: which events it may concern.
    """

    group: Group
    verdict: Verdict
    effect: Effect


@dataclass(frozen=True, slots=True)
class ComparedPlace:
    """Where in the two schemas a comparison is.

    Attributes:
        old: what the whole old schema declares.
        new: what the whole new schema declares.
        ignored_bounds: values of `minimum` and `maximum` that may be added.
        path: tokens that lead here.
        negated_by: the keyword above which turns meanings around: what allows more below it may
            refuse an event, as in `not`; None if there is none.
        polarity: what a change here means for the whole schema.
    """

    old: Declarations
    new: Declarations
    ignored_bounds: Mapping[str, frozenset[int | float]]
    path: tuple[str, ...] = ()
    negated_by: str | None = None
    polarity: Polarity = "same"

    def __str__(self) -> str:
        """Return the place as messages name it."""
        return named(join(self.path)) if self.path else "the schema"

    def below(self, *tokens: str) -> ComparedPlace:
        """Return the place of a part of this one."""
        path = (*self.path, *tokens)
        negated_by = self.negated_by or self._negated_by(tokens[0])
        return replace(
            self, path=path, negated_by=negated_by, polarity=self._polarity(tokens[0], path)
        )

    def effect_on_whole(self, effect: Effect) -> Effect:
        """Return the effect on the whole schema of what happens here."""
        if effect == effects.NONE or self.polarity == "unused":
            return effects.NONE
        anything = self.old.has_negated_references or self.new.has_negated_references
        return effect.seen_from_root("both" if anything else self.polarity)

    def _negated_by(self, keyword: str) -> str | None:
        if keyword in keywords.DEFINITIONS:  # a `$ref` below `not` may lead there
            return keyword if self.old.has_references else None
        return keyword if keyword in {"not", "if", "oneOf"} else None

    def _polarity(self, keyword: str, path: tuple[str, ...]) -> Polarity:
        if self.polarity in {"both", "unused"}:
            return self.polarity
        if keyword in keywords.DEFINITIONS:
            used = any(side.refers_to(join(path)) for side in (self.old, self.new))
            return self.polarity if used else "unused"
        if keyword == "not":
            return "same" if self.polarity == "negated" else "negated"
        return "both" if keyword in {"if", "oneOf"} else self.polarity


@dataclass(frozen=True)
class Pair:
    """A schema object before and after, and where it is."""

    old: Schema
    new: Schema
    place: ComparedPlace

    @cached_property
    def required_before(self) -> frozenset[str]:
        """The names in `required` of the old schema."""
        return frozenset(strings_in(self.old.get("required")))

    @cached_property
    def required_after(self) -> frozenset[str]:
        """The names in `required` of the new schema."""
        return frozenset(strings_in(self.new.get("required")))

    def values(self, keyword: str) -> tuple[Json, Json]:
        """Return the value of a keyword before and after, ABSENT if there is none."""
        return self.old.get(keyword, ABSENT), self.new.get(keyword, ABSENT)

    def change(self, kind: Kind, message: str, keyword: str, name: str | None = None) -> Change:
        """Return a change of a keyword here.

        What is allowed because it allows more is a constraint where meanings are turned around.

        Args:
            kind: what it is to this part of the schema.
            message: the difference in plain words.
            keyword: the keyword that changed.
            name: the property that it is about.
        """
        group, verdict, effect = kind
        if group == "loosened" and verdict == "allowed" and self.place.negated_by:
            verdict = "constraint"
            message = f"{message}; inside `{self.place.negated_by}` that may refuse an event"
        whole = Kind(group, verdict, self.place.effect_on_whole(effect))
        return self.change_of_whole(whole, message, keyword, name)

    def change_of_whole(
        self, kind: Kind, message: str, keyword: str, name: str | None = None
    ) -> Change:
        """Return a change of a keyword here, of which the effect on whole events is known."""
        group, verdict, effect = kind
        tokens = [*self.place.path, keyword] if keyword in self.new else self.place.path
        named_in = as_object(self.new.get(keyword)) if keyword == "properties" else {}
        if name in named_in:
            tokens = [*tokens, name]
        unused = self.place.polarity == "unused"
        silent = unused or (effect == effects.NONE and self._is_silent(keyword, name))
        return Change(
            group,
            verdict,
            message,
            self.place.path,
            keyword,
            join(tokens),
            effects.NONE if unused else effect,
            name,
            silent,
        )

    def _is_silent(self, keyword: str, name: str | None) -> bool:
        """Tell whether no event can notice a keyword, or an entry of a keyword."""
        if keyword in keywords.DEFINITIONS and name is not None:
            pointer = join([*self.place.path, keyword, name])
            return not any(side.refers_to(pointer) for side in (self.place.old, self.place.new))
        return keywords.is_annotation(keyword) or keyword in keywords.IDENTITIES
