"""Checks of references: pinned where they are written, gone where they are materialized."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jsonschema_tools import versions
from jsonschema_tools.checks.base import Check, Context, check
from jsonschema_tools.checks.scopes import FILE, is_current, is_materialized
from jsonschema_tools.dereferencing import uris
from jsonschema_tools.dereferencing.references import references
from jsonschema_tools.errors import Problem
from jsonschema_tools.keywords import MAPS
from jsonschema_tools.pointers import escape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.config import Config
    from jsonschema_tools.dereferencing.references import Reference
    from jsonschema_tools.repository import SchemaFile
    from jsonschema_tools.values import Json
    from jsonschema_tools.versions import Version

_DATA = frozenset({"const", "default", "enum", "examples"})
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_EXTENSION = re.compile(r"\.(?:ya?ml|json)$")


@check("schema-has-no-refs", "robustness", FILE, applies=is_materialized)
def has_no_refs(file: SchemaFile, _: Context) -> Iterator[Problem]:
    """Nothing in a materialized file is a `$ref`.

    A materialized file is complete: consumers that never resolve a reference, such as intakes and
    makers of tables, read it as it is. Whatever a `$ref` says is lost on them, and validators
    ignore the keywords beside it. What is in `const`, `default`, `enum` and `examples` is a
    value, not a reference.

    Bad: `page: {$ref: "#page"}` in `1.0.0.yaml`.

    Good: `page: {type: object, properties: {…}}`, as materializing writes it.

    Fix: write a reference that can be followed, such as `#/definitions/page`, in the current file,
    and materialize a new version.
    """
    if file.document is not None and "$ref" in file.document.text:
        for pointer, ref in _left(file.data, "", names=False):
            yield Problem(
                f"`$ref` {ref!r} is left in a materialized file",
                f"{pointer}/$ref",
                "refer to a JSON Pointer, as in #/definitions/name, and materialize",
            )


def _left(node: Json, pointer: str, *, names: bool) -> Iterator[tuple[str, str]]:
    """Yield the place and the value of each `$ref`.

    Args:
        node: a part of a schema.
        pointer: where it is.
        names: whether its keys are names, as below `properties`, not keywords.
    """
    if isinstance(node, list):
        for index, part in enumerate(node):
            yield from _left(part, f"{pointer}/{index}", names=False)
    elif isinstance(node, dict):
        if not names and isinstance(ref := node.get("$ref"), str):
            yield pointer, ref
        for key, part in node.items():
            if isinstance(part, (dict, list)) and (names or key not in _DATA):
                below = not names and key in MAPS
                yield from _left(part, f"{pointer}/{escape(key)}", names=below)


@check("schema-refs-pinned", "robustness", FILE, applies=is_current)
def refs_pinned(file: SchemaFile, context: Context) -> Iterator[Problem]:
    """Every `$ref` to another schema names a version of it.

    What is behind `latest`, `current` or a path without version changes. Materialize the current
    file again, and a published version becomes another one, although nothing in it was edited.

    Looks at the current file. References into the same file, and URLs whose last segment is neither
    `latest` nor `current`, are free.

    Bad: `$ref: /fragment/common/latest`, `$ref: /fragment/common`.

    Good: `$ref: /fragment/common/2.0.0`.

    Fix: name the version that you mean; `jsonschema-tools outdated` says when there is a newer one.
    """
    moving = {"latest", "current", _EXTENSION.sub("", context.config.current_name)}
    for reference in _references(file):
        if not reference.local and (what := _unpinned(reference.ref, moving)):
            yield Problem(
                f"`$ref` {reference.ref!r} {what}",
                f"{reference.pointer}/$ref",
                "name a version, as in /fragment/common/1.0.0",
            )


@check("schema-refs-newest-major", "robustness", FILE, applies=is_current, on_demand=True)
def refs_newest_major(file: SchemaFile, context: Context) -> Iterator[Problem]:
    """No `$ref` is to a schema of this repository that has a newer major version.

    An older major version still works, and moving to the newer one is a breaking change of your
    own. So this check runs only if it is named; `jsonschema-tools outdated` also lists minor
    versions.

    Bad: `$ref: /fragment/common/1.0.0`, where there is `/fragment/common/2.0.0`.

    Good: `$ref: /fragment/common/2.0.0`, in a new major version of the schema.

    Fix: `jsonschema-tools outdated --update --major SCHEMA`, when the time has come.
    """
    for reference in _references(file):
        path, _, last = uris.decode(reference.ref.partition("#")[0]).rpartition("/")
        pinned = versions.parse(_EXTENSION.sub("", last))
        if reference.local or pinned is None or path[:1] != "/":
            continue
        newest = _newest(path.strip("/"), context.config)
        if newest is not None and newest.major > pinned.major:
            yield Problem(
                f"`$ref` {reference.ref!r} has a newer major version, {newest}",
                f"{reference.pointer}/$ref",
                f"look at `jsonschema-tools diff {path}/{pinned} {path}/{newest}`",
            )


def _references(file: SchemaFile) -> tuple[Reference, ...]:
    return references(file.document) if file.document is not None else ()


def _newest(name: str, config: Config) -> Version | None:
    """Return the newest release of a schema, in the first base path that has its folder."""
    folders = (base / name for base in config.schema_base_paths)
    folder = next((folder for folder in folders if folder.is_dir()), None)
    if folder is None:
        return None
    found = (versions.parse(path.stem) for path in folder.iterdir() if path.suffix)
    return versions.latest(version for version in found if version is not None)


def _unpinned(ref: str, moving: set[str]) -> str | None:
    """Return why a reference is to no version; None where it is to one."""
    path = ref.partition("#")[0].partition("?")[0].rstrip("/")
    if path in {"", "."}:  # as in ./#/definitions/page: the same file
        return None
    segments = [_EXTENSION.sub("", segment) for segment in path.split("/")]
    if segments[-1] in moving:
        return f"is not pinned: {segments[-1]} is another version tomorrow"
    if _SCHEME.match(ref) or ref.startswith("//") or any(map(versions.is_meant, segments)):
        return None
    return "is not pinned: it names no version"


CHECKS: tuple[Check, ...] = (has_no_refs, refs_pinned, refs_newest_major)
