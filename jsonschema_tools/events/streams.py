"""Stream configuration: which streams there are, and which schema the events of each have.

Follows MediaWiki's EventStreamConfig extension: defaults are merged as PHP's
`array_replace_recursive` does, a name between slashes is a regular expression.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jsonschema_tools.documents.document import Document, parse_document, read_document
from jsonschema_tools.ecmascript.matching import Regex, compile_regex
from jsonschema_tools.ecmascript.regexp import RegexError
from jsonschema_tools.errors import ConfigError, Location, SchemaToolsError
from jsonschema_tools.events.problems import missing_field
from jsonschema_tools.pointers import join
from jsonschema_tools.values import as_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jsonschema_tools.config import Config
    from jsonschema_tools.values import Json

_KEPT = 600  # seconds for which the answer of a server is used again
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
    pattern: Regex | None = None
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
        return _made(name, self.settings.get("topic_prefixes"))


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

    def find(self, name: str) -> Stream | None:
        """Return the entry of a stream: by its exact name, else the first pattern that matches."""
        if name in self.streams:
            return self.streams[name]
        for stream in self.streams.values():
            if stream.pattern is not None and stream.pattern.search(name):
                return stream
        return None

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
                if _meets(settings, constraints or {}):
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
        about = f"event {event_id!s} of schema at {uri} destined to stream {stream}"
        refused = f"{about} is not allowed in stream"
        if known is None:
            return f"{refused}; {stream} is not configured."
        if not known.own:
            return f"{refused}; {stream} is configured but does not have any settings."
        if known.schema_title is None:
            return f"{refused}; {stream} does not have a schema_title setting."
        if known.schema_title != title:
            return f"{refused}; schema title must be {known.schema_title}."
        return None


def load_streams(config: Config) -> StreamConfigs:
    """Read the stream configuration of a repository.

    Raises:
        ConfigError: a file or server cannot be read, or what it holds is no stream configuration.
    """
    streams: dict[str, Stream] = {}
    extra: dict[str, Json] = {}
    warnings: list[str] = []
    for source in config.stream_configs:
        document = _read(source, config)
        read, added = _streams(document, warnings)
        streams |= read
        extra |= added
    return StreamConfigs(streams, extra, tuple(dict.fromkeys(warnings)))


def _read(source: str, config: Config) -> Document:
    if source.startswith(("http://", "https://")):
        from jsonschema_tools.dereferencing.http import Remote
        from jsonschema_tools.dereferencing.remote_cache import DocumentCache, cache_folder
        from jsonschema_tools.dereferencing.remote_error import RemoteError

        remote = Remote(
            [source], cache=DocumentCache(cache_folder(), max_age=_KEPT, refresh=config.refresh)
        )
        try:
            content = remote.read(source)
            document = parse_document(content, source)
        except (RemoteError, SchemaToolsError) as error:
            raise ConfigError(
                f"stream configuration cannot be read from {source}: {error}",
                hint="check the address and the network, or keep a copy in a file",
            ) from error
        remote.keep(source, content)
        return document
    try:
        path = config.root / source.removeprefix("file://")
        return read_document(path, config.shown(path))
    except SchemaToolsError as error:
        raise ConfigError(
            f"stream configuration: {error.message}", at=error.at, hint=error.hint
        ) from error


def _streams(
    document: Document, warnings: list[str]
) -> tuple[dict[str, Stream], Mapping[str, Json]]:
    data = document.data
    if not isinstance(data, dict) or not data:
        what = "is empty" if not data else f"holds a {type(data).__name__}"
        raise ConfigError(
            f"stream configuration {what}, not a mapping of stream names to settings",
            at=document.locate(""),
            hint="write `streams:` and below it each stream's name and settings",
        )
    nested = "streams" in data and isinstance(data["streams"], (dict, list))
    start = ("streams",) if nested else ()
    entries = data["streams"] if nested else data
    defaults = _mapping(data.get("defaults") if nested else None, document, "/defaults")
    extra = _mapping(data.get("settings") if nested else None, document, "/settings")
    reader = _Reader(document, defaults, warnings)
    found = {
        name: reader.stream(name, own, join([*start, key]))
        for key, name, own in _named(entries, document, start)
    }
    return found, extra


def _named(
    entries: Json, document: Document, start: tuple[str, ...]
) -> Iterable[tuple[str | int, str, Json]]:
    """Yield key, name and settings of each entry; those of a list name themselves."""
    if isinstance(entries, dict):
        for name, own in entries.items():
            yield name, name, own
        return
    for index, own in enumerate(as_list(entries)):
        named = own.get("stream") if isinstance(own, dict) else None
        if not isinstance(named, str):
            raise ConfigError(
                "an entry of a list of streams needs `stream`, its name",
                at=document.locate(join([*start, index])),
            )
        yield index, named, own


def _mapping(value: Json, document: Document, pointer: str) -> dict[str, Json]:
    if value is None or value == []:  # PHP's empty array
        return {}
    if not isinstance(value, dict):
        raise ConfigError(
            f"expected a mapping of settings, not {value!r:.60}", at=document.locate(pointer)
        )
    return value


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the entries of one document."""

    document: Document
    defaults: Mapping[str, Json]
    warnings: list[str]

    def stream(self, name: str, own: Json, pointer: str) -> Stream:
        """Return an entry with its defaults filled in."""
        own = _mapping(own, self.document, pointer)
        settings = _replaced(self.defaults, own, name, (), self.warnings)
        settings["stream"] = name
        for key in ("topic_prefixes", "topics"):
            if not isinstance(settings.get(key, []), (list, type(None))):
                at = self.document.locate(f"{pointer}/{key}")
                raise ConfigError(f"`{key}` of stream {name!r} must be a list", at=at)
        fixed = "topics" in settings
        if not fixed:
            settings["topics"] = _made(name, settings.get("topic_prefixes"))
        return Stream(
            name=name,
            settings=settings,
            own=own,
            document=self.document,
            pointer=pointer,
            pattern=self._pattern(name, pointer) if name.startswith("/") else None,
            has_fixed_topics=fixed,
        )

    def _pattern(self, name: str, pointer: str) -> Regex:
        body, slash, flags = name[1:].rpartition("/")
        try:
            if not slash or set(flags) - set("iu"):
                raise RegexError("it does not end in a slash")
            return compile_regex(body, flags)
        except RegexError as error:
            raise ConfigError(
                f"the name of stream {name!r} is not a regular expression: {error}",
                at=self.document.locate(pointer),
                hint="write it between slashes, such as /^mediawiki\\.job\\..+/",
            ) from None


