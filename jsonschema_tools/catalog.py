"""What a repository holds, folder by folder: read from names and current files alone.

Versioned files are counted by their names and not read, which makes this far quicker than
`repository.scan` where only titles and versions are asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jsonschema_tools.found_files import find_files
from jsonschema_tools.repository import is_ignored, read_schema_file
from jsonschema_tools.versions import latest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from jsonschema_tools.config import Config
    from jsonschema_tools.errors import SchemaToolsError
    from jsonschema_tools.found_files import FoundFile
    from jsonschema_tools.repository import SchemaFile
    from jsonschema_tools.versions import Version


@dataclass(frozen=True, slots=True)
class SchemaFolder:
    """A folder that holds the versions of one title.

    Attributes:
        title: the current file's title; the folder if there is none.
        name: the folder relative to its base path, which references are made of.
        path: the folder, absolute.
        display_path: the folder as messages show it.
        current: the current file, read; None if there is none.
        files: the versioned files, the oldest version first.
        fragment: whether it is a fragment, as `fragmentSchemas` says.
    """

    title: str
    name: str
    path: Path
    display_path: str
    current: SchemaFile | None
    files: tuple[FoundFile, ...]
    fragment: bool

    @property
    def versions(self) -> tuple[Version, ...]:
        """The versions that were materialized, oldest first."""
        return tuple(dict.fromkeys(file.named for file in self.files if file.named is not None))

    @property
    def latest(self) -> Version | None:
        """The latest version; a prerelease only where there is no release."""
        return latest(self.versions)

    def file_of(self, version: Version | None, content_types: Iterable[str]) -> FoundFile | None:
        """Return the file of a version, of the first content type that it has."""
        files = [file for file in self.files if file.named == version]
        by_type = {file.content_type: file for file in files}
        first = (by_type[kind] for kind in content_types if kind in by_type)
        return next(first, files[0] if files else None)


def catalog(config: Config) -> tuple[SchemaFolder, ...]:
    """Return the folders of schemas below the base paths, by title; leaves out `ignoreSchemas`."""
    folders: dict[Path, list[FoundFile]] = {}
    for found in find_files(config):
        folders.setdefault(found.path.parent, []).append(found)
    entries = (_entry(files, config) for files in folders.values())
    return tuple(
        sorted((e for e in entries if e is not None), key=lambda e: (e.title, e.display_path))
    )


def unreadable(entries: Iterable[SchemaFolder]) -> list[SchemaToolsError]:
    """Return why current files could not be read."""
    currents = [entry.current for entry in entries if entry.current is not None]
    return [file.error for file in currents if file.error is not None]


def _entry(files: list[FoundFile], config: Config) -> SchemaFolder | None:
    current = next((read_schema_file(file, config) for file in files if file.current), None)
    if current is not None and is_ignored(current, config):
        return None
    first = files[0]
    title = current.title if current else first.folder
    versioned = [(file.named, file.display_path, file) for file in files if file.named is not None]
    return SchemaFolder(
        title,
        first.folder,
        first.path.parent,
        config.display_path(first.path.parent),
        current,
        tuple(file for *_, file in sorted(versioned, key=lambda item: item[:2])),
        config.fragment_schemas.match(title),
    )
