"""Puts a site in place: what changed, as a whole, with a manifest of what is the site's own."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from jsonschema_tools.errors import ConfigError, Location, WriteError
from jsonschema_tools.files import is_inside, read_file
from jsonschema_tools.outputs import require_inside
from jsonschema_tools.site.paths import OWN_FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jsonschema_tools.config import Config

MANIFEST: Final = f"{OWN_FOLDER}/manifest.json"
_FORMAT: Final = 1


class Manifest(NamedTuple):
    """What a folder holds of a site.

    Attributes:
        inputs: hash of all that the site was made of.
        files: hash of each file, by path.
    """

    inputs: str
    files: Mapping[str, str]


class Written(NamedTuple):
    """What writing a site came to: files written, files removed, files in all, their bytes."""

    written: int
    removed: int
    files: int
    size: int


def digest(content: bytes) -> str:
    """Return the hash by which content is known."""
    return blake2b(content, digest_size=16).hexdigest()


def read_manifest(folder: Path) -> Manifest | None:
    """Return what a folder holds of a site; None where it holds none, or one of another format."""
    try:
        found = json.loads(read_file(folder / MANIFEST))
        if found["format"] != _FORMAT:
            return None
        return Manifest(str(found["inputs"]), {str(k): str(v) for k, v in found["files"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def is_intact(folder: Path, manifest: Manifest) -> bool:
    """Tell whether every file of a site is there as it was written."""
    return all(_hash_there(folder / path) == known for path, known in manifest.files.items())


def require_apart(folder: Path, config: Config) -> None:
    """Make sure that a site and the schemas are not in each other's folders.

    The files of the site below the schemas would be taken for schemas.

    Raises:
        ConfigError: they are.
        WriteError: the folder is a link out of the repository.
    """
    require_inside(folder.absolute(), config.folders)
    for base in config.schema_base_paths:
        if is_inside(folder, [base]) or is_inside(base, [folder]):
            raise ConfigError(
                f"{folder} cannot be the site's folder: schemas are read in {base}",
                hint="name a folder elsewhere, or set `schemaBasePath` to that of the schemas",
            )


def require_own(folder: Path) -> None:
    """Make sure that a folder is free for a site: not there, empty, or a site already.

    Raises:
        ConfigError: it holds something else.
    """
    try:
        holds_other = any(folder.iterdir()) and not os.path.lexists(folder / MANIFEST)
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise ConfigError(f"{folder} is a file", hint="name a folder for the site") from None
    except OSError as error:
        raise ConfigError(f"{folder} cannot be read: {error.strerror}") from error
    if holds_other:
        raise ConfigError(
            f"{folder} is not empty and does not contain a site",
            hint="name a new or empty folder, such as public",
        )


def write_site(folder: Path, files: Mapping[str, bytes], inputs: str) -> Written:
    """Put the files of a site into a folder, and take away those of the site that was there.

    All that changed is first written to a folder beside it. Only when that is complete, files
    take their places, each at once, the manifest last: a run that is stopped before leaves the
    old site, and one that is stopped after is completed by the next. Other files stay, also those
    that have been changed since.

    Raises:
        WriteError: the disk is full, a folder may not be written to, or a link in it leads out.
    """
    old = read_manifest(folder)
    hashes = {path: digest(content) for path, content in files.items()}
    changed = [path for path in files if _hash_there(folder / path) != hashes[path]]
    former = old.files if old else {}
    gone = [path for path in former if path not in files and _is_plain(path)]
    abroad = _abroad(folder, [MANIFEST, *changed, *gone])
    gone = [path for path in gone if os.path.dirname(path) not in abroad]  # noqa: PTH120
    gone = [path for path in gone if _hash_there(folder / path) == former[path]]
    manifest = json.dumps({"format": _FORMAT, "inputs": inputs, "files": hashes}, indent=0).encode()
    for path in (MANIFEST, *changed):
        if os.path.dirname(path) in abroad:  # noqa: PTH120
            raise WriteError(
                "a link leads out of the site's folder",
                at=Location(str(folder / path)),
                hint="remove the folder, or name another",
            )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.resolve().parent))
        try:
            new = {path: files[path] for path in changed} | {MANIFEST: manifest}
            for parent in {os.path.dirname(path) for path in new}:  # noqa: PTH120 - thousands
                (folder / parent).mkdir(parents=True, exist_ok=True)
            _stage(new.values(), staging)
            for number, path in enumerate(new):
                os.replace(f"{staging}/{number}", f"{folder}/{path}")  # noqa: PTH105
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        for path in gone:
            _remove(folder, path)
    except OSError as error:
        place = Location(str(error.filename or folder))
        raise WriteError(
            f"the site cannot be written: {error.strerror or error}", at=place
        ) from error
    return Written(len(changed), len(gone), len(files), sum(map(len, files.values())))


def _stage(contents: Iterable[bytes], staging: Path) -> None:
    """Write contents to files that are named by their numbers.

    What is the same object, as a schema file under its names, becomes one file with several names.
    """
    written: dict[int, int] = {}
    for number, content in enumerate(contents):
        first = written.setdefault(id(content), number)
        if first != number:
            try:
                os.link(f"{staging}/{first}", f"{staging}/{number}")
                continue
            except OSError:  # not every file system has links
                pass
        with open(f"{staging}/{number}", "wb") as file:  # noqa: PTH123
            file.write(content)


def _hash_there(path: Path) -> str | None:
    try:
        return digest(read_file(path))
    except (OSError, ValueError):
        return None


def _is_plain(path: str) -> bool:
    """Tell whether a path of a manifest may be of a site: it may have been tampered with.

    It is in the folder, and in no folder whose name begins with a dot, such as that of git.
    """
    *folders, name = path.split("/")
    return name not in {"", ".", ".."} and not any(
        part == "" or part.startswith(".") for part in folders
    )


def _abroad(folder: Path, paths: Iterable[str]) -> set[str]:
    """Return the folders of some files of a site that really are elsewhere, by a link."""
    parents = {os.path.dirname(path) for path in paths}  # noqa: PTH120 - thousands
    return {parent for parent in parents if not is_inside(folder / parent, [folder])}


def _remove(folder: Path, path: str) -> None:
    """Remove a file, and the folders that it leaves empty."""
    (folder / path).unlink(missing_ok=True)
    for parent in (folder / path).parents:
        if parent == folder or not parent.is_relative_to(folder):
            return
        try:
            parent.rmdir()
        except OSError:
            return