def _made(name: str, prefixes: Json) -> list[Json]:
    """Return the topics of a stream without an explicit list: one for each prefix."""
    if not isinstance(prefixes, list):
        return [name]
    if not name.startswith("/"):
        return [str(prefix) + name for prefix in prefixes]
    anchor = "^" if name.startswith("/^") else ""
    quoted = "|".join(_ESCAPED.sub(r"\\\1", str(prefix)) for prefix in prefixes)
    return [f"/{anchor}({quoted}){name[1 + len(anchor) :]}"]


def _replaced(
    old: Mapping[str, Json],
    new: Mapping[str, Json],
    stream: str,
    path: tuple[str, ...],
    warnings: list[str],
) -> dict[str, Json]:
    """Merge settings as PHP's array_replace_recursive: lists item by item, null overrides."""
    merged: dict[str, Json] = dict(old)
    for key, value in new.items():
        before, where = merged.get(key), (*path, str(key))
        if isinstance(before, dict) and isinstance(value, dict):
            merged[key] = _replaced(before, value, stream, where, warnings)
        elif isinstance(before, list) and isinstance(value, list):
            if len(value) < len(before):
                warnings.append(
                    f"stream {stream!r}: `{'.'.join(where)}` keeps the last "
                    f"{len(before) - len(value)} of the defaults: lists are merged item by item"
                )
            merged[key] = value + before[len(value) :]
        else:
            merged[key] = value
    return merged


def parse_constraints(texts: Iterable[str]) -> dict[str, Json]:
    """Return constraints such as `a=1` and `a[b]=c` as nested mappings.

    Raises:
        ConfigError: one is not of that form.
    """
    result: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise ConfigError(
                f"not a constraint: {text!r}", hint="write setting=value, or setting[part]=value"
            )
        names = [part.rstrip("]") for part in key.split("[")]
        place = result
        for name in names[:-1]:
            inner = place.setdefault(name, {})
            place = inner if isinstance(inner, dict) else place
        place[names[-1]] = value
    return result


def _meets(settings: Mapping[str, Json], constraints: Mapping[str, Json], depth: int = 10) -> bool:
    for key, wanted in constraints.items():
        actual = settings.get(key)
        if actual is None:
            return False
        if isinstance(wanted, dict):
            if not isinstance(actual, dict) or depth == 0 or not _meets(actual, wanted, depth - 1):
                return False
        elif isinstance(actual, (dict, list)) or _php_text(actual) != wanted:
            return False
    return True


def _php_text(value: Json) -> str:
    """Return a scalar as PHP writes it: true is "1", false is ""."""
    if isinstance(value, bool):
        return "1" if value else ""
    return str(value)
