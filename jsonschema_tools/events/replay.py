"""The schema to validate events against instead of the one that they name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.catalog import catalog
from jsonschema_tools.documents.document import parse_document
from jsonschema_tools.errors import ConfigError, SchemaToolsError
from jsonschema_tools.events.schema import EventSchema, UnusableSchemaError
from jsonschema_tools.materialization import Materializer
from jsonschema_tools.messages import suggest
from jsonschema_tools.serialization.serializer import serialize

if TYPE_CHECKING:
    from jsonschema_tools.catalog import Entry
    from jsonschema_tools.config import Config
    from jsonschema_tools.documents.document import Document
    from jsonschema_tools.events.registry import Registry


def find_schema(name: str, config: Config, registry: Registry) -> EventSchema:
    """Return the schema that the user names.

    Args:
        name: a `$id` such as `/test/event/1.0.0`; a title for its latest version;
            `TITLE/VERSION`; or `TITLE/current`, which is materialized in memory.
        config: settings of the repository.
        registry: finds materialized schemas.

    Raises:
        ConfigError: it is not found, or cannot be used.
    """
    title, _, last = name.strip("/").rpartition("/")
    try:
        if last == "current":
            return _current(title, config, registry)
        if name.startswith("/") or last[:1].isdecimal() or last == "latest":
            return registry.get(f"/{name.lstrip('/')}")
        return registry.get(f"/{_entry(name, config).name}/latest")
    except UnusableSchemaError as error:
        raise ConfigError(error.message, at=error.at, hint=error.hint) from error


def _entry(title: str, config: Config) -> Entry:
    entries = {entry.title: entry for entry in catalog(config)}
    if title not in entries:
        raise ConfigError(f"title not found: {title!r}", hint=suggest(title, entries))
    return entries[title]


def _current(title: str, config: Config, registry: Registry) -> EventSchema:
    entry = _entry(title, config)
    if entry.current is None:
        raise ConfigError(f"{entry.shown} has no current file")
    if entry.current.document is None:
        raise entry.current.error or ConfigError(f"{entry.current.shown} cannot be read")
    schema = Materializer(config).build(entry.current.document)
    document = parse_document(serialize(schema), f"{entry.current.shown} (materialized)")

    def load(url: str) -> Document:
        try:
            return registry.get(url).document
        except UnusableSchemaError as error:
            raise SchemaToolsError(error.message, at=error.at) from error

    return EventSchema(f"{title}/current", document, load, registry.formats)
