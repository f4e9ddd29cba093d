"""Checks that what was made from one schema is the same schema."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from jsonschema_tools.checks.base import Check, Context, Release, check
from jsonschema_tools.checks.scopes import CURRENT, RELEASE
from jsonschema_tools.comparison import from_to
from jsonschema_tools.errors import Problem, SchemaToolsError
from jsonschema_tools.pointers import join, nearest
from jsonschema_tools.values import child, equal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.repository import SchemaFile
    from jsonschema_tools.values import Json


@check("structure-current-equals-latest", "structure", CURRENT)
def current_equals_latest(
    current: SchemaFile, newest: SchemaFile, context: Context
) -> Iterator[Problem]:
    """Materializing the current file again gives the latest version.

    So the latest version was made from what is in the current file, and was not edited by hand
    since. Consumers get what authors believe they wrote.

    Bad: a field was added to current.yaml, and nothing was materialized.

    Good: the field is in the current file and in a new version.

    Fix: bump the version in `$id` and materialize; to take a change back, restore the file that
    was edited by hand.
    """
    if current.document is None:
        return
    if current.version != newest.version:
        yield Problem(
            f"{current.name} has version {current.version}, the latest file {newest.version}",
            pointer=join([context.config.schema_version_field]),
            hint=f"run `jsonschema-tools materialize {current.display_path}`",
        )
        return
    try:
        built = context.build(current.document)
    except SchemaToolsError as error:
        yield Problem(f"cannot be materialized: {error.message}", hint=error.hint, at=error.at)
        return
    if not (
        equal(built, newest.data)
        or equal(context.with_reference_example(current.document, built), newest.data)
    ):
        downloads = context.downloads(current.document)
        yield Problem(
            f"materializing it again gives another {newest.name}: {_change(newest.data, built)}",
            pointer=nearest(current.data, _first_difference(newest.data, built)),
            hint="bump the version and materialize, or restore the file that was edited by hand"
            + "".join(_download_note(url, since) for url, since in downloads.items()),
        )


@check("structure-content-types-equal", "structure", RELEASE)
def content_types_equal(release: Release, _: Context) -> Iterator[Problem]:
    """All content types of a version hold the same schema.

    Bad: `type: string` in `1.0.0.yaml`, `"type": "integer"` in `1.0.0.json`.

    Good: both made in one go from the same current file.

    Fix: find out which of them was edited by hand, and restore it.
    """
    for first, second in pairwise(release.materialized):
        if second.document is not None and not equal(first.data, second.data):
            yield Problem(
                f"{second.name} does not equal {first.name}: {_change(first.data, second.data)}",
                at=second.document.locate(_first_difference(second.data, first.data)),
            )


CHECKS: tuple[Check, ...] = (current_equals_latest, content_types_equal)


def _download_note(url: str, since: float | None) -> str:
    """Say of a remote document that others may have another copy of it."""
    if since is None:
        return (
            f"; {url} was downloaded now: who materialized may have a copy from before it changed, "
            "which --refresh passes over"
        )
    day = datetime.fromtimestamp(since, UTC).date()
    return f"; {url} was not downloaded: the copy of {day} decided, which --refresh passes over"


def _change(old: Json, new: Json) -> str:
    return from_to(old, new) or "numbers or dates differ"


def _first_difference(a: Json, b: Json) -> str:
    """Return the pointer of the first place where two values that differ do so."""
    tokens: list[str | int] = []
    while True:
        step = _first_step(a, b)
        if step is None:
            return join(tokens)
        tokens.append(step)
        a, b = child(a, step), child(b, step)


def _first_step(a: Json, b: Json) -> str | int | None:
    if isinstance(a, dict) and isinstance(b, dict):
        return next((key for key in a if key in b and not equal(a[key], b[key])), None)
    if isinstance(a, list) and isinstance(b, list):
        return next(
            (i for i, (x, y) in enumerate(zip(a, b, strict=False)) if not equal(x, y)), None
        )
    return None
