"""Check of what makes validating untrusted data slow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.checks.base import Check, Context, check
from jsonschema_tools.checks.scopes import FILE
from jsonschema_tools.validation import insecure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.errors import Problem
    from jsonschema_tools.repository import SchemaFile


@check("schema-is-secure", "robustness", FILE)
def schema_is_secure(file: SchemaFile, _: Context) -> Iterator[Problem]:
    """Untrusted data cannot make a validator slow.

    Events come from everywhere. A regular expression on a string of any length, or comparing every
    item of a list of any length with every other, may take a validator minutes.

    So `pattern` and `format` need `maxLength`, `patternProperties` needs `propertyNames` with
    `maxLength`, and `uniqueItems` needs `maxItems` unless the items are plain values.

    Bad:

        uri: {type: string, format: uri-reference}

    Good:

        uri: {type: string, format: uri-reference, maxLength: 1024}

    Fix: add the limit, generously. A greater `maxLength` is a compatible change later on.
    """
    yield from insecure(file.schema)


CHECKS: tuple[Check, ...] = (schema_is_secure,)
