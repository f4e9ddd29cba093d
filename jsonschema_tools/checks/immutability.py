"""Check that what was published stays as it is."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from jsonschema_tools.checks.base import Check, Context, Published, check
from jsonschema_tools.checks.scopes import PUBLISHED
from jsonschema_tools.errors import Location, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator


@check("schema-version-immutable", "compatibility", PUBLISHED, reads=False)
def version_immutable(published: Published, context: Context) -> Iterator[Problem]:
    """A published version has not changed or disappeared.

    Producers, consumers and stored events refer to a version by its `$id`, and everybody caches
    it. Whatever it said yesterday it has to say tomorrow. Runs with `--against REVISION` only;
    published is what is in that revision.

    Bad: `1.0.0.yaml` was edited, or removed, since `origin/main`.

    Good: the change went into the current file, and became `1.1.0.yaml`.

    Fix: `git checkout REVISION -- FILE`, then bump the version in the current file, and
    materialize.
    """
    for path, entry in published.files.items():
        if not entry.matches(path):
            happened = "has changed" if os.path.lexists(path) else "is gone"
            name = context.config.display_path(path)
            yield Problem(
                f"{path.name} {happened} since {published.revision}",
                hint=f"run `git checkout {published.revision} -- {name}`, and make a new version",
                at=Location(name),
            )


CHECKS: tuple[Check, ...] = (version_immutable,)
