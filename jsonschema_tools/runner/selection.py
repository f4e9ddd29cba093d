"""Which files to check: those that paths name, or that changed since a git revision."""

from __future__ import annotations

import os.path
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from jsonschema_tools.errors import ConfigError
from jsonschema_tools.found_files import find_files
from jsonschema_tools.messages import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from jsonschema_tools.checks.base import Published
    from jsonschema_tools.config import Config
    from jsonschema_tools.found_files import FoundFile
    from jsonschema_tools.runner.results import Checked

_SET_BASE_PATH = "name the folder of your schemas in schemaBasePath"


@dataclass(frozen=True, slots=True)
class Selection:
    """What to check.

    Attributes:
        found: the files to read, whole folders.
        only: paths that results have to touch; None: no matter.
        named: what the user named: files and folders; none means all.
        published: what is in the git revision to compare with, by folder.
        since: the revision, as the user named it; None where only what has changed since is found.
        present: how many folders with schema files there are, changed or not; as a rule each is a
            schema.
    """

    found: tuple[FoundFile, ...]
    only: frozenset[Path] | None = None
    named: tuple[Path, ...] = ()
    published: Mapping[Path, tuple[Published, ...]] = field(default_factory=dict)
    since: str | None = None
    present: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether it is the whole repository."""
        return self.only is None and not self.named

    def nothing(self, checked: Checked, config: Config) -> str:
        """Say why no schema was looked at, where all is well with that; else nothing.

        Raises:
            ConfigError: there is none to look at.
        """
        if checked.titles:
            return ""
        if self.since is not None and self.present:
            if not checked.ignored:
                return f"{counted(self.present, 'schema')}, none changed since {self.since}"
            return f"what changed since {self.since} is ignored"
        if checked.ignored:
            raise ConfigError(
                "no schema was checked: `ignoreSchemas` leaves out all",
                hint="the `$id` of a schema that is checked matches none of its expressions",
            )
        bases = ", ".join(map(config.display_path, config.schema_base_paths))
        raise ConfigError(f"no schema found below {bases}", hint=_SET_BASE_PATH)


def select_files(config: Config, paths: Sequence[str] = ()) -> Selection:
    """Return the files that paths name, with those beside them; no paths mean all.

    Args:
        config: the settings of the repository.
        paths: folders, schema files, or links to such, relative to the working directory; or
            titles, or what these begin with.

    Raises:
        ConfigError: a path names nothing that could be checked, or a base path is not found.
    """
    for base in config.schema_base_paths:
        if not base.is_dir():
            raise ConfigError(f"folder {config.display_path(base)} not found", hint=_SET_BASE_PATH)
    found = tuple(find_files(config))
    if not paths:
        return Selection(found)
    named = tuple(path for name in paths for path in _named(name, found, config))
    wanted = {file.path for file in found if any(file.path.is_relative_to(path) for path in named)}
    folders = {path.parent for path in wanted}
    beside = tuple(file for file in found if file.path.parent in folders)
    return Selection(beside, None if len(beside) == len(wanted) else frozenset(wanted), named)


def _named(name: str, found: Sequence[FoundFile], config: Config) -> list[Path]:
    path = config.argument(name)
    if path.is_symlink() and not path.is_dir():  # 1.0.0 or latest.yaml: what it leads to
        path = Path(os.path.normpath(path.parent / path.readlink()))
    if not path.exists():
        return _titled(name, config)
    if not any(file.path.is_relative_to(path) for file in found):
        what = "has no schema files in it" if path.is_dir() else "is not a schema file"
        bases = ", ".join(config.display_path(base) for base in config.schema_base_paths)
        versions = " and ".join(f"VERSION.{kind}" for kind in config.content_types)
        raise ConfigError(
            f"{name} {what}",
            hint=f"schema files are {config.current_name} and {versions} below {bases}",
        )
    return [path]


def _titled(name: str, config: Config) -> list[Path]:
    """Return the folders of the titles that a name means."""
    from jsonschema_tools.catalog import catalog  # reads files: not for names that are paths
    from jsonschema_tools.schema_names import titled, unknown

    entries = catalog(config)
    if not (meant := titled(name, entries)):
        raise unknown(name, entries, config)
    return [entry.path for entry in meant]


def since(selection: Selection, config: Config, revision: str, *, everything: bool) -> Selection:
    """Return a selection that is compared with a git revision.

    Args:
        selection: the files that may be checked.
        config: the settings of the repository.
        revision: a branch, a tag or a commit.
        everything: whether to look at what has not changed since, too.

    Raises:
        GitError: the revision is not found.
        ConfigError: the revision has versions that are below no base path any more.
    """
    from jsonschema_tools.git.snapshot import files_at  # needs processes: not for other runs
    from jsonschema_tools.git.work_tree import open_work_tree
    from jsonschema_tools.runner.base_revision import (
        base_revision,
        require_its_versions,
        without_ignored,
    )
    from jsonschema_tools.runner.published import published_versions

    tree = open_work_tree(config.root)
    bases = config.schema_base_paths
    commit = tree.resolve(revision)
    base = base_revision(tree, commit, config)
    require_its_versions(base, tree, revision, config)
    old = files_at(tree, commit, bases)
    published = published_versions(old, revision)
    published = {
        folder: inside
        for folder, versions in published.items()
        if (inside := tuple(v for v in versions if _any_inside(v.files, selection.named)))
    }
    if everything:
        return replace(selection, published=without_ignored(published, base, tree))
    present = [file.path for file in selection.found]
    count = len({path.parent for path in present})
    changed = frozenset(
        path
        for path in tree.changed_since(revision, bases, old, present)
        if _any_inside([path], selection.named)
    )
    folders = {path.parent for path in changed}
    found = tuple(file for file in selection.found if file.path.parent in folders)
    published = {folder: versions for folder, versions in published.items() if folder in folders}
    published = without_ignored(published, base, tree)
    return Selection(found, changed, selection.named, published, revision, count)


def _any_inside(paths: Iterable[Path], named: Sequence[Path]) -> bool:
    return not named or any(path.is_relative_to(name) for path in paths for name in named)
