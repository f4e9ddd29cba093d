"""Which schemas streams use: what could be decommissioned."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from jsonschema_tools.catalog import catalog
from jsonschema_tools.events.stream_files import load_streams

if TYPE_CHECKING:
    from jsonschema_tools.config import Config

_DEPRECATED = re.compile(r"\bdeprecated\b", re.IGNORECASE)


class Unused(NamedTuple):
    """A schema that no stream has, or a stream whose schema is deprecated.

    Attributes:
        title: the schema's title.
        stream: the stream that still has it; None where none does.
        why: in words.
    """

    title: str
    stream: str | None
    why: str


def streams_by_title(config: Config) -> dict[str, list[str]]:
    """Return the names of the streams of each schema, by its title.

    Raises:
        ConfigError: the stream configuration cannot be read.
    """
    by_title: dict[str, list[str]] = {}
    for stream in load_streams(config).streams.values():
        if stream.schema_title is not None:
            by_title.setdefault(stream.schema_title, []).append(stream.name)
    return by_title


def unused(config: Config) -> list[Unused]:
    """Return what could be decommissioned, by title.

    Raises:
        ConfigError: the stream configuration cannot be read.
    """
    by_title = streams_by_title(config)
    rows = []
    for entry in catalog(config):
        if entry.fragment:
            continue
        data = entry.current.data if entry.current else None
        description = data.get("description") if isinstance(data, dict) else None
        if entry.title not in by_title:
            rows.append(Unused(entry.title, None, "no stream has it"))
        elif isinstance(description, str) and _DEPRECATED.search(description):
            rows += [
                Unused(entry.title, name, "its description says deprecated")
                for name in by_title[entry.title]
            ]
    return rows
