"""The JSON of events: from text to a value, and back."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from jsonschema_tools.errors import ParseError

if TYPE_CHECKING:
    from msgspec.json import Decoder

    from jsonschema_tools.values import Json


def decode(text: bytes) -> Json:
    """Return the value of a JSON text (RFC 8259).

    Integers keep all their digits. Of duplicate names the last one counts, as in JavaScript.

    Raises:
        ParseError: it is not JSON: `NaN`, lone surrogates and numbers beyond doubles are not; or
            it is nested too deeply.
    """
    import msgspec

    try:
        return _decoder().decode(text)
    except UnicodeDecodeError:
        raise ParseError("not UTF-8", hint="save the file as UTF-8") from None
    except RecursionError:  # msgspec calls itself for each level
        raise ParseError("nested too deeply") from None
    except msgspec.MsgspecError as error:
        raise ParseError(f"not JSON: {_reason(str(error))}") from None


@cache
def _decoder() -> Decoder[Json]:
    from msgspec.json import Decoder

    return Decoder()


def _reason(message: str) -> str:
    return {
        "Input data was truncated": "it ends too early, or holds half a surrogate pair",
        "Number out of range": "a number is too large for a double",
        "Integer value out of range": "an integer has too many digits",
    }.get(message.partition(" - at ")[0], message.removeprefix("JSON is malformed: "))


def encode(event: Json) -> bytes:
    """Return an event as compact JSON on one line, in UTF-8."""
    import msgspec

    return msgspec.json.encode(event)
