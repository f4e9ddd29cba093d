"""Reads stream configuration, as MediaWiki's EventStreamConfig extension does.

Defaults are merged as PHP's `array_replace_recursive` does, a name between slashes is a regular
expression.
"""

from __future__ import annotations

from dataclasses import dataclass
from json import dumps
from typing import TYPE_CHECKING

from jsonschema_tools.documents import Document, parse_document, read_document
from jsonschema_tools.ecmascript.matching import BoundedRegex, compile_bounded_regex
from jsonschema_tools.ecmascript.regexp import RegexError
from jsonschema_tools.errors import ConfigError, SchemaToolsError
from jsonschema_tools.events.streams import Stream, StreamConfigs, topics_from
from jsonschema_tools.messages import holds
from jsonschema_tools.pointers import join
from jsonschema_tools.values import as_list, entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jsonschema_tools.config import Config
    from jsonschema_tools.values import Json

_KEPT = 600  # seconds for which the answer of a server is used again


def load_streams(config: Config) -> StreamConfigs:
    """Read the stream configuration of a repository.

    Raises:
        ConfigError: a file or server cannot be read, or holds something else.
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


def require_streams(config: Config, message: str = "no stream configuration") -> StreamConfigs:
    """Read the stream configuration of a repository that is to have one.

    Raises:
        ConfigError: it has none, which the message says; or as `load_streams`.
    """
    if not config.stream_configs:
        hint = "name its file or address in `streamConfigs` of the configuration"
        raise ConfigError(message, hint=hint)
    return load_streams(config)


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
        return read_document(path, config.display_path(path))
    except SchemaToolsError as error:
        raise ConfigError(
            f"stream configuration: {error.message}", at=error.at, hint=error.hint
        ) from error


def _streams(
    document: Document, warnings: list[str]
) -> tuple[dict[str, Stream], Mapping[str, Json]]:
    data = document.data
    if not isinstance(data, dict) or not data:
        raise ConfigError(
            f"stream configuration {holds(data or None)}, "
            "not a mapping of stream names to settings",
            at=document.locate(""),
            hint="write `streams:` and below it each stream's name and settings",
        )
    _require_unicode(document)
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


def _require_unicode(document: Document) -> None:
    """Refuse halves of surrogate pairs, which no event, topic or answer can have."""
    data = document.data
    pointer: list[str] = []
    while not _is_unicode(data):  # down to where one is
        steps = entries(data) if isinstance(data, (dict, list)) else ()
        step = next(((key, part) for key, part in steps if not _is_unicode(part)), None)
        if step is None:
            raise ConfigError(
                "stream configuration: half a surrogate pair, which is not text",
                at=document.locate(join(pointer)),
                hint="write the character itself, or both halves of its pair",
            )
        pointer.append(str(step[0]))
        data = step[1]


def _is_unicode(value: Json) -> bool:
    try:
        dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return False
    return True


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
            settings["topics"] = topics_from(name, settings.get("topic_prefixes"))
        return Stream(
            name=name,
            settings=settings,
            own=own,
            document=self.document,
            pointer=pointer,
            pattern=self._pattern(name, pointer) if name.startswith("/") else None,
            has_fixed_topics=fixed,
        )

    def _pattern(self, name: str, pointer: str) -> BoundedRegex:
        body, slash, flags = name[1:].rpartition("/")
        try:
            if not slash or set(flags) - set("iu"):
                raise RegexError("it does not end in a slash")
            return compile_bounded_regex(body, flags)
        except RegexError as error:
            raise ConfigError(
                f"the name of stream {name!r} is not a regular expression: {error}",
                at=self.document.locate(pointer),
                hint="write it between slashes, such as /^mediawiki\\.job\\..+/",
            ) from None


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
