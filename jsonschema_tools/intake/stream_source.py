"""The stream configuration of a running intake: read again when it changes."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

from jsonschema_tools.errors import SchemaToolsError
from jsonschema_tools.events.stream_files import load_streams

if TYPE_CHECKING:
    from jsonschema_tools.config import Config
    from jsonschema_tools.events.streams import StreamConfigs

_LOCAL = 1.0  # seconds between two looks at files
_REMOTE = 60.0  # seconds for which the answer of a server is kept
_log = logging.getLogger(__name__)


class StreamSource:
    """Holds the stream configuration; `current` is None where none is configured.

    A configuration that cannot be read any more is logged, and the former one stays.

    Args:
        config: the settings of the schema repository.

    Raises:
        ConfigError: it cannot be read.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self.current: StreamConfigs | None = load_streams(config) if config.stream_configs else None
        self._remote = any(name.startswith(("http:", "https:")) for name in config.stream_configs)
        self._signature = self._files()
        self._read_at = time.monotonic()

    async def watch(self) -> None:
        """Look for changes until cancelled."""
        while self.current is not None:
            await asyncio.sleep(_LOCAL)
            signature = self._files()
            age = time.monotonic() - self._read_at
            if signature != self._signature or (self._remote and age > _REMOTE):
                self._signature = signature
                self._read_at = time.monotonic()
                try:
                    self.current = await asyncio.to_thread(load_streams, self._config)
                except SchemaToolsError as error:
                    _log.warning("the former stream configuration stays: %s", error)

    def _files(self) -> list[tuple[int, int] | None]:
        """Return what tells whether a file has changed, for each file."""
        found: list[tuple[int, int] | None] = []
        for name in self._config.stream_configs:
            if not name.startswith(("http:", "https:")):
                try:
                    status = (self._config.root / name.removeprefix("file://")).stat()
                    found.append((status.st_mtime_ns, status.st_size))
                except OSError:
                    found.append(None)
        return found
