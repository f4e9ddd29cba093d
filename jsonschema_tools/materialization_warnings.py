"""What the author of a schema should know when it is materialized, though it can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools import pointers
from jsonschema_tools.dereferencing.references import constraints_beside, references
from jsonschema_tools.ecmascript.numbers import number_text
from jsonschema_tools.materialization import version_of
from jsonschema_tools.messages import quote
from jsonschema_tools.values import get_field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.config import Config
    from jsonschema_tools.documents import Document
    from jsonschema_tools.materialization import Materialized


def warnings(materialized: Materialized, config: Config) -> Iterator[str]:
    """Yield what the author of a materialized schema should know.

    Numbers that are not exact doubles, constraints beside a `$ref`, an odd example, a version that
    was completed, and a version that changes although it was written before.
    """
    document = materialized.source.document
    yield from materialized.remarks
    for number in document.lossy:
        becomes = number_text(number.value)
        yield (
            f"{number.at}: {number.text} cannot be represented exactly as a double; "
            f"it will be written as {becomes}"
        )
    if config.should_dereference:
        yield from _beside_references(document)
    identifier = get_field(document.data, config.schema_version_field)
    version = version_of(document, config)
    if isinstance(identifier, str) and not identifier.removesuffix("#").endswith(str(version)):
        yield (
            f"{document.locate('/' + config.schema_version_field)}: "
            f"{quote(identifier)} is taken as version {version}"
        )
    for output in materialized.changed:
        if output.target is None and output.path.exists():
            yield (
                f"{config.display_path(output.path)} was there before and changes; "
                "if that version is published, bump the version instead"
            )


def _beside_references(document: Document) -> Iterator[str]:
    """Yield a warning for each `$ref` that has keywords beside it which refuse events."""
    for reference in references(document):
        holder = pointers.follow(document.data, reference.pointer)
        if isinstance(holder, dict) and (beside := constraints_beside(holder)):
            listed = ", ".join(f"`{key}`" for key in beside)
            yield (
                f"{document.locate(reference.pointer)}: {listed} beside "
                f"`$ref: {reference.ref}` replaces what is there; to have both, write "
                f"`allOf: [{{$ref: {reference.ref}}}]`"
            )
