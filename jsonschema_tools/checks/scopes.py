"""The scopes: a title, a version, a content type of it, a file, a pair, a published version."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from jsonschema_tools.checks.base import Context, Published, Release, Scope, Slot, Subject, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.repository import SchemaFile, Title
    from jsonschema_tools.versions import Version


def latest(title: Title, context: Context) -> SchemaFile | None:
    """Return the file of the greatest version in the main content type."""
    versioned = title.materialized(context.config.content_types[0])
    return versioned[-1] if versioned else None


def releases(title: Title) -> Iterator[Release]:
    """Yield the versions of a title, oldest first, the one that only current has among them."""
    by_version: dict[Version, list[SchemaFile]] = {}
    for file in title.files:  # the current file is the last
        if file.version is not None:
            by_version.setdefault(file.version, []).append(file)
    for version in sorted(by_version):
        yield Release(title, str(version), tuple(by_version[version]))


def _titles(title: Title, context: Context) -> Iterator[Target]:
    current = title.current
    read = tuple(file for file in (current, latest(title, context)) if file)
    shown = (current or title.files[0]).shown
    subject = Subject(title.name, None, None, current=False, path=shown)
    yield Target(subject, (title,), read, _identifier(*read, *title.files))


def _currents(title: Title, context: Context) -> Iterator[Target]:
    current, newest = title.current, latest(title, context)
    if current is not None and newest is not None:
        for target in _titles(title, context):
            yield target._replace(args=(current, newest))


def _latests(title: Title, context: Context) -> Iterator[Target]:
    if (newest := latest(title, context)) is not None:
        main_type = context.config.content_types[0]
        for target in _titles(title, context):
            subject = target.subject._replace(content_type=main_type)
            yield target._replace(subject=subject, args=(title, newest))


def _files(title: Title, _: Context) -> Iterator[Target]:
    for file in title.files:
        yield Target(_about(title, file), (file,), (file,), _identifier(file))


def _slots(title: Title, context: Context) -> Iterator[Target]:
    for release in releases(title):
        by_type = {file.content_type: file for file in reversed(release.files)}
        for kind in context.config.content_types:
            file = by_type.get(kind)
            path = context.config.shown(release.folder / f"{release.version}.{kind}")
            subject = (
                _about(title, file)._replace(version=release.version)
                if file
                else Subject(title.name, release.version, kind, current=False, path=path)
            )
            slot = Slot(release, kind, file)
            files = (file,) if file else ()
            yield Target(subject, (slot,), files, _identifier(*files, *release.files))


def _releases(title: Title, _: Context) -> Iterator[Target]:
    for release in releases(title):
        first = release.files[0]
        subject = Subject(
            title.name, release.version, None, current=first.current, path=first.shown
        )
        yield Target(subject, (release,), release.files, _identifier(*release.files))


def _pairs(title: Title, context: Context) -> Iterator[Target]:
    versioned = title.materialized(context.config.content_types[0])
    for old, new in pairwise(file for file in versioned if file.version):
        if old.version and new.version and old.version.major == new.version.major:
            subject = _about(title, new)._replace(against=str(old.version))
            yield Target(subject, (old, new), (new, old), _identifier(new))


def _published(title: Title, context: Context) -> Iterator[Target]:
    for folder in sorted({file.path.parent for file in title.files}):
        for published in context.published.get(folder, ()):
            first = next(iter(published.files))
            shown = context.config.shown(first)
            subject = Subject(title.name, published.version, None, current=False, path=shown)
            yield Target(subject, (published,), (), f"/{title.name}/{published.version}")


def _about(title: Title, file: SchemaFile) -> Subject:
    version = str(file.version) if file.version else None
    return Subject(title.name, version, file.content_type, current=file.current, path=file.shown)


def _identifier(*files: SchemaFile) -> str:
    """Return the `$id` of the first file that has one; as the reference, always `$id`."""
    for file in files:
        value = file.data.get("$id") if isinstance(file.data, dict) else None
        if isinstance(value, str):
            return value
    return ""


#: one result for each title
TITLE: Scope[[Title, Context]] = Scope("title", _titles)
#: one for each title that has both, as (current file, latest version in the main content type)
CURRENT: Scope[[SchemaFile, SchemaFile, Context]] = Scope("title", _currents)
#: one for each title that has a version, as (title, its latest version in the main content type)
LATEST: Scope[[Title, SchemaFile, Context]] = Scope("title", _latests)
#: one for each version of a title
RELEASE: Scope[[Release, Context]] = Scope("version", _releases)
#: one for each version and configured content type
SLOT: Scope[[Slot, Context]] = Scope("version and content type", _slots)
#: one for each schema file, the current file too
FILE: Scope[[SchemaFile, Context]] = Scope("file", _files)
#: one for each two versions in a row of one major version, as (old, new)
PAIR: Scope[[SchemaFile, SchemaFile, Context]] = Scope("two versions in a row, same major", _pairs)
#: one for each version that stands in the git revision to compare with
PUBLISHED: Scope[[Published, Context]] = Scope("version, with `--against`", _published)
