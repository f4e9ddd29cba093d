"""One compiled event schema: fills defaults in, and says what is wrong with an event."""

from __future__ import annotations

import math
from copy import deepcopy
from dataclasses import replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from jsonschema_tools.errors import SchemaToolsError
from jsonschema_tools.events.defaults import Defaults
from jsonschema_tools.events.native_formats import with_patterns
from jsonschema_tools.events.problems import EventProblem, explain
from jsonschema_tools.expansion import endless
from jsonschema_tools.pointers import follow
from jsonschema_tools.subschemas import places
from jsonschema_tools.validation import (
    FORMATS,
    engine_schema,
    first_error,
    insecure,
    is_schema,
    schema_problems,
)
from jsonschema_tools.values import count_values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from jsonschema_rs import Draft7Validator, ValidationError

    from jsonschema_tools.documents import Document
    from jsonschema_tools.errors import Location
    from jsonschema_tools.values import Json, Schema

FormatRules: TypeAlias = Literal["eventgate", "strict"]

#: values of an event of which all problems are looked for
LARGEST_EXPLAINED = 5000
MOST_PROBLEMS = 1000  # of one event that are listed
_MORE = "there may be more problems, which are not listed"


def _unexplained(message: str) -> EventProblem:
    return EventProblem(
        keyword="", pointer="", data_path="", schema_path="#", params={}, message=message
    )


_TOO_DEEP = _unexplained("is not valid, and nested too deeply to tell where")
_TOO_LARGE = _unexplained("is not valid, and too large to tell where")

#: Returns the document at a URL without a fragment; raises SchemaToolsError.
Load: TypeAlias = "Callable[[str], Document]"

_DRAFT_07 = ("http://json-schema.org/draft-07/schema", "https://json-schema.org/draft-07/schema")
_DRAFT_04 = ("http://json-schema.org/draft-04/schema", "https://json-schema.org/draft-04/schema")
#: formats of draft-07 that ajv 6 does not know and that the `strict` rules assert
_STRICT_ONLY = {"idn-email", "idn-hostname", "iri", "iri-reference"}
_SCHEME = "json-schema://"  # what jsonschema-rs puts before a reference without a host
_ROOT = "/the-schema-itself"  # what a part that is compiled by itself calls the whole


class UnusableSchemaError(SchemaToolsError):
    """No event can be validated with a schema, or the schema cannot be found."""

    code = "unusable-schema"


