"""What is written to disk: files and links as values, put in place whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jsonschema_tools.errors import Location, WriteError
from jsonschema_tools.files import leads_out, read_file

if TYPE_CHECKING:
    from collections.abc import Sequence

TEMPORARY = ".jsonschema-tools-tmp"
"""How the names of files end that were not put in place yet."""

# Patterns are strings, which `re` compiles when they are first used: not at start-up.
_DESCRIPTOR = "(?a)/dev/(stdout|stderr)|(?:/dev|/proc/self)/fd/([0-9]{1,6})"
_STREAMS = {"stdout": 1, "stderr": 2}
_LEFT_OVER = rf"(?s)\..+\.[0-9a-f]{{12}}{re.escape(TEMPORARY)}"
_LONGEST_NAME = 255  # bytes, on common file systems
_LONGEST = 50  # characters: a name has 255 bytes at most
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Output:
    """A file or symbolic link as it is to be.

    Attributes:
        path: absolute path.
        content: the file's bytes; for a link, those of the file that it points to.
        target: what the link points to; None for a file.
        mode: the file's permissions; None: those it had, or those of a new file.
    """

    path: Path
    content: bytes
    target: str | None = None
    mode: int | None = None

    def differs(self) -> bool:
        """Tell whether the disk holds something else at this path.

        Raises:
            WriteError: what is there must not be replaced.
        """
        try:
            mode = self.path.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return True
        except OSError as error:
            raise _write_error(self.path, error) from error
        return self._file_differs(mode) if self.target is None else self._link_differs(mode)

    def _file_differs(self, mode: int) -> bool:
        if stat.S_ISLNK(mode):
            return True
        if not stat.S_ISREG(mode):
            raise self._in_the_way("a folder" if stat.S_ISDIR(mode) else "a special file", "file")
        return self._content_there() != self.content

    def _link_differs(self, mode: int) -> bool:
        if stat.S_ISLNK(mode):
            return str(self.path.readlink()) != self.target
        if stat.S_ISREG(mode) and self._is_stand_in(self._content_there()):
            return True
        raise self._in_the_way("a folder" if stat.S_ISDIR(mode) else "a file", "symbolic link")

    def _is_stand_in(self, content: bytes) -> bool:
        """Tell whether a file stands in for a link, so that nothing is lost with it.

        It is a copy of what the link points to, or holds the name of a file beside it, as git
        checks links out where there are none (core.symlinks=false).
        """
        if content == self.content:
            return True
        name = os.fsdecode(content) if len(content) <= _LONGEST_NAME else ""
        return (
            name.isprintable()
            and "/" not in name
            and name not in {"", ".", ".."}
            and self.path.with_name(name).is_file()
        )

    def _content_there(self) -> bytes:
        """Return what is there; of a file that is too long to be the same, only the start."""
        try:
            return read_file(self.path, max(len(self.content) + 1, _LONGEST_NAME + 1))
        except OSError as error:
            raise _write_error(self.path, error) from error

    def _in_the_way(self, found: str, wanted: str) -> WriteError:
        return WriteError(
            f"there is {found} where a {wanted} should go",
            at=Location(str(self.path)),
            hint="move it away, and run this again",
        )

    def write(self, *, durable: bool = False, tidy: bool = False) -> None:
        """Put the file or link in place, atomically (POSIX rename).

        Args:
            durable: sync the content, and then its name, to disk: for what cannot be made again.
            tidy: remove what killed runs have left in the folder. Who writes many files into one
                calls `remove_left_over` once instead.

        Raises:
            WriteError: it cannot be written; what was there before is still there.
        """
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if tidy:
                remove_left_over(self.path.parent)
            for _ in range(_ATTEMPTS - 1):
                # another run may take the temporary file for a left-over: see remove_left_over
                with contextlib.suppress(FileNotFoundError):
                    return self._put(durable=durable)
            return self._put(durable=durable)
        except OSError as error:
            raise _write_error(self.path, error) from error

    def _put(self, *, durable: bool) -> None:
        if self.target is None:
            mode = self.mode
            with contextlib.suppress(FileNotFoundError):
                if mode is None and not self.path.is_symlink():
                    mode = stat.S_IMODE(self.path.stat().st_mode)
            write_whole(self.path, self.content, mode=mode, durable=durable)
            return
        temporary = Path(_temporary(self.path))
        try:
            temporary.symlink_to(self.target)
            temporary.replace(self.path)
        finally:
            temporary.unlink(missing_ok=True)


def write_whole(
    path: str | Path, content: bytes, *, mode: int | None = None, durable: bool = False
) -> None:
    """Put a file in place, atomically (POSIX rename): others see the old one or the new one.

    Args:
        path: the file; a link is replaced, not followed.
        content: its bytes.
        mode: its permissions; None: those of a new file.
        durable: sync the content, and then its name, to disk: for what cannot be made again.

    Raises:
        OSError: it cannot be written; what was there before is still there.
    """
    temporary = _temporary(path)
    try:
        with open(temporary, "xb") as file:  # noqa: PTH123 - the cache puts 1,000 a second
            _lock(file.fileno())
            file.write(content)
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            file.flush()
            if durable:
                os.fsync(file.fileno())
            os.replace(temporary, path)  # noqa: PTH105
        if durable:
            _sync_folder(os.path.dirname(path))  # noqa: PTH120
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)  # noqa: PTH108


def _temporary(path: str | Path) -> str:
    folder, name = os.path.split(path)
    return f"{folder}/.{name[:_LONGEST]}.{os.urandom(6).hex()}{TEMPORARY}"


def _lock(descriptor: int) -> bool:
    """Lock a file for as long as it is open; False where another process holds it.

    A process id would not do: processes in two containers may have the same one.
    """
    try:
        import fcntl
    except ImportError:  # Windows, where an open file cannot be removed anyway
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | getattr(os, "O_DIRECTORY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def require_inside(path: Path, folders: Sequence[Path]) -> None:
    """Make sure that no link leads a path out of the folders that it is written below.

    Args:
        path: what will be written; its last part may be a link, which is then followed too.
        folders: those that may be written to; a path that is below none of them was named by the
            user, and is fine.

    Raises:
        WriteError: a link leads out.
    """
    if leads_out(path, folders):
        raise WriteError(
            f"a symbolic link leads out of the repository, to {os.path.realpath(path)}",
            at=Location(str(path)),
            hint="nothing was written; replace the link by a file or folder",
        )


def write_report(path: Path, content: bytes, folders: Sequence[Path]) -> None:
    """Write a file that the user named: as a whole, or directly to a device or pipe.

    Args:
        path: the file; a link is followed, unless it leads out of the repository.
        content: its bytes.
        folders: those of the repository.

    Raises:
        WriteError: it cannot be written; an old file is still there.
    """
    require_inside(path.absolute(), folders)
    try:
        if (named := re.fullmatch(_DESCRIPTOR, str(path))) is not None:
            # its file belongs to whoever opened it, and is neither replaced nor emptied
            number = int(named[2]) if named[1] is None else _STREAMS[named[1]]
            with open(os.dup(number), "wb") as stream:  # noqa: PTH123
                stream.write(content)
            return
        is_special = path.exists() and not path.is_file()
        if not is_special:
            path.parent.stat()  # a folder that is missing is a mistake in the name
            Output(path.resolve(), content).write(tidy=True)
            return
        # a pipe that nobody reads fails here instead of waiting
        with open(os.open(path, os.O_WRONLY | os.O_NONBLOCK), "wb") as stream:  # noqa: PTH123
            os.set_blocking(stream.fileno(), True)
            stream.write(content)
    except OSError as error:
        raise _write_error(path, error) from error


def remove_left_over(folder: Path) -> None:
    """Remove the temporary files in a folder whose writers were killed."""
    with contextlib.suppress(OSError):  # what cannot be listed cannot be tidied either
        for name in os.listdir(folder):  # noqa: PTH208 - may be long, and is mostly plain names
            if re.fullmatch(_LEFT_OVER, name):
                with contextlib.suppress(OSError):  # gone, or another user's
                    _remove_if_abandoned(folder / name)


def _remove_if_abandoned(path: Path) -> None:
    if path.is_symlink():
        path.unlink()  # if its writer is alive, it makes another one
        return
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode) and _lock(descriptor):
            path.unlink()
    finally:
        os.close(descriptor)


def _write_error(path: Path, error: OSError) -> WriteError:
    return WriteError(
        f"cannot write: {error.strerror or error}",
        at=Location(str(path)),
        hint="nothing was lost: what was there before is still there",
    )
