"""The current files that a user means by a path or a title."""

from __future__ import annotations

import os.path
from pathlib import Path
from typing import TYPE_CHECKING

from jsonschema_tools.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jsonschema_tools.catalog import Entry
    from jsonschema_tools.config import Config


def select(names: Iterable[str], entries: Sequence[Entry], config: Config) -> list[Entry]:
    """Return the entries that names mean, each once, in the order in which they are named.

    Args:
        names: paths of current files or folders relative to the working directory, or titles or
            what these begin with.
        entries: what the repository holds.
        config: the repository's settings.

    Raises:
        ConfigError: a name means no current file of the repository.
    """
    found: dict[Path, Entry] = {}
    for name in names:
        for entry in _meant(name, entries, config):
            found.setdefault(entry.path, entry)
    return list(found.values())


def _meant(name: str, entries: Sequence[Entry], config: Config) -> list[Entry]:
    with_current = [entry for entry in entries if entry.current is not None]
    titled = [entry for entry in with_current if _is_called(entry, name.strip("/"))]
    path = Path(os.path.normpath(config.root / name))
    if titled and not path.exists():
        return titled
    if path.is_file() and path.name != config.current_name:
        raise ConfigError(
            f"{name} is not a current file", hint=f"name the {config.current_name} beside it"
        )
    folder = path.parent if path.name == config.current_name else path
    inside = [entry for entry in with_current if _is_below(entry.path, folder)]
    if path != folder:
        inside = [entry for entry in inside if entry.path.resolve() == folder.resolve()]
    if not (inside or titled):
        raise _unknown(name, path, with_current, config)
    return inside or titled


def _is_called(entry: Entry, name: str) -> bool:
    """Tell whether a name is a schema's title, or the beginning of it such as a namespace."""
    return any(f"{text}/".startswith(f"{name}/") for text in (entry.title, entry.name))


def _is_below(path: Path, folder: Path) -> bool:
    return path.is_relative_to(folder) or path.resolve().is_relative_to(folder.resolve())


def _unknown(name: str, path: Path, entries: Iterable[Entry], config: Config) -> ConfigError:
    from difflib import get_close_matches

    close = get_close_matches(name, {text for e in entries for text in (e.title, e.shown)}, n=1)
    bases = ", ".join(config.shown(base) for base in config.schema_base_paths)
    hint = f"did you mean {close[0]}?" if close else f"schemas are looked for below {bases}"
    what = f"no {config.current_name} below {name}" if path.is_dir() else f"schema {name} not"
    return ConfigError(f"{what} found", hint=hint)
