"""What is wrong with an event, in our words and under EventGate's keys."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from jsonschema_tools.keywords import DRAFT_7, OF_ITEMS, OF_VALUES
from jsonschema_tools.messages import MANY, cut, suggest
from jsonschema_tools.pointers import follow, join

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jsonschema_rs import ValidationError

    from jsonschema_tools.errors import Location
    from jsonschema_tools.values import Json

_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_MOST_LISTED = 60


def missing_field(path: str) -> str:
    """Return EventGate's words for a field without which an event cannot be taken.

    Args:
        path: its dotted path, such as `meta.stream`.
    """
    return f"Field(s) {path} were missing from event and could not be extracted."


@dataclass(frozen=True, slots=True, kw_only=True)
class EventProblem:
    """One reason why an event is not valid.

    Attributes:
        keyword: the keyword of the schema that refuses it.
        pointer: JSON Pointer (RFC 6901) to the value in the event.
        data_path: the same as ajv 6 writes it: a property access in JavaScript, such as `.meta.dt`.
        schema_path: where the keyword is in the schema, as a URI fragment.
        params: what the keyword asks for, under ajv's names.
        message: a sentence without the place.
        hint: the name that was probably meant, or None.
        at: the keyword in the schema's file.
    """

    keyword: str
    pointer: str
    data_path: str
    schema_path: str
    params: dict[str, Json]
    message: str
    hint: str | None = None
    at: Location | None = None


def errors_text(problems: Sequence[EventProblem]) -> str:
    """Return the one line that EventGate makes of all problems of an event."""
    return ", ".join(f"'{problem.data_path}' {problem.message}" for problem in problems)


def explain(error: ValidationError, event: Json, schema: Json) -> Iterator[EventProblem]:
    """Yield the problems that one error of jsonschema-rs stands for, in ajv's order.

    Those of the branches of `anyOf` and `oneOf` come before the keyword's own; one for `if` comes
    after those of `then` or `else`; each name that is missing or not declared is one problem.
    """
    for branch in getattr(error.kind, "context", None) or ():
        for inner in branch:
            yield from explain(inner, event, schema)
    name = getattr(error.kind, "error", None)  # what `propertyNames` says of a name
    if name is not None:
        yield from _own(name, event, schema)
    yield from _own(error, event, schema)
    path = list(error.schema_path)
    for index in range(len(path) - 2, -1, -1):
        if path[index] in {"then", "else"} and not _is_name(path, index):
            yield _condition(error, path[: index + 1])


def _condition(error: ValidationError, branch: list[str | int]) -> EventProblem:
    keyword = str(branch[-1])
    path = list(error.instance_path)[: _depth(branch)]
    return EventProblem(
        keyword="if",
        pointer=join(path),
        data_path=_data_path(path, branch),
        schema_path="#" + join([*branch[:-1], "if"]),
        params={"failingKeyword": keyword},
        message=f"should match the schema in `{keyword}`",
    )


def _own(error: ValidationError, event: Json, schema: Json) -> Iterator[EventProblem]:
    details = error.kind.as_dict()
    keyword = _keyword(error)
    path = list(error.instance_path)
    schema_path = list(error.schema_path)
    if keyword == "additionalProperties" and "unexpected" not in details:
        details = {"unexpected": [str(path.pop())]}  # reported for the property, not for the object
    is_name = schema_path[-2:-1] == ["propertyNames"]
    if is_name and keyword == "propertyNames":
        schema_path.pop()
    value = _instance(error) if is_name else _value(event, join(path), error)
    for params, message, hint in _sentences(keyword, details, value, schema, schema_path):
        yield EventProblem(
            keyword=keyword,
            pointer=join(path),
            data_path=_data_path(path, schema_path),
            schema_path="#" + join(schema_path),
            params=params,
            message=message,
            hint=hint,
        )


def _keyword(error: ValidationError) -> str:
    name = error.kind.name
    known = {"constant": "const", "oneOfNotValid": "oneOf", "oneOfMultipleValid": "oneOf"}
    if name == "custom":
        return "multipleOf"
    if name == "falseSchema":
        is_additional = error.schema_path[-1:] == ["additionalProperties"] and error.instance_path
        return "additionalProperties" if is_additional else "false schema"
    return known.get(name, name)


def _sentences(
    keyword: str, details: dict[str, Any], value: Json, schema: Json, path: list[str | int]
) -> Iterator[tuple[dict[str, Json], str, str | None]]:
    """Yield ajv's parameters, a sentence and a hint for each thing that a keyword refuses."""
    limit = _limit(schema, path)
    if keyword == "required":
        name = str(details["property"])
        hint = _meant(name, list(value)) if isinstance(value, dict) else None
        yield {"missingProperty": name}, f"lacks the required property {_show(name)}", hint
    elif keyword == "additionalProperties":
        declared = _declared(schema, path)
        for name in details["unexpected"]:
            message = f"has the property {_show(name)}, which the schema does not declare"
            yield {"additionalProperty": name}, message, _meant(name, declared)
    elif keyword == "type":
        wanted = limit if isinstance(limit, list) else [limit]
        message = f"should be {' or '.join(map(str, wanted))}, not {_show(value)}"
        yield {"type": ",".join(map(str, wanted))}, message, None
    elif keyword == "enum":
        options = limit if isinstance(limit, list) else []
        message = f"should be one of {_show_all(options)}, not {_show(value)}"
        hint = _meant(value, [o for o in options if isinstance(o, str)])
        yield {"allowedValues": options}, message, hint
    elif keyword in _LIMITS:
        name, words = _LIMITS[keyword]
        yield {name: limit}, f"{words.format(_show(limit))}, not {_show(value)}", None
    else:
        yield {}, _OTHERS.get(keyword, f"is refused by `{keyword}`"), None


