"""The scopes: a title, a version, a content type of it, a file, a pair, a published version."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from jsonschema_tools.checks.base import (
    Context,
    Published,
    Release,
    Scope,
    Slot,
    Subject,
    Target,
    folder_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jsonschema_tools.repository import SchemaFile, Title
    from jsonschema_tools.versions import Version


def is_current(file: SchemaFile, _: Context) -> bool:
    """Tell whether a file is a current file: for checks of what authors write."""
    return file.current


def is_materialized(file: SchemaFile, _: Context) -> bool:
    """Tell whether a file is a materialized one: for checks of what consumers read."""
    return not file.current


def latest(title: Title, context: Context) -> SchemaFile | None:
    """Return the file of the latest version in the main content type."""
    return title.latest(context.config.content_types[0])


def _titles(title: Title, context: Context) -> Iterator[Target]:
    read = tuple(file for file in (title.current, latest(title, context)) if file)
    first = (*read, *title.files)[0]
    identifier = _identifier(*read, *title.files)
    subject = Subject(
        title.name, None, None, current=False, path=first.display_path, identifier=identifier
    )
    yield Target(subject, (title,), read)


def _currents(title: Title, context: Context) -> Iterator[Target]:
    current = title.current
    greatest = title.greatest(context.config.content_types[0])
    if current is not None and greatest is not None:
        for target in _titles(title, context):
            yield target._replace(args=(current, greatest), files=(current, greatest))


def _latests(title: Title, context: Context) -> Iterator[Target]:
    if (newest := latest(title, context)) is not None:
        main_type = context.config.content_types[0]
        for target in _titles(title, context):
            subject = target.subject._replace(content_type=main_type)
            yield target._replace(subject=subject, args=(title, newest))


def is_readable(file: SchemaFile) -> bool:
    """Tell whether a file holds an object, so that checks can look into it."""
    return isinstance(file.data, dict)


def _files(title: Title, _: Context) -> Iterator[Target]:
    for file in title.files:
        subject = _about(title, file)
        if not is_readable(file):  # waivers need a name for it
            subject = subject._replace(identifier=f"/{file.folder}/{file.path.stem}")
        yield Target(subject, (file,), (file,))


def _unreadable_files(title: Title, context: Context) -> Iterator[Target]:
    return (target for target in _files(title, context) if not is_readable(target.files[0]))


def _releases(title: Title, context: Context) -> Iterator[Target]:
    for release in _versions(title, context):
        subject = _about(title, *release.files)._replace(content_type=None)
        yield Target(subject, (release,), release.files)


def _slots(title: Title, context: Context) -> Iterator[Target]:
    for release in _versions(title, context):
        by_type = {file.content_type: file for file in reversed(release.files)}
        for kind in context.config.content_types:
            file = by_type.get(kind)
            if file is not None:
                yield Target(_about(title, file), (Slot(release, kind, file),), (file,))
            else:
                subject = _about(title, *release.files)._replace(
                    content_type=kind,
                    current=False,
                    path=context.config.display_path(
                        folder_of(title) / f"{release.version}.{kind}"
                    ),
                )
                yield Target(subject, (Slot(release, kind, None),), ())


def _versions(title: Title, context: Context) -> Iterator[Release]:
    """Yield the versions of a title, oldest first, the one that only current has among them.

    The files of each are in the order of content types, the main one first.

    A title without any version has none to look at; structure-latest-version-exists says so.
    """
    if all(file.current for file in title.files):
        return
    by_version: dict[Version, list[SchemaFile]] = {}
    for kind in context.config.content_types:
        for file in title.materialized(kind):
            if file.version is not None:
                by_version.setdefault(file.version, []).append(file)
    current = title.current
    if current is not None and current.version is not None:
        by_version.setdefault(current.version, []).append(current)
    for version in sorted(by_version):
        yield Release(title, str(version), tuple(by_version[version]))


def _pairs(title: Title, context: Context) -> Iterator[Target]:
    versioned = title.materialized(context.config.content_types[0])
    # prereleases promise nothing to anybody (SemVer 2.0.0, section 9)
    released = [file for file in versioned if file.version and not file.version.is_prerelease]
    for old, new in pairwise(released):
        if old.version and new.version and old.version.major == new.version.major:
            subject = _about(title, new)._replace(against=str(old.version))
            yield Target(subject, (old, new), (new, old))


def _published(title: Title, context: Context) -> Iterator[Target]:
    for folder in sorted({file.path.parent for file in title.files}):
        yield from _published_in(title.name, folder, context)


def _published_in(title: str, folder: Path, context: Context) -> Iterator[Target]:
    for published in context.published.get(folder, ()):
        yield _published_target(title, published, context)


def _published_target(title: str, published: Published, context: Context) -> Target:
    """Return the target for a published version, of which maybe no file is left."""
    version = published.version
    main = f"{version}.{context.config.content_types[0]}"
    paths = sorted(published.files, key=lambda path: path.name != main)
    path = context.config.display_path(paths[0])
    identifier = f"/{title}/{version}"
    subject = Subject(title, version, None, current=False, path=path, identifier=identifier)
    return Target(subject, (published,), ())


def _about(title: Title, *files: SchemaFile) -> Subject:
    """Return what a result about files is about; the first file stands for them."""
    first = files[0]
    version = str(first.version) if first.version else None
    return Subject(
        title.name,
        version,
        first.content_type,
        first.current,
        first.display_path,
        _identifier(*files),
    )


def _identifier(*files: SchemaFile) -> str:
    """Return the `$id` of the first file that has one; as the reference, always `$id`."""
    return next((file.id for file in files if file.id), "")


#: one result for each title
TITLE: Scope[[Title, Context]] = Scope("title", _titles)
#: one for each title that has both, as (current file, greatest version in the main content type)
CURRENT: Scope[[SchemaFile, SchemaFile, Context]] = Scope("title", _currents)
#: one for each title that has a version, as (title, its latest version in the main content type)
LATEST: Scope[[Title, SchemaFile, Context]] = Scope("title", _latests)
#: one for each version of a title
RELEASE: Scope[[Release, Context]] = Scope("version", _releases)
#: one for each version and configured content type
SLOT: Scope[[Slot, Context]] = Scope("version and content type", _slots)
#: one for each schema file, the current file too
FILE: Scope[[SchemaFile, Context]] = Scope("file", _files)
#: one for each schema file that cannot be read
UNREADABLE_FILE: Scope[[SchemaFile, Context]] = Scope("unreadable file", _unreadable_files)
#: one for each two releases in a row of one major version, as (old, new)
PAIR: Scope[[SchemaFile, SchemaFile, Context]] = Scope("two versions in a row, same major", _pairs)
#: one for each version that is in the git revision to compare with
PUBLISHED: Scope[[Published, Context]] = Scope(
    "version, with `--against`", _published, in_vanished=_published_in, needs_revision=True
)
