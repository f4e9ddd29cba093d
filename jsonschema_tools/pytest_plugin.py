"""The entry point of pytest: makes `pytest jsonschema/my_namespace/` check the schemas there.

pytest loads this module in every project where the package is installed, so it imports nothing
and does nothing until an argument leads to schema files of a schema repository. The suite that
`generate-tests` writes does without this module, but starts faster with it.
"""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from importlib.machinery import ModuleSpec
    from pathlib import Path

_CONFIG_NAME = ".jsonschema-tools.yaml"  # not imported from config, which imports a lot
_SUITE = "jsonschema_tools.pytest_suite"
_ROOTS = pytest.StashKey[dict["Path", "Path | None"]]()


class _AsWritten:
    """Finds our modules before pytest does.

    pytest rewrites the asserts of each module of a distribution that has a plugin. Ours have none,
    and to parse and compile them all takes a fifth of a second wherever no bytecode is kept.
    """

    @staticmethod
    def find_spec(
        name: str, path: Sequence[str] | None, _target: object = None
    ) -> ModuleSpec | None:
        """Find a module of ours, as Python would without pytest."""
        return PathFinder.find_spec(name, path) if name.startswith("jsonschema_tools.") else None


def pytest_configure() -> None:
    """Keep our modules as they are."""
    sys.meta_path.insert(0, _AsWritten)


def pytest_unconfigure() -> None:
    """Stop doing so."""
    sys.meta_path.remove(_AsWritten)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a schema file that was asked for, by its name or by a folder that it is in.

    A folder that holds a whole repository does not count: its generated suite is there for that,
    and everything would run twice.
    """
    if file_path.suffix not in {".yaml", ".json"}:
        return None
    root = _root(file_path.parent, parent.config)
    if root is None or not _is_asked_for(file_path, root, parent.session):
        return None
    parent.config.pluginmanager.import_plugin(_SUITE)
    from jsonschema_tools.pytest_suite import collect_schema_file

    return collect_schema_file(file_path, root, parent)


def _root(folder: Path, config: pytest.Config) -> Path | None:
    """Return the nearest folder with a configuration of ours, this one or one above it."""
    known = config.stash.setdefault(_ROOTS, {})
    if folder not in known:
        candidates = (folder, *folder.parents)
        known[folder] = next((f for f in candidates if (f / _CONFIG_NAME).is_file()), None)
    return known[folder]


def _is_asked_for(path: Path, root: Path, session: pytest.Session) -> bool:
    while path != root:
        if session.isinitpath(path):
            return True
        path = path.parent
    return False