_LIMITS = {
    "const": ("allowedValue", "should be {}"),
    "format": ("format", "should match the format {}"),
    "pattern": ("pattern", "should match the pattern {}"),
    "maximum": ("limit", "should be at most {}"),
    "minimum": ("limit", "should be at least {}"),
    "exclusiveMaximum": ("limit", "should be less than {}"),
    "exclusiveMinimum": ("limit", "should be greater than {}"),
    "multipleOf": ("multipleOf", "should be a multiple of {}"),
    "maxLength": ("limit", "should be at most {} characters long"),
    "minLength": ("limit", "should be at least {} characters long"),
    "maxItems": ("limit", "should have at most {} items"),
    "minItems": ("limit", "should have at least {} items"),
    "maxProperties": ("limit", "should have at most {} properties"),
    "minProperties": ("limit", "should have at least {} properties"),
}
_OTHERS = {
    "false schema": "is not allowed",
    "anyOf": "should match at least one schema in `anyOf`",
    "oneOf": "should match exactly one schema in `oneOf`",
    "not": "should not match the schema in `not`",
    "uniqueItems": "should not have the same item twice",
    "contains": "should have an item that matches `contains`",
    "additionalItems": "has more items than the schema declares",
    "propertyNames": "has a property with a name that the schema refuses",
}


def _limit(schema: Json, path: list[str | int]) -> Json:
    try:
        return follow(schema, join(path))
    except KeyError:
        return None


def _declared(schema: Json, path: list[str | int]) -> list[str]:
    properties = _limit(schema, [*path[:-1], "properties"])
    return list(properties) if isinstance(properties, dict) else []


def _value(event: Json, pointer: str, error: ValidationError) -> Json:
    try:
        return follow(event, pointer)
    except KeyError:  # the engine leaves empty property names out of its paths
        return _instance(error)


def _instance(error: ValidationError) -> Json:
    return cast("Json", error.instance)  # a part of what was validated, which is `Json`


_DESCENDING = OF_ITEMS | OF_VALUES  # keywords whose subschema is about a part of the instance


def _is_name(path: list[str | int], index: int) -> bool:
    """Tell whether a token of a schema path is the name of a property, not a keyword."""
    return index > 0 and path[index - 1] in DRAFT_7.maps and not _is_name(path, index - 1)


def _steps(schema_path: list[str | int]) -> list[str]:
    """Return the keyword by which a schema path goes down, for each step in the instance."""
    return [
        str(token)
        for index, token in enumerate(schema_path[:-1])
        if token in _DESCENDING and not _is_name(schema_path, index)
    ]


def _depth(schema_path: list[str | int]) -> int:
    return len(_steps([*schema_path, ""]))


def _data_path(path: list[str | int], schema_path: list[str | int]) -> str:
    """Return a path as ajv 6 writes it.

    It quotes names that it found by `additionalProperties` or `patternProperties`, and escapes
    nothing in them.
    """
    steps = _steps(schema_path)
    steps += ["properties"] * (len(path) - len(steps))
    return "".join(map(_access, path, steps))


def _access(token: str | int, keyword: str) -> str:
    if isinstance(token, int):
        return f"[{token}]"
    if keyword != "properties":
        return f"['{token}']"
    if _IDENTIFIER.fullmatch(token):
        return f".{token}"
    escaped = token.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"


def _meant(name: Json, known: Sequence[str]) -> str | None:
    return suggest(name, known, most=MANY) if isinstance(name, str) else None


def _show(value: Json) -> str:
    import json

    if isinstance(value, (dict, list)):  # not all of it, which may be much
        pieces, length = [], 0
        for piece in json.JSONEncoder(ensure_ascii=False, default=str).iterencode(value):
            pieces.append(piece)
            length += len(piece)
            if length > _MOST_LISTED:
                break
        text = "".join(pieces)
    else:
        value = value[: _MOST_LISTED + 1] if isinstance(value, str) else value
        text = json.dumps(value, ensure_ascii=False, default=str)
    return cut(text, _MOST_LISTED)


def _show_all(values: Sequence[Json]) -> str:
    text = ", ".join(map(_show, values[:10]))
    return text if len(values) <= 10 else f"{text}, …"
