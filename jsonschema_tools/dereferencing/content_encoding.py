"""Content-Encoding: how a server has packed a body (RFC 9110, section 8.4).

We ask for none, but buckets and other hosts of static files send what they hold as it is.
"""

from __future__ import annotations

import zlib
from typing import Final

from jsonschema_tools.dereferencing.remote_error import RemoteError

_GZIP: Final = 16 + zlib.MAX_WBITS  # zlib's way to say that there is a gzip header
_MOST: Final = 3  # encodings, one around the other; there is no use for two
_MEMBERS: Final = 100


def decoded(body: bytes, encodings: str, size: int) -> bytes:
    """Return a body as it was before it was packed.

    Args:
        body: as it was sent.
        encodings: the header, such as `gzip`; the last one was put on last.
        size: the most bytes that it may become.

    Raises:
        RemoteError: an encoding is not known, the body is not of that encoding, or too large.
    """
    names = [name.strip().lower() for name in encodings.split(",")]
    names = [name for name in names if body and name not in {"", "identity"}]
    if len(names) > _MOST:
        raise RemoteError(f"packed {len(names)} times (Content-Encoding: {encodings[:50]})")
    for name in reversed(names):
        body = _unpacked(body, name, size)
    return body


def _unpacked(body: bytes, name: str, size: int) -> bytes:
    if name in {"gzip", "x-gzip"}:
        formats: tuple[int, ...] = (_GZIP,)
    elif name == "deflate":  # zlib's format; some servers send the bare stream (RFC 9110, 8.4.1.2)
        formats = (zlib.MAX_WBITS, -zlib.MAX_WBITS)
    else:
        raise RemoteError(f"Content-Encoding {name[:50]!r} is not known, only gzip and deflate")
    for bits in formats:
        try:
            return _inflated(body, bits, size)
        except (zlib.error, EOFError):
            continue
    raise RemoteError(f"it is not what its Content-Encoding {name} says")


def _inflated(body: bytes, bits: int, size: int) -> bytes:
    """Return what is packed, of all members that follow each other; no more than `size` bytes."""
    content = bytearray()
    for _ in range(_MEMBERS):  # what follows a member is copied, so many would take long
        member = zlib.decompressobj(bits)
        content += member.decompress(body, size - len(content) + 1)
        if len(content) > size:
            raise RemoteError(f"larger than {size:,} bytes when unpacked")
        if not member.eof:
            raise EOFError
        body = member.unused_data if bits == _GZIP else b""
        if not body.strip(b"\0"):  # some pad with zeros, which gzip passes over
            return bytes(content)
    raise EOFError
