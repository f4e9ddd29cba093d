"""Where the schemas of a git revision are, by the configuration that it has itself.

A revision is compared with what is below the base paths of today. Were that all, a change of
`schemaBasePath` would take published versions out of sight.
"""

from __future__ import annotations

import os.path
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from jsonschema_tools.config_file import CONFIG_NAME
from jsonschema_tools.documents import parse_document
from jsonschema_tools.ecmascript.matching import Patterns, compile_regex
from jsonschema_tools.errors import ConfigError, GitError, SchemaToolsError
from jsonschema_tools.found_files import is_walked
from jsonschema_tools.messages import counted
from jsonschema_tools.runner.published import version_in
from jsonschema_tools.values import as_object

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jsonschema_tools.checks.base import Published
    from jsonschema_tools.config import Config
    from jsonschema_tools.git.work_tree import WorkTree
    from jsonschema_tools.values import Json, Schema

_MAX_LINKS = 5  # from one configuration file to another


@dataclass(frozen=True, slots=True)
class BaseRevision:
    """What the configuration in a git revision says of its schemas.

    Attributes:
        base_paths: absolute folders; none where the revision has no configuration.
        ignored: `ignoreSchemas`.
    """

    base_paths: tuple[Path, ...] = ()
    ignored: Patterns = field(default_factory=Patterns)


def base_revision(tree: WorkTree, commit: str, config: Config) -> BaseRevision:
    """Read the configuration of a git revision, where today's is or would be found.

    Args:
        tree: the working tree that the configuration is in.
        commit: the revision's commit.
        config: the settings of today.
    """
    named = [Path(os.path.normpath(config.working_directory / name)) for name in config.files]
    if named in ([], [config.root / CONFIG_NAME]):
        here = config.working_directory
        for folder in (here, *here.parents):
            data = _data(tree, commit, folder / CONFIG_NAME)
            if data is not None:
                return _settings(folder, {"schemaBasePath": ".", **data})
        return BaseRevision()
    found = [_data(tree, commit, path) or {} for path in named]
    return _settings(config.root, {key: data[key] for data in found for key in data})


def require_its_versions(base: BaseRevision, tree: WorkTree, revision: str, config: Config) -> None:
    """Refuse base paths that leave out versions which a git revision has below its own.

    Raises:
        ConfigError: versions are left out.
    """
    bases = config.schema_base_paths
    earlier = [
        path
        for path in base.base_paths
        if path.is_relative_to(tree.root) and not _is_below(path, bases)
    ]
    if not earlier:
        return
    left_out = sorted(
        path
        for path in tree.entries_at(revision, earlier)
        if version_in(path.name) is not None
        and not _is_below(path, bases)
        and any(path.is_relative_to(base) and is_walked(path, base) for base in earlier)
    )
    if left_out:
        raise ConfigError(
            f"{counted(len(left_out), 'file')} of versions in {revision} cannot be looked at, "
            f"such as {config.display_path(left_out[0])}",
            hint=f"`schemaBasePath` there is {', '.join(map(config.display_path, earlier))}; "
            "name that too",
        )


def without_ignored(
    published: Mapping[Path, tuple[Published, ...]], base: BaseRevision, tree: WorkTree
) -> dict[Path, tuple[Published, ...]]:
    """Return published versions without the folders of which the revision ignored all.

    What the schemas of today call themselves does not count: a `$id` that `ignoreSchemas` matches
    would hide what has become of a version.
    """
    if not base.ignored:
        return dict(published)
    files = {
        path: entry
        for versions in published.values()
        for version in versions
        for path, entry in version.files.items()
        if not entry.is_link
    }
    try:
        stored = tree.read(files)
    except GitError:  # files of a submodule are elsewhere
        return dict(published)
    return {
        folder: versions
        for folder, versions in published.items()
        if any(  # one is enough: the others are not even read as YAML
            not base.ignored.match(_identifier(stored[path].content))
            for version in versions
            for path in version.files
            if path in stored
        )
    }


def _identifier(content: bytes) -> str:
    try:
        value = as_object(parse_document(content, "").data).get("$id")
    except SchemaToolsError:
        return ""
    return value if isinstance(value, str) else ""


def _data(tree: WorkTree, commit: str, path: Path) -> Schema | None:
    """Return what a configuration file holds in a revision; None where there is none."""
    for _ in range(_MAX_LINKS):
        entry = tree.entry_at(commit, path) if path.is_relative_to(tree.root) else None
        if entry is None:
            return None
        stored = tree.read({path: entry})[path]
        if stored.target is None:
            try:
                return as_object(parse_document(stored.content, CONFIG_NAME).data)
            except SchemaToolsError:
                return {}
        path = Path(os.path.normpath(path.parent / stored.target))
    return None


def _settings(folder: Path, data: Schema) -> BaseRevision:
    """Return the settings; what is not valid, as another version may have it, is passed over."""
    ignored = []
    for text in _texts(data.get("ignoreSchemas")):
        try:
            ignored.append(compile_regex(text))
        except ValueError:
            continue
    paths = (text.removeprefix("file://") for text in _texts(data.get("schemaBasePath")))
    return BaseRevision(
        tuple(Path(os.path.normpath(folder / path)) for path in paths), Patterns(ignored)
    )


def _texts(value: Json) -> Iterator[str]:
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str):
            yield text


def _is_below(path: Path, folders: Sequence[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)
