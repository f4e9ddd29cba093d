"""The description of an intake's routes, OpenAPI 3.1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools._version import __version__

if TYPE_CHECKING:
    from jsonschema_tools.values import Json

_EVENT: Json = {
    "type": "object",
    "properties": {
        "$schema": {"type": "string"},
        "meta": {"type": "object", "properties": {"stream": {"type": "string"}}},
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


def _parameter(name: str, place: str, description: str) -> Json:
    return {
        "name": name,
        "in": place,
        "required": place == "path",
        "description": description,
        "schema": {"type": "string"},
    }


def document() -> dict[str, Json]:
    """Return the description."""
    json = "application/json"
    names = _parameter("names", "path", "names of streams, with commas between them")
    refused: Json = {
        json: {"schema": _FAILURES},
        "application/problem+json": {"schema": _PROBLEM},
    }
    events = {
        "post": {
            "summary": "Send events",
            "parameters": [_parameter("hasty", "query", "answer before looking at the events")],
            "requestBody": {
                "required": True,
                "content": {json: {"schema": {"anyOf": [_EVENT, {"type": "array"}]}}},
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
    since = _parameter("since", "query", "a time to begin at: milliseconds since 1970, or a date")
    last = _parameter("Last-Event-ID", "header", "the id of the last event that was received")
    path = _parameter("path", "path", "a path below the schema base paths")
    return {
        "openapi": "3.1.0",
        "info": {"title": "Event intake", "version": __version__},
        "paths": {
            "/v1/events": events,
            "/v2/stream/{names}": _get("Follow streams", stream, names, since, last),
            "/v1/stream-configs": _get("Stream configuration", {"200": _answer("All.", json)}),
            "/v1/stream-configs/{names}": _get(
                "Stream configuration", {"200": _answer("Those that are known.", json)}, names
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
