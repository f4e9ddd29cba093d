"""What a user names: a title, a version of it, or a stream; and the schema that it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jsonschema_tools import versions
from jsonschema_tools.catalog import catalog
from jsonschema_tools.errors import ConfigError, Location, SchemaError, SchemaToolsError
from jsonschema_tools.lake.columns import columns
from jsonschema_tools.lake.names import table_name
from jsonschema_tools.messages import suggest
from jsonschema_tools.repository import read_schema_file

if TYPE_CHECKING:
    from collections.abc import Mapping as AnyMapping

    from jsonschema_tools.catalog import SchemaFolder
    from jsonschema_tools.config import Config
    from jsonschema_tools.documents import Document
    from jsonschema_tools.events.streams import Stream, StreamConfigs
    from jsonschema_tools.lake.columns import Mapping
    from jsonschema_tools.repository import SchemaFile
    from jsonschema_tools.values import Schema
    from jsonschema_tools.versions import Version


class NoColumnError(SchemaToolsError):
    """A part of a schema has no column type, or no table survives a change."""

    code = "no-column"


@dataclass(frozen=True, slots=True)
class VersionedSchema:
    """One version of a title, materialized.

    Attributes:
        entry: the title's folder.
        version: the version; the text `current` for the current file.
        document: its file.
        schema: what is in it; of a current file, what it materializes to.
    """

    entry: SchemaFolder
    version: Version | str
    document: Document
    schema: Schema

    def columns(self, **options: bool) -> Mapping:
        """Return its columns; the options are those of `columns.columns`.

        Raises:
            ExceptionGroup: of NoColumnError, one for each part that has no column type.
        """
        found = columns(self.schema, **options)
        if found.problems:
            raise ExceptionGroup(
                "no table",
                [
                    NoColumnError(
                        problem.message,
                        at=self.document.locate(problem.pointer or ""),
                        hint=problem.hint,
                    )
                    for problem in found.problems
                ],
            )
        return found


@dataclass(frozen=True, slots=True)
class Subject:
    """What a name means.

    Attributes:
        name: as the user wrote it.
        table: the name of its table.
        latest: the schema that the table has.
        config: the settings of the repository.
    """

    name: str
    table: str
    latest: VersionedSchema
    config: Config

    def at(self, version: str) -> VersionedSchema:
        """Return another version of the schema.

        Raises:
            ConfigError: the version was not found.
            SchemaToolsError: it cannot be read.
        """
        return versioned(self.latest.entry, version, self.config)


class Subjects:
    """Finds what names mean in one repository."""

    def __init__(self, config: Config) -> None:
        self._config = config
        entries = catalog(config)
        self._entries: AnyMapping[str, SchemaFolder] = {
            **{entry.name: entry for entry in entries},
            **{entry.title: entry for entry in entries},
        }
        self._streams: StreamConfigs | None = None
        if config.stream_configs:
            # only where there are any
            from jsonschema_tools.events.stream_files import load_streams

            self._streams = load_streams(config)

    def find(self, name: str) -> Subject:
        """Return what a title, `/title/version`, `title/current` or a stream means.

        Raises:
            ConfigError: it is none of these.
            SchemaToolsError: the schema cannot be read.
        """
        plain = name.strip("/")
        if plain in self._entries:
            entry = self._entries[plain]
            return self._subject(name, entry.title, versioned(entry, "latest", self._config))
        stream = self._streams.find(name) if self._streams is not None else None
        if stream is not None:
            return self._stream(name, stream)
        title, _, version = plain.rpartition("/")
        if title in self._entries:
            entry = self._entries[title]
            return self._subject(name, entry.title, versioned(entry, version, self._config))
        names = self._streams.streams if self._streams is not None else ()
        hint = suggest(plain, [*self._entries, *names])
        raise ConfigError(
            f"{name!r} is not a title, `$id` or stream",
            hint=hint
            or "`jsonschema-tools list` and `jsonschema-tools streams` show what there is",
        )

    def entry(self, name: str) -> SchemaFolder:
        """Return the schema of a stream, or of a title.

        Raises:
            ConfigError: it is neither.
        """
        return self.find(name).latest.entry

    def _stream(self, name: str, stream: Stream) -> Subject:
        entry = self._entries.get(stream.schema_title or "")
        if entry is None:
            raise ConfigError(
                f"stream {name!r} has no schema of this repository",
                at=stream.at("schema_title"),
                hint="set `schema_title` to a title that `jsonschema-tools list` shows",
            )
        return self._subject(name, name, versioned(entry, "latest", self._config))

    def _subject(self, name: str, table: str, schema: VersionedSchema) -> Subject:
        return Subject(name, table_name(table), schema, self._config)


def versioned(entry: SchemaFolder, version: str, config: Config) -> VersionedSchema:
    """Return a version of a title: one that was materialized, `latest` or `current`.

    Raises:
        ConfigError: the version was not found.
        SchemaToolsError: it cannot be read or materialized.
    """
    if version == "current" and entry.current is not None:
        document = _document(entry.current)
        from jsonschema_tools.materialization import Materializer

        return VersionedSchema(entry, version, document, Materializer(config).build(document))
    wanted = entry.latest if version == "latest" else versions.parse(version)
    files = [file for file in entry.files if file.named == wanted]
    if wanted is None or not files:
        known = ", ".join(map(str, entry.versions)) or "none"
        raise ConfigError(
            f"{entry.title!r} has no version {version!r}",
            hint=f"materialized are: {known}",
        )
    by_type = {file.content_type: file for file in files}
    kind = next((kind for kind in config.content_types if kind in by_type), files[0].content_type)
    file = read_schema_file(by_type[kind], config)
    return VersionedSchema(entry, wanted, _document(file), file.schema)


def _document(file: SchemaFile) -> Document:
    if file.error is not None:
        raise file.error
    if file.document is None or not isinstance(file.document.data, dict):
        raise SchemaError("a schema is an object", at=Location(file.display_path))
    return file.document
