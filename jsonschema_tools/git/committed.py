"""What the last commit holds of a repository, where it is in git."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from jsonschema_tools.documents import Document, parse_document
from jsonschema_tools.errors import GitError
from jsonschema_tools.git.work_tree import open_work_tree

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from jsonschema_tools.config import Config
    from jsonschema_tools.git.stored_files import GitFile
    from jsonschema_tools.git.work_tree import WorkTree


class Committed:
    """The files of the last commit below the base paths; none without git."""

    def __init__(self, config: Config) -> None:
        self._config = config

    @cached_property
    def _files(self) -> dict[Path, tuple[WorkTree, GitFile]]:
        files: dict[Path, tuple[WorkTree, GitFile]] = {}
        for base in self._config.schema_base_paths:
            try:
                tree = open_work_tree(base)
                entries = tree.entries_at("HEAD", [base])
            except GitError:  # no git, or no commit yet
                continue
            files |= {path: (tree, entry) for path, entry in entries.items()}
        return files

    def lacks_all(self, paths: Iterable[Path]) -> bool:
        """Tell whether there is a commit, and none of these files in it."""
        return bool(self._files) and not any(path in self._files for path in paths)

    def changed(self, paths: Iterable[Path]) -> list[Path]:
        """Return the files that the commit holds with another content than the disk."""
        return [
            path for path in paths if path in self._files and not self._files[path][1].matches(path)
        ]

    def document(self, path: Path) -> Document | None:
        """Return a file as it was committed; None where that is how it is on the disk.

        Raises:
            ParseError: it is neither YAML nor JSON.
        """
        if not self.changed([path]):
            return None
        tree, entry = self._files[path]
        content = tree.read({path: entry})[path].content
        return None if entry.is_link else parse_document(content, self._config.display_path(path))
