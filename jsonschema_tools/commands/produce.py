"""`produce`: send the events of files to an intake."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from jsonschema_tools.commands.config_options import pass_config_options
from jsonschema_tools.commands.console import Console
from jsonschema_tools.commands.extras import require
from jsonschema_tools.commands.options import config_option, verbose_option
from jsonschema_tools.errors import EXIT_FAILED, EXIT_OK, ParseError, printable
from jsonschema_tools.messages import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from jsonschema_tools.commands.config_options import ConfigOptions
    from jsonschema_tools.config import Config
    from jsonschema_tools.intake.client import EventProducer
    from jsonschema_tools.intake.targets import Target

_STDIN = "-"
_DEFAULT = "http://127.0.0.1:8192"
_MOST_LISTED = 20  # refused events that are listed
_OPEN = 10_000  # events that are under way


@click.command("produce")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option(
    "--to", "url", default=_DEFAULT, show_default=True, metavar="URL", help="URL of the intake."
)
@click.option("--kafka", metavar="BROKERS", help="Send to Kafka directly, HOST:PORT,...")
@click.option("--stream", metavar="NAME", help="meta.stream of events that have none.")
@click.option("--schema", metavar="URI", help="$schema of events that have none.")
@click.option("--hasty", is_flag=True, help="Do not wait for the verdict.")
@config_option
@verbose_option
@pass_config_options
def produce_command(
    options: ConfigOptions,
    files: tuple[str, ...],
    *,
    url: str,
    kafka: str | None,
    stream: str | None,
    schema: str | None,
    hasty: bool,
) -> int:
    """Send events to an intake.

    FILE holds JSON Lines, a JSON array or object, or YAML documents; `-` or no FILE reads standard
    input. `meta.id` and `dt` are filled in where they are missing. The exit status is 1 if an event
    was not accepted.
    """
    from jsonschema_tools.intake.client import EventProducer
    from jsonschema_tools.intake.targets import HttpTarget

    config = options.load(may_lack=True)
    target: Target
    if kafka is not None:
        require("serve", "`produce --kafka`")
        require("kafka", "`produce --kafka`")
        from jsonschema_tools.intake.direct import KafkaTarget

        target = KafkaTarget(config, kafka)
    else:
        target = HttpTarget(url, hasty=hasty)
    with EventProducer(target, schema=schema) as producer:
        tally = _Tally()
        for name in files or (_STDIN,):
            _produce(name, config, producer, stream, tally)
        tally.finish()
    for line in tally.lines:
        click.echo(printable(line), err=True)
    if tally.refused > len(tally.lines):
        click.echo(f"and {counted(tally.refused - len(tally.lines), 'more')}", err=True)
    Console(config).summary(f"{counted(tally.accepted, 'event')} accepted, {tally.refused:,} not")
    return EXIT_FAILED if tally.refused else EXIT_OK


class _Tally:
    """What came of the events so far."""

    def __init__(self) -> None:
        self.accepted = 0
        self.refused = 0
        self.lines: list[str] = []
        self._open: list[tuple[str, Future[None]]] = []

    def add(self, place: str, future: Future[None]) -> None:
        """Add an event that is under way."""
        self._open.append((place, future))
        if len(self._open) > _OPEN:
            self.finish()

    def refuse(self, place: str, message: str) -> None:
        """Add an event that was not accepted."""
        self.refused += 1
        if len(self.lines) < _MOST_LISTED:
            self.lines.append(f"{place}: {message}")

    def finish(self) -> None:
        """Wait for what is under way."""
        for place, future in self._open:
            error = future.exception()
            if error is None:
                self.accepted += 1
            else:
                self.refuse(place, str(error))
        self._open.clear()


def _produce(
    name: str, config: Config, producer: EventProducer, stream: str | None, tally: _Tally
) -> None:
    from jsonschema_tools.events.json_text import decode
    from jsonschema_tools.events.reading import Record
    from jsonschema_tools.intake.client import NotDeliveredError

    source = "<stdin>" if name == _STDIN else name
    for item in _records(name, config):
        for record in [item] if isinstance(item, Record) else item:
            place = f"{source}:{record.number}"
            try:
                event = decode(record.text) if record.text else record.event
                if record.problem is not None:
                    raise ParseError(record.problem)
                if not isinstance(event, dict):
                    raise ParseError("an event is an object")
                tally.add(place, producer.send(stream, event))
            except ParseError as error:
                tally.refuse(place, error.message)
            except NotDeliveredError as error:
                tally.refuse(place, str(error))


def _records(name: str, config: Config) -> Iterator[Any]:
    from jsonschema_tools.events.reading import read_file, read_records

    if name == _STDIN:
        return read_records(sys.stdin.buffer, "<stdin>")
    return read_file(config.source(name), name)
