"""Constraints on the settings of streams, as the API of EventStreamConfig takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from jsonschema_tools.values import Json


def parse_constraints(texts: Iterable[str]) -> dict[str, Json]:
    """Return constraints such as `a=1` and `a[b]=c` as nested mappings.

    Raises:
        ConfigError: one is not of that form.
    """
    result: dict[str, Json] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not equals or not key:
            raise ConfigError(
                f"not a constraint: {text!r}", hint="write setting=value, or setting[part]=value"
            )
        names = [part.rstrip("]") for part in key.split("[")]
        place = result
        for name in names[:-1]:
            inner = place.setdefault(name, {})
            place = inner if isinstance(inner, dict) else place
        place[names[-1]] = value
    return result


def meets(settings: Mapping[str, Json], constraints: Mapping[str, Json], depth: int = 10) -> bool:
    """Tell whether settings have the values that constraints name."""
    for key, wanted in constraints.items():
        actual = settings.get(key)
        if actual is None:
            return False
        if isinstance(wanted, dict):
            if not isinstance(actual, dict) or depth == 0 or not meets(actual, wanted, depth - 1):
                return False
        elif isinstance(actual, (dict, list)) or _php_text(actual) != wanted:
            return False
    return True


def _php_text(value: Json) -> str:
    """Return a scalar as PHP writes it: true is "1", false is ""."""
    if isinstance(value, bool):
        return "1" if value else ""
    return str(value)
