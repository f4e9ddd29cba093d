"""The version that a current file should have, and that version written into the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.authoring.assessment import released
from jsonschema_tools.authoring.version_field import around_version
from jsonschema_tools.documents import Replacement, replace_parts
from jsonschema_tools.errors import SchemaToolsError
from jsonschema_tools.pointers import follow, join, written_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.authoring.assessment import Assessment
    from jsonschema_tools.comparison import Bump
    from jsonschema_tools.documents import Document
    from jsonschema_tools.versions import Version

PARTS: tuple[Bump, ...] = ("patch", "minor", "major")


class BumpRefusedError(SchemaToolsError):
    """The version that was asked for, or none at all, is not enough for what changed."""

    code = "bump-refused"


def target(assessment: Assessment, asked: Bump | None) -> Version | None:
    """Return the version that a current file should have; None where it has one that will do.

    Args:
        assessment: what changed.
        asked: the bump that the author asked for; None leaves it to the changes.

    Raises:
        BumpRefusedError: less was asked for than is needed, or a major version is needed and
            was not asked for.
    """
    needed = assessment.needed
    if asked is not None and needed is not None and PARTS.index(asked) < PARTS.index(needed):
        raise _refusal(assessment, f"--{asked} was asked for, but")
    part = asked or needed
    if part is None:
        return assessment.latest if assessment.declared < assessment.latest else None
    if assessment.is_enough(part):
        return None
    wanted = assessment.after(part)
    if part == "major" and asked is None and wanted != released(assessment.latest):
        raise _refusal(assessment, "")
    return wanted


def bump(assessment: Assessment, version: Version, *, examples: bool = False) -> Document:
    """Return the current file with another version in its version field, all else as it was.

    Args:
        assessment: the current file.
        version: the new version.
        examples: whether `$schema` of the examples that name the old one follow.

    Raises:
        SchemaError: the version is in the file in a way that cannot be edited.
    """
    places = [assessment.field, *(stale_examples(assessment) if examples else ())]
    _, part, _ = around_version(assessment.document, assessment.field, assessment.declared)
    changes = [Replacement(pointer, part, str(version)) for pointer in places]
    return replace_parts(assessment.document, changes)


def stale_examples(assessment: Assessment) -> Iterator[str]:
    """Yield the pointers of the examples' `$schema` that name the version before a bump."""
    data = assessment.document.data
    identifier = follow(data, assessment.field)
    examples = data.get("examples") if isinstance(data, dict) else None
    for index, example in enumerate(examples if isinstance(examples, list) else ()):
        if isinstance(example, dict) and example.get("$schema") == identifier:
            yield join(["examples", index, "$schema"])


def _refusal(assessment: Assessment, prefix: str) -> BumpRefusedError:
    document, needed = assessment.document, assessment.needed
    breaking = next((c for c in assessment.changes if c.verdict != "allowed"), None)
    declared = (
        f" ({assessment.declared} in the file is not one)"
        if assessment.declared > assessment.latest
        else ""
    )
    since = assessment.promised or assessment.latest
    message = (
        f"{prefix} what changed since {since} needs a {needed} version{declared}: "
        f"{'; '.join(reason for reason, _ in assessment.reasons)} (policy {assessment.policy})"
    )
    event = next((event for _, event in assessment.reasons if event is not None), None)
    place = written_at(document.data, breaking.pointer) if breaking else assessment.field
    wanted = assessment.after(needed or "major")
    return BumpRefusedError(
        message.strip(),
        at=document.locate(place),
        counterexample=event,
        hint=f"take that back, or make it {wanted} with "
        f"`jsonschema-tools bump --{needed} {document.path}`",
    )
