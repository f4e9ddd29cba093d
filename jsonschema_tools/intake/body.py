"""The body of a request: read within bounds, decompressed, decoded, parsed."""

from __future__ import annotations

import asyncio
import codecs
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jsonschema_tools.errors import ParseError
from jsonschema_tools.intake.numbers import decode_body

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, MutableMapping

    from jsonschema_tools.values import Json

#: what body-parser reads as JSON; `text/plain` is what `navigator.sendBeacon` sends
JSON_TYPES = {"application/json", "text/plain", "application/reports+json"}
_ENCODINGS = {"gzip": 31, "x-gzip": 31, "deflate": 15}  # zlib's window bits
_CHARSETS = {"utf-8", "utf8", "us-ascii", "utf-16", "utf-16le", "utf-16be", "utf-32"}
_LINGER = 64 * 2**20  # bytes beyond the limit that are read, so that the answer arrives
_ROOM = 256 * 2**20  # bytes of all bodies that are arriving
_NO_ROOM = ("Too much is arriving", "Too many large requests are under way; try again.")
_PATIENCE = 60.0  # seconds for which a body may take to arrive


class RefusedBodyError(Exception):
    """A body that is not looked at any further.

    Attributes:
        status: of the answer.
        title: what is wrong, in a few words.
        detail: a sentence on what to do.
        closes: whether the connection is of no more use.
    """

    def __init__(self, status: int, title: str, detail: str, *, closes: bool = False) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.detail = detail
        self.closes = closes


class ClientGoneError(Exception):
    """The client went away before its body was complete."""


@dataclass(slots=True)
class BodyReader:
    """Reads bodies of requests.

    Attributes:
        limit: bytes of a body, compressed or not.
        room: bytes that bodies which are arriving may have together; each has the room that it
            needs, so that many clients that are slow do not fill the memory.
    """

    limit: int
    room: int = _ROOM
    _arriving: int = field(default=0, init=False)

    async def read(
        self,
        headers: Mapping[str, str],
        receive: Callable[[], Awaitable[MutableMapping[str, Any]]],
        *,
        is_here: bool = False,
    ) -> Json:
        """Return what a body holds: an object or a list; None where it is empty or not JSON.

        Args:
            headers: request headers, names in lower case.
            receive: ASGI's `receive`.
            is_here: whether all of it is known to have arrived, so that no clock is needed.

        Raises:
            RefusedBodyError: it is too large, too slow, in an unknown encoding or charset, or
                no JSON.
            ClientGoneError: the client went away.
        """
        media_type, _, parameters = headers.get("content-type", "").partition(";")
        is_json = media_type.strip().lower() in JSON_TYPES
        encoding = headers.get("content-encoding", "identity").strip().lower()
        declared = headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self.limit + _LINGER:
            raise self._too_large(closes=True)
        raw = await self._raw(receive) if is_here else await self._in_time(receive)
        if not is_json or not raw:
            return None
        if encoding not in {"identity", ""}:
            raw = self._inflated(raw, encoding)
        if parameters:
            raw = _utf8(raw, parameters)
        return _parsed(raw)

    async def _in_time(self, receive: Callable[[], Awaitable[MutableMapping[str, Any]]]) -> bytes:
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._raw(receive)
        except TimeoutError:
            raise RefusedBodyError(
                408, "Request body too slow", f"it took more than {_PATIENCE:.0f} s", closes=True
            ) from None
        except asyncio.CancelledError:  # what has not arrived by the end of the server's patience
            detail = "the body did not arrive before the intake stopped"
            raise RefusedBodyError(503, "The intake stops", detail, closes=True) from None

    async def _raw(self, receive: Callable[[], Awaitable[MutableMapping[str, Any]]]) -> bytes:
        message = await receive()
        if not message.get("more_body"):  # nearly always
            first: bytes = message.get("body", b"")
            if message["type"] == "http.disconnect":
                raise ClientGoneError
            if len(first) > self.limit:
                raise self._too_large()
            return first
        pieces, size = [message.get("body", b"")], len(message.get("body", b""))
        kept = size
        self._arriving += size
        try:
            while message.get("more_body"):
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGoneError
                piece = message.get("body", b"")
                size += len(piece)
                if size > self.limit + _LINGER:
                    raise self._too_large(closes=True)
                if size <= self.limit:
                    pieces.append(piece)
                    kept += len(piece)
                    self._arriving += len(piece)
                    if self._arriving > max(self.room, self.limit):
                        raise RefusedBodyError(503, *_NO_ROOM, closes=True)
            if size > self.limit:
                raise self._too_large()
            return b"".join(pieces)
        finally:
            self._arriving -= kept

    def _too_large(self, *, closes: bool = False) -> RefusedBodyError:
        detail = f"a request may have {self.limit:,} bytes; send fewer events at a time"
        return RefusedBodyError(413, "Request body too large", detail, closes=closes)

    def _inflated(self, raw: bytes, encoding: str) -> bytes:
        if encoding not in _ENCODINGS:
            raise RefusedBodyError(
                415,
                "Unsupported content encoding",
                f"{encoding!r:.40} is not known; send gzip, deflate or plain text",
            )
        try:
            return self._inflate(raw, _ENCODINGS[encoding])
        except zlib.error:
            if encoding == "deflate":  # some send it without zlib's header
                try:
                    return self._inflate(raw, -15)
                except zlib.error:
                    pass
            raise RefusedBodyError(
                400, "Damaged request body", f"the body is not {encoding}"
            ) from None

    def _inflate(self, raw: bytes, bits: int) -> bytes:
        """Decompress at most the limit.

        Raises:
            RefusedBodyError: there is more.
            zlib.error: it is damaged, or ends too early.
        """
        stream = zlib.decompressobj(bits)
        text = stream.decompress(raw, self.limit + 1)
        if len(text) > self.limit:
            raise self._too_large()
        if not stream.eof:
            raise zlib.error("it ends too early")
        return text


def _utf8(raw: bytes, parameters: str) -> bytes:
    """Return text in the charset that a content type names as UTF-8."""
    charset = ""
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip('"').lower()
    if charset in {"", "utf-8", "utf8", "us-ascii"}:
        return raw
    if charset not in _CHARSETS:
        raise RefusedBodyError(
            415, "Unsupported charset", f"{charset!r:.40} is not known; send UTF-8"
        )
    if charset == "utf-16" and not raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        charset = "utf-16be" if raw[:1] == b"\0" else "utf-16le"
    try:
        return raw.decode(charset).encode()
    except UnicodeError:
        raise RefusedBodyError(400, "Damaged request body", f"it is not {charset}") from None


def _parsed(raw: bytes) -> Json:
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        value = decode_body(raw)
    except ParseError as error:
        raise RefusedBodyError(400, "Request body is not JSON", error.message) from None
    if not isinstance(value, (dict, list)):
        raise RefusedBodyError(
            400, "Request body holds no event", "send an object, or a list of objects"
        )
    return value
