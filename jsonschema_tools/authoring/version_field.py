"""The version in the field of a document that holds it, such as `$id`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jsonschema_tools.errors import SchemaError
from jsonschema_tools.pointers import join, split, text_at
from jsonschema_tools.values import as_object

if TYPE_CHECKING:
    from jsonschema_tools.documents import Document
    from jsonschema_tools.values import Json
    from jsonschema_tools.versions import Version


def field_pointer(data: Json, field: str) -> str:
    """Return the pointer of a dotted path, as `get_field` reads it."""
    return join([field] if field in as_object(data) else field.split("."))


def around_version(document: Document, pointer: str, version: Version) -> tuple[str, str, str]:
    """Split an `$id` into what comes before its version, the version as written, and the rest.

    Raises:
        SchemaError: the version is written in a way that has no such part.
    """
    identifier, text = text_at(document.data, pointer), str(version)
    if text in identifier:
        before, part, after = identifier.rpartition(text)
        return before, part, after
    path = identifier.removesuffix("#").rstrip("/")
    before, slash, last = path.rpartition("/")
    if last.replace(".", "").isdecimal():  # `/x/3` is 3.0.0
        return f"{before}{slash}", last, identifier[len(path) :]
    raise SchemaError(
        f"{identifier!r} is taken as version {text}, but does not say so",
        at=document.locate(pointer),
        hint=f"write {text} there",
    )


def with_version(document: Document, pointer: str, old: Version, new: Version) -> Document:
    """Return a document as if it had another version; its text stays as it is.

    Args:
        document: the document.
        pointer: JSON Pointer of the version field.
        old: the version that it declares.
        new: the other version. A short one, such as `/x/3`, stays as it is.

    Raises:
        SchemaError: the version is written in a way that has no such part.
    """
    before, part, after = around_version(document, pointer, old)
    number = f"{before}{new if part == str(old) else part}{after}"
    return replace(document, data=_with(document.data, split(pointer), number))


def _with(data: Json, tokens: list[str], value: str) -> Json:
    """Return a copy of data with another value at a place; the rest is shared."""
    if not tokens:
        return value
    token, *rest = tokens
    if isinstance(data, list):
        place = int(token)
        return [*data[:place], _with(data[place], rest, value), *data[place + 1 :]]
    whole = as_object(data)
    return {**whole, token: _with(whole[token], rest, value)}
