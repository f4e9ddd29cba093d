"""What a site is made of, as one hash: the same hash, the same site."""

from __future__ import annotations

from hashlib import blake2b
from importlib import resources
from typing import TYPE_CHECKING

from jsonschema_tools._version import __version__
from jsonschema_tools.files import read_file
from jsonschema_tools.found_files import find_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from jsonschema_tools.config import Config
    from jsonschema_tools.site.collect import Options


def hash_of_inputs(config: Config, options: Options, today: date, head: str) -> str | None:
    """Return a hash of all that decides what a site holds; None where that cannot be known.

    Args:
        config: the settings of the repository.
        options: what the caller says of the site.
        today: the day, which waivers may run out on.
        head: the commit that dates are taken from; empty where there is none.
    """
    if any(source.startswith(("http://", "https://")) for source in config.stream_configs):
        return None
    expired = [str(w.until) for w in config.waivers if w.until is not None and w.until < today]
    hasher = blake2b(digest_size=16)
    for part in (__version__, repr(options), head, repr(_settings(config)), *expired):
        hasher.update(f"{part}\0".encode("utf-8", "surrogatepass"))
    for name, content in (*_own(), *_read(config)):
        hasher.update(f"{name}\0{len(content)}\0".encode("utf-8", "surrogatepass"))
        hasher.update(content)
    return hasher.hexdigest()


def _settings(config: Config) -> Iterable[object]:
    """Return the settings without the places where they are; the folder itself does not matter."""
    skipped = {"root", "working_directory", "schema_base_paths", "files", "log_level"}
    names = [name for name in config.__dataclass_fields__ if name not in skipped]
    return [(name, getattr(config, name)) for name in names]


def _own() -> Iterator[tuple[str, bytes]]:
    """Yield the code and templates that make pages, so that a new one makes them anew."""
    root = resources.files(__package__)
    for folder in (root, root / "templates", root / "static"):
        for item in sorted(folder.iterdir(), key=lambda item: item.name):
            if item.is_file():
                yield item.name, item.read_bytes()


def _read(config: Config) -> Iterator[tuple[str, bytes]]:
    for file in find_files(config):
        yield file.display_path, _content(file.path)
    for source in config.stream_configs:
        yield source, _content(config.root / source.removeprefix("file://"))


def _content(path: object) -> bytes:
    try:
        return read_file(str(path))
    except (OSError, ValueError):
        return b"\0unreadable"
