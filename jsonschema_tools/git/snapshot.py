"""The files of a commit, where they would be found if it were checked out.

Links to folders are followed as they were then, and submodules entered. Where a folder is today
says nothing of where it was: who replaces one by a link must not hide what was in it.
"""

from __future__ import annotations

import os.path
import posixpath
from pathlib import Path
from typing import TYPE_CHECKING

from jsonschema_tools.errors import GitError
from jsonschema_tools.git.work_tree import open_work_tree

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jsonschema_tools.git.stored_files import GitFile
    from jsonschema_tools.git.work_tree import WorkTree

_MAX_LINKS = 40  # one after the other, as Linux: path_resolution(7)


def files_at(tree: WorkTree, commit: str, folders: Sequence[Path]) -> dict[Path, GitFile]:
    """Return the files and links that a commit has below folders.

    A folder that links lead to counts once: by its own name, or else by the first of the links.

    Args:
        tree: the working tree.
        commit: its full name, as `WorkTree.resolve` returns it.
        folders: absolute paths; those outside of the working tree have nothing.

    Raises:
        UnknownRevisionError: the commit of a submodule was not found.
    """
    return _Snapshot(tree, commit).files(folders)


class _Snapshot:
    """A commit while it is read.

    Names are those of git: relative to the top of the working tree, with `/`.
    """

    def __init__(self, tree: WorkTree, commit: str) -> None:
        self._tree = tree
        self._commit = commit
        self._found: dict[Path, GitFile] = {}
        self._entered: list[str] = []  # folders of which all is known
        self._known: set[str] = set()  # files and links

    def files(self, folders: Sequence[Path]) -> dict[Path, GitFile]:
        """Return the files and links below folders."""
        todo = [(name, folder) for folder in folders if (name := self._name(folder)) is not None]
        while todo:
            links: dict[Path, tuple[str, GitFile]] = {}
            for name, folder in todo:
                links |= self._enter(name, folder)
            todo = self._folders_that(links)
        return self._found

    def _name(self, folder: Path) -> str | None:
        """Return the name of a folder as it is written, or of where it is if that is elsewhere."""
        for path in (folder, folder.resolve()):
            if path.is_relative_to(self._tree.root):
                return path.relative_to(self._tree.root).as_posix()
        return None

    def _enter(self, name: str, folder: Path) -> dict[Path, tuple[str, GitFile]]:
        """Take up what is below a name, as paths below a folder; return the links, with names."""
        real = self._followed(name)
        if real is None or any(_is_below(real, other) for other in self._entered):
            return {}
        self._entered.append(real)
        files, submodules = self._tree.listed(self._commit, real)
        links = {}
        for at, entry in files.items():
            if at in self._known:  # by its own name
                continue
            path = folder / os.path.relpath(at, real)
            self._found[path] = entry
            if entry.is_link:
                links[path] = at, entry
        self._known |= files.keys()
        for at, commit in submodules.items():
            for path, entry in _in_submodule(folder / os.path.relpath(at, real), commit).items():
                self._found.setdefault(path, entry)
        return links

    def _followed(self, name: str) -> str | None:
        """Return the name of what a name leads to, past all links; None where that is outside."""
        for _ in range(_MAX_LINKS):
            parts = Path(name).parts
            if parts[:1] in {("..",), ("/",)}:
                return None
            prefixes = ["/".join(parts[: end + 1]) for end in range(len(parts))]
            links = self._tree.links_at(self._commit, prefixes) if prefixes else {}
            if not links:
                return name
            first = min(links, key=len)
            name = _joined(_parent(first), links[first], os.path.relpath(name, first))
        return None

    def _folders_that(self, links: Mapping[Path, tuple[str, GitFile]]) -> list[tuple[str, Path]]:
        """Return what links may lead to that is not known yet, with their paths."""
        stored = self._tree.read({path: entry for path, (_, entry) in links.items()})
        targets = (
            (_joined(_parent(links[path][0]), stored[path].target or ""), path)
            for path in sorted(links)
        )
        return [(name, path) for name, path in targets if name not in self._known]


def _in_submodule(folder: Path, commit: str) -> dict[Path, GitFile]:
    """Return the files of a submodule at a commit; none where it is not checked out."""
    try:
        inner = open_work_tree(folder)
    except GitError:
        return {}
    if inner.root != folder.resolve():
        return {}
    return files_at(inner, inner.resolve(commit), [folder])


def _parent(name: str) -> str:
    return name.rpartition("/")[0]


def _joined(*names: str) -> str:
    return posixpath.normpath(posixpath.join(*names))


def _is_below(name: str, folder: str) -> bool:
    return folder in {".", name} or name.startswith(f"{folder}/")
