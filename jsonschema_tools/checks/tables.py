"""Every schema becomes a table, and the table of a version grows out of that of the one before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.checks.base import Check, Context, check
from jsonschema_tools.checks.scopes import FILE, PAIR
from jsonschema_tools.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.repository import SchemaFile


def _is_table(file: SchemaFile, context: Context) -> bool:
    """Tell whether a file is a version of an event schema, in the main content type."""
    config = context.config
    main = not file.current and file.content_type == config.content_types[0]
    return main and not config.fragment_schemas.match(file.title)


def _are_tables(old: SchemaFile, new: SchemaFile, context: Context) -> bool:
    return _is_table(old, context) and _is_table(new, context)


@check("schema-maps-to-table", "lake", FILE, applies=_is_table)
def maps_to_table(file: SchemaFile, _: Context) -> Iterator[Problem]:
    """Every field of an event schema has a column type.

    Events end up in tables. A field that may be text or an object, or an object of which nothing is
    declared, fits no column: its table cannot be made, or holds JSON as text, which every query
    must parse. Names count too: `pageId` and `pageid` are one column, and `hour` is one that tables
    are partitioned by.

    Bad: `{type: [string, object]}`, `{type: object}`, `{type: array}`, `{oneOf: [...]}`.

    Good:

    ```yaml
    tags: {type: array, items: {type: string}}
    page: {type: object, properties: {page_id: {type: integer}}}
    counts: {type: object, additionalProperties: {type: integer}}  # a map
    ```

    To fix it, declare one `type` for each field; `jsonschema-tools table TITLE/current` shows the
    table. A value that may be missing is an optional field, not one that may be null.
    """
    from jsonschema_tools.lake.columns import columns

    if isinstance(file.data, dict):
        yield from columns(file.data).problems


@check("schema-version-table-compatible", "lake", PAIR, applies=_are_tables)
def version_table_compatible(old: SchemaFile, new: SchemaFile, _: Context) -> Iterator[Problem]:
    """The table of a version is that of the version before, with columns or fields added.

    A table holds the events of all versions. It can gain columns, and structs can gain fields at
    any depth; nothing can change the type of what was stored, and what is removed from the schema
    stays in the table forever.

    Bad, from 1.0.0 to 1.1.0: `size: {type: integer}` became `size: {type: number}`.

    Good: `size` stays, and `size_exact: {type: number}` is added.

    To fix it, restore the field and add a new one; or give the schema a new major version, whose
    events go to a stream, and so a table, of their own. `jsonschema-tools table TITLE --since
    VERSION` prints the statements that change the table.
    """
    from jsonschema_tools.lake.columns import columns
    from jsonschema_tools.lake.evolution import Places, Refused, changes

    if not isinstance(old.data, dict) or not isinstance(new.data, dict):
        return
    before, after = (columns(data, lenient=True).columns for data in (old.data, new.data))
    places = Places(after)
    for change in changes(before, after):
        if isinstance(change, Refused):
            hint = "restore it, and add a new field beside it"
            yield Problem(f"the table {change}", places.pointer_to(change.path), hint)


CHECKS: tuple[Check, ...] = (maps_to_table, version_table_compatible)
