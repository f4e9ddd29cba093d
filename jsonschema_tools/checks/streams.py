"""Checks of the stream configuration: what goes wrong only after it was deployed, found before."""

from __future__ import annotations

import re
from copy import deepcopy
from typing import TYPE_CHECKING

from jsonschema_tools.checks.base import Check, Context, check
from jsonschema_tools.checks.stream_scope import STREAM, Declared
from jsonschema_tools.errors import Problem
from jsonschema_tools.lake.names import table_name
from jsonschema_tools.messages import counted, suggest
from jsonschema_tools.pointers import split
from jsonschema_tools.values import as_object

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.events import EventSchema, Stream
    from jsonschema_tools.events.problems import EventProblem
    from jsonschema_tools.values import Json

# org.apache.kafka.common.internals.Topic
_LEGAL = re.compile(r"[A-Za-z0-9._-]+")
_LONGEST = 249
_LISTED = 20  # streams with the table of another one: else n of them have n times n findings


def _has_schema(declared: Declared, _: Context) -> bool:
    return declared.schema is not None


def _has_key(declared: Declared, context: Context) -> bool:
    fields = declared.stream.settings.get("message_key_fields")
    return isinstance(fields, dict) and _has_schema(declared, context)


def _has_example(declared: Declared, _: Context) -> bool:
    return declared.schema is not None and _first_example(declared.schema) is not None


@check("stream-has-schema", "streams", STREAM, reads=False)
def has_schema(declared: Declared, _: Context) -> Iterator[Problem]:
    """Every stream has the title of an event schema of this repository.

    The intake refuses each event of a stream without `schema_title`, or whose schema has another
    title; a stream that was declared with `{}` looks fine until the first event is sent.

    Bad: `my.stream: {}`, `my.stream: {schema_title: thing/seem}`.

    Good: `my.stream: {schema_title: thing/seen}`.

    Fix: set `schema_title` to a title that `jsonschema-tools list` shows.
    """
    from jsonschema_tools.events import UnusableSchemaError

    stream, title = declared.stream, declared.stream.schema_title
    entries = declared.schemas.entries
    if title is None:
        yield Problem("no `schema_title`", hint="name the title of its schema", at=stream.at())
        return
    at = stream.at("schema_title")
    entry = entries.get(title)
    if entry is None:
        yield Problem(
            f"schema not found: {title!r}",
            hint=suggest(title, declared.schemas.titles.like(title)),
            at=at,
        )
    elif entry.fragment:
        yield Problem(f"{title!r} is a fragment, not an event schema", at=at)
    elif not entry.versions:
        hint = "run `jsonschema-tools materialize-all`"
        yield Problem(f"schema {title!r} has no materialized version", hint=hint, at=at)
    elif declared.schema is None:
        try:
            declared.schemas.registry.get(f"/{entry.name}/{entry.latest}")
        except UnusableSchemaError as error:
            yield Problem(f"schema {title!r}: {error.message}", hint=error.hint, at=at)


@check("stream-settings-known", "streams", STREAM, reads=False)
def settings_known(declared: Declared, _: Context) -> Iterator[Problem]:
    """Every setting of a stream is known, and of the right type.

    The platform takes any setting and uses those that it knows; a misspelled one does nothing,
    without a word. A repository adds its own settings under `settings` beside `streams`, as JSON
    Schemas by name.

    Bad: `canary_events_enabed: true`, `sample: {rate: "0.1"}`.

    Good: `canary_events_enabled: true`, `sample: {rate: 0.1}`.

    Fix: correct the name or the value, or remove what nothing reads.
    """
    stream, compiled = declared.stream, declared.schemas.settings
    for problem in compiled.problems(dict(stream.own)):
        yield _about_setting(problem, stream, stream.pointer)
    defaults = as_object(stream.document.data).get("defaults")
    if declared.is_first and isinstance(defaults, dict):
        for problem in compiled.problems(defaults):
            yield _about_setting(problem, stream, "/defaults")


def _about_setting(problem: EventProblem, stream: Stream, start: str) -> Problem:
    name = problem.params.get("additionalProperty")
    path = [str(token) for token in split(problem.pointer)]
    if isinstance(name, str):
        path.append(name)
        message = f"unknown setting `{'.'.join(path)}`"
    else:
        message = f"setting `{'.'.join(path) or 'stream'}` {problem.message}"
    pointer = start + "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in path)
    return Problem(message, hint=problem.hint, at=stream.document.locate(pointer))


