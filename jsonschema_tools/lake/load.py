"""Events into tables: typed by their schema, each once, and nothing dropped in silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.errors import ParseError, SchemaToolsError
from jsonschema_tools.lake.batch import Batch, RowMaker
from jsonschema_tools.lake.blocks import Block
from jsonschema_tools.lake.envelope import NO_OBJECT, envelope_of, received
from jsonschema_tools.lake.evolution import Refused, changes, merged
from jsonschema_tools.lake.fitting import Fitting, UnfitError
from jsonschema_tools.lake.sinks import open_sink
from jsonschema_tools.lake.writer import BatchWriter, Loaded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from jsonschema_tools.lake.envelope import Envelope
    from jsonschema_tools.lake.plan import Plan
    from jsonschema_tools.lake.records import Record, Source
    from jsonschema_tools.lake.sinks import TableFormat

# bytes of events after which a batch is written: of all, and of those that are kept in memory
_MOST, _MOST_HELD = 128 * 2**20, 64 * 2**20


class ConflictError(SchemaToolsError):
    """A table cannot hold the events of a schema; nothing was written."""

    code = "table-conflict"


class TableLoader:
    """Loads the events of one stream into its table.

    Args:
        plan: the stream's table.
        folder: where tables are.
        table_format: of which format they are.
        batch: the most events of a transaction.
        unique: whether to leave out events whose `meta.id` is in the same hour already.

    Raises:
        ConflictError: the table that is there has other types.
    """

    def __init__(
        self,
        plan: Plan,
        folder: Path,
        table_format: TableFormat,
        batch: int,
        *,
        unique: bool = False,
    ) -> None:
        self.result = Loaded(plan.table)
        self._plan = plan
        self._most = batch
        sink = open_sink(folder, plan.table, table_format, partitioned=True)
        aside = open_sink(folder, f"{plan.table}_refused", table_format, partitioned=False)
        conflicts = [
            str(change)
            for change in changes(sink.columns, plan.columns)
            if isinstance(change, Refused) and change.new is not None
        ]
        if conflicts:
            raise ConflictError(
                f"the schema of {plan.stream} {conflicts[0]} of table {plan.table}",
                hint="load into another folder, or restore the type in the next version",
            )
        columns = merged(sink.columns, plan.columns)
        self._fitting = Fitting(columns)
        self._writer = BatchWriter(
            sink, aside, RowMaker(columns, self._fitting), self.result, unique=unique
        )
        self._starts: dict[Source, int] = {}
        self._batch = Batch()

    def start(self, source: Source) -> int:
        """Return the offset of a source from which on its events were not taken yet."""
        if source not in self._starts:
            self._starts[source] = self._writer.progress(source)
        return self._starts[source]

    def add(self, record: Record, envelope: Envelope | None) -> None:
        """Take a record of the stream; writes a batch when it is full."""
        source, batch = (record.topic, record.partition), self._batch
        if record.offset < self.start(source):
            self.result.counts["known"] += 1
            return
        batch.progress[source] = self._starts[source] = record.offset + 1
        meta = envelope.meta if envelope is not None else None
        if meta is not None and meta.domain == "canary":
            self.result.counts["canary"] += 1
            return
        try:
            if envelope is None:
                raise UnfitError(record.problem or NO_OBJECT)
            self._plan.require_schema(envelope.schema)
            arrived = received(meta.dt if meta else None, record.timestamp)
            line = self._fitting.fit(record.value)
        except (UnfitError, ParseError) as error:
            batch.refused.append((record, str(error.args[0])))
        else:
            batch.lines.append(line)
            batch.centers.append(self._plan.datacenter(record.topic))
            batch.times.append(arrived)
            batch.origins.append(record[:4])
        batch.size += len(record.value)
        batch.held += len(record.value)
        self._flush_if_full()

    def add_block(self, block: Block, stream: str) -> bool:
        """Take lines of a file all at once, where nothing is to be said about any of them.

        Returns:
            Whether they were taken; if not, each is to be added by itself.
        """
        source = block.topic, 0
        if block.first < self.start(source):
            return False
        lines = block.lines()
        found = self._fitting.summary(block) if lines is not None else None
        if (
            lines is None
            or found is None
            or not found.streams <= {stream, None}
            or "canary" in found.domains
        ):
            return False
        try:
            for uri in found.schemas:
                self._plan.require_schema(uri)
        except UnfitError:
            return False
        batch = self._batch
        self._writer.put(batch, lines)
        batch.blocks.append(block.kept())
        batch.progress[source] = self._starts[source] = block.first + len(block)
        batch.size += len(block.text)
        batch.held += 0 if block.place else len(block.text)
        self._flush_if_full()
        return True

    def _flush_if_full(self) -> None:
        batch = self._batch
        if batch.size >= _MOST or batch.held >= _MOST_HELD or len(batch) >= self._most:
            self.flush()

    def flush(self) -> None:
        """Have written what was taken; waits for what is being written already."""
        batch, self._batch = self._batch, Batch()
        if batch.progress:
            self._writer.end(batch)

    def close(self) -> None:
        """Write what was taken, and wait until it is."""
        self.flush()
        self._writer.close()

    def give_up(self) -> None:
        """Leave out what was taken since the last batch that was full."""
        self._writer.give_up()


def load(records: Iterable[Record | Block], loaders: Mapping[str, TableLoader]) -> int:
    """Load events into the tables of their streams.

    An event belongs to the stream of its topic, where that is known; else to the one in its
    `meta.stream`; without one, and if it is not an event, to the first stream that is loaded.

    Args:
        records: the events; those of each partition in the order of their offsets.
        loaders: by stream.

    Returns:
        The number of events of other streams, which were left alone.
    """
    try:
        others = _load(records, loaders)
        for loader in loaders.values():
            loader.close()
    except BaseException:
        for loader in loaders.values():
            loader.give_up()
        raise
    return others


def _load(records: Iterable[Record | Block], loaders: Mapping[str, TableLoader]) -> int:
    others = 0
    stream, first = next(iter(loaders.items()))
    for record in records:
        if isinstance(record, Block):
            if len(loaders) == 1 and first.add_block(record, stream):
                continue
            others += sum(not _add(one, loaders, first) for one in record)
        else:
            others += not _add(record, loaders, first)
    return others


def _add(record: Record, loaders: Mapping[str, TableLoader], first: TableLoader) -> bool:
    """Give a record to the loader of its stream; False if there is none."""
    envelope, stream = envelope_of(record), record.stream
    if stream is None and envelope is not None and envelope.meta is not None:
        stream = envelope.meta.stream
    loader = loaders.get(stream) if isinstance(stream, str) else first
    if loader is None:
        return False
    loader.add(record, envelope)
    return True
