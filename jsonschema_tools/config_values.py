"""What the settings of a configuration file become in `Config`.

What is read here is valid as `config.schema.json` says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from jsonschema_tools.config_schema import Violation, properties
from jsonschema_tools.ecmascript.matching import Patterns, Regex, compile_regex
from jsonschema_tools.errors import ConfigError, Location
from jsonschema_tools.pointers import join

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from jsonschema_tools.values import Json


@dataclass(frozen=True, slots=True)
class Waiver:
    """One entry of `skipSchemaTestCases`: a check that does not count for some schemas.

    Attributes:
        pattern: regular expression, searched in the schema's `$id`.
        check: id of the check.
        reason: why.
        ticket: where it is tracked.
        owner: who answers for it.
        until: last day on which it counts.
        at: where it is in the configuration.
    """

    pattern: Regex
    check: str
    reason: str | None = None
    ticket: str | None = None
    owner: str | None = None
    until: date | None = None
    at: Location | None = None


class Waivers:
    """Some waivers, of which the first one that matches a schema counts.

    Args:
        waivers: the waivers.
    """

    def __init__(self, waivers: Iterable[Waiver]) -> None:
        self._waivers = tuple(waivers)
        self._patterns = Patterns(waiver.pattern for waiver in self._waivers)

    def of(self, identifier: str) -> Waiver | None:
        """Return the first waiver that matches a `$id`."""
        index = next(self._patterns.matching(identifier), None)
        return None if index is None else self._waivers[index]

    def all_of(self, identifiers: Iterable[str]) -> Iterator[Waiver]:
        """Yield the waivers that match one of some `$id`s, in their order."""
        found = sorted(self._patterns.matched(identifiers))
        return (self._waivers[index] for index in found)


class InvalidValueError(Exception):
    """A value is not what its key takes, which the schema cannot say."""

    def __init__(self, *path: str, value: Json) -> None:
        super().__init__(path)
        setting = properties(*path[:-1])[path[-1]]
        self.violation = Violation(path, ".".join(path), setting["errorMessage"], value)


# `Any`, as `config.schema.json` says what is in a value, and mypy cannot read it

_NAMES = {
    "schemaBasePath": "schema_base_paths",
    "skipSchemaTestCases": "waivers",
    "enforcedNumericBounds": "numeric_bounds",
}


def field_name(key: str) -> str:
    """Return the name that a setting has in `Config`."""
    return _NAMES.get(key) or re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", key)


def read_value(key: str, value: Any, locate: Callable[[str], Location]) -> Any:
    """Return what a setting has in `Config`.

    Args:
        key: the key in the configuration file.
        value: what is written there.
        locate: finds a JSON Pointer in the file.

    Raises:
        InvalidValueError: the value is not what the key takes.
        ConfigError: it has too many patterns.
    """
    if key == "skipSchemaTestCases":
        _patterns(key, value or (), locate)
        return _waivers(value, lambda *tokens: locate(join([key, *tokens])))
    if key == "enforcedNumericBounds":
        return _bounds(value)
    if key == "intake":
        return _intake(value)
    setting = properties()[key]
    if "items" in setting or key == "contentTypes":
        texts = dict.fromkeys([value] if isinstance(value, str) else value)
        if setting.get("format") == "regex":
            return _patterns(key, texts, locate)
        return tuple(texts)
    return value


def _patterns(key: str, texts: Iterable[str], locate: Callable[[str], Location]) -> Patterns:
    """Return the patterns of a setting.

    Raises:
        ConfigError: trying them on each schema would take too long.
    """
    patterns = Patterns(map(Regex, texts))
    if len(patterns) > _MOST_TRIED and (tried := patterns.most_tried) > _MOST_TRIED:
        raise ConfigError(
            f"configuration key {key!r}: {tried:,} patterns would be tried on one schema; "
            f"the most is {_MOST_TRIED:,}",
            at=locate(join([key])),
            hint="begin patterns with `^` and what the names begin with, such as `^/some/title/`",
        )
    return patterns


_MOST_TRIED = 1000


def _bounds(value: Sequence[int | float] | None) -> tuple[int | float, int | float] | None:
    if not value:
        return None
    minimum, maximum = value
    if minimum > maximum:
        raise InvalidValueError("enforcedNumericBounds", value=[*value])
    return minimum, maximum


def _intake(value: dict[str, Json]) -> dict[str, Json]:
    if not value:
        return value
    from jsonschema_tools.intake_settings import InvalidSettingError, read_intake

    try:
        read_intake(value)
    except InvalidSettingError as error:
        raise InvalidValueError("intake", error.key, value=value[error.key]) from None
    return value


def _wrong_pattern(text: str) -> str | None:
    from jsonschema_tools.ecmascript.regexp import RegexError  # only what is configured needs it

    try:
        compile_regex(text)
    except RegexError as error:
        return str(error)
    return None


def _wrong_date(text: str) -> str | None:
    try:
        date.fromisoformat(text)
    except ValueError:
        return ""
    return None


FORMATS = {"regex": _wrong_pattern, "date": _wrong_date}


def _waivers(value: Mapping[str, Any] | None, at: Callable[..., Location]) -> tuple[Waiver, ...]:
    return tuple(
        _waiver(compile_regex(pattern), entry, at(pattern, index))
        for pattern, entries in (value or {}).items()
        for index, entry in enumerate(entries if isinstance(entries, list) else [entries])
    )


def _waiver(pattern: Regex, entry: str | Mapping[str, Any], at: Location) -> Waiver:
    if isinstance(entry, str):
        return Waiver(pattern, entry, at=at)
    return Waiver(pattern, **{**entry, "until": _day(entry.get("until"))}, at=at)


def _day(value: str | datetime | None) -> date | None:
    if value is None:
        return None
    return value.date() if isinstance(value, datetime) else date.fromisoformat(value)