@check("stream-name-valid", "streams", STREAM, reads=False)
def name_valid(declared: Declared, _: Context) -> Iterator[Problem]:
    """Every stream is a legal Kafka topic with every prefix, and a table of its own.

    Kafka refuses topics with other characters than letters, digits, `.`, `_` and `-`, and those
    longer than 249. In the lake, `my.stream` and `my_stream` are one table.

    Bad: `my stream`, `my.stream` beside `my_stream`.

    Good: `my.stream`.

    Fix: rename the stream before it is used; a stream that is renamed has new topics.
    """
    stream = declared.stream
    if stream.pattern is None:
        for topic in stream.topics() or ():
            legal = isinstance(topic, str) and _LEGAL.fullmatch(topic) and len(topic) <= _LONGEST
            if not legal or topic in {".", ".."}:
                hint = f"use letters, digits, `.`, `_` and `-`, at most {_LONGEST} in all"
                yield Problem(f"not a legal Kafka topic: {topic!r}", hint=hint, at=stream.at())
        table = table_name(stream.name)
        others = [name for name in declared.schemas.by_table[table] if name != stream.name]
        listed = [f"stream {name!r}" for name in others[:_LISTED]]
        if len(others) > _LISTED:
            listed.append(counted(len(others) - _LISTED, "more stream"))
        for one in listed:
            message = f"{one} would have the same table, {table}"
            yield Problem(message, hint="rename one of them", at=stream.at())


@check("stream-message-key-fields-exist", "streams", STREAM, applies=_has_key, reads=False)
def message_key_fields_exist(declared: Declared, _: Context) -> Iterator[Problem]:
    """Every field of the message key is in each event.

    An event that lacks a field of the key cannot be produced: the intake answers with an error,
    though the event is valid. So the latest version of the schema requires the field, or fills in a
    default.

    Bad: `message_key_fields: {page_id: page_id}` where the schema has `page.page_id`, or does not
    require it.

    Good: `message_key_fields: {page_id: page.page_id}`, and both `page` and `page_id` are required.

    Fix: correct the path, or require the field in a new major version.
    """
    stream, schema = declared.stream, declared.schema
    for name, path in as_object(stream.settings["message_key_fields"]).items():
        if isinstance(path, str) and schema is not None:
            problem = _missing(path, schema)
            if problem is not None:
                message = f"message key field {name!r}: {problem}"
                yield Problem(message, at=stream.at("message_key_fields", name))


def _missing(path: str, schema: EventSchema) -> str | None:
    """Return why a field may be missing from an event, or None."""
    part: Json = schema.data
    seen: list[str] = []
    for name in path.split("."):
        properties = part.get("properties") if isinstance(part, dict) else None
        if not isinstance(properties, dict) or name not in properties:
            others = part.get("additionalProperties") if isinstance(part, dict) else None
            where = ".".join([*seen, name])
            if isinstance(others, dict):
                return f"`{where}` is a key of a map, which an event may lack"
            return f"`{where}` is not declared by {schema.uri}"
        required = part.get("required") if isinstance(part, dict) else None
        seen.append(name)
        part = properties[name]
        listed = isinstance(required, (list, str, dict)) and name in required
        if not listed and not (isinstance(part, dict) and "default" in part):
            return f"`{'.'.join(seen)}` is optional in {schema.uri}, and has no default"
    return None


@check("stream-destination-known", "streams", STREAM, reads=False)
def destination_known(declared: Declared, context: Context) -> Iterator[Problem]:
    """Every `destination_event_service` is one of `eventServices`.

    The intakes ask for the streams of their own name; under another, no intake ever learns of the
    stream. Not checked where `eventServices` is not configured.

    Bad: `destination_event_service: eventgate-analytic`.

    Good: `destination_event_service: eventgate-analytics`.

    Fix: correct the name, or add the service to `eventServices`.
    """
    stream, known = declared.stream, context.config.event_services
    name = stream.settings.get("destination_event_service")
    if known and name is not None and name not in known:
        hint = suggest(str(name), known) or f"known are {', '.join(known)}"
        at = stream.at("destination_event_service")
        yield Problem(f"unknown event service: {name!r}", hint=hint, at=at)


@check("stream-example-valid", "streams", STREAM, applies=_has_example, reads=False)
def example_valid(declared: Declared, _: Context) -> Iterator[Problem]:
    """The first example of the schema, sent to the stream, would be accepted.

    Canary events are made of this example; where it is refused, the stream looks dead although it
    is not.

    Bad: `examples: [{page_id: "12"}]` with `page_id: {type: integer}`.

    Good: `examples: [{page_id: 12, dt: "2020-01-01T00:00:00Z"}]`.

    Fix: correct the example in the current file, and materialize it in a new version.
    """
    from jsonschema_tools.events import judge

    stream, schema = declared.stream, declared.schema
    if schema is None:
        return
    event = _first_example(schema)
    if isinstance(event, dict) and stream.pattern is None:
        meta = event.get("meta")
        event = {
            **event,
            "meta": {**(meta if isinstance(meta, dict) else {}), "stream": stream.name},
        }
    verdict = judge(event, declared.schemas.registry, schema=schema)
    for problem in verdict.problems:
        where = problem.pointer or "the example"
        yield Problem(f"{where} {problem.message}", hint=problem.hint, at=stream.at())
    if verdict.status == "error":
        yield Problem(verdict.message or "", hint=verdict.hint, at=stream.at())


def _first_example(schema: EventSchema) -> Json:
    examples = schema.data.get("examples") if isinstance(schema.data, dict) else None
    return deepcopy(examples[0]) if isinstance(examples, list) and examples else None


CHECKS: tuple[Check, ...] = (
    has_schema,
    settings_known,
    name_valid,
    message_key_fields_exist,
    destination_known,
    example_valid,
)