class EventSchema:
    """A schema that events name, ready to validate them.

    The verdict is EventGate's: ajv 6.12 with `useDefaults`, `allErrors` and its "fast" formats.

    Args:
        uri: what events call it.
        document: the schema.
        load: reads what its references point to.
        formats: `eventgate` looks at the shape of a format only, as production does; `strict`
            follows the RFCs.

    Raises:
        UnusableSchemaError: it is not a valid and secure draft-07 or draft-04 schema, has an
            unknown format, or refers to something that cannot be found.
    """

    def __init__(
        self, uri: str, document: Document, load: Load, formats: FormatRules = "eventgate"
    ) -> None:
        self.uri = uri
        self.document = document
        self._load = load
        self._formats = formats
        self._parts: dict[str, Json] = {}
        self._branches: dict[int, tuple[Json, Draft7Validator]] = {}
        self.data = require_usable(document, formats)
        self._fast = self._compile(self.data, native=formats == "eventgate")
        self._explaining: Draft7Validator | None = None
        self._defaults = Defaults(self.data, self._resolve, self._matches)

    @property
    def title(self) -> str | None:
        """The schema's title, if it has one."""
        title = self.data.get("title") if isinstance(self.data, dict) else None
        return title if isinstance(title, str) else None

    @property
    def id(self) -> str | None:
        """The schema's `$id`, if it has one."""
        identifier = self.data.get("$id") if isinstance(self.data, dict) else None
        return identifier if isinstance(identifier, str) else None

    @property
    def has_defaults(self) -> bool:
        """Whether validating may add properties to an event."""
        return self._defaults.exist

    def fill(self, event: Json) -> None:
        """Fill the schema's defaults into an event, in place.

        Raises:
            TooDeepError: the event is nested too deeply for that.
        """
        self._defaults.fill(event)

    def is_valid(self, event: Json) -> bool:
        """Tell whether an event, with its defaults filled in, is valid."""
        return self._fast.is_valid(event)

    @property
    def verdict(self) -> Callable[[Json], bool]:
        """What `is_valid` asks, for those who ask very often: a call less."""
        return self._fast.is_valid

    def problems(
        self, event: Json, *, largest: int = LARGEST_EXPLAINED
    ) -> tuple[EventProblem, ...]:
        """Return what is wrong with an event whose defaults were filled in.

        An event can be wrong in as many ways as it has values, and to tell one way costs a
        thousand times what the value costs who sends it: so the problems of an event are looked
        for up to a size, and of a larger one only the first.

        Args:
            event: the event.
            largest: the most values, lists and objects included, of an event of which all
                problems are looked for.
        """
        if self._fast.is_valid(event):
            return ()
        if self._explaining is None:
            self._explaining = self._compile(self.data, native=False)
        is_large = count_values(event, largest) > largest
        try:
            if not is_large:
                errors: Iterable[ValidationError] = self._explaining.iter_errors(event)
            elif self._has_choices:
                return (_TOO_LARGE,)
            else:
                errors = first_error(self._explaining, event)
            all_of_them = (p for error in errors for p in explain(error, event, self.data))
            found = [
                replace(problem, at=self._locate(problem.schema_path))
                for problem in islice(all_of_them, MOST_PROBLEMS + 1)
            ]
        except ValueError:  # "Recursion limit reached": jsonschema-rs hands no deep value over
            return (_TOO_DEEP,)
        if len(found) > MOST_PROBLEMS or is_large:
            found = found[:MOST_PROBLEMS]
            found[-1] = replace(found[-1], hint=found[-1].hint or _MORE)
        return tuple(found)

    @cached_property
    def _has_choices(self) -> bool:
        """Tell whether one error may hold as many others as the event has values."""
        if not isinstance(self.data, dict):
            return False
        return any(
            "anyOf" in place.schema
            or "oneOf" in place.schema
            or not str(place.schema.get("$ref", "#")).startswith("#")  # others were not looked at
            for place in places(self.data)
        )

    def _locate(self, schema_path: str) -> Location | None:
        return self.document.locate(schema_path.removeprefix("#"))

    def _compile(self, schema: Json, *, native: bool) -> Draft7Validator:
        """Return a validator of this schema or a part of it.

        Raises:
            UnusableSchemaError: jsonschema-rs cannot use it.
        """
        from jsonschema_rs import Draft7Validator, ReferencingError, ValidationError

        options: dict[str, Any] = {"validate_formats": True}
        if self._formats == "eventgate":
            options["formats"] = dict(FORMATS)
        if _has_fractions(self.data):
            options["keywords"] = {"multipleOf": _MultipleOf}
        try:
            return Draft7Validator(
                _for_engine(schema, native=native),
                retriever=lambda url: _for_engine(self._referenced(url), native=native),
                **options,
            )
        except (ValidationError, ReferencingError, ValueError) as error:
            raise UnusableSchemaError(
                f"the schema cannot be compiled: {str(error).partition(chr(10))[0]}",
                at=self.document.locate(""),
            ) from None

    def _referenced(self, url: str) -> Json:
        """Return what a URL points to, as jsonschema-rs asks for it; errors become its errors."""
        url = url.removeprefix(_SCHEME)
        if url == _ROOT:
            return self.data
        try:
            return self._load(url).data
        except SchemaToolsError as error:
            raise ValueError(f"`$ref` {url!r}: {error.message}") from error

    def _resolve(self, reference: str) -> Json:
        """Return the subschema that a `$ref` points to; True, which says nothing, if none does."""
        if reference not in self._parts:
            url, _, pointer = reference.partition("#")
            data = self._referenced(url) if url else self.data
            try:
                self._parts[reference] = follow(data, pointer)
            except KeyError:
                self._parts[reference] = True
        return self._parts[reference]

    def _matches(self, schema: Json, value: Json) -> bool:
        """Tell whether a value matches a subschema; used where defaults depend on it."""
        found = self._branches.get(id(schema))
        if found is None or found[0] is not schema:
            validator = self._compile(_by_itself(schema), native=self._formats == "eventgate")
            found = self._branches[id(schema)] = schema, validator
        return found[1].is_valid(value)


