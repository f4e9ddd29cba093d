"""`consume`: prints the events of a log or of streams."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jsonschema_tools.commands.console import forget_stdout
from jsonschema_tools.commands.options import config_from, config_option, verbose_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.intake.log_reader import LogRecord


@click.command("consume")
@click.argument("streams", nargs=-1, metavar="[STREAM]...")
@click.option(
    "--from", "log", type=click.Path(path_type=Path), metavar="PATH", help="Read an event log."
)
@click.option(
    "--format",
    "format_",
    type=click.Choice(["event", "record"]),
    default="event",
    show_default=True,
    help="Print the event alone, or the whole record.",
)
@config_option
@verbose_option
def consume_command(streams: tuple[str, ...], **options: Any) -> None:
    """Print events, one a line; those of all streams, where none is named."""
    from jsonschema_tools.intake.consume import LogSource

    config = config_from(options)
    records = LogSource(config, options["log"], streams).records()
    _print(records, whole=options["format_"] == "record")


def _print(records: Iterator[LogRecord], *, whole: bool) -> None:
    try:
        for record in records:
            line = record.line() if whole else record.value + b"\n"
            sys.stdout.buffer.write(_on_one_line(line))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        forget_stdout()


#: what some readers take for the end of a line, and how JSON may write it
_LINE_ENDS = {"\u0085": b"\\u0085", "\u2028": b"\\u2028", "\u2029": b"\\u2029"}


def _on_one_line(line: bytes) -> bytes:
    if not line.isascii():
        for character, escaped in _LINE_ENDS.items():
            line = line.replace(character.encode(), escaped)
    return line
