"""Where `load` reads: files of events, an event log, or Kafka."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from jsonschema_tools.commands.extras import require
from jsonschema_tools.errors import ConfigError
from jsonschema_tools.lake.files import read_files
from jsonschema_tools.lake.records import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from jsonschema_tools.config import Config
    from jsonschema_tools.intake.consume import LogSource
    from jsonschema_tools.intake.kafka_source import KafkaSource
    from jsonschema_tools.lake.blocks import Block
    from jsonschema_tools.lake.load import TableLoader


class LoadSources:
    """What is to be loaded.

    Args:
        config: the settings of the schema repository.
        streams: the streams to load.
        paths: files of events, at most one event log among them.
        brokers: Kafka's, `HOST:PORT,...`; None without.

    Raises:
        ConfigError: a file is not found or is not an event log, two are event logs, the name of a
            stream is not a topic, or an extra is missing.
    """

    def __init__(
        self, config: Config, streams: Sequence[str], paths: Sequence[Path], brokers: str | None
    ) -> None:
        from jsonschema_tools.intake.consume import LogSource, topics_of
        from jsonschema_tools.intake.log_reader import is_event_log

        if missing := next((path for path in paths if not path.exists()), None):
            raise ConfigError(f"file not found: {config.display_path(missing)}")
        logs = [path for path in paths if is_event_log(path)]
        if len(logs) > 1 or (logs and brokers is not None):
            raise ConfigError(
                "events come from one event log, or from Kafka: offsets tell which are loaded",
                hint="load each into a folder of its own",
            )
        self._files = [path for path in paths if path not in logs]
        self._source: LogSource | KafkaSource | None = None
        self._stream_of: dict[str, str] = {}
        if not logs and brokers is None:
            return
        for stream in streams:
            for topic in topics_of(config, [stream]) or ():
                self._stream_of.setdefault(topic, stream)
        if brokers is None:
            self._source = LogSource(config, logs[0], streams)
        else:
            require("kafka", "`load --kafka`")
            from jsonschema_tools.intake.kafka_source import KafkaSource

            self._source = KafkaSource(config, brokers, streams)

    def records(self, loaders: Mapping[str, TableLoader]) -> Iterator[Record | Block]:
        """Yield the events that the tables do not have yet; of files, all.

        Args:
            loaders: by stream; they know how far each topic is loaded.

        Raises:
            SchemaToolsError: a source cannot be read, or its topics are not those of before.
        """
        return chain(read_files(self._files), self._stored(loaders))

    def _stored(self, loaders: Mapping[str, TableLoader]) -> Iterator[Record]:
        if self._source is None:
            return

        def start(topic: str, partition: int) -> int:
            return loaders[self._stream_of[topic]].start((topic, partition))

        for found in self._source.records_from(start):
            yield Record(
                found.topic,
                found.partition,
                found.offset,
                found.timestamp,
                found.value,
                stream=self._stream_of[found.topic],
            )
