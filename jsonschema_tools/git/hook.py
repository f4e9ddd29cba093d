"""The git hook that materializes staged schemas before every commit."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jsonschema_tools.errors import GitError, WriteError
from jsonschema_tools.files import read_file
from jsonschema_tools.outputs import remove_left_over, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from jsonschema_tools.git.work_tree import WorkTree

_MARK = "# Made by `jsonschema-tools install-git-hook`"
_EARLIER = ".before-jsonschema-tools"

_NOT_INSTALLED = 127  # as the shell has it for commands that are not found

# One interpreter finds out whether the tool is installed, and runs it.
_START = f"""\
import sys
try:
    from jsonschema_tools.__main__ import main
except ImportError:
    sys.exit({_NOT_INSTALLED})
main()"""

_SCRIPT = f"""\
#!/bin/sh
{_MARK}; with --uninstall the same command removes it.
# Materializes the current schemas that are staged, and adds their versioned files to the commit.

if [ -x "$0{_EARLIER}" ]; then
    "$0{_EARLIER}" "$@" || exit
fi
run() {{{{
    if [ -x {{python}} ]; then
        # -P: nothing in the repository is imported
        {{python}} -P -c {{start}} "$@"
        status=$?
        [ $status -eq {_NOT_INSTALLED} ] || exit $status
    fi
    if command -v jsonschema-tools >/dev/null; then
        exec jsonschema-tools "$@"
    fi
    exec >&2
    echo "jsonschema-tools is neither at" {{python}} "nor on the PATH: no schema was materialized."
    echo "Install it and run 'jsonschema-tools install-git-hook' again, or commit with --no-verify."
    exit 1
}}}}

# A line for each schema repository; a branch may lack its folder.
{{lines}}
"""
_LINE = "(cd {folder} 2>/dev/null || exit 0; run {arguments}) || exit"
_LINE_START, _LINE_END = "(cd ", ") || exit"


@dataclass(frozen=True, slots=True)
class Hook:
    """The pre-commit hook of a repository.

    Attributes:
        path: where git looks for it.
    """

    path: Path

    @classmethod
    def of(cls, tree: WorkTree) -> Hook:
        """Return the hook of a working tree.

        Raises:
            GitError: the folder of hooks is shared with other repositories.
        """
        folder = tree.hooks_folder()
        if folder is None:
            raise GitError(
                "git is configured with one folder of hooks for all repositories (core.hooksPath)",
                hint="give this one its own, `git config --local core.hooksPath .git/hooks`, "
                "or let the shared hook run `jsonschema-tools materialize-modified --staged`",
            )
        return cls(folder / "pre-commit")

    @property
    def earlier(self) -> Path:
        """Where a hook that was there before is kept."""
        return self.path.with_name(f"{self.path.name}{_EARLIER}")

    @property
    def exists(self) -> bool:
        """Whether there is any hook."""
        return os.path.lexists(self.path)

    @property
    def is_ours(self) -> bool:
        """Whether the hook that is there was made here."""
        return _MARK.encode() in self._content()

    def _content(self) -> bytes:
        try:
            return read_file(self.path)
        except OSError:  # none, or nothing that we could have made
            return b""

    def lines(self) -> dict[str, str]:
        """Return the line of each schema repository that our hook is for, by its folder."""
        if not self.is_ours:
            return {}
        text = os.fsdecode(self._content())
        return {
            shlex.split(line.removeprefix(_LINE_START))[0]: line
            for line in text.splitlines()
            if line.startswith(_LINE_START) and line.endswith(_LINE_END)
        }

    def refuse_foreign(self) -> None:
        """Make sure that no hook of another origin would be lost.

        Raises:
            GitError: there is one.
        """
        if not self.exists or self.is_ours:
            return
        if b"pre-commit.com" in self._content():
            hint = "add `jsonschema-tools-materialize` to .pre-commit-config.yaml instead"
        else:
            hint = (
                "with --chain it is kept, and runs first; or let it run "
                "`jsonschema-tools materialize-modified --staged` itself"
            )
        raise GitError(f"there is a hook already: {self.path}", hint=hint)

    def refuse_second(self) -> None:
        """Make sure that a hook can be put aside.

        Raises:
            GitError: another hook was put aside before.
        """
        if self.exists and not self.is_ours and os.path.lexists(self.earlier):
            raise GitError(
                f"there are two earlier hooks: {self.path} and {self.earlier}",
                hint="combine them into one, and remove the other",
            )

    def install(self, script: str) -> None:
        """Write the hook; one of another origin is kept beside it, to run first.

        Raises:
            WriteError: it cannot be written.
        """
        is_put_aside = self.exists and not self.is_ours
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            remove_left_over(self.path.parent)
            if is_put_aside:
                self.path.rename(self.earlier)
            write_whole(self.path, os.fsencode(script), mode=0o755)
        except OSError as error:
            if is_put_aside and not self.exists:
                with suppress(OSError):
                    self.earlier.rename(self.path)
            raise WriteError(f"cannot install {self.path}: {error.strerror}") from error

    def uninstall(self) -> None:
        """Remove our hook; one that was there before is put back.

        Raises:
            WriteError: it cannot be removed.
        """
        try:
            if os.path.lexists(self.earlier):
                self.earlier.replace(self.path)
            else:
                self.path.unlink()
        except OSError as error:
            raise WriteError(f"cannot remove {self.path}: {error.strerror}") from error


def line(folder: str, arguments: Sequence[str]) -> str:
    """Return the line of the hook that is for one schema repository.

    Args:
        folder: where the schemas' configuration is, relative to the top of the working tree,
            where git runs hooks.
        arguments: what the program is called with.
    """
    return _LINE.format(folder=shlex.quote(folder), arguments=shlex.join(arguments))


def script(lines: Iterable[str]) -> str:
    """Return the text of the hook, from its lines for schema repositories."""
    return _SCRIPT.format(
        python=shlex.quote(sys.executable), start=shlex.quote(_START), lines="\n".join(lines)
    )
