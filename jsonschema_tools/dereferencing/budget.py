"""What all downloads of a run may cost together."""

from __future__ import annotations

from dataclasses import dataclass
from mmap import mmap

from jsonschema_tools.documents import MAX_SIZE


class SpentError(Exception):
    """A run has downloaded as much as it may; the message says of what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLimits:
    """What the downloads of a run may cost together.

    Each document may be within its own limits, and refer to ten others that are.

    Attributes:
        seconds: of waiting for servers.
        size: bytes.
        requests: attempts and redirects included.
    """

    seconds: float = 45.0
    size: int = 4 * MAX_SIZE
    requests: int = 2000


_DEFAULT_LIMITS = RunLimits()


class Budget:
    """Counts what a run has downloaded, together with the processes that it forks."""

    def __init__(self, limits: RunLimits = _DEFAULT_LIMITS) -> None:
        self._limits = limits
        # forked processes share it; two that count at once may lose a count, which does no harm
        self._spent = memoryview(mmap(-1, 3 * 8)).cast("d")

    def seconds(self) -> float:
        """Return the seconds that are left.

        Raises:
            SpentError: none are.
        """
        left = self._limits.seconds - self._spent[0]
        if left <= 0:
            raise SpentError(f"all downloads of a run may take {self._limits.seconds:g} seconds")
        return left

    def waited(self, seconds: float) -> None:
        """Count seconds of waiting."""
        self._spent[0] += seconds

    def received(self, size: int) -> None:
        """Count bytes.

        Raises:
            SpentError: they are more than a run may have.
        """
        self._spent[1] += size
        if self._spent[1] > self._limits.size:
            raise SpentError(f"all downloads of a run may have {self._limits.size:,} bytes")

    def asked(self) -> None:
        """Count a request.

        Raises:
            SpentError: it is one too many.
        """
        self._spent[2] += 1
        if self._spent[2] > self._limits.requests:
            raise SpentError(f"a run may make {self._limits.requests:,} requests")
