"""What is done with the events of a request: fill in, check, validate, produce.

The order is that of EventGate with Wikimedia's factory: defaults of the platform, is the schema
allowed in the stream, defaults of the schema and validation, produce.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

from jsonschema_tools.events.error_events import ErrorEvents
from jsonschema_tools.events.json_text import decode
from jsonschema_tools.events.schema import UnusableSchemaError
from jsonschema_tools.intake.outcome import Failure, Outcome, error_type, refusal, why
from jsonschema_tools.intake.selection import Selection
from jsonschema_tools.intake.sinks import BusyError
from jsonschema_tools.intake.ways import Ways
from jsonschema_tools.intake_settings import read_intake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from jsonschema_tools.config import Config
    from jsonschema_tools.events.registry import Registry
    from jsonschema_tools.intake.enrich import RequestContext
    from jsonschema_tools.intake.metrics import Metrics
    from jsonschema_tools.intake.sinks import Sink
    from jsonschema_tools.intake.stream_source import StreamSource
    from jsonschema_tools.values import Json

_log = logging.getLogger(__name__)
_SLICE = 200  # events after which other requests get a turn


class Processor:
    """Takes the events of requests.

    Args:
        config: the settings of the schema repository.
        registry: finds schemas.
        streams: says which schema each stream takes.
        sink: takes accepted events.
        metrics: counts.
    """

    def __init__(
        self,
        config: Config,
        registry: Registry,
        streams: StreamSource,
        sink: Sink,
        metrics: Metrics,
    ) -> None:
        self._settings = read_intake(config.intake)
        self._registry = registry
        self._sink = sink
        self._metrics = metrics
        self._hidden = sorted({str(config.root), *map(str, config.schema_base_paths)}, key=len)[
            ::-1
        ]
        self._config = config
        self._ways = Ways(self._settings, registry, streams)
        #: called with the events of a request that were not accepted
        self.on_refused: Callable[[Sequence[Failure]], None] | None = None
        self._loading: dict[str, asyncio.Future[Any]] = {}

    async def process(
        self, events: list[Json], context: RequestContext, *, hasty: bool = False
    ) -> Outcome:
        """Take events, and return what came of them.

        Args:
            events: the events; the list is used up.
            context: what the request says beside.
            hasty: whether to return before the accepted ones are safe.

        Raises:
            BusyError: the log takes no more for the moment; none of them was accepted.
        """
        outcome = Outcome(len(events))
        selection = await self._select(events, context)
        outcome.failures += selection.failures
        if selection.messages:
            answers = await self._sink.produce(selection.messages, hasty=hasty)
            names: Iterable[tuple[str, str]] = selection.names
            if any(answers):  # why some were not taken
                outcome.failures += _not_taken(answers, selection)
                names = [n for n, a in zip(names, answers, strict=True) if a is None]
            self._metrics.produced(Counter(names))
        if outcome.failures and self.on_refused is not None:
            self.on_refused(outcome.failures)
        outcome.failures.sort(key=lambda failure: failure.index)
        self._metrics.failed(
            (f.verdict.stream or "unknown", f.verdict.uri or "unknown", error_type(f))
            for f in outcome.failures
        )
        return outcome

    async def report(self, failures: Iterable[Failure], context: RequestContext) -> None:
        """Produce an error event for each invalid event, where they are configured."""
        invalid = [failure for failure in failures if failure.kind == "invalid"]
        if not invalid or self._settings.error_stream is None:
            return
        maker = await asyncio.to_thread(ErrorEvents.of, self._config, self._registry)
        events: list[Json] = [maker.make(failure.event, failure.verdict) for failure in invalid]
        try:
            outcome = await self.process(events, context)
        except BusyError:
            lost, reason = len(events), "too much is waiting"
        else:
            lost = len(outcome.failures)
            reason = why(outcome.failures[0].verdict) if lost else ""
        if lost:
            self._metrics.error_events_lost.inc(lost)
            _log.warning("%d error events were not produced: %s", lost, reason)

    async def _select(self, events: list[Json], context: RequestContext) -> Selection:
        """Fill in and check events; other requests get a turn now and then."""
        selection = Selection(events, context, self._ways, self._redact)
        place = 0
        while place < len(events):
            place = selection.advance(place, min(place + _SLICE, len(events)))
            if selection.unread is not None:
                await self._load(selection.unread)
            elif place < len(events):
                await asyncio.sleep(0)
        return selection

    def _redact(self, message: str) -> str:
        """Take the server's paths from a message: where a file is, is not for clients to know."""
        for path in self._hidden:
            message = message.replace(f"{path}/", "").replace(path, ".")
        return message

    async def _load(self, uri: str) -> None:
        """Read a schema off the event loop."""
        loading = self._loading.get(uri)
        if loading is None:
            loading = asyncio.ensure_future(asyncio.to_thread(self._read, uri))
            self._loading[uri] = loading
            loading.add_done_callback(lambda _: self._loading.pop(uri, None))
        await asyncio.shield(loading)

    def _read(self, uri: str) -> None:
        try:
            self._registry.get(uri)
        except UnusableSchemaError as error:
            _log.info("%s", error)


def _not_taken(answers: Sequence[str | None], selection: Selection) -> Iterator[Failure]:
    """Yield the events that the log did not take."""
    for index, message, answer in zip(selection.indexes, selection.messages, answers, strict=True):
        if answer is not None:
            event = decode(message.value)
            yield Failure(index, "produce", event, refusal(answer, event))
