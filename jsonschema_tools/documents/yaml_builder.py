"""YAML text to plain data in one loop over libyaml's events, with the meaning js-yaml gives it.

No positions are kept for what goes well: they are found anew when an error message needs one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from jsonschema_tools.documents import yaml_text
from jsonschema_tools.documents.yaml_scalars import (
    HYPHEN,
    MERGE,
    PLAIN,
    ScalarError,
    is_exact,
    key_text,
    resolve_collection,
    resolve_tagged,
)
from jsonschema_tools.values import MAX_DEPTH, TOO_DEEP

if TYPE_CHECKING:
    from yaml.error import Mark

    from jsonschema_tools.values import Container, Json

MAX_ALIASED_NODES: Final = 1_000_000
"""How many nodes a document may gain when every alias is written out: stops alias bombs."""


_NO_KEY: Final[Any] = object()
_OPEN: Final = object()
_FLOW_INDICATORS: Final = frozenset(",[]{}")
_QUOTES: Final = frozenset("'\"")

_Frame: TypeAlias = tuple[Any, Any, Any, Any]


class BuildError(Exception):
    """The text is YAML for libyaml, but not a document that we read.

    Attributes:
        mark: libyaml's mark of the place.
        hint: what to do.
        twice: the tokens of the pointer of a key that is given twice.
    """

    def __init__(
        self, message: str, mark: Mark, hint: str, *, twice: tuple[str | int, ...] | None = None
    ) -> None:
        super().__init__(message)
        self.mark = mark
        self.hint = hint
        self.twice = twice


class Builder:
    """Builds one document. `build` is the loop, the other methods are what seldom happens."""

    def __init__(self, text: str, *, stand_ins: bool = False) -> None:
        self.inexact: list[tuple[Mark, str, float]] = []
        self._text = text
        self._stand_ins = stand_ins
        self._anchors: dict[str, Any] = {}
        self._measures: dict[int, tuple[Json, int, int]] = {}
        self._aliased_nodes = 0
        self._merged: dict[int, tuple[Json, set[str]]] = {}

    def build(self) -> Json:  # noqa: C901, PLR0912, PLR0915 - the hot loop: a call per event costs
        """Return the data of the document; None if it is empty.

        Raises:
            BuildError: it is not a document that we read.
            yaml.YAMLError: it is not YAML.
        """
        text, stand_ins = self._text, self._stand_ins
        next_event: Any = CParser(text).get_event
        root: list[Json] = []
        stack: list[_Frame] = []
        here: Any = root  # the list or dict that is being filled
        append: Any = root.append  # None in a dict
        key: Any = _NO_KEY  # in a dict: the key that waits for its value
        start: Any = None  # the event that began `here`
        event: Any = None
        try:
            while True:
                event = next_event()
                kind = type(event)
                if kind is ScalarEvent:
                    if stand_ins:
                        self._restore(event)
                    if event.implicit[0]:
                        value = PLAIN[event.value]
                        if value.__class__ is not str:
                            value = self._plain(event, value, append is None and key is _NO_KEY)
                    elif event.tag is None:
                        value = event.value
                        if event.style in _QUOTES and event.start_mark.line != event.end_mark.line:
                            value = self._quoted(event)
                    else:
                        value = self._tagged(event, append is None and key is _NO_KEY)
                    if event.anchor is not None:
                        self._name(event, value, append is None and key is _NO_KEY)
                elif kind is MappingStartEvent or kind is SequenceStartEvent:
                    self._open(event, len(stack))
                    stack.append((here, append, key, start))
                    key, start = _NO_KEY, event
                    if kind is MappingStartEvent:
                        here, append = {}, None
                    else:
                        here = []
                        append = here.append
                    continue
                elif kind is AliasEvent:
                    value = self._alias(event, len(stack))
                elif stack:  # the end of a list or dict
                    value = here
                    if start.tag is not None or start.anchor is not None:
                        value = self._close(start, here)
                    here, append, key, start = stack.pop()
                elif kind is DocumentEndEvent:
                    _expect_end(next_event())
                    return root[0]
                elif kind is StreamEndEvent:
                    return None
                else:
                    continue

                if append is not None:
                    append(value)
                elif key is _NO_KEY:
                    if value.__class__ is not str and value is not MERGE:
                        value = key_text(value)
                    if value in here and not self._may_override(here, value):
                        raise _given_twice(event, value, stack)
                    key = value
                else:
                    if key is MERGE:
                        self._merge(here, value)
                    else:
                        here[key] = value
                    key = _NO_KEY
        except ScalarError as error:
            raise BuildError(str(error), event.start_mark, error.hint) from None

    def _restore(self, event: Any) -> None:
        """Put back the characters of a scalar that libyaml cannot read."""
        event.value = yaml_text.restore(event.value)
        if event.style not in _QUOTES:
            character = yaml_text.find_only_in_quotes(event.value)
            if character is not None:
                message = f"the unprintable character U+{ord(character):04X} is not in quotes"
                raise ScalarError(message, "write it as an escape in double quotes, or remove it")

    def _plain(self, event: Any, value: Json, is_key: bool) -> Json:
        """Return the meaning of an unquoted scalar that is not just a string."""
        text: str = event.value
        if event.tag == "!":  # the non-specific tag: a string whatever it looks like
            return text if text or event.style else None
        if value is MERGE:
            return MERGE if is_key else text
        if value is HYPHEN:
            if self._text[event.end_mark.index] in _FLOW_INDICATORS:
                raise ScalarError("a lone - is not a string here", "quote it")
            return text
        if isinstance(value, (int, float)) and text not in PLAIN and not is_exact(text, value):
            self.inexact.append((event.start_mark, text, value))
        return value

    def _quoted(self, event: Any) -> str:
        """Return a quoted scalar of several lines; js-yaml keeps the blanks at their ends."""
        raw = self._text[event.start_mark.index : event.end_mark.index]
        kept = yaml_text.with_blanks_kept(raw)
        if kept == raw or not (self._stand_ins or yaml_text.can_stand_in(raw)):
            return str(event.value)
        parser = CParser(kept)
        while not isinstance(event := parser.get_event(), ScalarEvent):
            pass
        return yaml_text.restore(event.value)

    def _name(self, event: Any, value: Json, is_key: bool) -> None:
        """Keep a scalar under its anchor."""
        if is_key and not event.value and not event.style:
            raise ScalarError(
                f"the anchor &{event.anchor} has no key before its ':'",
                "quote a key that begins with &",
            )
        self._anchors[event.anchor] = value

    def _tagged(self, event: Any, is_key: bool) -> Json:
        text = event.value if event.value or event.style else None
        value = text if event.tag == "!" else resolve_tagged(event.tag, text)
        return "<<" if value is MERGE and not is_key else value

    def _open(self, event: Any, depth: int) -> None:
        """Check where a list or mapping begins."""
        if depth >= MAX_DEPTH:
            raise _too_deep(event)
        if event.anchor is not None:
            self._anchors[event.anchor] = _OPEN
        elif (
            event.tag is None
            and not event.flow_style
            and self._text[event.start_mark.index] in "&!"
        ):  # js-yaml refuses it; whoever writes it mostly means the mapping, not the key
            raise ScalarError(
                "an anchor or tag before the first key of a mapping",
                "put it on a line of its own before the mapping, or after the ':'",
            )

    def _close(self, start: Any, value: Container) -> Container:
        """Return a finished list or mapping that has a tag or an anchor."""
        if start.tag is not None and start.tag != "!":
            try:
                value = resolve_collection(start.tag, value)
            except ScalarError as error:
                raise BuildError(str(error), start.start_mark, error.hint) from None
        if start.anchor is not None:
            self._anchors[start.anchor] = value
        return value

    def _alias(self, event: Any, depth: int) -> Json:
        value: Json = self._anchors.get(event.anchor, _NO_KEY)
        if value is _NO_KEY:
            raise ScalarError(
                f"the alias *{event.anchor} has no anchor &{event.anchor} before it",
                "define the anchor first, or quote a string that begins with *",
            )
        if value is _OPEN:
            raise ScalarError(
                f"the alias *{event.anchor} refers to a node that contains it",
                "a document cannot contain itself; use a $ref",
            )
        nodes, height = self._measure(value)
        self._aliased_nodes += nodes
        if self._aliased_nodes > MAX_ALIASED_NODES:
            raise ScalarError(
                f"written out, the aliases give more than {MAX_ALIASED_NODES:,} values",
                "use fewer aliases",
            )
        if depth + height > MAX_DEPTH:
            raise _too_deep(event)
        return value

    def _measure(self, value: Json) -> tuple[int, int]:
        """Return the number of nodes, and of levels, of a value without aliases."""
        if isinstance(value, str):
            return 1 + len(value) // 100, 0
        if not isinstance(value, (dict, list)):
            return 1, 0
        if (known := self._measures.get(id(value))) is not None:
            return known[1:]
        items = value.values() if isinstance(value, dict) else value
        measures = [self._measure(item) for item in items]
        nodes = 1 + sum(nodes for nodes, _ in measures)
        height = 1 + max((height for _, height in measures), default=0)
        self._measures[id(value)] = value, nodes, height  # the value: its id must stay its own
        return nodes, height

    def _may_override(self, mapping: dict[str, Json], key: str) -> bool:
        """Tell whether a key is there only because it was merged in."""
        _, merged = self._merged.get(id(mapping), (None, set()))
        if key not in merged:
            return False
        merged.remove(key)
        return True

    def _merge(self, mapping: dict[str, Json], source: Json) -> None:
        """Merge what a `<<` key has into a mapping: a mapping, or a list of them."""
        _, merged = self._merged.setdefault(id(mapping), (mapping, set()))
        for one in source if isinstance(source, list) else [source]:
            if isinstance(one, list):  # as JavaScript sees it, an object with the keys 0, 1, …
                items: Any = ((str(index), item) for index, item in enumerate(one))
            elif isinstance(one, dict):
                items = one.items()
            else:
                raise ScalarError("<< merges mappings only", "give it an alias of a mapping")
            for key, value in items:
                if key not in mapping:
                    mapping[key] = value
                    merged.add(key)


def _expect_end(event: Any) -> None:
    if not isinstance(event, StreamEndEvent):
        raise BuildError(
            "a second document begins here",
            event.start_mark,
            "a file holds one document: remove the --- or what comes after it",
        )


def _too_deep(event: Any) -> BuildError:
    return BuildError(TOO_DEEP, event.start_mark, "move parts into a $ref")


def _given_twice(event: Any, key: str, stack: list[_Frame]) -> BuildError:
    tokens = [len(here) if isinstance(here, list) else here_key for here, _, here_key, _ in stack]
    return BuildError(
        f"the key {key!r} is given twice",
        event.start_mark,
        "remove one of them",
        twice=(*tokens[1:], key),
    )
