"""Checks of the symbolic links beside the files of a schema."""

from __future__ import annotations

import os.path
from typing import TYPE_CHECKING

from jsonschema_tools.checks.base import Check, Context, Release, check, folder_of
from jsonschema_tools.checks.scopes import LATEST, RELEASE, TITLE, latest
from jsonschema_tools.errors import Location, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jsonschema_tools.repository import SchemaFile, Title


@check("structure-no-extensionless-current", "structure", TITLE, reads=False)
def no_extensionless_current(title: Title, context: Context) -> Iterator[Problem]:
    """The current file has no link without extension.

    Such a link would make unreleased schemas reachable under a URL that looks like a version.

    Bad: `current -> current.yaml`.

    Good: links for versions and `latest` only.

    Fix: remove the link.
    """
    stem = context.config.current_name.rpartition(".")[0]
    if _is_there(folder_of(title) / stem):
        yield Problem(f"there must be no {stem} without extension", hint="remove it")


def _links_latest(_title: Title, _newest: SchemaFile, context: Context) -> bool:
    return context.config.should_symlink_latest


@check("structure-latest-symlink", "structure", LATEST, applies=_links_latest, reads=False)
def latest_symlink(title: Title, newest: SchemaFile, context: Context) -> Iterator[Problem]:
    """`latest.yaml` is a symbolic link to the latest version in the main content type.

    Tools that always want the newest schema follow it.

    Bad: `latest.yaml -> 1.0.0.yaml` while `1.1.0.yaml` exists; a copy instead of a link.

    Good: `latest.yaml -> 1.1.0.yaml`.

    Fix: materialize again; it sets the link.
    """
    yield from _link_to_latest(title, newest, f"latest.{newest.content_type}", context)


def _links_latest_extensionless(title: Title, context: Context) -> bool:
    config = context.config
    return (
        config.should_symlink_latest
        and config.should_symlink_extensionless
        and latest(title, context) is not None
    )


@check(
    "structure-latest-extensionless-symlink",
    "structure",
    TITLE,
    applies=_links_latest_extensionless,
    reads=False,
)
def latest_extensionless_symlink(title: Title, context: Context) -> Iterator[Problem]:
    """`latest` is a symbolic link to the latest version in the main content type.

    The same as `latest.yaml` for URLs without extension.

    Bad: `latest -> 1.0.0.yaml` while `1.1.0.yaml` exists.

    Good: `latest -> 1.1.0.yaml`.

    Fix: materialize again; it sets the link.
    """
    if (newest := latest(title, context)) is not None:
        yield from _link_to_latest(title, newest, "latest", context)


def _links_extensionless(_: Release, context: Context) -> bool:
    return context.config.should_symlink_extensionless


@check(
    "structure-extensionless-symlink",
    "structure",
    RELEASE,
    applies=_links_extensionless,
    reads=False,
)
def extensionless_symlink(release: Release, context: Context) -> Iterator[Problem]:
    """Every version has a symbolic link without extension to its main content type.

    Events name their schema as `/thing/change/1.0.0`; the link is what answers there.

    Bad: no `1.0.0`, a copy of the file, or `1.0.0 -> 1.1.0.yaml`.

    Good: `1.0.0 -> 1.0.0.yaml`.

    Fix: materialize that version again, or `ln -s 1.0.0.yaml 1.0.0`.
    """
    link = folder_of(release.title) / release.version
    expected = f"{release.version}.{context.config.content_types[0]}"
    wrong = _not_a_link(link)
    if not wrong and (target := os.readlink(link)) != expected:  # noqa: PTH115 - as written
        wrong = f"links to {target}"
    if wrong:
        yield _bad_link(link, wrong, expected, context)


CHECKS: tuple[Check, ...] = (
    no_extensionless_current,
    latest_symlink,
    latest_extensionless_symlink,
    extensionless_symlink,
)


def _not_a_link(link: Path) -> str | None:
    """Return what is wrong with a link in itself, or None."""
    if not os.path.lexists(link):
        return "is missing"
    if not os.path.islink(link):  # noqa: PTH114 - as in _is_there
        return "is not a symbolic link"
    return None if _is_there(link) else "leads nowhere"


def _is_there(path: Path) -> bool:
    # Path.exists raises where a folder must not be read; to us, nothing is there then
    return os.path.exists(path)  # noqa: PTH110


def _link_to_latest(
    title: Title, newest: SchemaFile, name: str, context: Context
) -> Iterator[Problem]:
    link, expected = folder_of(title) / name, f"{newest.version}.{newest.content_type}"
    wrong = _not_a_link(link)
    if (
        not wrong
        and (target := os.readlink(link)) != expected  # noqa: PTH115 - as written
        and os.path.realpath(link) != os.path.realpath(link.with_name(expected))
    ):
        wrong = f"leads to {target}"
    if wrong:
        yield _bad_link(link, wrong, expected, context)


def _bad_link(link: Path, wrong: str, expected: str, context: Context) -> Problem:
    return Problem(
        f"{link.name} {wrong}",
        hint=f"it must be a symbolic link to {expected}",
        at=Location(context.config.display_path(link)),
    )