class _MultipleOf:
    """`multipleOf` in doubles, as JavaScript divides: 0.3 is not a multiple of 0.1, 1.1 is."""

    def __init__(self, parent: Mapping[str, Any], value: Any, path: list[str | int]) -> None:
        self._divisor = float(value)

    def validate(self, instance: Json) -> None:
        """Raise ValueError for a number that is not a multiple."""
        if isinstance(instance, bool) or not isinstance(instance, (int, float)):
            return
        try:
            quotient = float(instance) / self._divisor
        except OverflowError:
            quotient = math.inf
        # ajv compares with parseInt, which reads "1e+21" as 1
        if not (abs(quotient) < 1e21 and quotient.is_integer()):
            raise ValueError("not a multiple")


def _by_itself(part: Json) -> Json:
    """Return a subschema whose references lead into the whole schema, wherever it is."""
    if not isinstance(part, dict):
        return part
    copy: Schema = deepcopy(part)
    for place in places(copy):
        reference = place.schema.get("$ref")
        if isinstance(reference, str) and reference.startswith("#"):
            place.schema["$ref"] = f"{_ROOT}{reference}"
    return copy


def _has_fractions(schema: Json) -> bool:
    return isinstance(schema, dict) and any(
        isinstance(place.schema.get("multipleOf"), float) for place in places(schema)
    )


def _for_engine(schema: Json, *, native: bool) -> Any:
    """Return a schema that means the same to jsonschema-rs as the schema means to ajv.

    `Any`, as jsonschema-rs is asked what it says of something else.
    """
    if not isinstance(schema, dict):
        return schema
    copy: Schema = engine_schema(schema)
    for place in list(places(copy)):
        for limit in ("minimum", "maximum"):
            _without_flag(place.schema, limit)
        if "$ref" in place.schema and place.parent is not None:
            reference = place.schema["$ref"]  # draft-07 ignores what is beside it
            place.schema.clear()
            place.schema["$ref"] = reference
        elif native:
            with_patterns(place.schema)
    return copy


def _without_flag(subschema: Schema, limit: str) -> None:
    """Turn draft-04's `exclusiveMinimum: true` into draft-07's number."""
    name = f"exclusive{limit.capitalize()}"
    flag = subschema.get(name)
    if isinstance(flag, bool):
        del subschema[name]
        if flag and limit in subschema:
            subschema[name] = subschema.pop(limit)


def require_usable(document: Document, formats: FormatRules) -> Json:
    """Return a schema that may be compiled; what it refers to is not looked at.

    Raises:
        UnusableSchemaError: it may not.
    """
    schema = document.data
    if isinstance(schema, bool):
        return schema
    if not isinstance(schema, dict):
        raise UnusableSchemaError(
            "the schema should be an object or a boolean", at=document.locate("")
        )
    for message, pointer, hint in _objections(schema, formats):
        raise UnusableSchemaError(message, at=document.locate(pointer), hint=hint)
    return schema


def _objections(schema: Schema, formats: FormatRules) -> Iterator[tuple[str, str, str | None]]:
    dialect = schema.get("$schema", _DRAFT_07[0])
    name = dialect.rstrip("/").removesuffix("#") if isinstance(dialect, str) else None
    if name in _DRAFT_04:
        if not _is_draft_04(schema):
            yield "the schema is not valid draft-04", "", None
    elif name not in _DRAFT_07:
        hint = f"write {_DRAFT_07[1]}#"
        yield f"`$schema` is neither draft-07 nor draft-04: {dialect!s}", "/$schema", hint
    elif not is_schema(schema):
        for problem in schema_problems(schema):
            yield f"the schema is not valid: {problem.message}", problem.pointer or "", problem.hint
    known = FORMATS.keys() | (_STRICT_ONLY if formats == "strict" else set())
    for place in places(schema):
        value = place.schema.get("format")
        if isinstance(value, str) and value not in known:
            yield f"unknown format {value!r}", place.at("format"), None
    for problem in endless(schema):
        yield problem.message, problem.pointer or "", problem.hint
    for problem in insecure(schema):
        message = f"the schema is not secure: {problem.message}"
        yield message, problem.pointer or "", problem.hint


def _is_draft_04(schema: Schema) -> bool:
    from jsonschema_rs import Draft4Validator

    return Draft4Validator({"$ref": f"{_DRAFT_04[0]}#"}).is_valid(schema)
