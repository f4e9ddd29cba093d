"""From a repository to what its site shows: the one place of the site that reads schemas."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from jsonschema_tools import pointers
from jsonschema_tools.authoring.dependencies import uses
from jsonschema_tools.authoring.diff import Side, VersionDiff
from jsonschema_tools.catalog import catalog
from jsonschema_tools.dereferencing import uris
from jsonschema_tools.repository import read_schema_file
from jsonschema_tools.site import origins
from jsonschema_tools.site.fields import fields_of, flat
from jsonschema_tools.site.model import (
    Neighbour,
    Origin,
    SchemaInfo,
    Site,
    StreamInfo,
    Version,
    WaiverNote,
    latest_of,
)
from jsonschema_tools.site.paths import OWN_FOLDER
from jsonschema_tools.values import MAX_SAFE_INTEGER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from jsonschema_tools.authoring.dependencies import Use
    from jsonschema_tools.catalog import Entry
    from jsonschema_tools.config import Config, Waiver
    from jsonschema_tools.repository import FoundFile, SchemaFile
    from jsonschema_tools.site.model import Field
    from jsonschema_tools.versions import Version as SemanticVersion

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
        self._dates = dates
        self._streams: dict[str, list[str]] = defaultdict(list)
        for stream in streams:
            self._streams[stream.schema_title].append(stream.name)
        low, high = config.numeric_bounds or (-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
        self._free = (low, high)
        self._entries = catalog(config)
        self._names = dict(_unique_names(self._entries))

    @cached_property
    def _uses(self) -> Sequence[Use]:
        return uses(self._entries, self._config)

    @cached_property
    def _versions(self) -> Mapping[str, tuple[Version, ...]]:
        """The versions of each schema by its folder, before their fields are traced."""
        return {self._name(entry): tuple(self._read(entry)) for entry in self._entries}

    def _name(self, entry: Entry) -> str:
        return self._names[entry.path]

    def schemas(self) -> Iterator[SchemaInfo]:
        users: dict[str, list[Use]] = defaultdict(list)
        own: dict[str, list[Use]] = defaultdict(list)
        for use in self._uses:
            own[self._name(use.user)].append(use)
            if use.entry is not None:
                users[self._name(use.entry)].append(use)
        for entry in self._entries:
            name = self._name(entry)
            versions = tuple(self._traced(entry, own[name]))
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

    # ------------------------------------------------------------------------ versions

    def _read(self, entry: Entry) -> Iterator[Version]:
        for named in entry.versions:
            of_version = [file for file in entry.files if file.named == named]
            main = min(of_version, key=lambda f: self._config.content_types.index(f.content_type))
            yield self._version(named, main)

    def _version(self, named: SemanticVersion, found: FoundFile) -> Version:
        file = read_schema_file(found, self._config)
        text = file.document.text if file.document else ""
        date = self._dates.get(found.path)
        if not isinstance(file.data, dict):
            return Version(str(named), file.display_path, None, text, _fault(file), date=date)
        try:
            fields = fields_of(file.data, self._free)
        except RecursionError:
            fault = "the schema is nested too deeply to be shown"
            return Version(str(named), file.display_path, None, text, fault, date=date)
        return Version(str(named), file.display_path, file.data, text, fields=fields, date=date)

    def _traced(self, entry: Entry, own: Sequence[Use]) -> Iterator[Version]:
        """Yield the versions of a schema, with where and when each of its fields came from."""
        taken = self._taken(entry, own)
        current = entry.current.version if entry.current else None
        since: dict[tuple[str, ...], str] = {}
        for version in self._versions[self._name(entry)]:
            paths = [field.path for field in flat(version.fields)]
            since = {path: since.get(path, version.name) for path in paths}
            if current is not None and version.name == str(current):
                found: Mapping[tuple[str, ...], Origin] = {
                    path: taken[path].origin for path in paths if path in taken
                }
            else:
                found = origins.same_declarations(version.fields, taken, self._declared)
            yield replace(version, origins=found, since=since)

    def _taken(self, entry: Entry, own: Sequence[Use]) -> Mapping[tuple[str, ...], origins.Taken]:
        by_pointer = {use.reference.pointer: use for use in own}

        def follow(pointer: str) -> origins.Source | None:
            use = by_pointer.get(pointer)
            return self._source(use) if use is not None else None

        try:
            return origins.taken_from(entry.current.data if entry.current else None, follow)
        except RecursionError:
            return {}

    def _source(self, use: Use) -> origins.Source | None:
        if use.entry is None:
            return origins.Source(Origin(use.used, "", (use.label,)), None)
        name = self._name(use.entry)
        versions = self._versions[name]
        latest = latest_of(versions)
        wanted = str(use.pinned) if use.pinned else latest.name if latest else ""
        version = next((v for v in versions if v.name == wanted), None)
        origin = Origin(use.used, name, (wanted or use.label,))
        if version is None or version.schema is None:
            return origins.Source(origin, None)
        fragment = uris.decode(use.reference.ref.partition("#")[2])
        try:
            data = pointers.follow(version.schema, fragment)
        except KeyError:
            return origins.Source(origin, None)
        return origins.Source(origin, data, tuple(pointers.split(fragment)))

    def _declared(self, name: str) -> Mapping[str, Mapping[tuple[str, ...], Field]]:
        if name not in self._declared_by_name:
            self._declared_by_name[name] = {
                version.name: {field.path: field for field in flat(version.fields)}
                for version in self._versions.get(name, ())
            }
        return self._declared_by_name[name]

    @cached_property
    def _declared_by_name(self) -> dict[str, Mapping[str, Mapping[tuple[str, ...], Field]]]:
        return {}

    # ------------------------------------------------------------------------ what is around

    def _neighbour(self, use: Use, entry: Entry | None, title: str) -> Neighbour:
        name = self._name(entry) if entry is not None else ""
        used = self._versions[self._name(use.entry)] if use.entry is not None else ()
        latest = latest_of(used)
        newest = latest.name if latest is not None else None
        is_old = use.pinned is not None and newest is not None and str(use.pinned) != newest
        return Neighbour(title, name, use.label, newest if is_old else None)

    def _waivers(self, entry: Entry, versions: Sequence[Version]) -> Iterator[WaiverNote]:
        identifiers = {version.identifier for version in versions if version.identifier}
        if entry.current is not None and entry.current.id:
            identifiers.add(entry.current.id)
        for waiver in self._config.waivers:
            if any(waiver.pattern.search(identifier) for identifier in identifiers):
                yield _note(waiver)

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


def _unique_names(entries: Sequence[Entry]) -> Iterator[tuple[Path, str]]:
    """Yield for each folder of schemas the folder of its pages: its own name where that is free."""
    taken = {"", ".", OWN_FOLDER}
    for entry in entries:
        first = entry.name.partition("/")[0]
        name = f"~{entry.name}" if first in {"", ".", OWN_FOLDER} else entry.name
        while name in taken:
            name = f"{name}~"
        taken.add(name)
        yield entry.path, name


def _fault(file: SchemaFile) -> str:
    if file.error is not None:
        place = f"{file.error.at}: " if file.error.at else ""
        return f"{place}{file.error.message}"
    what = "is empty" if file.data is None else f"holds a {type(file.data).__name__}"
    return f"{file.display_path} {what}, not an object"


def _faults(entry: Entry) -> Iterator[str]:
    """Yield what is wrong with a schema as a whole."""
    current = entry.current
    if current is None:
        yield f"{entry.display_path} has versions, but no current file"
    elif not isinstance(current.data, dict):
        yield _fault(current)
    elif not entry.files:
        yield f"{current.display_path} has not been materialized yet: it has no version"
    elif current.version is not None and current.version not in entry.versions:
        yield f"version {current.version} of {current.display_path} has not been materialized yet"


def _raw(entry: Entry, config: Config) -> Iterator[tuple[str, bytes]]:
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
