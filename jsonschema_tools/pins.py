"""Pins: which schema refers to which version of another one, such as a fragment."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jsonschema_tools import uris, versions
from jsonschema_tools.documents import parse_document
from jsonschema_tools.errors import SchemaToolsError
from jsonschema_tools.references import references
from jsonschema_tools.repository import find_files
from jsonschema_tools.values import get_field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.config import Config
    from jsonschema_tools.documents import Document
    from jsonschema_tools.references import Reference
    from jsonschema_tools.versions import Version

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Pin:
    """A `$ref` to a version of another schema.

    Attributes:
        document: the document that holds it.
        reference: the `$ref`.
        name: what it refers to, without the version: `fragment/common`, or a whole URL.
        version: the version.
    """

    document: Document
    reference: Reference
    name: str
    version: Version


def pins(document: Document) -> Iterator[Pin]:
    """Yield the pins of a document, in the order in which they stand."""
    for reference in references(document):
        if not reference.local and (target := split(reference.ref)) is not None:
            yield Pin(document, reference, *target)


def split(url: str) -> tuple[str, Version] | None:
    """Return the name and version in a reference or `$id`; None where there is no version.

    `/fragment/common/1.0.0.yaml#/properties` is `fragment/common` at 1.0.0.
    """
    path = uris.decode(url.partition("#")[0])
    name, _, last = path.rpartition("/")
    version = versions.parse(last.removesuffix(".yaml").removesuffix(".json"))
    return (name.strip("/"), version) if version is not None and name else None


def same_name(pinned: str, name: str) -> bool:
    """Tell whether a pin's name means a schema: itself, or below the URL of a base."""
    return pinned == name or pinned.endswith(f"/{name}")


def users(of: Document, config: Config) -> dict[str, list[Version]]:
    """Return the current files that refer to a schema, each with the versions that it pins."""
    if (target := _target(of, config)) is None:
        return {}
    found = {}
    for document in _mentioning(target[0], config):
        pinned = [pin.version for pin in pins(document) if same_name(pin.name, target[0])]
        if pinned and document.path != of.path:
            found[document.path] = pinned
    return found


def older_pins(of: Document, using: dict[str, list[Version]], config: Config) -> str | None:
    """Say which users of a schema pin an older version than it has now; None if none does."""
    if (target := _target(of, config)) is None:
        return None
    name, version = target
    older = {path: min(pinned) for path, pinned in using.items() if min(pinned) < version}
    if not older:
        return None
    shown = ", ".join(f"{path} ({pinned})" for path, pinned in sorted(older.items())[:_SHOWN])
    more = f" and {len(older) - _SHOWN} more" if len(older) > _SHOWN else ""
    return (
        f"{name} is at {version} now; of {len(using)} schemas that use it {len(older)} "
        f"pin an older version: {shown}{more}"
    )


def _target(document: Document, config: Config) -> tuple[str, Version] | None:
    identifier = get_field(document.data, config.schema_version_field)
    return split(identifier) if isinstance(identifier, str) else None


def _mentioning(name: str, config: Config) -> Iterator[Document]:
    """Read the current files whose text holds a name: parsing them all would take far longer."""
    for file in find_files(config):
        if file.current:
            with contextlib.suppress(OSError, SchemaToolsError):  # told by `check`
                content = file.path.read_bytes()
                if name.encode() in content:
                    yield parse_document(content, file.shown)
