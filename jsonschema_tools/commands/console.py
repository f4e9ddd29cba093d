"""What a command says: messages to stderr, by level, safe for a terminal."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TypeVar

import click

from jsonschema_tools.config import LOG_LEVELS
from jsonschema_tools.errors import SchemaToolsError, printable
from jsonschema_tools.messages import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from jsonschema_tools.config import Config

_T = TypeVar("_T")
_MANY = 20  # schemas from which on a progress bar is shown


class Console:
    """Writes messages to stderr; those below the configured level are dropped."""

    def __init__(self, config: Config) -> None:
        self._level = LOG_LEVELS.index(config.log_level)

    def debug(self, message: str) -> None:
        """Say what is done and why."""
        self._say("debug", message)

    def info(self, message: str) -> None:
        """Say what was done."""
        self._say("info", message)

    def summary(self, message: str) -> None:
        """Say at the end what came of it all; hidden only where warnings are."""
        self._say("warn", message)

    def warn(self, message: str) -> None:
        """Say what may be wrong."""
        self._say("warn", message, "warning: ", "yellow")

    def error(self, error: SchemaToolsError | str) -> None:
        """Say what is wrong, where, and what to do; errors are shown at every level."""
        click.secho(printable(str(error)), err=True, fg="red" if color(sys.stderr) else None)

    def _say(self, level: str, message: str, prefix: str = "", fg: str | None = None) -> None:
        if LOG_LEVELS.index(level) >= self._level:
            text = printable(f"{prefix}{message}")
            click.secho(text, err=True, fg=fg if color(sys.stderr) else None)


class Results:
    """Lines for stdout that report work as it is done, and never stop it.

    A reader that goes away, as `head` does, ends the report, not the work. Lines are held back
    where a progress bar is shown, which they would tear apart.
    """

    def __init__(self, *, hold: bool) -> None:
        self._held: list[str] | None = [] if hold else None
        self._gone = False

    def add(self, line: str) -> None:
        """Print a line, or keep it for the end."""
        if self._held is not None:
            self._held.append(line)
        elif not self._gone:
            try:
                click.echo(line)
            except BrokenPipeError:
                self._gone = True
                forget_stdout()

    def close(self) -> None:
        """Print what was held back."""
        held, self._held = self._held or [], None
        for line in held:
            self.add(line)


def forget_stdout() -> None:
    """Redirect stdout to nowhere, so that Python does not complain about its reader at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def color(stream: object) -> bool:
    """Tell whether a stream gets colour: a terminal, and NO_COLOR is not set (no-color.org)."""
    isatty = getattr(stream, "isatty", None)
    return not os.environ.get("NO_COLOR") and isatty is not None and bool(isatty())


def shows_progress(length: int) -> bool:
    """Tell whether there is a progress bar for so many items."""
    return length >= _MANY and sys.stderr.isatty()


def progress(items: Iterable[_T], length: int) -> Iterator[_T]:
    """Yield items, with a progress bar on stderr where it is a terminal and there are many."""
    if not shows_progress(length):
        yield from items
        return
    with click.progressbar(items, length=length, file=sys.stderr, width=30) as bar:
        yield from bar


def aligned(rows: Sequence[tuple[str, ...]]) -> str:
    """Return rows as lines in which every column but the last is padded to the same width.

    Each row stays one line, whatever its cells hold.
    """
    if not rows:
        return ""
    rows = [tuple(map(one_line, row)) for row in rows]
    *widths, _ = [max(map(len, column)) for column in zip(*rows, strict=True)]
    widths.append(0)
    return "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + "\n"
        for row in rows
    )
