"""What an intake counts, under EventGate's names where it has one, in Prometheus' format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: names of series beyond which new streams and schemas count as "other"
_MOST_SERIES = 2000
_LONGEST_NAME = 300  # characters; those of longer ones are "other", too
_OTHER = ("other", "other")


class Metrics:
    """The counters of one intake."""

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._seen: dict[str, set[tuple[str, str]]] = {"produced": set(), "failed": set()}
        self._produced = Counter(
            "eventgate_events_produced_total",
            "Events that were accepted.",
            ["stream", "schema_uri"],
            registry=registry,
        )
        self._failed = Counter(
            "eventgate_validation_errors_total",
            "Events that were refused.",
            ["stream", "schema_uri", "error_type"],
            registry=registry,
        )
        self._children: dict[tuple[str, str], Counter] = {}
        self._durations: dict[int, Histogram] = {}
        self._requests = Histogram(
            "express_router_request_duration_seconds",
            "Seconds until a request was answered.",
            ["path", "method", "status"],
            buckets=(0.001, 0.01, 0.05, 0.1, 0.3, 1, 10),
            registry=registry,
        )
        self.error_events_lost = Counter(
            "eventgate_error_events_lost_total",
            "Error events that could not be produced.",
            registry=registry,
        )
        self.hasty_lost = Counter(
            "eventgate_hasty_events_lost_total",
            "Events of hasty requests that were answered with 202 and not accepted.",
            registry=registry,
        )
        self.busy = Counter(
            "eventgate_requests_turned_away_total",
            "Requests answered with 503 because too much was waiting.",
            registry=registry,
        )
        self.clients = Gauge(
            "eventstreams_connected_clients",
            "Clients that follow streams.",
            registry=registry,
        )
        self.client_connections = Counter(
            "eventstreams_client_connections_total",
            "Clients that began to follow streams.",
            registry=registry,
        )

    def produced(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Count accepted events by stream and schema."""
        for names, count in counts.items():
            child = self._children.get(names)  # finding it by its labels takes far longer
            if child is None:
                child = self._produced.labels(*self._bounded(names, "produced"))
                if len(self._children) < _MOST_SERIES:
                    self._children[names] = child
            child.inc(count)

    def answered(self, status: int, seconds: float) -> None:
        """Note how long a post of events took."""
        child = self._durations.get(status)
        if child is None:
            child = self._durations[status] = self._requests.labels("events", "POST", str(status))
        child.observe(seconds)

    def failed(self, failures: Iterable[tuple[str, str, str]]) -> None:
        """Count refused events by stream, schema and kind of error."""
        for stream, uri, kind in failures:
            self._failed.labels(*self._bounded((stream, uri), "failed"), kind).inc()

    def _bounded(self, names: tuple[str, str], kind: str) -> tuple[str, str]:
        """Return the labels of a series; what clients make up must not fill the memory.

        Nor does what they make up for refused events take the place of accepted ones.
        """
        seen = self._seen[kind]
        if names in seen:
            return names
        if len(seen) >= _MOST_SERIES or max(map(len, names)) > _LONGEST_NAME:
            return _OTHER
        seen.add(names)
        return names

    def text(self) -> bytes:
        """Return all of them in Prometheus' text format."""
        return generate_latest(self._registry)
