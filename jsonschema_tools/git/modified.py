"""The current files that changed, as git sees it, and what is staged of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jsonschema_tools.errors import GitError, Location, ReadError, SchemaToolsError
from jsonschema_tools.files import is_inside
from jsonschema_tools.found_files import is_walked, link_out_error
from jsonschema_tools.git.work_tree import open_work_tree

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from jsonschema_tools.config import Config
    from jsonschema_tools.documents import Document
    from jsonschema_tools.git.stored_files import GitFile
    from jsonschema_tools.git.work_tree import WorkTree

_MAX_LINKS = 40  # as Linux: path_resolution(7)


@dataclass(frozen=True, slots=True)
class Checkout:
    """A git working tree, and the base paths of schemas that are in it."""

    tree: WorkTree
    folders: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Modified:
    """A current file that changed.

    Attributes:
        path: absolute path.
        conflict: whether a merge has left it in conflict.
    """

    path: Path
    conflict: bool = False


def checkouts(config: Config) -> tuple[Checkout, ...]:
    """Return the git working trees that the base paths are in; mostly that is one.

    Raises:
        GitError: one is in no working tree, or git cannot be run.
    """
    trees: dict[Path, WorkTree] = {}
    folders: dict[Path, list[Path]] = {}
    for base in config.schema_base_paths:
        tree = open_work_tree(base)
        trees.setdefault(tree.root, tree)
        folders.setdefault(tree.root, []).append(base)
    return tuple(Checkout(tree, tuple(folders[root])) for root, tree in trees.items())


def checkout_of(path: Path, where: Iterable[Checkout]) -> Checkout | None:
    """Return the working tree that a path is in: the innermost, of a submodule for example."""
    real = path.parent.resolve() / path.name
    around = [checkout for checkout in where if real.is_relative_to(checkout.tree.root)]
    return max(around, key=lambda checkout: len(checkout.tree.root.parts), default=None)


def find_modified(where: Iterable[Checkout], config: Config) -> tuple[Modified, ...]:
    """Return the current files that changed, new ones included, deleted ones not.

    They are looked for where `find_files` looks: not in hidden folders, for example.

    With `git_staged` these are the files that the next commit changes; else those that differ
    from the index, and those that git does not know yet and does not ignore.

    Raises:
        GitError: git fails.
    """
    find = _staged if config.git_staged else _unstaged
    found = {
        file.path: file
        for checkout in where
        for file in find(checkout, config.current_name)
        if any(_is_walked(file.path, base) for base in checkout.folders)
    }
    return tuple(found[path] for path in sorted(found))


def _is_walked(path: Path, base: Path) -> bool:
    return path.is_relative_to(base) and is_walked(path, base)


def _staged(checkout: Checkout, name: str) -> Iterable[Modified]:
    for path in checkout.tree.staged(checkout.folders):
        if path.name == name:
            yield Modified(path)


def _unstaged(checkout: Checkout, name: str) -> Iterable[Modified]:
    for path, entry in checkout.tree.indexed(checkout.folders).items():
        if path.name == name and path.exists() and (entry is None or not entry.matches(path)):
            yield Modified(path, conflict=entry is None)
    for path in checkout.tree.untracked(checkout.folders):
        if path.name == name and path.exists():
            yield Modified(path)


def read(file: Modified, config: Config, staged: StagedFiles | None) -> Document:
    """Read a file that changed: as it is staged, or as it is in the working tree.

    Raises:
        SchemaToolsError: it cannot be read, or is in conflict.
    """
    from jsonschema_tools.documents import read_document

    display_path = config.display_path(file.path)
    if file.conflict:
        raise _conflict(display_path)
    if not is_inside(file.path, config.folders):
        raise link_out_error(file.path, display_path)
    if staged is not None and (document := staged.document(file.path)) is not None:
        return document
    return read_document(file.path, display_path)


@dataclass(slots=True)
class StagedFiles:
    """What the index holds, for a run that materializes what is staged.

    Attributes:
        not_staged: files that the run asked for and that the index does not hold.
    """

    checkouts: tuple[Checkout, ...]
    config: Config
    not_staged: set[Path] = field(default_factory=set)
    _indexes: dict[Path, dict[Path, GitFile | None]] = field(default_factory=dict)

    def document(self, path: Path, *, links: int = 0) -> Document | None:
        """Return a file as it is staged; None if the working tree has it like that.

        Args:
            path: absolute path.
            links: how many symbolic links have led here.

        Raises:
            SchemaToolsError: it cannot be read, or is in conflict.
        """
        from jsonschema_tools.documents import parse_document

        if (checkout := checkout_of(path, self.checkouts)) is None:
            return None
        real, tree = path.parent.resolve() / path.name, checkout.tree
        index = self._index(tree)
        if real not in index:
            self.not_staged.add(real)
            return None
        display_path = self.config.display_path(path)
        entry = index[real]
        if entry is None:
            raise _conflict(display_path)
        if entry.is_link:
            if links == _MAX_LINKS:
                raise ReadError("a loop of symbolic links", at=Location(display_path))
            target = tree.read({real: entry})[real].target or ""
            return self.document(real.parent / target, links=links + 1)
        if not links and entry.matches(real):
            return None
        return parse_document(tree.read({real: entry})[real].content, display_path)

    def _index(self, tree: WorkTree) -> dict[Path, GitFile | None]:
        if tree.root not in self._indexes:
            self._indexes[tree.root] = tree.indexed()
        return self._indexes[tree.root]

    def overlooked(self) -> list[Path]:
        """Return the files that were used, are in the working tree, and would not be committed."""
        if not self.not_staged:
            return []
        return sorted(
            path
            for checkout in self.checkouts
            for path in self.not_staged & checkout.tree.untracked()
        )


def _conflict(display_path: str) -> SchemaToolsError:
    return GitError(
        "a merge has left this file in conflict",
        at=Location(display_path),
        hint="resolve it, then `git add` it",
    )
