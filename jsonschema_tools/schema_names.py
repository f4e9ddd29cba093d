"""What a user means by the name of a schema: a file, a folder, a title, or what titles begin with.

Every command that takes schemas asks here, so that one name means the same to all of them.
"""

from __future__ import annotations

import os.path
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from jsonschema_tools.errors import ConfigError, Location, ReadError
from jsonschema_tools.messages import closest

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from jsonschema_tools.catalog import SchemaFolder
    from jsonschema_tools.config import Config


def select(
    names: Iterable[str], entries: Sequence[SchemaFolder], config: Config
) -> list[SchemaFolder]:
    """Return the entries with a current file that names mean, each once, in the order of the names.

    Args:
        names: paths of current files or folders relative to the working directory, or titles or
            what these begin with.
        entries: what the repository holds.
        config: the repository's settings.

    Raises:
        ConfigError: a name means no current file of the repository.
    """
    found: dict[Path, SchemaFolder] = {}
    for name in names:
        for entry in _meant(name, entries, config):
            found.setdefault(entry.path, entry)
    return list(found.values())


def titled(name: str, entries: Iterable[SchemaFolder]) -> list[SchemaFolder]:
    """Return the entries whose title, or folder below a base path, is a name or begins with it."""
    start = name.strip("/")
    return [entry for entry in entries if start and _is_called(entry, start)]


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that a name means.

    Attributes:
        path: absolute path.
        display_path: what messages call it.
    """

    path: Path
    display_path: str


class SchemaNames:
    """The files to materialize that names mean.

    Args:
        config: the repository's settings.
    """

    def __init__(self, config: Config) -> None:
        self._config = config

    @cached_property
    def _entries(self) -> tuple[SchemaFolder, ...]:
        from jsonschema_tools.catalog import catalog  # files that are named need none

        try:
            return catalog(self._config)
        except ConfigError:  # no base path: then nothing is called by a title
            return ()

    def files(self, name: str) -> list[NamedFile]:
        """Return the files that a name means: the file of that path, or else current files.

        A folder is not one, unless it is called as a title is: what is to be written is named.

        Raises:
            ReadError: it is neither a file nor a title.
        """
        path = self._config.argument(name)
        if os.path.lexists(path) and not path.is_dir():
            return [NamedFile(path, name)]
        files = [entry.current for entry in titled(name, self._entries) if entry.current]
        if not files:
            raise self._unknown(name, path)
        return [NamedFile(file.path, file.display_path) for file in files]

    def _unknown(self, name: str, path: Path) -> ReadError:
        if not path.is_dir():
            hint = unknown(name, self._entries, self._config).hint
            return ReadError("no such file or title", at=Location(name), hint=hint)
        inside = [entry for entry in self._entries if entry.current and entry.path == path]
        title = f", or {inside[0].title}, its title" if inside else ""
        hint = f"name the file in it, such as {self._config.current_name}{title}"
        return ReadError("this is a folder", at=Location(name), hint=hint)


def _meant(name: str, entries: Sequence[SchemaFolder], config: Config) -> list[SchemaFolder]:
    with_current = [entry for entry in entries if entry.current is not None]
    called = titled(name, with_current)
    path = config.argument(name)
    if called and not path.exists():
        return called
    if path.is_file() and path.name != config.current_name:
        raise ConfigError(
            f"{name} is not a current file", hint=f"name the {config.current_name} beside it"
        )
    folder = path.parent if path.name == config.current_name else path
    inside = [entry for entry in with_current if _is_below(entry.path, folder)]
    if path != folder:
        inside = [entry for entry in inside if entry.path.resolve() == folder.resolve()]
    if not (inside or called):
        raise unknown(name, with_current, config)
    return inside or called


def _is_called(entry: SchemaFolder, name: str) -> bool:
    return any(f"{text}/".startswith(f"{name}/") for text in (entry.title, entry.name))


def _is_below(path: Path, folder: Path) -> bool:
    return path.is_relative_to(folder) or path.resolve().is_relative_to(folder.resolve())


def unknown(name: str, entries: Iterable[SchemaFolder], config: Config) -> ConfigError:
    """Return the error for a name that means nothing, with what may have been meant."""
    close = closest(name, {text for e in entries for text in (e.title, e.display_path)})
    bases = ", ".join(config.display_path(base) for base in config.schema_base_paths)
    hint = f"did you mean {close}?" if close else f"schemas are looked for below {bases}"
    is_folder = config.argument(name).is_dir()
    what = f"no {config.current_name} below {name}" if is_folder else f"schema {name} not"
    return ConfigError(f"{what} found", hint=hint)
