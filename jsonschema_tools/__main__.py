"""`python -m jsonschema_tools` and `jsonschema-tools`: one door for everything that goes wrong."""

from __future__ import annotations

import errno
import gc
import io
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn, TextIO

_SELDOM = 50_000  # new objects from one search for cycles to the next: there are hardly any


def main() -> NoReturn:
    """Run the command line and exit with its status (see the exit codes in errors.py)."""
    gc.set_threshold(_SELDOM)
    _leave(run())


def run() -> int:
    """Run the command line and return the status to exit with.

    A command returns its exit status, or None for success. Where standard output cannot be written,
    the work is done all the same, and the status is 2.
    """
    make_patient()
    status = _run()
    if (failure := lost()) is not None:
        print(f"error: cannot write to standard output: {failure.strerror}", file=sys.stderr)  # noqa: T201
        print("  hint: the work is done, but only part of its output was written", file=sys.stderr)  # noqa: T201
        status = max(status, 2)
    sys.stderr.flush()
    return status


def _run() -> int:
    try:
        from jsonschema_tools.cli import cli

        status = cli(prog_name="jsonschema-tools", standalone_mode=False)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException as error:
        return _status(error)
    return status if isinstance(status, int) else 0


def _leave(status: int) -> NoReturn:
    """End the process, at once where nothing but memory is left to give back.

    Python would take apart one object after the other: a tenth of a short run.
    """
    import threading

    if threading.active_count() == 1 and sys.gettrace() is sys.getprofile() is None:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except (AttributeError, OSError):
            pass  # closed, or its reader has gone: Python knows what to say of it
        else:
            os._exit(status)
    sys.exit(status)


class Patient(io.TextIOWrapper):
    """A stream whose text is dropped once it cannot be written; `failure` says why.

    Code that writes bytes to `buffer` gets the error at once: some of it only ends with its reader.
    """

    failure: OSError | None = None

    def write(self, text: str) -> int:
        """Write text, as all streams do."""
        try:
            return super().write(text)
        except OSError as error:
            self._give_up(error)
            return len(text)

    def flush(self) -> None:
        """Write what is held back."""
        try:
            super().flush()
        except OSError as error:
            self._give_up(error)
            super().flush()

    def _give_up(self, error: OSError) -> None:
        self.failure = self.failure or error
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def make_patient() -> None:
    """Make standard output and error so; where they are closed, let them lead nowhere.

    Otherwise the next file that is opened would take their place.
    """
    sys.stdout, sys.stderr = _patient(sys.stdout), _patient(sys.stderr)


def _patient(stream: TextIO | None) -> TextIO:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123
    if type(stream) is not io.TextIOWrapper:
        return stream  # of a test, or of a program that has us in it
    settings = stream.encoding, stream.errors, None, stream.line_buffering
    stream.flush()
    return Patient(stream.detach(), *settings)


def lost() -> OSError | None:
    """Return why standard output is not complete; None where it is, or its reader has gone."""
    sys.stdout.flush()
    failure = sys.stdout.failure if isinstance(sys.stdout, Patient) else None
    return None if failure is None or failure.errno == errno.EPIPE else failure


def _status(error: BaseException) -> int:
    import click

    from jsonschema_tools.errors import EXIT_BUG, EXIT_USAGE, SchemaToolsError, printable

    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.ClickException):
        error.show()
        return EXIT_USAGE
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        click.echo("interrupted", err=True)
        return 130
    if isinstance(error, BrokenPipeError):  # the reader of our output has gone: not our failure
        from jsonschema_tools.commands.console import forget_stdout

        forget_stdout()
        return 0
    if isinstance(error, SchemaToolsError):
        click.echo(printable(str(error)), err=True)
        return error.exit_status
    return _report_bug(error) if isinstance(error, Exception) else EXIT_BUG


def _report_bug(error: Exception) -> int:
    import traceback

    from jsonschema_tools._version import __version__
    from jsonschema_tools.errors import EXIT_BUG, printable

    traceback.print_exception(error)
    text = printable(f"{type(error).__name__}: {error}")
    print(f"jsonschema-tools {__version__} has a bug: {text}", file=sys.stderr)  # noqa: T201
    print("  hint: please report it with the lines above", file=sys.stderr)  # noqa: T201
    return EXIT_BUG


if __name__ == "__main__":
    main()
