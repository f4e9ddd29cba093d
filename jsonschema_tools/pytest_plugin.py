"""The entry point of pytest: makes `pytest jsonschema/my_namespace/` check the schemas there.

pytest loads this module in every project where the package is installed, so it imports nothing
and does nothing until an argument leads to schema files of a schema repository. The suite that
`generate-tests` writes does without this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_CONFIG_NAME = ".jsonschema-tools.yaml"  # not imported from config, which imports a lot
_SUITE = "jsonschema_tools.pytest_suite"
_ROOTS = pytest.StashKey[dict["Path", "Path | None"]]()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a schema file that was asked for, by its name or by a folder that it lies in.

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
