"""The names under which an intake answers: what keeps pages of other sites from reading it.

A name of such a site can be made to lead to the address of an intake (DNS rebinding); the browser
then takes both for one site. It sends that name as `Host`, so that the intake can tell.
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING

from jsonschema_tools.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

_HOST = re.compile(r"(?:\[([^\[\]]*)\]|([^:\[\]]*))(?::\d*)?")  # RFC 9112, section 3.2
_NAME = re.compile(r"\*|(?:\*\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?")
_MOST_KNOWN = 1000
ANY = "*"
#: names that lead to this machine whatever a name server says (RFC 6761, section 6.3)
_LOCAL = ("localhost", "*.localhost")


class HostNames:
    """Tells whether a `Host` header names an intake. Addresses do, which nobody can rebind.

    Args:
        names: further names, with or without `*.` at the start for all names below one.

    Raises:
        ConfigError: one of them is not a name.
    """

    def __init__(self, names: Sequence[str] = ()) -> None:
        for name in names:
            if _NAME.fullmatch(name) is None:
                raise ConfigError(
                    f"not the name of a host: {name!r:.100}",
                    hint="write it without scheme and port, such as intake.example.org",
                )
        listed = {*_LOCAL, *(name.lower() for name in names)}
        self._exact = {name for name in listed if not name.startswith("*")}
        self._below = tuple(name[1:] for name in listed if name.startswith("*."))
        self._known: set[bytes] = set()

    def take(self, host: bytes) -> bool:
        """Tell whether a `Host` header names the intake, with or without a port."""
        if host in self._known:
            return True
        found = _HOST.fullmatch(host.decode("latin-1"))
        taken = found is not None and self._takes(found[1], found[2])
        if taken and len(self._known) < _MOST_KNOWN:
            self._known.add(host)
        return taken

    def _takes(self, bracketed: str | None, name: str | None) -> bool:
        name = (name or "").lower().removesuffix(".")
        if name in self._exact or name.endswith(self._below):
            return True
        try:
            ip_address(bracketed if bracketed is not None else name)
        except ValueError:
            return False
        return True


def host_names(address: str, allowed: Sequence[str]) -> HostNames | None:
    """Return the names under which an intake answers; None for any.

    Args:
        address: the IP address on which it listens.
        allowed: names that it was told to answer to; none: only its own on a loopback address,
            any elsewhere.

    Raises:
        ConfigError: one of them is not a name.
    """
    if not allowed and not ip_address(address).is_loopback:
        return None
    names = HostNames(allowed)
    return None if ANY in allowed else names
