"""The versions that are in a git revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools import versions
from jsonschema_tools.checks.base import Published
from jsonschema_tools.serialization import CONTENT_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from jsonschema_tools.git.stored_files import GitFile
    from jsonschema_tools.versions import Version


def published_versions(
    entries: Mapping[Path, GitFile], revision: str
) -> dict[Path, tuple[Published, ...]]:
    """Return the published versions by folder, oldest first.

    Args:
        entries: the files of the revision below the base paths.
        revision: as the user named it, for messages.
    """
    folders: dict[Path, dict[Version, dict[Path, GitFile]]] = {}
    for path in sorted(entries):
        if (version := version_in(path.name)) is not None:
            by_version = folders.setdefault(path.parent, {})
            by_version.setdefault(version, {})[path] = entries[path]
    return {
        folder: tuple(
            Published(revision, str(version), by_version[version]) for version in sorted(by_version)
        )
        for folder, by_version in folders.items()
    }


def version_in(name: str) -> Version | None:
    """Return the version whose file or link has a name."""
    for content_type in CONTENT_TYPES:
        name = name.removesuffix(f".{content_type}")
    return versions.parse(name)
