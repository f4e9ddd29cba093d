"""From a document to the schema that is written: dereference, merge, bounds, example."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from jsonschema_tools.bounds import add_numeric_bounds
from jsonschema_tools.dereferencing.dereference import Dereferenced, dereference
from jsonschema_tools.dereferencing.loader import Loader
from jsonschema_tools.errors import MergeConflictError, SchemaError, SchemaToolsError
from jsonschema_tools.merging import AllOfConflictError, contributions, merge_all_of
from jsonschema_tools.messages import holds
from jsonschema_tools.schema_shape import first_misplaced
from jsonschema_tools.values import TOO_DEEP, deep_copy, get_field, is_too_deep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from jsonschema_tools.config import Config
    from jsonschema_tools.documents import Document
    from jsonschema_tools.values import Schema


class Built(NamedTuple):
    """A schema that was built.

    Attributes:
        schema: the schema.
        documents: URLs of the other documents that it was made of.
    """

    schema: Schema
    documents: tuple[str, ...]


class Builder:
    """Makes schemas of documents: dereferenced, merged, with bounds and an example.

    Args:
        config: the repository's settings.
        overlay: what to read instead of a file, by absolute path.

    Attributes:
        remarks: what is odd about generated examples.
    """

    def __init__(self, config: Config, overlay: Callable[[Path], Document | None]) -> None:
        self._config = config
        self.remarks: list[str] = []
        self._loader = Loader(
            config.root,
            config.schema_base_uris,
            allow_external=config.allow_external_refs,
            overlay=overlay,
            display_path=config.display_path,
            refresh=config.refresh,
        )

    def dereference(self, document: Document) -> Schema:
        """Return a schema with every `$ref` resolved and `allOf` merged.

        Raises:
            SchemaToolsError: a reference or a merge fails.
        """
        return self._dereferenced(document).schema

    def _dereferenced(self, document: Document) -> Built:
        has_examples = "examples" in schema_in(document)
        dereferenced = dereference(document, self._loader)
        if (misplaced := first_misplaced(dereferenced.schema)) is not None:
            at = dereferenced.locate(misplaced.pointer)
            raise SchemaError(misplaced.message, at=at, hint=misplaced.hint)
        try:
            merged = merge_all_of(dereferenced.schema)
        except AllOfConflictError as conflict:
            raise _with_origins(conflict, dereferenced, document) from None
        except SchemaError as error:
            if error.at is None:
                raise
            raise error.placed(dereferenced.locate(error.at.pointer or "")) from None
        if not isinstance(merged, dict):
            raise SchemaError(
                f"the schema merges to {merged!r}, which no event can use",
                at=document.locate("/allOf"),
                hint="take `true` and `false` out of `allOf`",
            )
        if not has_examples:  # those of fragments show the fragment, not this schema
            merged.pop("examples", None)
        _require_readable(merged, document)
        return Built(merged, dereferenced.documents)

    def build(self, document: Document) -> Schema:
        """Return a schema as it is written, before it is serialized.

        Raises:
            SchemaToolsError: a reference, a merge or the example fails.
        """
        return self.built(document).schema

    def built(self, document: Document) -> Built:
        """Do the same, and say which other documents the schema was made of.

        Raises:
            SchemaToolsError: a reference, a merge or the example fails.
        """
        config = self._config
        schema: Schema
        documents: tuple[str, ...] = ()
        if config.should_dereference:
            schema, documents = self._dereferenced(document)
        else:
            schema = deep_copy(schema_in(document))
        if config.numeric_bounds is not None:
            add_numeric_bounds(schema, config.numeric_bounds)
        if config.should_generate_example:
            from jsonschema_tools.examples import with_example

            try:
                schema = with_example(
                    schema,
                    get_field(schema, config.schema_version_field),
                    lambda remark: self.remarks.append(
                        f"{document.locate(remark.pointer)}: {remark.message}"
                    ),
                )
            except SchemaToolsError as error:
                raise placed(error, document) from None
            # a default is one level further down in it
            _require_readable({"examples": schema["examples"]}, document)
        return Built(schema, documents)

    def downloads(self, document: Document) -> Mapping[str, float | None]:
        """Return the remote documents that a schema is made of, see `Loader.downloads`.

        Raises:
            SchemaToolsError: a reference fails.
        """
        return self._loader.downloads(dereference(document, self._loader).documents)

    def sources(self, urls: Iterable[str]) -> Mapping[str, Document | None] | None:
        """Return the files behind other documents, see `Loader.sources`."""
        return self._loader.sources(urls)

    def with_reference_example(self, document: Document, schema: Schema) -> Schema:
        """Return a built schema with the example that the reference generates, valid or not.

        As it is where the document has examples, or none are generated.
        """
        if not self._config.should_generate_example or schema_in(document).get("examples"):
            return schema
        from jsonschema_tools.examples import with_reference_example

        return with_reference_example(schema, get_field(schema, self._config.schema_version_field))


def _require_readable(schema: Schema, document: Document) -> None:
    if is_too_deep(schema):
        raise SchemaError(
            f"written out, the schema would be {TOO_DEEP}",
            at=document.locate(""),
            hint="a file of that depth could not be read again: make the schema flatter",
        )


def schema_in(document: Document) -> Schema:
    """Return the schema in a document.

    Raises:
        SchemaError: it holds something else.
    """
    if not isinstance(document.data, dict):
        raise SchemaError(
            f"a schema must be a mapping of keywords, but this document {holds(document.data)}",
            at=document.locate(""),
        )
    return document.data


def placed(error: SchemaToolsError, document: Document) -> SchemaToolsError:
    """Return an error about a built schema with the author's file as its place."""
    if error.at is None or not error.at.path:
        return error.placed(document.locate(error.at.pointer or "" if error.at else ""))
    return error


def _with_origins(
    conflict: AllOfConflictError, dereferenced: Dereferenced, document: Document
) -> MergeConflictError:
    """Return a merge conflict with the places that its values came from."""
    places = [
        dereferenced.locate(side.pointer)
        for side in contributions(dereferenced.schema, conflict.path)
    ]
    return MergeConflictError(
        conflict.message,
        at=places[0] if places else document.locate(""),
        hint=" and ".join(
            [
                *(f"see {place}" for place in dict.fromkeys(map(str, places[1:]))),
                conflict.hint or "",
            ]
        ),
    )
