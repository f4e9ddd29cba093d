"""Within a major version, what was there stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.checks.base import Check, Context, check
from jsonschema_tools.checks.scopes import PAIR
from jsonschema_tools.comparison.problems import problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.errors import Problem
    from jsonschema_tools.repository import SchemaFile


@check("schema-version-compatibility", "compatibility", PAIR)
def version_compatibility(old: SchemaFile, new: SchemaFile, context: Context) -> Iterator[Problem]:
    """Nothing of a version goes or changes in the next one of the same major version.

    Producers and consumers move to a new version one after the other. If the next version only
    adds to this one, events of either can be read with the newer schema, tables that were made
    from them gain columns and never change one, and nobody has to wait for anybody.

    What may change: `description`, `examples` and `$id`; `maxLength`; `required` may be reordered;
    an `enum` may gain values. Anything new may come, such as an optional property (whether it
    refuses events that were valid before is the subject of `schema-version-no-new-constraints`).

    Bad, from 1.0.0 to 1.1.0:

    ```yaml
    properties:
      page_id: {type: string}     # was integer
    required: [page_id, user_id]  # was [page_id]
    ```

    Good:

    ```yaml
    properties:
      page_id: {type: integer}
      page_key: {type: string}    # new and optional
    required: [page_id]
    ```

    To fix it, restore what was there and add a new optional property beside it; or give the
    schema a new major version.
    """
    yield from problems(old.data, new.data, "incompatible", context.config.numeric_bounds)


CHECKS: tuple[Check, ...] = (version_compatibility,)
