"""From a repository to what its site shows: the one place of the site that reads schemas."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from jsonschema_tools.authoring.dependencies import uses
from jsonschema_tools.authoring.diff import Side, VersionDiff
from jsonschema_tools.catalog import catalog
from jsonschema_tools.config_values import Waivers
from jsonschema_tools.site.model import (
    Neighbour,
    SchemaInfo,
    Site,
    StreamInfo,
    Version,
    WaiverNote,
    latest_of,
)
from jsonschema_tools.site.schema_versions import SchemaVersions, fault_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from jsonschema_tools.authoring.dependencies import Dependency
    from jsonschema_tools.catalog import SchemaFolder
    from jsonschema_tools.config import Config
    from jsonschema_tools.config_values import Waiver

_DEPRECATED = re.compile(r"\bdeprecated\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Options:
    """What the caller says of a site.

    Attributes:
        heading: what the site calls itself.
        url: the address that it will have; empty where that is not known.
        intake: the address that events are sent to.
        events_page: where events are seen as they come, relative to the root; empty for nowhere.
    """

    heading: str = "Schemas"
    url: str = ""
    intake: str = "http://localhost:8192/v1/events"
    events_page: str = ""


def collect(config: Config, options: Options, dates: Mapping[Path, str]) -> Site:
    """Read a repository; a file that cannot be read becomes a page that says so.

    Args:
        config: the settings of the repository.
        options: what the caller says.
        dates: when files were committed, as RFC 3339 says.

    Raises:
        ConfigError: a base path is not a folder, or the stream configuration cannot be read.
    """
    streams = _streams(config)
    collector = _Collector(config, dates, streams)
    url = f"{options.url.rstrip('/')}/" if options.url else ""
    return Site(
        options.heading,
        url,
        options.intake,
        tuple(collector.schemas()),
        streams,
        bool(config.stream_configs),
        bounds=config.numeric_bounds,
        policy=config.compatibility_policy,
        events_page=options.events_page,
        waivers=tuple(sorted(map(_note, config.waivers), key=lambda w: (w.until or "~", w.check))),
    )


class _Collector:
    def __init__(
        self, config: Config, dates: Mapping[Path, str], streams: Sequence[StreamInfo]
    ) -> None:
        self._config = config
        self._all_waivers = Waivers(config.waivers)
        self._streams: dict[str, list[str]] = defaultdict(list)
        for stream in streams:
            self._streams[stream.schema_title].append(stream.name)
        self._entries = catalog(config)
        self._versions = SchemaVersions(self._entries, config, dates)

    @cached_property
    def _uses(self) -> Sequence[Dependency]:
        return uses(self._entries, self._config)

    def schemas(self) -> Iterator[SchemaInfo]:
        users: dict[str, list[Dependency]] = defaultdict(list)
        own: dict[str, list[Dependency]] = defaultdict(list)
        for use in self._uses:
            own[self._versions.name(use.user)].append(use)
            if use.entry is not None:
                users[self._versions.name(use.entry)].append(use)
        for entry in self._entries:
            name = self._versions.name(entry)
            versions = tuple(self._versions.traced(entry, own[name]))
            info = SchemaInfo(entry.title, name, entry.fragment, versions=versions)
            description = info.latest.description if info.latest else ""
            yield replace(
                info,
                is_deprecated=_DEPRECATED.search(description) is not None,
                faults=tuple(_faults(entry)),
                streams=tuple(self._streams.get(entry.title, ())),
                uses=_distinct(self._neighbour(use, use.entry, use.used) for use in own[name]),
                used_by=_distinct(
                    self._neighbour(use, use.user, use.user.title) for use in users[name]
                ),
                waivers=tuple(self._waivers(entry, versions)),
                diffs=tuple(self._diffs(entry.title, versions)),
                raw=dict(_raw(entry, self._config)),
            )

    def _neighbour(self, use: Dependency, entry: SchemaFolder | None, title: str) -> Neighbour:
        name = self._versions.name(entry) if entry is not None else ""
        used = self._versions.read(self._versions.name(use.entry)) if use.entry is not None else ()
        latest = latest_of(used)
        newest = latest.name if latest is not None else None
        is_old = use.pinned is not None and newest is not None and str(use.pinned) != newest
        return Neighbour(title, name, use.label, newest if is_old else None)

    def _waivers(self, entry: SchemaFolder, versions: Sequence[Version]) -> Iterator[WaiverNote]:
        identifiers = {version.identifier for version in versions if version.identifier}
        if entry.current is not None and entry.current.id:
            identifiers.add(entry.current.id)
        return map(_note, self._all_waivers.all_of(identifiers))

    def _diffs(self, title: str, versions: Sequence[Version]) -> Iterator[VersionDiff]:
        old: Side | None = None
        for version in versions:
            if version.schema is not None:
                new = side_of(title, version)
                config = self._config
                yield VersionDiff(old, new, config.numeric_bounds, config.compatibility_policy)
                old = new


def side_of(title: str, version: Version) -> Side:
    """Return a version as `diff` compares it; it must be one that can be read."""
    return Side(title, version.name, version.path, version.schema or {}, version.text)


def _distinct(found: Iterator[Neighbour]) -> tuple[Neighbour, ...]:
    return tuple(dict.fromkeys(found))


def _faults(entry: SchemaFolder) -> Iterator[str]:
    """Yield what is wrong with a schema as a whole."""
    current = entry.current
    if current is None:
        yield f"{entry.display_path} has versions, but no current file"
    elif not isinstance(current.data, dict):
        yield fault_of(current)
    elif not entry.files:
        yield f"{current.display_path} has not been materialized yet: it has no version"
    elif current.version is not None and current.version not in entry.versions:
        yield f"version {current.version} of {current.display_path} has not been materialized yet"


def _raw(entry: SchemaFolder, config: Config) -> Iterator[tuple[str, bytes]]:
    """Yield the files that are published: versions and `latest`, with and without extension.

    Links are followed, as hosts of files have none; names without extension are made where the
    repository has none.
    """
    from jsonschema_tools.files import read_file

    main: dict[str, bytes] = {}
    for file in entry.files:
        if file.outside or file.named is None:
            continue
        try:
            content = read_file(file.path)
        except (OSError, ValueError):
            continue
        version = str(file.named)
        yield file.path.name, content
        if file.named == entry.latest:
            yield f"latest.{file.content_type}", content
        if version not in main or file.content_type == config.content_types[0]:
            main[version] = content
    for version, content in main.items():
        yield version, content
        if version == str(entry.latest):
            yield "latest", content


def _note(waiver: Waiver) -> WaiverNote:
    return WaiverNote(
        waiver.check,
        waiver.pattern.pattern,
        waiver.reason or "",
        waiver.ticket or "",
        waiver.owner or "",
        waiver.until.isoformat() if waiver.until else "",
    )


def _streams(config: Config) -> tuple[StreamInfo, ...]:
    if not config.stream_configs:
        return ()
    from jsonschema_tools.events.stream_files import load_streams  # imports the events

    return tuple(
        StreamInfo(
            stream.name,
            stream.schema_title or "",
            tuple(map(str, topics if isinstance(topics := stream.topics(), list) else ())),
            {k: v for k, v in stream.settings.items() if k not in {"topics", "stream"}},
        )
        for stream in load_streams(config).streams.values()
    )
