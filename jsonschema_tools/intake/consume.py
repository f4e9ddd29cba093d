"""Reads records for `consume`: from an event log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.intake.log_reader import LogReader, records_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from jsonschema_tools.config import Config
    from jsonschema_tools.intake.log_reader import LogRecord


class LogSource:
    """Reads an event log.

    Args:
        config: the settings of the schema repository.
        path: the log.
        streams: names of streams; none for all.

    Raises:
        ConfigError: the log cannot be read.
    """

    def __init__(self, config: Config, path: Path, streams: Sequence[str]) -> None:
        self._reader = LogReader(path)

    def records(self) -> Iterator[LogRecord]:
        """Yield records, oldest first."""
        last = 0
        while batches := self._reader.after(last):
            for batch in batches:
                yield from records_of(batch)
                last = batch.id
