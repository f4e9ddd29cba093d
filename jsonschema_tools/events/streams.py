"""Streams: which there are, and which schema the events of each have."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jsonschema_tools.ecmascript.matching import Patterns
from jsonschema_tools.events.constraints import meets
from jsonschema_tools.events.problems import missing_field
from jsonschema_tools.messages import cut
from jsonschema_tools.pointers import join

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jsonschema_tools.documents import Document
    from jsonschema_tools.ecmascript.matching import BoundedRegex
    from jsonschema_tools.errors import Location
    from jsonschema_tools.values import Json

#: characters of the name of a topic, in Kafka
LONGEST_NAME = 249
_ESCAPED = re.compile(r"([.\\+*?\[^\]$(){}=!<>|:\-#/])")  # what PHP's preg_quote escapes


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One entry of a stream configuration.

    Attributes:
        name: its name, or a regular expression between slashes.
        settings: its settings with the defaults filled in; `stream` and `topics` among them.
        own: its settings as written.
        document: the file or answer that declares it.
        pointer: JSON Pointer to its settings there.
        pattern: the compiled regular expression, if its name is one.
        has_fixed_topics: whether its topics are listed instead of made from prefixes.
    """

    name: str
    settings: Mapping[str, Json]
    own: Mapping[str, Json]
    document: Document = field(repr=False)
    pointer: str
    pattern: BoundedRegex | None = None
    has_fixed_topics: bool = False

    @property
    def schema_title(self) -> str | None:
        """Title of the schema that its events have."""
        title = self.settings.get("schema_title")
        return title if isinstance(title, str) else None

    def at(self, *path: str) -> Location:
        """Return where a setting is written; where the stream is, for one from the defaults."""
        return self.document.locate(self.pointer + join(path))

    def topics(self, name: str | None = None) -> list[Json] | None:
        """Return the Kafka topics of the stream, or of a stream that its pattern matches."""
        if name is None or self.has_fixed_topics:
            topics = self.settings["topics"]
            return topics if isinstance(topics, list) else None
        return topics_from(name, self.settings.get("topic_prefixes"))


@dataclass(frozen=True, slots=True)
class StreamConfigs:
    """The streams of a repository, in the order of the configuration.

    Attributes:
        streams: by name; a later file wins.
        extra_settings: JSON Schemas of settings that the repository added, by name.
        warnings: what is legal and probably not meant.
    """

    streams: Mapping[str, Stream]
    extra_settings: Mapping[str, Json] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    _with_pattern: tuple[Stream, ...] = field(init=False, repr=False, compare=False)
    _patterns: Patterns = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found = [(s, s.pattern) for s in self.streams.values() if s.pattern is not None]
        object.__setattr__(self, "_with_pattern", tuple(stream for stream, _ in found))
        object.__setattr__(self, "_patterns", Patterns(pattern for _, pattern in found))

    def find(self, name: str) -> Stream | None:
        """Return the entry of a stream: by its exact name, else the first pattern that matches.

        Nothing matches a name that is longer than that of a topic can be: anyone can make it up.
        """
        if name in self.streams:
            return self.streams[name]
        if len(name) > LONGEST_NAME:
            return None
        index = next(self._patterns.matching(name), None)
        return None if index is None else self._with_pattern[index]

    def select(
        self, names: Sequence[str] = (), constraints: Mapping[str, Json] | None = None
    ) -> dict[str, dict[str, Json]]:
        """Return settings by name, as the API of EventStreamConfig does.

        Args:
            names: streams that are asked for; unknown ones are left out; none means all.
            constraints: values that settings must have; see `parse_constraints`.
        """
        found: dict[str, dict[str, Json]] = {}
        for name in names or self.streams:
            stream = self.find(name)
            if stream is not None:
                settings = {**stream.settings, "topics": stream.topics(name)}
                if meets(settings, constraints or {}):
                    found[name] = settings
        return found

    def objection(
        self, stream: Json, *, title: str | None, uri: str, event_id: Json = None
    ) -> str | None:
        """Return why an event is not allowed in a stream, in EventGate's words; None if it is.

        Args:
            stream: `meta.stream` of the event.
            title: title of the event's schema.
            uri: what the event calls its schema.
            event_id: `meta.id` of the event.
        """
        if not isinstance(stream, str) or not stream:
            return missing_field("meta.stream")
        if title is None:
            return "Property 'title' not found in object"
        known = self.find(stream)
        named = cut(stream, LONGEST_NAME)
        about = f"event {event_id!s:.200} of schema at {uri} destined to stream {named}"
        refused = f"{about} is not allowed in stream"
        if known is None:
            return f"{refused}; {named} is not configured."
        if not known.own:
            return f"{refused}; {stream} is configured but does not have any settings."
        if known.schema_title is None:
            return f"{refused}; {stream} does not have a schema_title setting."
        if known.schema_title != title:
            return f"{refused}; schema title must be {known.schema_title}."
        return None


def topics_from(name: str, prefixes: Json) -> list[Json]:
    """Return the topics of a stream without an explicit list: one for each prefix."""
    if not isinstance(prefixes, list):
        return [name]
    if not name.startswith("/"):
        return [str(prefix) + name for prefix in prefixes]
    anchor = "^" if name.startswith("/^") else ""
    quoted = "|".join(_ESCAPED.sub(r"\\\1", str(prefix)) for prefix in prefixes)
    return [f"/{anchor}({quoted}){name[1 + len(anchor) :]}"]
