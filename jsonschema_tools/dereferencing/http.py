"""Documents over http(s): bounded in time, in size, and in where they may come from.

The standard library's client does: it knows proxies and redirects, and costs no dependency for
what few repositories use. This module is imported when the first remote document is read.
"""

from __future__ import annotations

import re
import time
from codecs import BOM_UTF8
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.client import HTTPException, HTTPMessage, HTTPResponse
from queue import Empty, SimpleQueue
from socket import gaierror
from ssl import SSLError
from threading import Thread
from typing import IO, TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPRedirectHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    UnknownHandler,
)

from jsonschema_tools._version import __version__
from jsonschema_tools.dereferencing.budget import Budget, SpentError
from jsonschema_tools.dereferencing.connections import (
    Connections,
    Endpoint,
    PrivateAddressError,
    endpoint,
)
from jsonschema_tools.dereferencing.content_encoding import decoded
from jsonschema_tools.dereferencing.remote_cache import DocumentCache, cache_folder
from jsonschema_tools.dereferencing.remote_error import RemoteError
from jsonschema_tools.documents import MAX_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class _PassingError(RemoteError):
    """Something that may be better in a moment."""


class _SilentHostError(_PassingError):
    """A host does not answer at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one document may cost.

    Attributes:
        timeout: seconds without any answer, when connecting and between two pieces.
        deadline: seconds for all of it.
        attempts: how often a server that fails or cannot be reached is asked.
        pause: seconds before the second attempt; twice as long before the third.
        size: bytes.
        redirects: how many are followed.
    """

    timeout: float = 5.0
    deadline: float = 20.0
    attempts: int = 3
    pause: float = 0.3
    size: int = MAX_SIZE
    redirects: int = 5


_DEFAULT_LIMITS = Limits()
_START = 2**10  # bytes; space in front of a page is rarely longer


