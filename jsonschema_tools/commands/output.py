"""Standard output and error that may be full, closed or without a reader: work is done anyway."""

from __future__ import annotations

import errno
import io
import os
import sys
from typing import TextIO


class Patient(io.TextIOWrapper):
    """A stream whose text goes nowhere once it cannot be written; `failure` tells why.

    What writes bytes to `buffer` is told at once, so that what has no end but its reader ends.
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
