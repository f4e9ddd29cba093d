"""The verdict on one event: valid, invalid, or an error that is not the event's alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from jsonschema_tools.events.defaults import TooDeepError
from jsonschema_tools.events.problems import missing_field
from jsonschema_tools.events.schema import UnusableSchemaError
from jsonschema_tools.values import get_field

if TYPE_CHECKING:
    from jsonschema_tools.errors import Location
    from jsonschema_tools.events.problems import EventProblem
    from jsonschema_tools.events.registry import Registry
    from jsonschema_tools.events.schema import EventSchema
    from jsonschema_tools.events.streams import StreamConfigs
    from jsonschema_tools.values import Json

Status: TypeAlias = Literal["valid", "invalid", "error"]

SCHEMA_FIELD = "$schema"
STREAM_FIELD = "meta.stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of validating one event.

    Attributes:
        status: `valid`; `invalid`: the schema refuses it; `error`: it names no schema that can be
            used, so that nothing can be said of it.
        uri: the schema that it was validated against, as the event or the caller calls it.
        stream: `meta.stream` of the event.
        problems: what is wrong with an invalid event.
        message: why there is an error.
        hint: what to do about the error.
        at: where in the schema the error is.
    """

    status: Status
    uri: str | None = None
    stream: str | None = None
    problems: tuple[EventProblem, ...] = ()
    message: str | None = None
    hint: str | None = None
    at: Location | None = None


def judge(
    event: Json,
    registry: Registry,
    *,
    schema: EventSchema | None = None,
    streams: StreamConfigs | None = None,
) -> Verdict:
    """Validate an event; defaults of its schema are filled into it, as the intake does.

    Args:
        event: the event; changed in place.
        registry: finds the schema that it names.
        schema: the schema to use, whatever the event names.
        streams: the stream configuration that must allow the event in its stream, if given.
    """
    if not isinstance(event, dict):
        return Verdict(status="error", message="an event is an object", hint=_A_LIST)
    named = event.get(SCHEMA_FIELD)
    uri = schema.uri if schema is not None else named if isinstance(named, str) else None
    stream = get_field(event, STREAM_FIELD)
    stream_name = stream if isinstance(stream, str) else None
    if schema is None:
        try:
            schema = registry.get(required_uri(event))
        except UnusableSchemaError as error:
            return Verdict(
                status="error",
                uri=uri,
                stream=stream_name,
                message=error.message,
                hint=error.hint,
                at=error.at,
            )
    if streams is not None:
        objection = streams.objection(
            stream, title=schema.title, uri=uri or schema.uri, event_id=get_field(event, "meta.id")
        )
        if objection is not None:
            return Verdict(status="error", uri=uri, stream=stream_name, message=objection)
    try:
        if schema.has_defaults:
            schema.fill(event)
        problems = schema.problems(event)
    except TooDeepError as error:
        return Verdict(status="error", uri=uri, stream=stream_name, message=str(error))
    status: Status = "invalid" if problems else "valid"
    return Verdict(status=status, uri=uri, stream=stream_name, problems=problems)


_KINDS = {
    type(None): "null",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    list: "an array",
    dict: "an object",
}
_A_LIST = "write one event on a line, or a list of events"


def required_uri(event: dict[str, Json]) -> str:
    """Return what an event calls its schema.

    Raises:
        UnusableSchemaError: it does not name one.
    """
    if SCHEMA_FIELD not in event:
        raise UnusableSchemaError(
            missing_field(SCHEMA_FIELD),
            hint='name the schema, such as "$schema": "/test/event/1.0.0"',
        )
    uri = event[SCHEMA_FIELD]
    if not isinstance(uri, str):
        raise UnusableSchemaError(f"`$schema` should be a string, not {_KINDS[type(uri)]}")
    return uri
