"""`validate`, from Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jsonschema_tools.errors import ParseError
from jsonschema_tools.events import Registry, Verdict, judge, load_streams
from jsonschema_tools.events.json_text import decode
from jsonschema_tools.events.reading import Lines, read_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from jsonschema_tools.config import Config
    from jsonschema_tools.events.reading import Record
    from jsonschema_tools.events.schema import FormatRules
    from jsonschema_tools.values import Json


class _Judge:
    """Judges events of one repository in one way; compiles each schema once."""

    def __init__(
        self, config: Config, schema: str | None, formats: FormatRules | None, *, streams: bool
    ) -> None:
        self._registry = Registry.of(config, formats=formats)
        self._streams = load_streams(config) if streams else None
        self._schema = None
        if schema is not None:
            from jsonschema_tools.events.replay import find_schema  # imports the materializer

            self._schema = find_schema(schema, config, self._registry)

    def event(self, event: Json) -> Verdict:
        return judge(event, self._registry, schema=self._schema, streams=self._streams)

    def record(self, record: Record) -> Verdict:
        if record.problem is not None:
            return Verdict(status="error", message=record.problem)
        try:
            return self.event(decode(record.text) if record.text else record.event)
        except ParseError as error:
            return Verdict(status="error", message=error.message, hint=error.hint)


def validate(
    config: Config,
    events: Iterable[Any],  # what callers wrote may have a narrower type, which Json would refuse
    *,
    schema: str | None = None,
    streams: bool = False,
    formats: FormatRules | None = None,
) -> Iterator[Verdict]:
    """Validate events against the schemas that they name, with the verdict of EventGate.

    Args:
        config: the settings of the repository that holds the schemas.
        events: the events; the defaults of their schemas are filled into them.
        schema: validate all as this schema: a `$id`, a title, `TITLE/VERSION`, `TITLE/current`.
        streams: whether the stream configuration must allow each event in its stream.
        formats: `eventgate`, or `strict` for the RFCs'; as the configuration says if not given.

    Raises:
        ConfigError: the schema or the stream configuration cannot be used.
    """
    one = _Judge(config, schema, formats, streams=streams)
    return map(one.event, events)


def validate_file(
    config: Config,
    path: Path,
    *,
    schema: str | None = None,
    streams: bool = False,
    formats: FormatRules | None = None,
) -> Iterator[tuple[int, Verdict]]:
    """Validate the events of a file: JSON Lines, a JSON array or object, or YAML; also compressed.

    Yields the number of the line of each event (of the event itself, where they are not JSON
    Lines), with its verdict; a line that is not JSON is an error.

    Args:
        config: as for `validate`, like the others.
        path: the file.
        schema: see `validate`.
        streams: see `validate`.
        formats: see `validate`.

    Raises:
        ConfigError: the file cannot be read, or as for `validate`.
    """
    one = _Judge(config, schema, formats, streams=streams)
    for records in read_file(config.source(path), str(path)):
        for record in records if isinstance(records, Lines) else [records]:
            yield record.number, one.record(record)
