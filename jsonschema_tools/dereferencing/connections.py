"""What may be connected to: the hosts of base URIs, and public addresses."""

from __future__ import annotations

import socket
from contextlib import suppress
from functools import partial
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from ssl import create_default_context
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit
from urllib.request import AbstractHTTPHandler, Request

if TYPE_CHECKING:
    from collections.abc import Callable

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_COMPATIBLE = IPv6Network("::/96")  # RFC 4291 2.5.5.1, deprecated
# private too, though not every supported version of Python says so
_PRIVATE = (IPv4Network("192.0.0.0/24"), IPv6Network("64:ff9b:1::/48"), IPv6Network("fec0::/10"))


class PrivateAddressError(Exception):
    """A host that no base URI names has an address that is not public."""


class Endpoint(NamedTuple):
    """A host, in lower case, and a port."""

    host: str
    port: int


def endpoint(url: str) -> Endpoint:
    """Return what a URL is read from.

    Raises:
        ValueError: the URL is not valid.
    """
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme.lower() == "https" else 80)
    return Endpoint((parts.hostname or "").lower(), port)


def is_public(address: str) -> bool:
    """Tell whether an IP address belongs to the public Internet.

    IPv6 addresses that stand for an IPv4 address (mapped, NAT64, 6to4, Teredo) are as public as
    that one is.
    """
    ip = ip_address(address.partition("%")[0])
    inner = _inner(ip) if isinstance(ip, IPv6Address) else None
    if inner is not None:
        return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not any(ip in network for network in _PRIVATE)


def _inner(ip: IPv6Address) -> IPv4Address | None:
    if ip in _NAT64 or ip in _COMPATIBLE:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


class Connections(AbstractHTTPHandler):
    """Opens http and https URLs of known hosts, and of others at public addresses.

    An address is looked at before it is connected to, and that very address is: a second answer
    of a name server may differ from the first. Through a proxy, which looks names up itself, the
    name is looked up here as well, where this machine can.

    Args:
        known: hosts that may have private addresses.
        on_request: called before each request, also those of redirects.
    """

    http_request = https_request = AbstractHTTPHandler.do_request_

    def __init__(self, known: set[Endpoint], on_request: Callable[[], None]) -> None:
        super().__init__()
        self._known = known
        self._on_request = on_request
        self._open: list[socket.socket] = []

    def http_open(self, request: Request) -> HTTPResponse:
        """Open an http URL, as `urllib.request` calls it."""
        return self._connect(HTTPConnection, request)

    def https_open(self, request: Request) -> HTTPResponse:
        """Open an https URL, as `urllib.request` calls it."""
        return self._connect(HTTPSConnection, request, context=create_default_context())

    def break_off(self) -> None:
        """Shut down what is open, so that a thread that waits for it ends."""
        for connected in self._open:
            with suppress(OSError):
                connected.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def _connect(
        self, kind: type[HTTPConnection], request: Request, **options: Any
    ) -> HTTPResponse:
        self._on_request()
        target = endpoint(request.full_url)
        peer = endpoint(f"{request.type}://{request.host}")
        is_proxy = request.has_proxy() or peer != target
        if is_proxy and target not in self._known:
            _require_public_name(target)

        def open_connection(host: str, **settings: Any) -> HTTPConnection:
            connection = kind(host, **settings)
            # where http.client makes its socket; `connect` would have sent a TLS greeting already
            connection._create_connection = partial(  # type: ignore[attr-defined]
                self._socket, is_proxy
            )
            return connection

        return self.do_open(open_connection, request, **options)

    def _socket(
        self, is_proxy: bool, where: tuple[str, int], timeout: float, source: Any = None
    ) -> socket.socket:
        """Return a connection to the first address of a host that is allowed and answers."""
        allowed = is_proxy or Endpoint(where[0].lower(), where[1]) in self._known
        failure: Exception | None = None
        for address in _addresses(*where):
            if not allowed and not is_public(address):
                failure = failure or _private(where[0], address)
                continue
            try:
                connected = socket.create_connection((address, where[1]), timeout, source)
            except OSError as error:
                failure = error
            else:
                self._open = [*self._open[-9:], connected]
                return connected
        raise failure or OSError(f"no address of {where[0]} was found")


def _addresses(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _require_public_name(target: Endpoint) -> None:
    """Make sure that a host is not known to be private, if this machine can tell."""
    try:
        addresses = _addresses(*target)
    except OSError:
        return  # only the proxy can look names up
    private = [address for address in addresses if not is_public(address)]
    if private:
        raise _private(target.host, private[0])


def _private(host: str, address: str) -> PrivateAddressError:
    return PrivateAddressError(f"{host} has the private address {address}, which no base URI names")
