"""Within a major version, what was there stays as it was, and what was free stays free."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.checks.base import Check, Context, check
from jsonschema_tools.checks.scopes import PAIR
from jsonschema_tools.comparison import version_problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.comparison import Verdict
    from jsonschema_tools.errors import Problem
    from jsonschema_tools.repository import SchemaFile


@check("schema-version-compatibility", "compatibility", PAIR)
def version_compatibility(old: SchemaFile, new: SchemaFile, context: Context) -> Iterator[Problem]:
    """Nothing in a version is removed or changed in the next one of the same major version.

    Producers and consumers move to a new version one after the other. If the next version only
    adds to this one, events of either can be read with the newer schema, tables that were made
    from them gain columns and never change one, and nobody has to wait for anybody.

    What may change under the `additive` policy: words that no event can notice, such as `title`,
    `description`, `default`, `examples` and keywords of your own; `maxLength`; `required` may be
    reordered; an `enum` may gain values. Anything new may be added, such as an optional property
    (whether it refuses events that were valid before is the subject of
    `schema-version-no-new-constraints`). `compatibilityPolicy` or `check --policy` sets another
    policy: `reference`, `backward`, `forward` or `full`.

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
    yield from _problems(old, new, "incompatible", context)


@check("schema-version-no-new-constraints", "compatibility", PAIR)
def version_no_new_constraints(
    old: SchemaFile, new: SchemaFile, context: Context
) -> Iterator[Problem]:
    """No version refuses an event that was valid before in the same major version.

    `schema-version-compatibility` sees to it that what the old version says is still said. This
    check looks at what the new one adds: in a part that was there before, no `required`,
    `enum`, `const`, `type`, limit, `pattern`, `format`, `additionalProperties` or other keyword
    that can refuse a value may be added, and no `maxLength` made smaller. Together they mean that
    an event with only declared fields that was valid stays valid.

    New optional properties are free, and so is all that is inside them. The `minimum` and
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
    yield from _problems(old, new, "constraint", context)


def _problems(
    old: SchemaFile, new: SchemaFile, verdict: Verdict, context: Context
) -> Iterator[Problem]:
    config = context.config
    yield from version_problems(
        old.schema,
        new.schema,
        verdict,
        policy=config.compatibility_policy,
        bounds=config.numeric_bounds,
    )


CHECKS: tuple[Check, ...] = (version_compatibility, version_no_new_constraints)
