"""Files as git holds them, in a commit or in the index, and their content."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jsonschema_tools.documents import MAX_SIZE
from jsonschema_tools.errors import GitError
from jsonschema_tools.files import read_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from jsonschema_tools.git.process import Git

_MOST = MAX_SIZE + 1  # bytes: what is longer is not read, and said to be too large
_TOO_LARGE = bytes(_MOST)


@dataclass(frozen=True, slots=True)
class GitFile:
    """A file in a commit or in the index, not read yet.

    Attributes:
        blob: git's name of its content.
        is_link: whether it is a symbolic link.
    """

    blob: str
    is_link: bool

    def matches(self, path: Path) -> bool:
        """Tell whether a file of the working tree has this content, line endings aside."""
        try:
            if path.is_symlink() != self.is_link:
                return False
            content = os.fsencode(path.readlink()) if self.is_link else read_file(path, _MOST)
        except OSError:
            return False
        return self.blob in {self._name(content), self._name(content.replace(b"\r\n", b"\n"))}

    def _name(self, content: bytes) -> str:
        import hashlib

        algorithm = "sha1" if len(self.blob) == 40 else "sha256"
        return hashlib.new(algorithm, b"blob %d\0%b" % (len(content), content)).hexdigest()


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as git holds it.

    Attributes:
        content: its bytes; of a symbolic link its target.
        is_link: whether it is a symbolic link.
    """

    content: bytes
    is_link: bool

    @property
    def target(self) -> str | None:
        """What it links to; None where it is not a link."""
        return os.fsdecode(self.content) if self.is_link else None


def read_files(entries: Mapping[Path, GitFile], git: Git) -> dict[Path, StoredFile]:
    """Read the content of entries, see `WorkTree.read`."""
    names = list(dict.fromkeys(entry.blob for entry in entries.values()))
    sizes = map(_size, _cat_file("--batch-check", names, git).splitlines())
    small = [name for name, size in zip(names, sizes, strict=True) if size < _MOST]
    contents = dict.fromkeys(names, _TOO_LARGE)
    contents |= zip(small, _objects(_cat_file("--batch", small, git)), strict=True)
    return {
        path: StoredFile(contents[entry.blob], entry.is_link) for path, entry in entries.items()
    }


def _cat_file(how: str, names: Sequence[str], git: Git) -> bytes:
    request = "".join(f"{name}\n" for name in names).encode()
    return git.run("cat-file", how, stdin=request) if names else b""


def _objects(output: bytes) -> Iterator[bytes]:
    """Yield the contents in the output of `git cat-file --batch`."""
    start = 0
    while start < len(output):
        end = output.index(b"\n", start)
        start = end + 1 + _size(output[start:end])
        yield output[end + 1 : start]
        start += 1


def _size(line: bytes) -> int:
    """Return the size of an object, from the line that `git cat-file --batch` begins it with."""
    name, *facts = line.split(b" ")
    if len(facts) != 2:  # "NAME missing"
        raise GitError(
            f"git lacks the content {name.decode()}",
            hint="fetch the whole history: git fetch --refetch, or clone again",
        )
    return int(facts[1])
