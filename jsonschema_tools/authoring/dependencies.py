"""Which schema uses which other one, at which version: the references of the current files."""

from __future__ import annotations

import os.path
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jsonschema_tools import versions
from jsonschema_tools.dereferencing import uris
from jsonschema_tools.dereferencing.references import references

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from jsonschema_tools.catalog import SchemaFolder
    from jsonschema_tools.config import Config
    from jsonschema_tools.dereferencing.references import Reference
    from jsonschema_tools.errors import Location
    from jsonschema_tools.versions import Version


@dataclass(frozen=True, slots=True)
class Dependency:
    """A `$ref` from one schema to another.

    Attributes:
        user: the schema that holds the reference.
        used: title of the schema that is referred to; what the reference says where that is none
            of this repository.
        entry: the schema that is referred to, where it is one of this repository.
        pinned: the version; None where the reference names none, such as `latest`.
        label: the version as the reference says it.
        reference: the `$ref`.
        at: where it is.
    """

    user: SchemaFolder
    used: str
    entry: SchemaFolder | None
    pinned: Version | None
    label: str
    reference: Reference
    at: Location


@dataclass(frozen=True, slots=True)
class Dependent:
    """A schema that is affected when another one changes.

    Attributes:
        use: its reference to the other one, or to a schema in between.
        through: the schemas in between, the nearest to the other one first.
    """

    use: Dependency
    through: tuple[SchemaFolder, ...]


def uses(entries: Sequence[SchemaFolder], config: Config) -> tuple[Dependency, ...]:
    """Return the references between schemas, in the order of titles, then as they appear.

    Only current files are looked at. Those that cannot be read are left out.
    """
    names = _Names(entries, config)
    return tuple(
        use
        for entry in entries
        if entry.current is not None and entry.current.document is not None
        for reference in references(entry.current.document)
        if not reference.local and (use := names.use(entry, reference)) is not None
    )


def dependents(
    found: Iterable[Dependency], title: str, version: Version | None = None
) -> list[Dependent]:
    """Return what is affected when a schema changes: its users, their users, and so on.

    Each schema is there once, the nearest first.

    Args:
        found: the references of the repository.
        title: title of the schema that changes.
        version: the one version that matters; None for all.
    """
    by_used: dict[str, list[Dependency]] = {}
    for use in found:
        by_used.setdefault(use.used, []).append(use)
    reached = {title}
    result: list[Dependent] = []
    ways: list[tuple[str, tuple[SchemaFolder, ...]]] = [(title, ())]
    for used, through in ways:  # grows while it is walked through
        for use in by_used.get(used, ()):
            matters = version is None or through or use.pinned == version
            if matters and use.user.title not in reached:
                reached.add(use.user.title)
                result.append(Dependent(use, through))
                ways.append((use.user.title, (*through, use.user)))
    return result


class _Names:
    """Finds the schema that a reference means."""

    def __init__(self, entries: Sequence[SchemaFolder], config: Config) -> None:
        self._config = config
        self._by_name: dict[str, SchemaFolder] = {}
        ranks: dict[Path, int] = {}
        for base in config.schema_base_paths:
            ranks.setdefault(base, len(ranks))
        for entry in sorted(entries, key=lambda entry: _rank(entry.path, ranks)):
            self._by_name.setdefault(entry.name, entry)  # of the first base path
        self._by_folder: dict[str, SchemaFolder] = {}
        for entry in self._by_name.values():
            self._by_folder.setdefault(str(entry.path), entry)
        self._deepest = max((name.count("/") + 1 for name in self._by_name), default=0)

    def use(self, user: SchemaFolder, reference: Reference) -> Dependency | None:
        """Return a reference as the use of a schema; None where it names no version of one."""
        url, _, _ = reference.ref.partition("#")
        path, _, last = uris.decode(url).rpartition("/")
        label = last.removesuffix(".yaml").removesuffix(".json")
        pinned = versions.parse(label)
        if user.current is None or user.current.document is None or not path:
            return None
        if pinned is None and label not in {"latest", "current"}:
            return None
        entry = self._entry(path)
        used = entry.title if entry else path.strip("/") if url[:1] == "/" else path
        at = user.current.document.locate(f"{reference.pointer}/$ref")
        return Dependency(user, used, entry, pinned, label, reference, at)

    def _entry(self, path: str) -> SchemaFolder | None:
        """Return the schema whose folder a reference names."""
        if path[:1] == "/":
            return self._by_name.get(path.strip("/"))
        if uris.scheme(path):
            return self._by_url(path)
        return self._by_folder.get(os.path.normpath(self._config.root / path))

    def _by_url(self, url: str) -> SchemaFolder | None:
        for base in self._config.schema_base_uris:
            if url.startswith(f"{base.rstrip('/')}/"):
                return self._by_name.get(url[len(base.rstrip("/")) :].strip("/"))
        _, *names = url.rsplit("/", self._deepest)
        endings = ("/".join(names[start:]) for start in range(len(names)))  # the longest first
        return next((self._by_name[name] for name in endings if name in self._by_name), None)


def _rank(path: Path, ranks: Mapping[Path, int]) -> int:
    """Return the number of the first base path that a folder is in."""
    return min(ranks[folder] for folder in (path, *path.parents) if folder in ranks)
