"""What git knows: files at a revision, in the index, changed, new; the one way to git.

What a file looks like in the working tree is compared with git's object names in Python, not by
`git diff`: git would start the clean filters that a repository is configured with.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jsonschema_tools.errors import GitError
from jsonschema_tools.git.process import open_git
from jsonschema_tools.git.revisions import resolve
from jsonschema_tools.git.stored_files import GitFile, read_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from jsonschema_tools.git.process import Git
    from jsonschema_tools.git.stored_files import StoredFile

_LINK, _SUBMODULE, _FOLDER = "120000", "160000", "040000"  # modes


@dataclass(frozen=True, slots=True)
class WorkTree:
    """A git working tree. Paths are absolute, below the folders that were asked for."""

    _git: Git

    @property
    def root(self) -> Path:
        """Its top folder."""
        return self._git.root

    # ------------------------------------------------------------------------ commits

    def resolve(self, revision: str) -> str:
        """Return the full name of the commit that a revision means.

        The name of a branch that only the remote has means that one, as for `git switch`, and the
        name of what was fetched last means that: the checkouts that CI makes have no others.

        Raises:
            UnknownRevisionError: the commit was not found; the hint says what to fetch.
        """
        return resolve(revision, self._git)

    def entries_at(self, revision: str, folders: Sequence[Path] = ()) -> dict[Path, GitFile]:
        """Return the files and links of a commit, or those below some folders.

        Raises:
            UnknownRevisionError: the commit was not found.
        """
        asked = _Folders(self.root, folders)
        return {
            asked.path(name): _entry(mode, blob)
            for name, mode, blob in self._tree("-r", self.resolve(revision), asked.specs)
            if mode != _SUBMODULE
        }

    def listed(self, commit: str, name: str) -> tuple[dict[str, GitFile], dict[str, str]]:
        """Return files and links of a commit, and the commits of submodules, below git's name."""
        rows = list(self._tree("-r", commit, [name]))
        files = {at: _entry(mode, blob) for at, mode, blob in rows if mode != _SUBMODULE}
        return files, {at: blob for at, mode, blob in rows if mode == _SUBMODULE}

    def links_at(self, commit: str, names: Sequence[str]) -> dict[str, str]:
        """Return those of git's names that are links in a commit, with what they lead to."""
        links = {
            Path(at): _entry(mode, blob)
            for at, mode, blob in self._tree("--full-tree", commit, names)
            if mode == _LINK and at in names  # git also lists what is beside a longer name
        }
        return {str(path): file.target or "" for path, file in self.read(links).items()}

    def _tree(self, how: str, commit: str, names: Sequence[str]) -> Iterator[tuple[str, str, str]]:
        """Yield the name, mode and object of what a commit has under some of git's names."""
        for line in _split(self._git.run("ls-tree", how, "-z", commit, "--", *names)):
            facts, _, name = line.partition("\t")
            mode, _, blob = facts.split(" ")
            yield name, mode, blob

    def entry_at(self, commit: str, path: Path) -> GitFile | None:
        """Return one file or link of a commit; None where it has none of that name.

        Raises:
            GitError: the path is outside of the working tree.
        """
        names = [str(_relative(path, self.root))]
        rows = self._tree("--full-tree", commit, names)
        return next((_entry(mode, blob) for _, mode, blob in rows if mode != _FOLDER), None)

    def added_since(self, revision: str, folders: Sequence[Path] = ()) -> set[Path]:
        """Return the files that exist now and did not in a commit; ignored ones are left out.

        Raises:
            UnknownRevisionError: the commit was not found.
        """
        old = self.entries_at(revision, folders)
        return {path for path in self._present(folders) if path not in old}

    def changed_since(
        self,
        revision: str,
        folders: Sequence[Path] = (),
        old: Mapping[Path, GitFile] | None = None,
        found: Iterable[Path] = (),
    ) -> set[Path]:
        """Return the files that were added, altered or deleted since a commit.

        Args:
            revision: the commit.
            folders: only what is below them.
            old: the files of the commit, if they are known; see `snapshot.files_at`.
            found: files that were found below the folders, also behind links and in submodules,
                where git does not look.

        Raises:
            UnknownRevisionError: the commit was not found.
        """
        old = self.entries_at(revision, folders) if old is None else old
        present = set(self._present(folders))
        new = {path for path in present if path not in old}
        if unknown := {path for path in found if path not in old and path not in present}:
            new |= unknown - self._ignored_below(folders)
        return new | {path for path, entry in old.items() if not entry.matches(path)}

    # ------------------------------------------------------------- index and working tree

    def staged(self, folders: Sequence[Path] = ()) -> dict[Path, GitFile]:
        """Return what the next commit would add or alter, as it is in the index."""
        asked = _Folders(self.root, folders)
        output = self._git.run(
            *("diff", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff"),
            *("--no-textconv", "--ignore-submodules", "--diff-filter=AMT", "--", *asked.specs),
        )
        fields = iter(_split(output))  # ":100644 100644 OLD NEW M", path, ":…", path, …
        return {
            asked.path(name): _entry(facts.split(" ")[1], facts.split(" ")[3])
            for facts, name in zip(fields, fields, strict=True)
        }

    def indexed(self, folders: Sequence[Path] = ()) -> dict[Path, GitFile | None]:
        """Return what the index holds; None for a file whose merge conflict is not resolved."""
        asked = _Folders(self.root, folders)
        entries: dict[Path, GitFile | None] = {}
        for line in _split(self._git.run("ls-files", "--stage", "-z", "--", *asked.specs)):
            facts, _, name = line.partition("\t")
            mode, blob, stage = facts.split(" ")
            if mode != _SUBMODULE:
                entries[asked.path(name)] = _entry(mode, blob) if stage == "0" else None
        return entries

    def untracked(self, folders: Sequence[Path] = ()) -> set[Path]:
        """Return the files that git neither tracks nor ignores."""
        return self._others(folders)

    def _ignored_below(self, folders: Sequence[Path]) -> set[Path]:
        return self._others(folders, "--ignored")

    def _others(self, folders: Sequence[Path], *how: str) -> set[Path]:
        asked = _Folders(self.root, folders)
        output = self._git.run(
            "ls-files", "--others", *how, "--exclude-standard", "-z", "--", *asked.specs
        )
        return {asked.path(name) for name in _split(output)}

    def _present(self, folders: Sequence[Path]) -> Iterator[Path]:
        for path in {*self.indexed(folders), *self.untracked(folders)}:
            if os.path.lexists(path):
                yield path

    def read(self, entries: Mapping[Path, GitFile]) -> dict[Path, StoredFile]:
        """Read the content of entries, all in one go.

        Raises:
            GitError: git lacks some content, as in a partial clone that is offline.
        """
        return read_files(entries, self._git)

    def add(self, paths: Iterable[Path]) -> list[Path]:
        """Add files and links to the index; return those that git ignores, which are left out.

        Unlike all else here this runs the clean filters that the repository is configured with,
        as `git add` does.
        """
        names = {str(_relative(path, self.root)): path for path in paths}
        ignored = self._ignored(names)
        if wanted := "\0".join(name for name in names if name not in ignored):
            for index in self._indexes():
                self._git.run(
                    *("add", "--pathspec-from-file=-", "--pathspec-file-nul"),
                    stdin=os.fsencode(wanted),
                    index=index,
                )
        return [path for name, path in names.items() if name in ignored]

    def _ignored(self, names: Iterable[str]) -> set[str]:
        # check-ignore knows no --literal-pathspecs; after "./" nothing in a name is special
        request = "\0".join(f"./{name}" for name in names)
        if not request:
            return set()
        output = self._git.run(
            *("check-ignore", "-z", "--stdin"),
            stdin=os.fsencode(request),
            fails=(1,),
            literal=False,
        )
        return {name.removeprefix("./") for name in _split(output)}

    def _indexes(self) -> Iterator[Path | None]:
        """Yield each index that has to know of a new file; None is the usual one.

        While a hook of `git commit -- PATH` runs, there are two: one to be committed
        (next-index-*.lock), and one that becomes the real index afterwards (index.lock). A file
        added to the first alone would count as deleted once the commit is made.
        """
        yield None
        index = Path(self._git.environment.get("GIT_INDEX_FILE", ""))
        lock = index.with_name("index.lock") if index.name.startswith("next-index-") else None
        if lock is not None and lock.exists():
            yield lock

    # ---------------------------------------------------------------------- the repository

    def hooks_folder(self) -> Path | None:
        """Return the folder in which git looks for hooks.

        None where `core.hooksPath` of the user or the machine leads out of the repository, to a
        folder that other repositories use as well.
        """
        hooks = self._git.place("--git-path", "hooks")
        own = self._git.run("config", "--local", "--get", "core.hooksPath", fails=(1,))
        inside = (self.root, self._git.place("--git-common-dir").resolve())
        return hooks if own or any(map(hooks.resolve().is_relative_to, inside)) else None

    def remote_url(self) -> str | None:
        """Return where the remote that the clone came from is; None without one."""
        url = self._git.run("config", "--get", "remote.origin.url", fails=(1,)).decode().strip()
        return url or None


class _Folders:
    """Folders of a working tree, as the caller writes them and as git names them."""

    def __init__(self, root: Path, folders: Sequence[Path]) -> None:
        self._root = root
        self._folders = {str(_relative(f.resolve(), root)): f for f in folders}
        self.specs = list(self._folders)

    def path(self, name: str) -> Path:
        """Return the path of what git calls `name`, below the folder as the caller wrote it."""
        for top, folder in self._folders.items():
            if name.startswith(f"{top}/"):
                return folder / name[len(top) + 1 :]
        return self._folders.get(".", self._root) / name


def _relative(path: Path, root: Path) -> Path:
    """Return a path relative to the working tree; links to folders on the way are followed.

    Raises:
        GitError: it is not in the working tree.
    """
    try:
        return (path.parent.resolve() / path.name).relative_to(root)
    except ValueError:
        raise GitError(f"{path} is outside of the git repository {root}") from None


def _entry(mode: str, blob: str) -> GitFile:
    return GitFile(blob, mode == _LINK)


def _split(output: bytes) -> list[str]:
    return os.fsdecode(output).split("\0")[:-1]


def open_work_tree(folder: Path) -> WorkTree:
    """Find the git working tree that a folder is in, or would be in if it were there.

    Raises:
        GitError: it is not in a working tree, or git cannot be run.
    """
    return WorkTree(open_git(folder))