class Remote:
    """Reads documents over http(s).

    A private address is contacted only where a base URI names it: no redirect and no reference
    in a schema leads there. A host that did not answer is not asked again.

    Args:
        base_uris: the configured http(s) base URIs.
        limits: what one document may cost.
        cache: keeps versioned documents; default a folder of the user.
        budget: what all documents together may cost.
    """

    def __init__(
        self,
        base_uris: Iterable[str],
        *,
        limits: Limits = _DEFAULT_LIMITS,
        cache: DocumentCache | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._limits = limits
        self._cache = cache or DocumentCache(cache_folder())
        self._since: dict[str, float | None] = {}
        self._budget = budget or Budget()
        self._silent: dict[Endpoint, str] = {}
        self._not_to_keep: set[str] = set()
        self._connections = Connections({_host(base) for base in base_uris}, self._budget.asked)
        self._opener = _opener(self._connections, limits.redirects)

    def read(self, url: str) -> bytes:
        """Return the content of a document.

        Raises:
            RemoteError: it cannot be had.
        """
        if (kept := self._cache.get(url)) is not None:
            self._since[url] = self._cache.kept_since(url)
            return kept
        host = _host(url)
        if host in self._silent:
            raise RemoteError(self._silent[host])
        start = time.monotonic()
        try:
            deadline = min(self._limits.deadline, self._budget.seconds())
            return _within(deadline, partial(self._read, url))
        except SpentError as error:
            raise RemoteError(str(error)) from None
        except (TimeoutError, _SilentHostError) as error:
            self._connections.break_off()
            self._silent[host] = str(error)
            raise RemoteError(str(error)) from None
        finally:
            self._budget.waited(time.monotonic() - start)

    def kept_since(self, url: str) -> float | None:
        """Return since when the copy is kept that was read, in seconds since 1970.

        None where the document was downloaded in this run, or not read at all.
        """
        return self._since.get(url)

    def keep(self, url: str, content: bytes) -> None:
        """Keep a document that turned out to be a schema for the next run.

        Unless another host had it, as a redirect may be for today only; or the answer did not say
        where the document ends, as it may have been cut.
        """
        if url not in self._not_to_keep:
            self._cache.put(url, content)

    def _read(self, url: str, until: float) -> bytes:
        for attempt in range(self._limits.attempts - 1):
            try:
                return self._get(url, until)
            except _PassingError:
                time.sleep(self._limits.pause * 2**attempt)
        return self._get(url, until)

    def _get(self, url: str, until: float) -> bytes:
        if "@" in urlsplit(url).netloc:
            raise RemoteError("a URL with a user name is not read")
        request = Request(  # noqa: S310 -- the opener knows http and https only
            quote(url, safe=":/?#[]@!$&'()*+,;=%~"),
            headers={"User-Agent": f"jsonschema-tools/{__version__}"},
        )
        try:
            with self._opener.open(request, timeout=self._limits.timeout) as response:
                if response.status != HTTPStatus.OK:
                    raise RemoteError(f"HTTP status {response.status}")
                _require_one_length(response)
                if _host(response.url) != _host(url) or not _says_its_end(response):
                    self._not_to_keep.add(url)
                packed = self._body(response, until)
                encodings = ", ".join(response.headers.get_all("Content-Encoding", ()))
                return _not_a_page(response, decoded(packed, encodings, self._limits.size))
        except (SpentError, PrivateAddressError) as error:
            raise RemoteError(str(error)) from None
        except HTTPError as error:
            error.close()
            why = f": {error.msg.splitlines()[0]}" if error.code < 400 else ""  # a bad redirect
            kind = _PassingError if error.code >= 500 else RemoteError
            raise kind(f"HTTP status {error.code}{why}") from None
        except (OSError, HTTPException, ValueError) as error:
            raise _explained(error) from None

    def _body(self, response: HTTPResponse, until: float) -> bytes:
        content = bytearray()
        while piece := response.read1(_most(response)):
            content += piece
            self._budget.received(len(piece))
            if len(content) > self._limits.size:
                raise RemoteError(f"larger than {self._limits.size:,} bytes")
            if time.monotonic() > until:
                raise TimeoutError("not complete in time")
        if response.length:
            raise _PassingError("the connection broke")
        return bytes(content)


def _require_one_length(response: HTTPResponse) -> None:
    """Refuse lengths that are not one number, as by RFC 9112, section 6.3: the body cannot be told.

    `http.client` would take the first, or pass over it and read on to the end.
    """
    lengths = {
        length.strip()
        for value in response.headers.get_all("Content-Length", ())
        for length in value.split(",")
    }
    if len(lengths) > 1 or not all(re.fullmatch("[0-9]+", length) for length in lengths):
        raise RemoteError(f"broken answer: its Content-Length is {', '.join(sorted(lengths))!r}")


def _says_its_end(response: HTTPResponse) -> bool:
    """Tell whether a body that was cut can be told from a whole one."""
    return response.chunked or response.length is not None


def _most(response: HTTPResponse) -> int:
    """Return how many bytes of the body to read next.

    The last one is looked at together with what has come after it.

    Raises:
        RemoteError: the body goes on where it should end.
    """
    left = response.length
    if left is None or response.chunked:
        return 2**16
    if left > 1:
        return min(left - 1, 2**16)
    if left and len(response.peek(2)) > left:
        raise RemoteError("broken answer: longer than its Content-Length")
    return left


def _within(seconds: float, work: Callable[[float], bytes]) -> bytes:
    """Run work that gets the time at which it must end, and wait no longer than that.

    In a thread, since neither name servers nor headers that drip in heed any timeout.
    """
    results: SimpleQueue[bytes | Exception] = SimpleQueue()

    def run() -> None:
        try:
            results.put(work(time.monotonic() + seconds))
        except Exception as error:
            results.put(error)

    Thread(target=run, daemon=True).start()
    try:
        result = results.get(timeout=seconds)
    except Empty:
        raise TimeoutError(f"not complete after {seconds:g} seconds") from None
    if isinstance(result, Exception):
        raise result
    return result


def _not_a_page(response: HTTPResponse, content: bytes) -> bytes:
    """Return the content, unless it is a page or a report of an error.

    No JSON or YAML that holds a schema begins with `<`.
    """
    kind = response.headers.get_content_type()
    start = content[:_START].removeprefix(BOM_UTF8).lstrip()[:2]
    if kind == "text/html" or (start[:1] == b"<" and start != b"<<"):
        raise RemoteError("an HTML page, not a schema")
    if kind.startswith("application/problem"):  # RFC 9457
        raise RemoteError("a report of an error, not a schema")
    return content


def _explained(error: Exception) -> RemoteError | TimeoutError:
    if isinstance(error, URLError) and isinstance(error.reason, Exception):
        error = error.reason
    if isinstance(error, (RemoteError, TimeoutError)):
        return error
    if isinstance(error, gaierror):
        return _SilentHostError("the name of the host cannot be resolved: offline?")
    if isinstance(error, SSLError):
        return RemoteError(f"no secure connection: {error.reason or error}")
    if isinstance(error, (OSError, HTTPException)):
        return _SilentHostError(getattr(error, "strerror", None) or f"broken answer: {error!r}")
    return RemoteError(str(error))


# -------------------------------------------------------------------- redirects and proxies


def _host(url: str) -> Endpoint:
    try:
        return endpoint(url)
    except ValueError as error:
        raise RemoteError(f"not a valid URL: {error}") from None


def _opener(connections: Connections, most_redirects: int) -> OpenerDirector:
    """Return a client for http and https, through the proxies of the environment."""
    opener = OpenerDirector()
    for handler in (
        ProxyHandler(),
        connections,
        Redirects(most_redirects),
        HTTPErrorProcessor(),
        HTTPDefaultErrorHandler(),
        UnknownHandler(),
    ):
        opener.add_handler(handler)
    return opener


class Redirects(HTTPRedirectHandler):
    """Follows redirects to http and https, as many as may be, and never from https to http."""

    def __init__(self, most: int) -> None:
        self._most = most

    def redirect_request(  # noqa: PLR0913, PLR0917 -- as the base class has it
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        """Return the next request, as `urllib.request` calls it."""
        scheme = urlsplit(newurl).scheme
        if req.full_url.lower().startswith("https:") and scheme != "https":
            fp.close()
            raise RemoteError(f"redirects from https to {newurl}")
        allowed = scheme in {"http", "https"}
        if not allowed or len(getattr(req, "redirect_dict", ())) >= self._most:
            fp.close()
            raise RemoteError(
                f"more than {self._most} redirects" if allowed else f"redirects to {newurl}"
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)
