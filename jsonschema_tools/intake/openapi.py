"""The description of an intake's routes, OpenAPI 3.1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools._version import __version__

if TYPE_CHECKING:
    from jsonschema_tools.events.streams import StreamConfigs
    from jsonschema_tools.values import Json

_EVENT: Json = {
    "type": "object",
    "minProperties": 1,
    "description": "an event: `$schema` names the schema that it follows, `meta.stream` its stream",
    "examples": [
        {
            "$schema": "/shop/order_placed/1.0.0",
            "meta": {"stream": "shop.order_placed"},
            "dt": "2026-01-31T12:00:00Z",
        }
    ],
}
_EVENTS: Json = {"type": "array", "minItems": 1, "description": "events; each is answered for"}
_TIME: Json = {
    "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "format": "date-time"}]
}
_PLACES: Json = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["topic", "partition", "offset"],
        "properties": {
            "topic": {"type": "string"},
            "partition": {"const": 0},
            "offset": {"type": "integer", "minimum": -1},
            "timestamp": {"type": "integer", "description": "in milliseconds since 1970"},
        },
    },
}
_FAILURE: Json = {
    "type": "object",
    "required": ["status", "event", "context"],
    "properties": {
        "status": {"enum": ["invalid", "error"]},
        "event": {},
        "context": {"type": "object"},
    },
}
_FAILURES: Json = {
    "type": "object",
    "properties": {
        "invalid": {"type": "array", "items": _FAILURE},
        "error": {"type": "array", "items": _FAILURE},
    },
}
_PROBLEM: Json = {
    "type": "object",
    "required": ["title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}


def _answer(description: str, kind: str | None = None, schema: Json = None) -> Json:
    if kind is None:
        return {"description": description}
    return {"description": description, "content": {kind: {"schema": schema or {}}}}


def _problem(description: str) -> Json:
    return _answer(description, "application/problem+json", _PROBLEM)


def _get(summary: str, answers: Json, *parameters: Json) -> Json:
    return {"get": {"summary": summary, "parameters": list(parameters), "responses": answers}}


def _parameter(name: str, place: str, description: str, schema: Json = None) -> Json:
    return {
        "name": name,
        "in": place,
        "required": place == "path",
        "description": description,
        "schema": schema or {"type": "string"},
    }


def _stream_names(streams: StreamConfigs | None) -> Json:
    """Return the schema of what a request calls streams: in a path, commas are between them."""
    name: Json = {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,249}$"}
    if streams is not None and not any(entry.pattern for entry in streams.streams.values()):
        name = {"enum": [*sorted(streams.streams)]}
    return {"type": "array", "items": name, "minItems": 1}


def document(streams: StreamConfigs | None) -> dict[str, Json]:
    """Return the description.

    Args:
        streams: the stream configuration, if there is one.
    """
    json = "application/json"
    some = _parameter("names", "path", "names of streams, with commas between them")
    names = _parameter("names", "path", "names of streams", _stream_names(streams))
    refused: Json = {
        json: {"schema": _FAILURES},
        "application/problem+json": {"schema": _PROBLEM},
    }
    events: Json = {
        "post": {
            "summary": "Send events",
            "parameters": [_parameter("hasty", "query", "answer before looking at the events")],
            "requestBody": {
                "required": True,
                "content": {json: {"schema": {"anyOf": [_EVENT, _EVENTS]}}},
            },
            "responses": {
                "201": _answer("All events were accepted."),
                "202": _answer("The events were received."),
                "207": _answer("Some events were accepted.", json, _FAILURES),
                "400": {"description": "All are invalid, or the body is.", "content": refused},
                "408": _problem("The body took too long."),
                "413": _problem("The body is too large."),
                "415": _problem("The charset or encoding is not known."),
                "500": {"description": "No event was accepted.", "content": refused},
                "503": _problem("Too much is waiting."),
            },
        }
    }
    stream = {
        "200": _answer("Events as they come.", "text/event-stream"),
        "400": _answer("A stream or place is not known.", json),
        "404": _answer("A topic is not of these streams.", json),
    }
    since = _parameter("since", "query", "begin here: milliseconds since 1970, or a time", _TIME)
    last: Json = {
        "name": "Last-Event-ID",
        "in": "header",
        "description": "the id of the last event that was received",
        "content": {json: {"schema": _PLACES}},
    }
    path = _parameter("path", "path", "a path below the schema base paths")
    return {
        "openapi": "3.1.0",
        "info": {"title": "Event intake", "version": __version__},
        "paths": {
            "/v1/events": events,
            "/v2/stream/{names}": _get("Follow streams", stream, names, since, last),
            "/v1/stream-configs": _get("Stream configuration", {"200": _answer("All.", json)}),
            "/v1/stream-configs/{names}": _get(
                "Stream configuration",
                {
                    "200": _answer("Those that are known.", json),
                    "404": _problem("A line break in the names."),
                },
                some,
            ),
            "/schemas/{path}": _get(
                "A schema",
                {
                    "200": {
                        "description": "The file.",
                        "content": {"application/yaml": {}, json: {}},
                    },
                    "404": _problem("There is none."),
                },
                path,
            ),
            "/_info": _get("Name and version", {"200": _answer("Both.", json)}),
            "/healthz": _get(
                "Readiness",
                {"200": _answer("Ready.", json), "503": _problem("Too much is waiting.")},
            ),
            "/metrics": _get("Metrics", {"200": _answer("Prometheus' text format.", "text/plain")}),
        },
    }
