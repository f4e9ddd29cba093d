"""Checks of where files are, what they are called, and what they call themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jsonschema_tools import versions
from jsonschema_tools.checks.base import Check, Context, Slot, check, folder_of
from jsonschema_tools.checks.scopes import (
    CURRENT,
    FILE,
    SLOT,
    TITLE,
    UNREADABLE_FILE,
    is_readable,
    latest,
)
from jsonschema_tools.errors import Location, Problem
from jsonschema_tools.messages import holds
from jsonschema_tools.pointers import join

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.repository import SchemaFile, Title


@check("structure-file-is-readable", "structure", FILE, reads=False)
def file_is_readable(file: SchemaFile, _: Context) -> Iterator[Problem]:
    r"""Every schema file is YAML or JSON, and holds an object.

    No other check that looks into a file can say anything about one that cannot be read; they leave
    it out, and pass where nothing else is wrong. So a broken file is reported even if only other
    checks were selected, unless this one is ignored. A waiver names the file by its path below the
    base path, without extension: `^/thing/change/1\.0\.0$`.

    Bad: an unclosed bracket, a key that is given twice, an empty file, a list.

    Good: `title: thing/change` and the other keywords of a schema.

    Fix: correct the file at the line that is named, or restore it from git.
    """
    if is_readable(file):
        return
    if (error := file.error) is not None:
        at = error.at or Location(file.display_path)
        yield Problem(f"{file.name} cannot be read: {error.message}", hint=error.hint, at=at)
        return
    message = f"{file.name} {holds(file.data)}, not an object"
    yield Problem(message, "", hint="a schema is a mapping of keywords")


#: the same, where it was not selected: only what is wrong
REPORTS_UNREADABLE = replace(file_is_readable, scope=UNREADABLE_FILE)


@check("structure-same-directory", "structure", TITLE, reads=False)
def same_directory(title: Title, context: Context) -> Iterator[Problem]:
    """All files of a title are in one folder.

    A consumer finds the versions of a schema side by side, and `$ref`s lead there. Two folders
    with the same title mean that a copy was left behind, or that somebody forgot to give the copy
    its own title.

    Bad: `thing/change/1.0.0.yaml` and `old/change/1.1.0.yaml`, both with `title: thing/change`.

    Good: both below `thing/change/`.

    Fix: move the files together, or give those in one folder a title of their own.
    """
    first, *others = dict.fromkeys(file.path.parent for file in title.files)
    for folder in others:
        display_path = context.config.display_path
        yield Problem(
            f"title {title.name!r} is used in {display_path(first)} and in {display_path(folder)}"
        )


def _is_misplaced(file: SchemaFile, _: Context) -> bool:
    if not is_readable(file):
        return False
    if file.declared_title is None:
        return file.current  # of a materialized file structure-version-title says so
    return file.declared_title != file.folder


@check("structure-title-matches-directory", "structure", FILE, applies=_is_misplaced, reads=False)
def title_matches_directory(file: SchemaFile, _: Context) -> Iterator[Problem]:
    """The title of a schema is its folder below the base path.

    Titles name schemas in streams, tables and code; folders are what URLs are made of. They have to
    agree, so that one leads to the other. Only files in which they differ are reported.

    Bad: `title: thing_change` in `jsonschema/thing/change/current.yaml`.

    Good: `title: thing/change`.

    Fix: change the title, or move the folder.
    """
    if file.declared_title is None:
        yield Problem("the schema has no title", hint=f"add `title: {file.folder}`")
    else:
        yield Problem(
            f"title {file.declared_title!r} does not match the folder {file.folder!r}",
            pointer="/title",
            hint=f"set `title: {file.folder}`, or move the folder",
        )


@check("structure-current-exists", "structure", TITLE, reads=False)
def current_exists(title: Title, context: Context) -> Iterator[Problem]:
    """Every title has a current file.

    It is the one that authors edit and that new versions are made from. Without it the next author
    has nothing to start from.

    Bad: a folder with `1.0.0.yaml` only.

    Good: `current.yaml` next to it (or what `currentName` says).

    Fix: copy the latest version to the current file, and put its `$ref`s back where you can.
    """
    if title.current is None:
        name = context.config.current_name
        yield Problem(f"{name} not found in {context.config.display_path(folder_of(title))}")


def _has_no_version(title: Title, context: Context) -> bool:
    return latest(title, context) is None


@check("structure-latest-version-exists", "structure", TITLE, applies=_has_no_version, reads=False)
def latest_version_exists(title: Title, context: Context) -> Iterator[Problem]:
    """Every title has at least one version in the main content type.

    A current file alone is a draft: nobody can refer to it. Only titles without any version are
    reported.

    Bad: a folder with `current.yaml` only.

    Good: `1.0.0.yaml` next to it.

    Fix: materialize the current file.
    """
    main_type = context.config.content_types[0]
    yield Problem(
        f"{title.name} has no version as {main_type}",
        hint=_materialize(title.current) if title.current else None,
    )


def _is_current_readable(current: SchemaFile, _newest: SchemaFile, _: Context) -> bool:
    return is_readable(current)


@check(
    "structure-current-is-greatest-version",
    "structure",
    CURRENT,
    applies=_is_current_readable,
    reads=False,
)
def current_is_greatest_version(
    current: SchemaFile, newest: SchemaFile, context: Context
) -> Iterator[Problem]:
    """The version of the current file is the greatest one there is, and it is materialized.

    Bad: `$id: /thing/change/1.1.0` in current.yaml while `1.2.0.yaml` exists, or `1.1.0.yaml` does
    not.

    Good: `$id: /thing/change/1.2.0` and `1.2.0.yaml`.

    Fix: materialize after an edit; go on from the latest version, never from an older one.
    """
    field = context.config.schema_version_field
    if current.version is None:
        lacks = "no version in" if current.version_field is not None else "no"
        yield Problem(f"{current.name} has {lacks} `{field}`", pointer=join([field]))
        return
    expected = f"{current.version}.{newest.content_type}"
    if newest.path.name != expected:
        yield Problem(
            f"{current.name} has version {current.version}, but the greatest is {newest.name}",
            pointer=join([field]),
            hint=_materialize(current)
            if newest.version is None or current.version >= newest.version
            else f"set its version to {newest.version} or a greater one",
        )


@check("structure-content-type-exists", "structure", SLOT, reads=False)
def content_type_exists(slot: Slot, context: Context) -> Iterator[Problem]:
    """Every version exists in every configured content type.

    Bad: `1.0.0.yaml` without `1.0.0.json` under `contentTypes: [yaml, json]`.

    Good: both.

    Fix: materialize that version again, or restore the file from git.
    """
    release, file = slot.release, slot.file
    if file is None:
        yield Problem(f"version {release.version} has no {slot.content_type} file")
    elif file.path.parent != folder_of(release.title):
        yield Problem(
            f"{file.name} is not in {context.config.display_path(folder_of(release.title))}"
        )


def _is_filled(slot: Slot, _: Context) -> bool:
    return slot.file is not None


@check("structure-version-title", "structure", SLOT, applies=_is_filled)
def version_title(slot: Slot, _: Context) -> Iterator[Problem]:
    """Every materialized file declares the title of the schema.

    Bad: `1.0.0.yaml` without `title`.

    Good: `title: thing/change` in all versions.

    Fix: add the title to the current file and materialize.
    """
    file, name = slot.file, slot.release.title.name
    if file is not None and file.declared_title is None:
        yield Problem("the schema has no title", hint=f"add `title: {name}`")


def _has_folder(slot: Slot, _: Context) -> bool:
    """Tell whether a file could be elsewhere; or else it is the title that is wrong."""
    title = slot.release.title
    return slot.file is not None and any(file.folder == title.name for file in title.files)


@check("structure-version-directory", "structure", SLOT, applies=_has_folder, reads=False)
def version_directory(slot: Slot, _: Context) -> Iterator[Problem]:
    """Every file of a version is in the folder that its title names.

    Bad: `thing/change/v1/1.0.0.yaml` with `title: thing/change`.

    Good: `thing/change/1.0.0.yaml`.

    Fix: move the file.
    """
    file, name = slot.file, slot.release.title.name
    if file is not None and file.folder != name:
        yield Problem(f"is in {file.folder}, but its title is {name!r}", hint=f"move it to {name}")


@check("structure-id-matches-directory", "structure", SLOT, applies=_is_filled)
def id_matches_directory(slot: Slot, _: Context) -> Iterator[Problem]:
    """The `$id` of a version is the path of its file, without extension.

    `$ref`s and the `$schema` of events are such ids: they have to lead to the file. Leading folders
    may be left out, where base URIs point below the base path.

    Bad: `$id: /change/1.0.0`, `$id: /thing/change/1.1.0` or `$id: /thing/change/v1.0.0` in
    `thing/change/1.0.0.yaml`.

    Good: `$id: /thing/change/1.0.0`.

    Fix: correct `$id` in the current file and materialize.
    """
    file = slot.file
    if file is None:
        return
    identifier = file.schema.get("$id")
    if not isinstance(identifier, str):
        yield Problem("the schema has no `$id`", hint=f"add `$id: /{_stem(file)}`")
    elif not _names(identifier, file):
        yield Problem(
            f"`$id` {identifier!r} does not match the path /{_stem(file)}", pointer="/$id"
        )


def _names(identifier: str, file: SchemaFile) -> bool:
    folder, _, last = identifier.removeprefix("/").rpartition("/")
    return (
        f"/{file.folder}".endswith(f"/{folder}")
        and file.named is not None
        and "#" not in last
        and versions.coerce(last) == file.named
        and last in {file.path.stem, file.name}
    )


CHECKS: tuple[Check, ...] = (
    same_directory,
    file_is_readable,
    title_matches_directory,
    current_exists,
    latest_version_exists,
    current_is_greatest_version,
    content_type_exists,
    version_title,
    version_directory,
    id_matches_directory,
)


def _materialize(current: SchemaFile) -> str:
    return f"run `jsonschema-tools materialize {current.display_path}`"


def _stem(file: SchemaFile) -> str:
    return f"{file.folder}/{file.path.stem}"
