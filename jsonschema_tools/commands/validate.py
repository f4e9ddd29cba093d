"""`validate`: events against the schemas that they name."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from jsonschema_tools.commands.config_options import pass_config
from jsonschema_tools.commands.console import Console, forget_stdout
from jsonschema_tools.commands.options import (
    config_option,
    format_option,
    refresh_option,
    verbose_option,
)
from jsonschema_tools.errors import (
    EXIT_FAILED,
    EXIT_OK,
    ConfigError,
    printable,
)
from jsonschema_tools.messages import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jsonschema_tools.config import Config
    from jsonschema_tools.events.ranges import Range
    from jsonschema_tools.events.reading import Lines, Record
    from jsonschema_tools.events.run import Options, Part
    from jsonschema_tools.events.schema import FormatRules
    from jsonschema_tools.events.streams import StreamConfigs
    from jsonschema_tools.events.summary import Summary

_STDIN = "-"


@click.command("validate")
@click.argument("files", nargs=-1, metavar="[FILE]...")
@click.option(
    "--schema",
    metavar="ID",
    help="Validate all events as this schema: a $id, a title, TITLE/VERSION or TITLE/current.",
)
@click.option("--streams", is_flag=True, help="Also check that each stream takes the schema.")
@click.option(
    "--formats",
    type=click.Choice(["eventgate", "strict"]),
    help="Which values formats accept: as EventGate does, or as the RFCs say.",
)
@format_option("text", "json", "github", help_text="Format of the report.")
@click.option("--valid", metavar="FILE", help="Write the valid events to a file.")
@click.option("--invalid", metavar="FILE", help="Write error events for the others to a file.")
@click.option("--jobs", type=click.IntRange(min=1), default=1, help="Number of processes.")
@click.option("--max-errors", type=click.IntRange(min=1), help="Stop after this many events.")
@refresh_option
@config_option
@verbose_option
@pass_config
def validate_command(
    config: Config,
    files: tuple[str, ...],
    *,
    schema: str | None,
    streams: bool,
    formats: FormatRules | None,
    format_: str,
    valid: str | None,
    invalid: str | None,
    jobs: int,
    max_errors: int | None,
    verbose: bool,
) -> int:
    """Validate events against the schemas that they name in $schema.

    FILE holds JSON Lines, a JSON array or object, or YAML documents, and may be compressed with
    gzip; `-` or no FILE reads standard input. The verdict is that of EventGate, defaults included.
    """
    from jsonschema_tools.events.run import Options
    from jsonschema_tools.events.summary import Summary

    outputs = _Outputs(valid, invalid, files, config.folders)
    run = Options(
        config=config,
        formats=formats,
        schema=schema,
        streams=_streams(config) if streams else None,
        keep_valid=valid is not None,
        keep_invalid=invalid is not None,
        list_all=verbose and format_ == "text",
    )
    summary, progress = Summary(), _Progress()
    report_stream = sys.stderr if outputs.takes_stdout else sys.stdout
    with contextlib.ExitStack() as stack:
        stack.enter_context(outputs)
        stack.callback(progress.clear)
        for part in _parts(files or (_STDIN,), run, jobs):
            summary.merge(part.summary)
            progress.show(summary)
            if not outputs.write(part):
                return _status(summary)  # the reader has gone
            if part.lines:
                progress.clear()
            for place, text in part.lines:
                click.echo(printable(f"{place}: {text}"), file=report_stream)
            if max_errors and _refused(summary) >= max_errors:
                Console(config).warn(f"stopped after {_refused(summary):,} events that failed")
                break
    click.echo(_report(summary, format_), nl=False, file=report_stream)
    return _status(summary)


def _streams(config: Config) -> StreamConfigs:
    from jsonschema_tools.events.stream_files import require_streams

    return require_streams(config, "--streams needs a stream configuration")


def _status(summary: Summary) -> int:
    return EXIT_FAILED if _refused(summary) else EXIT_OK


def _refused(summary: Summary) -> int:
    return summary.total("invalid") + summary.total("error")


def _report(summary: Summary, format_: str) -> str:
    from jsonschema_tools.events.summary import github_report, text_report

    if format_ == "json":
        return json_text(summary.as_json())
    if format_ == "github":
        return printable(github_report(summary), has_commands=True)
    return printable(text_report(summary))


def _display_name(name: str) -> str:
    return "<stdin>" if name == _STDIN else name


def _parts(files: tuple[str, ...], options: Options, jobs: int) -> Iterator[Part]:
    """Yield what came of the events of all files, part by part."""
    from jsonschema_tools.events.reading import read_file, read_records

    def read(name: str) -> Iterator[Record | Lines]:
        if name == _STDIN:
            return read_records(sys.stdin.buffer, _display_name(name))
        return read_file(options.config.source(name), name)

    if jobs == 1:
        from jsonschema_tools.events.run import validate_parts

        return validate_parts(((_display_name(name), read(name)) for name in files), options)

    from jsonschema_tools.events.processes import validate_in_processes
    from jsonschema_tools.events.ranges import read_in_ranges

    def find(name: str) -> Iterator[Record | Lines | Range]:
        return read(name) if name == _STDIN else read_in_ranges(options.config.source(name), name)

    return validate_in_processes(
        ((_display_name(name), find(name)) for name in files), options, jobs
    )


class _Progress:
    """A line on a terminal that says how far a long run is."""

    _EVERY = 0.5  # seconds

    def __init__(self) -> None:
        self._is_terminal = sys.stderr.isatty()
        self._next = time.monotonic() + self._EVERY
        self._width = 0

    def show(self, summary: Summary) -> None:
        """Show the counts, if it is time to."""
        if self._is_terminal and time.monotonic() >= self._next:
            text = f"{summary.events:,} events, {_refused(summary):,} of them refused"
            click.echo("\r" + text.ljust(self._width), nl=False, err=True)
            self._width = len(text)
            self._next = time.monotonic() + self._EVERY

    def clear(self) -> None:
        """Remove the line."""
        if self._width:
            click.echo("\r" + " " * self._width + "\r", nl=False, err=True)
            self._width = 0


def _is_one_file(name: str, other: str | None) -> bool:
    """Tell whether two names are of one regular file, links followed; never standard streams."""
    if other is None or _STDIN in {name, other}:
        return False
    if os.path.realpath(name) == os.path.realpath(other):
        return not os.path.exists(name) or os.path.isfile(name)  # noqa: PTH110, PTH113
    try:
        return os.path.isfile(name) and os.path.samefile(name, other)  # noqa: PTH113, PTH121
    except OSError:
        return False


class _Outputs:
    """The files that take valid events and error events; `-` is standard output."""

    def __init__(
        self,
        valid: str | None,
        invalid: str | None,
        files: Sequence[str],
        folders: Sequence[Path],
    ) -> None:
        from jsonschema_tools.outputs import require_inside

        if valid == invalid == _STDIN:
            raise click.UsageError("--valid and --invalid cannot both write to standard output.")
        if valid is not None and valid != _STDIN and _is_one_file(valid, invalid):
            raise click.UsageError("--valid and --invalid cannot name the same file.")
        for name in (valid, invalid):  # opened for writing, it would be emptied before it is read
            if name is not None and any(_is_one_file(name, file) for file in files):
                raise click.UsageError(f"{name} is read, so it cannot be written as well.")
        for name in (valid, invalid):
            if name is not None and name != _STDIN:
                require_inside(Path(name).absolute(), folders)
        self._names = {"valid": valid, "invalid": invalid}
        self._streams: dict[str, IO[bytes]] = {}

    @property
    def takes_stdout(self) -> bool:
        """Whether events go to standard output, so that the report must not."""
        return _STDIN in self._names.values()

    def __enter__(self) -> _Outputs:
        """Open the files."""
        for kind, name in self._names.items():
            if name is not None:
                try:
                    self._streams[kind] = (
                        sys.stdout.buffer if name == _STDIN else Path(name).open("wb")
                    )
                except OSError as error:
                    raise ConfigError(f"cannot write {name}: {error.strerror}") from None
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files.

        Raises:
            ConfigError: what was held back cannot be written.
        """
        for kind, stream in self._streams.items():
            try:
                stream.close() if self._names[kind] != _STDIN else stream.flush()
            except BrokenPipeError:
                continue
            except OSError as error:
                raise ConfigError(f"cannot write {self._names[kind]}: {error.strerror}") from None

    def write(self, part: Part) -> bool:
        """Write what came of some events; False where nobody reads it any more.

        Raises:
            ConfigError: it cannot be written.
        """
        for kind, stream in self._streams.items():
            try:
                stream.writelines(part.valid if kind == "valid" else part.invalid)
            except BrokenPipeError:
                forget_stdout()
                return False
            except OSError as error:
                raise ConfigError(f"cannot write {self._names[kind]}: {error.strerror}") from None
        return True
