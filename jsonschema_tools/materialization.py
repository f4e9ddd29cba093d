"""From current files to the versioned files: the order of a run, and what it writes.

`Materializer` is one run over one repository. It reads each document once, and where a schema
refers to a fragment that the same run writes, it takes the fragment as it will be written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jsonschema_tools import versions
from jsonschema_tools.building import Builder, placed, schema_in
from jsonschema_tools.documents import MAX_SIZE, Document, parse_document
from jsonschema_tools.errors import (
    CircularRefError,
    ReadError,
    SchemaError,
    SchemaToolsError,
)
from jsonschema_tools.files import read_file
from jsonschema_tools.messages import quote
from jsonschema_tools.outputs import Output
from jsonschema_tools.serialization import serialize
from jsonschema_tools.values import get_field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from jsonschema_tools.config import Config
    from jsonschema_tools.serialization import ContentType
    from jsonschema_tools.values import Schema
    from jsonschema_tools.versions import Version


@dataclass(frozen=True, slots=True)
class Source:
    """A schema to materialize.

    Attributes:
        document: the schema as its author wrote it.
        folder: absolute folder that its versioned files go to.
    """

    document: Document
    folder: Path


@dataclass(frozen=True, slots=True)
class Materialized:
    """What became of one source.

    Attributes:
        source: what was materialized.
        outputs: every file and link of this version; empty where it failed.
        changed: those that differ from what the disk held.
        error: why it failed, or None.
        remarks: what is odd about its generated example.
    """

    source: Source
    outputs: tuple[Output, ...] = ()
    changed: tuple[Output, ...] = ()
    error: SchemaToolsError | None = None
    remarks: tuple[str, ...] = ()


class Materializer(Builder):
    """One run over one repository.

    Args:
        config: the repository's settings.
        overlay: what to read instead of a file, by absolute path, such as a staged version.
    """

    def __init__(
        self, config: Config, overlay: Callable[[Path], Document | None] | None = None
    ) -> None:
        super().__init__(config, self._as_it_will_be)
        self._overlay = overlay
        self._will_be: dict[Path, _Pending] = {}
        self._active: list[_Pending] = []
        self._done: list[Materialized] = []

    def outputs(self, source: Source) -> tuple[Output, ...]:
        """Return the files and links that materializing a source writes.

        Raises:
            SchemaToolsError: it cannot be materialized.
        """
        config, folder = self._config, source.folder
        _require_title(source.document, config)
        version = version_of(source.document, config)
        schema = self.build(source.document)
        files = self._files(schema, source, version)
        if any(file.path.exists() and file.differs() for file in files.values()):
            as_before = self.with_reference_example(source.document, schema)
            before = self._files(as_before, source, version)
            if not any(file.differs() for file in before.values()):
                files = before  # written by the reference or an older release: it stays
        links = [
            Output(link, _content_of(target, files[kind]), target=target.name)
            for link, target, kind in self._links(version, folder)
        ]
        return (*files.values(), *links)

    def _files(self, schema: Schema, source: Source, version: Version) -> dict[ContentType, Output]:
        return {
            kind: Output(
                source.folder / f"{version}.{kind}", _content(schema, kind, source.document)
            )
            for kind in self._config.content_types
        }

    def _links(self, version: Version, folder: Path) -> Iterator[tuple[Path, Path, ContentType]]:
        """Yield each link that materializing a version sets, its target, and its content type."""
        config = self._config
        for kind in config.content_types:
            main = kind == config.content_types[0]
            file = folder / f"{version}.{kind}"
            names = [f"latest.{kind}"]
            if config.should_symlink_extensionless and main:
                names += [str(version), "latest"]
            for name in names:
                link = folder / name
                if name == str(version):
                    yield link, file, kind
                elif config.should_symlink_latest:
                    target = _latest(link, version, file)
                    if target is not None:
                        yield link, target, kind

    def run(
        self, sources: Iterable[Source], numbers: Iterable[int] | None = None
    ) -> Iterator[Materialized]:
        """Materialize sources in the order of their dependencies; writes nothing.

        A failure is part of the result: one bad schema does not stop the others.

        Args:
            sources: all that the run is about.
            numbers: those of them that are asked for, by their place; the others are materialized
                only where these refer to them. Default: all.
        """
        pending = [_Pending(source) for source in sources]
        for item in pending:
            self._announce(item)
        for item in pending if numbers is None else map(pending.__getitem__, numbers):
            self._complete(item)
            yield from self._done
            self._done.clear()

    def _announce(self, item: _Pending) -> None:
        """Note which paths a source will write, so that others find them there."""
        try:
            version = version_of(item.source.document, self._config)
        except SchemaToolsError:
            return  # reported when its turn comes
        folder = item.source.folder
        paths = [folder / f"{version}.{kind}" for kind in self._config.content_types]
        for path in (*paths, *(link for link, *_ in self._links(version, folder))):
            first = self._will_be.setdefault(path, item)
            if first is not item:
                item.clash = item.clash or (path, first.source)

    def _complete(self, item: _Pending) -> Materialized:
        """Materialize one source, after those that it refers to, unless it is done already.

        A loop, not a recursion: a chain of references may have any length.
        """
        self._active = waiting = [item]
        while waiting:
            last = waiting[-1]
            if last.result is None:
                try:
                    last.result = self._result(last)
                except _NeedsError as needs:
                    waiting.append(needs.item)
                    continue
                self._done.append(last.result)
            waiting.pop()
        if item.result is None:
            raise AssertionError("a source was left out")
        return item.result

    def _result(self, item: _Pending) -> Materialized:
        source = item.source
        try:
            if item.clash is not None:
                raise _clash(source, *item.clash)
            self.remarks.clear()
            outputs = self.outputs(source)
            remarks = tuple(self.remarks)
            changed = tuple(output for output in outputs if output.differs())
        except SchemaToolsError as error:
            return Materialized(source, error=error)
        return Materialized(source, outputs, changed, remarks=remarks)

    def _as_it_will_be(self, path: Path) -> Document | None:
        """Return the document that this run makes at a path, before it is written there."""
        item = self._will_be.get(path)
        if item is None:
            return self._overlay(path) if self._overlay is not None else None
        if item in self._active:
            cycle = [*self._active[self._active.index(item) :], item]
            names = " → ".join(link.source.document.path for link in cycle)
            raise CircularRefError(
                f"schemas refer to each other: {names}",
                hint="move what they share into a fragment of its own",
            )
        if item.result is None and self._active:
            raise _NeedsError(item)
        result = self._complete(item)
        if result.error is not None:
            raise SchemaError(
                f"depends on {item.source.document.path}, which cannot be materialized",
                hint="fix that one first",
            )
        content = next(output for output in result.outputs if output.path == path).content
        return parse_document(content, self._config.display_path(path))


@dataclass(slots=True, eq=False)
class _Pending:
    """A source on its way through a run."""

    source: Source
    result: Materialized | None = None
    clash: tuple[Path, Source] | None = None


class _NeedsError(Exception):
    """A source refers to another one of the same run, which has to be materialized first."""

    def __init__(self, item: _Pending) -> None:
        super().__init__(item.source.document.path)
        self.item = item


def _content(schema: Schema, kind: ContentType, document: Document) -> bytes:
    try:
        content = serialize(schema, kind, limit=MAX_SIZE).encode()
    except SchemaError as error:
        raise placed(error, document) from None
    if len(content) > MAX_SIZE:
        raise SchemaError(
            f"written out, the schema would be longer than {MAX_SIZE:,} bytes",
            at=document.locate(""),
            hint="a file of that size could not be read again",
        )
    return content


def version_of(document: Document, config: Config) -> Version:
    """Return the version of a schema, from its version field.

    Raises:
        SchemaError: there is no such field, or no version in it.
    """
    field = config.schema_version_field
    value = get_field(schema_in(document), field)
    if value is None:
        raise SchemaError(
            f"the schema has no `{field}`",
            at=document.locate(""),
            hint=f"add `{field}: /the/title/1.0.0`, ending in the version",
        )
    version = versions.of_id(value) if isinstance(value, str) and versions.is_meant(value) else None
    if version is None:
        raise SchemaError(
            f"no version found in `{field}`: {quote(value)}",
            at=document.locate(f"/{field}"),
            hint="end it with MAJOR.MINOR.PATCH, such as /the/title/1.0.0",
        )
    return version


def _require_title(document: Document, config: Config) -> None:
    title = get_field(schema_in(document), config.schema_title_field)
    if not isinstance(title, str) or not title:
        raise SchemaError(
            f"the schema has no `{config.schema_title_field}`",
            at=document.locate(""),
            hint="add one that equals the path of its folder below the base path",
        )


def _latest(link: Path, version: Version, file: Path) -> Path | None:
    """Return the file that a link to the latest version goes to; None: it stays as it is.

    It never goes back, except from a prerelease to a release.

    Args:
        link: the link.
        version: the version that is materialized.
        file: the file of that version.
    """
    if link.is_symlink() and link.exists():
        there = versions.coerce(link.readlink().name.removesuffix(file.suffix))
        if there is None or not there.is_prerelease:
            is_newer = there is None or versions.latest([there, version]) == version
            return file if is_newer else None
    found = {version: file}
    for path in link.parent.glob(f"*{file.suffix}") if link.parent.is_dir() else ():
        other = versions.parse(path.name.removesuffix(file.suffix))
        if other is not None and path.is_file():
            found.setdefault(other, path)
    newest = versions.latest(found)
    return found[newest] if newest is not None else None


def _content_of(target: Path, made: Output) -> bytes:
    """Return what is in the file that a link goes to: the one that is made, or one on disk."""
    if target == made.path:
        return made.content
    try:
        return read_file(target)
    except OSError as error:
        raise ReadError(f"{target.name} cannot be read: {error.strerror}") from None


def _clash(source: Source, path: Path, first: Source) -> SchemaError:
    return SchemaError(
        f"{first.document.path} and {source.document.path} would both write {path.name}",
        at=source.document.locate(""),
        hint="give one of them another version or folder",
    )
