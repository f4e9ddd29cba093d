"""The versions of schemas as a site shows them, and where each of their fields came from."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from jsonschema_tools import pointers, versions
from jsonschema_tools.dereferencing import uris
from jsonschema_tools.messages import holds
from jsonschema_tools.repository import read_schema_file
from jsonschema_tools.site import origins
from jsonschema_tools.site.fields import flat, shown_fields
from jsonschema_tools.site.model import Origin, Version, latest_of
from jsonschema_tools.site.paths import OWN_FOLDER, TOP_FILES
from jsonschema_tools.values import MAX_SAFE_INTEGER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from jsonschema_tools.authoring.dependencies import Dependency
    from jsonschema_tools.catalog import SchemaFolder
    from jsonschema_tools.config import Config
    from jsonschema_tools.found_files import FoundFile
    from jsonschema_tools.repository import SchemaFile
    from jsonschema_tools.site.model import Field
    from jsonschema_tools.versions import Version as SemanticVersion


class SchemaVersions:
    """The versions of all schemas of a repository.

    Args:
        entries: the schemas.
        config: the settings of the repository.
        dates: when files were committed, as RFC 3339 says.
    """

    def __init__(
        self, entries: Sequence[SchemaFolder], config: Config, dates: Mapping[Path, str]
    ) -> None:
        self._entries = entries
        self._config = config
        self._dates = dates
        low, high = config.numeric_bounds or (-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
        self._free = (low, high)
        self._names = dict(_unique_names(entries))
        self._declared_by_name: dict[str, Mapping[str, Mapping[tuple[str, ...], Field]]] = {}

    def name(self, entry: SchemaFolder) -> str:
        """Return the folder of the pages of a schema."""
        return self._names[entry.path]

    def read(self, name: str) -> tuple[Version, ...]:
        """Return the versions of the schema of a name, before their fields are traced."""
        return self._versions[name]

    def traced(self, entry: SchemaFolder, own: Sequence[Dependency]) -> Iterator[Version]:
        """Yield the versions of a schema, with where and when each of its fields came from."""
        taken = self._taken(entry, own)
        current = entry.current.version if entry.current else None
        since: dict[tuple[str, ...], str] = {}
        for version in self._versions[self.name(entry)]:
            paths = [field.path for field in flat(version.fields)]
            since = {path: since.get(path, version.name) for path in paths}
            if current is not None and version.name == str(current):
                found: Mapping[tuple[str, ...], Origin] = {
                    path: taken[path].origin for path in paths if path in taken
                }
            else:
                found = origins.same_declarations(version.fields, taken, self._declared)
            yield replace(version, origins=found, since=since)

    @cached_property
    def _versions(self) -> Mapping[str, tuple[Version, ...]]:
        return {self.name(entry): tuple(self._read(entry)) for entry in self._entries}

    def _read(self, entry: SchemaFolder) -> Iterator[Version]:
        for named in entry.versions:
            of_version = [file for file in entry.files if file.named == named]
            main = min(of_version, key=lambda f: self._config.content_types.index(f.content_type))
            yield self._version(named, main)

    def _version(self, named: SemanticVersion, found: FoundFile) -> Version:
        file = read_schema_file(found, self._config)
        text = file.document.text if file.document else ""
        date = self._dates.get(found.path)
        if not isinstance(file.data, dict):
            return Version(str(named), file.display_path, None, text, fault_of(file), date=date)
        fields, is_cut = shown_fields(file.data, self._free)
        return Version(
            str(named), file.display_path, file.data, text, fields=fields, is_cut=is_cut, date=date
        )

    def _taken(
        self, entry: SchemaFolder, own: Sequence[Dependency]
    ) -> Mapping[tuple[str, ...], origins.Taken]:
        by_pointer = {use.reference.pointer: use for use in own}

        def follow(pointer: str) -> origins.Source | None:
            use = by_pointer.get(pointer)
            return self._source(use) if use is not None else None

        return origins.taken_from(entry.current.data if entry.current else None, follow)

    def _source(self, use: Dependency) -> origins.Source | None:
        if use.entry is None:
            return origins.Source(Origin(use.used, "", (use.label,)), None)
        name = self.name(use.entry)
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


def _unique_names(entries: Sequence[SchemaFolder]) -> Iterator[tuple[Path, str]]:
    """Yield for each folder of schemas the folder of its pages: its own name where that is free."""
    taken = {"", ".", OWN_FOLDER}
    # the folders around others first: what is in these may have the name of a page of theirs
    for entry in sorted(entries, key=lambda entry: entry.name.count("/")):
        name = entry.name.encode("utf-8", "replace").decode()  # it may be no text at all
        parts = name.split("/")
        if parts[0] in {"", ".", OWN_FOLDER}:
            parts[0] = f"~{parts[0]}"
        for depth, part in enumerate(parts):
            around = "/".join(parts[:depth])
            if part in TOP_FILES if not around else around in taken and _is_page(part):
                parts[depth] = f"{part}~"
        name = "/".join(parts)
        while name in taken:
            name = f"{name}~"
        taken.add(name)
        yield entry.path, name


def _is_page(name: str) -> bool:
    """Tell whether a name may be that of a file in the folder of a schema's pages."""
    suffixes = (".html", ".js", ".json", ".yaml")
    return name == "latest" or name.endswith(suffixes) or versions.parse(name) is not None


def fault_of(file: SchemaFile) -> str:
    """Return why a file cannot be shown."""
    if file.error is not None:
        place = f"{file.error.at}: " if file.error.at else ""
        return f"{place}{file.error.message}"
    return f"{file.display_path} {holds(file.data)}, not an object"
