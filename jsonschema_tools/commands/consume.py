"""`consume`: print the events of a log or of streams."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jsonschema_tools.commands.config_options import pass_config_options
from jsonschema_tools.commands.console import forget_stdout
from jsonschema_tools.commands.extras import require
from jsonschema_tools.commands.options import config_option, format_option, verbose_option

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.commands.config_options import ConfigOptions
    from jsonschema_tools.config import Config
    from jsonschema_tools.intake.consume import Source
    from jsonschema_tools.intake.log_reader import LogRecord

_DEFAULT_LOG = Path("events.db")


@click.command("consume")
@click.argument("streams", nargs=-1, metavar="[STREAM]...")
@click.option(
    "--from", "log", type=click.Path(path_type=Path), metavar="PATH", help="Read an event log."
)
@click.option("--url", metavar="URL", help="Read from an intake, or from EventStreams.")
@click.option("--kafka", metavar="BROKERS", help="Read from Kafka, HOST:PORT,...")
@click.option(
    "--since",
    metavar="TIME",
    help="Only events from this time on: 2026-01-31, or with a time of day.",
)
@click.option("--last", type=click.IntRange(min=1), metavar="N", help="Only the newest N events.")
@click.option("--follow", is_flag=True, help="Continue as events arrive.")
@format_option("event", "record", help_text="Print the event alone, or the whole record.")
@config_option
@verbose_option
@pass_config_options
def consume_command(
    options: ConfigOptions,
    streams: tuple[str, ...],
    *,
    log: Path | None,
    url: str | None,
    kafka: str | None,
    since: str | None,
    last: int | None,
    follow: bool,
    format_: str,
) -> None:
    """Print events, one a line: those of the named streams, or of all.

    Without --from, --url and --kafka the event log events.db is read.
    """
    from jsonschema_tools.intake.follow import parse_time

    start = None if since is None else parse_time(since)
    if since is not None and start is None:
        raise click.BadParameter(f"{since!r} is not a time", param_hint="--since")
    source = _source(options.load(may_lack=True), streams, log, url, kafka)
    records = source.records(since=start, last=last, follow=follow)
    _print(records, whole=format_ == "record", follow=follow)


def _source(
    config: Config,
    streams: tuple[str, ...],
    log: Path | None,
    url: str | None,
    kafka: str | None,
) -> Source:
    from jsonschema_tools.intake.consume import LogSource, UrlSource

    if [log, url, kafka].count(None) < 2:
        raise click.UsageError("--from, --url and --kafka exclude each other.")
    if kafka is not None:
        require("kafka", "`consume --kafka`")
        from jsonschema_tools.intake.kafka_source import KafkaSource

        return KafkaSource(config, kafka, streams)
    if url is not None:
        return UrlSource(url, streams)
    path = log or _DEFAULT_LOG
    config.source(path)  # no link leads out
    return LogSource(config, path, streams)


def _print(records: Iterator[LogRecord], *, whole: bool, follow: bool) -> None:
    try:
        for record in records:
            line = record.line() if whole else record.value + b"\n"
            sys.stdout.buffer.write(_on_one_line(line))
            if follow:
                sys.stdout.buffer.flush()
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        forget_stdout()
    except KeyboardInterrupt:
        if not follow:
            raise


#: what JSON may hold as it is, though it ends a line for some readers or drives a terminal: DEL, C1
#: controls, ends of lines, marks that turn the writing direction
_UNSEEN = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
#: what is never in JSON, but may be in values that are not JSON
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def _on_one_line(line: bytes) -> bytes:
    """Return a line with its line end, in which characters that are not to be seen are escaped."""
    text = line[:-1].replace(b"\n", b" ").replace(b"\r", b" ")  # JSON has them between values only
    text = _CONTROLS.sub(lambda found: b"\\u%04x" % found[0][0], text)
    if not text.isascii() or b"\x7f" in text:
        decoded = text.decode(errors="backslashreplace")
        text = _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", decoded).encode()
    return text + b"\n"
