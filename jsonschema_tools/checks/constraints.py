"""Within a major version, what was free stays free."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.checks.base import Check, Context, check
from jsonschema_tools.checks.scopes import PAIR
from jsonschema_tools.comparison.problems import problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.errors import Problem
    from jsonschema_tools.repository import SchemaFile


@check("schema-version-no-new-constraints", "compatibility", PAIR)
def version_no_new_constraints(
    old: SchemaFile, new: SchemaFile, context: Context
) -> Iterator[Problem]:
    """No version refuses an event that was valid before in the same major version.

    `schema-version-compatibility` sees to it that what the old version says is still said. This
    check sees to what the new one says besides: in a part that was there before, no `required`,
    `enum`, `const`, `type`, limit, `pattern`, `format`, `additionalProperties` or other keyword
    that can refuse a value may be added, and no `maxLength` made smaller. Together they mean that
    an event with only declared fields that was valid stays valid.

    New optional properties are free, and so is all that stands inside them. The `minimum` and
    `maximum` that materializing itself adds don't count.

    Bad, from 1.0.0 to 1.1.0:

    ```yaml
    properties:
      page_title: {type: string, pattern: '^[^_]'}  # had no pattern
    required: [page_title]                          # there was no required list
    ```

    Good:

    ```yaml
    properties:
      page_title: {type: string}
      page_key: {type: string, pattern: '^[^_]'}    # new and optional
    ```

    To fix it, drop the constraint, or put it on a new optional property; or give the schema a
    new major version.
    """
    yield from problems(old.data, new.data, "constraint", context.config.numeric_bounds)


CHECKS: tuple[Check, ...] = (version_no_new_constraints,)
