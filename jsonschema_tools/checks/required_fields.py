"""Check of the fields that every event has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.checks.base import Check, Context, check
from jsonschema_tools.checks.scopes import TITLE, latest
from jsonschema_tools.errors import Problem, SchemaToolsError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.repository import Title
    from jsonschema_tools.values import Json


def _is_event(title: Title, context: Context) -> bool:
    config = context.config
    return bool(config.required_fields) and not config.fragment_schemas.match(title.name)


@check("schema-required-fields", "robustness", TITLE, applies=_is_event)
def required_fields(title: Title, context: Context) -> Iterator[Problem]:
    """The latest version of an event schema declares the fields that every event has.

    Services that take in all events rely on some fields: which schema an event has, which stream
    it is from, when it happened. They are listed in `requiredFields`; schemas whose title matches
    `fragmentSchemas` are parts of others, and exempt. A field counts where it is in
    `properties`, in the materialized schema, so fields that come from a fragment count too.

    Bad: an event schema without `dt`.

    Good: `allOf: [{$ref: /fragment/common/2.0.0}]` where that fragment declares them.

    Fix: refer to the common fragment, or declare the fields; or change `requiredFields`.
    """
    file = latest(title, context) or title.files[-1]
    if file.document is None:
        return
    try:
        schema = context.build(file.document) if file.current else file.data
    except SchemaToolsError as error:
        yield Problem(f"cannot be materialized: {error.message}", hint=error.hint, at=error.at)
        return
    fields = context.config.required_fields
    if missing := [f"`{field}`" for field in fields if not _declares(schema, field)]:
        yield Problem(
            f"{file.name} does not declare {', '.join(missing)}",
            pointer="/properties",
            hint="declare it in `properties`, or refer to a fragment that does",
        )


def _declares(schema: Json, field: str) -> bool:
    """Tell whether `properties` lead to a field; a name with dots in it is found too."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict):
        return False
    if field in properties:
        return True
    first, dot, rest = field.partition(".")
    return bool(dot) and _declares(properties.get(first), rest)


CHECKS: tuple[Check, ...] = (required_fields,)
