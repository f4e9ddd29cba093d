"""The files of a repository that hold schemas by their names; nothing is read."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from jsonschema_tools import versions
from jsonschema_tools.errors import ConfigError, Location, ReadError
from jsonschema_tools.files import is_inside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.config import Config
    from jsonschema_tools.versions import Version

_SKIPPED_FOLDERS = {"node_modules", "__pycache__"}
_SHOWN = 200  # characters of a path in a message, which may be as long as the system allows


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file whose name says that it holds a schema; not read yet.

    Attributes:
        path: absolute path.
        display_path: path as messages show it, relative to the working directory.
        folder: its folder relative to the base path, such as `my_namespace/thing_happened`.
        content_type: its extension, `yaml` or `json`.
        current: whether it is the file that authors edit.
        named: the version in its name; None for the current file.
        outside: whether a symbolic link leads it out of the repository.
    """

    path: Path
    display_path: str
    folder: str
    content_type: str
    current: bool
    named: Version | None
    outside: bool = False


def find_files(config: Config) -> list[FoundFile]:
    """Return the schema files below the base paths, sorted by path; reads none of them.

    Raises:
        ConfigError: a base path is not a folder, or a folder cannot be read.
    """
    found = {}
    for base in config.schema_base_paths:
        if not base.is_dir():
            raise ConfigError(
                f"folder {config.display_path(base)} not found",
                hint="`schemaBasePath` says where the schemas are",
            )
        for path, linked in _walk(base):
            if (file := as_found(path, base, config)) and path not in found:
                outside = linked and not is_inside(path, config.folders)
                found[path] = replace(file, outside=True) if outside else file
    return sorted(found.values(), key=lambda file: file.display_path)


def explain_none(config: Config) -> None:
    """Refuse a repository in which no schema was found although there seem to be some.

    Raises:
        ConfigError: it says which setting passes over them.
    """
    bases = ", ".join(map(config.display_path, config.schema_base_paths))
    for folder in (*config.schema_base_paths, config.root):
        for path, _ in _walk(folder):
            if (why := _passed_over(path, config)) is not None:
                raise ConfigError(
                    f"no {config.current_name} found below {bases}, "
                    f"but there is {config.display_path(path)}",
                    hint=why,
                )


def _passed_over(path: Path, config: Config) -> str | None:
    """Return why a file that looks like a current file is not one."""
    stem, _, extension = path.name.rpartition(".")
    if path.name != config.current_name:
        usual = stem == "current" and extension in {"yaml", "yml", "json"}
        default = config.current_name == f"current.{config.content_types[0]}"
        note = ", as the first of `contentTypes` has it" if default else ""
        return f"`currentName` is {config.current_name}{note}" if usual else None
    if extension not in config.content_types:
        return f"`contentTypes` does not have {extension}"
    return None if _is_below(path, config) else "`schemaBasePath` says where the schemas are"


def _is_below(path: Path, config: Config) -> bool:
    return any(path.is_relative_to(base) for base in config.schema_base_paths)


def as_found(path: Path, base: Path, config: Config) -> FoundFile | None:
    """Return what a path's name says of the schema file there, or None if it is none."""
    stem, _, extension = path.name.rpartition(".")
    if extension not in config.content_types:
        return None
    current = path.name == config.current_name
    named = None if current else versions.parse(stem)
    if not current and named is None:
        return None
    folder = path.parent.relative_to(base).as_posix()
    return FoundFile(path, config.display_path(path), folder, extension, current, named)


def _walk(base: Path) -> Iterator[tuple[Path, bool]]:
    """Yield files below a folder, and whether a link led to them.

    Follows links to folders, each real folder once: by its own name, or else by the first link in
    the order of their paths, so that the order of the file system does not matter.
    """
    seen: set[tuple[int, int]] = set()
    folders = [(str(base), False)]
    links: list[str] = []
    while folders or links:
        if not folders:
            first = min(links)
            links.remove(first)
            folders.append((first, True))
        folder, linked = folders.pop()
        try:
            status = os.stat(folder)  # noqa: PTH116 - a hot loop over plain strings
            entries = list(os.scandir(folder))
        except (FileNotFoundError, NotADirectoryError):
            continue  # gone in the meantime
        except OSError as error:
            raise ConfigError(
                f"cannot read the folder {_shortened(folder)}: {error.strerror}",
                hint="make it readable, or move it out of the base paths",
            ) from None
        if (status.st_dev, status.st_ino) in seen:
            continue
        seen.add((status.st_dev, status.st_ino))
        for entry in entries:
            if _is_folder(entry):
                if entry.name.startswith(".") or entry.name in _SKIPPED_FOLDERS:
                    continue
                if entry.is_symlink():
                    links.append(entry.path)
                else:
                    folders.append((entry.path, linked))
            else:
                yield Path(entry.path), linked or entry.is_symlink()


def _shortened(folder: str) -> str:
    return folder if len(folder) <= _SHOWN else f"{folder[:_SHOWN]}…"


def is_walked(path: Path, base: Path) -> bool:
    """Tell whether schemas are looked for in the folder of a path below a base path."""
    return not any(
        part.startswith(".") or part in _SKIPPED_FOLDERS
        for part in path.parent.relative_to(base).parts
    )


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a loop of links
        return False


def link_out_error(path: Path, display_path: str) -> ReadError:
    """Return the error of a file that a link leads out of the repository."""
    return ReadError(
        f"a symbolic link leads out of the repository, to {os.path.realpath(path)}",
        at=Location(display_path),
        hint="copy the file into the repository, or add its folder to `schemaBasePath`",
    )
