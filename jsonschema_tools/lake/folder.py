"""The folder of the tables: one loader at a time."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from jsonschema_tools.errors import ConfigError, Location

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_LOCK = "_load.lock"


@contextmanager
def locked(folder: Path) -> Iterator[Path]:
    """Keep other loaders out of a folder, which is made if need be; a killed one holds no lock.

    Raises:
        ConfigError: another loader is at work there, or the folder cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / _LOCK).open("a") as file:
            _lock(file.fileno())
            yield folder
    except BlockingIOError:
        hint = "wait until it is done, or load into another folder"
        raise ConfigError("another load is at work", at=Location(str(folder)), hint=hint) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigError(f"cannot be written to: {reason}", at=Location(str(folder))) from None


def _lock(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        return
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
