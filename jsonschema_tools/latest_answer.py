"""Keeps the latest answer of a function that several checks ask the same, one after the other."""

from __future__ import annotations

from functools import wraps
from operator import is_
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_P = ParamSpec("_P")
_Answer = TypeVar("_Answer")


def keep_latest(function: Callable[_P, _Answer]) -> Callable[_P, _Answer]:
    """Return a function that does not compute its latest answer again.

    Arguments are the same if they are the same objects: to compare schemas takes too long, and
    nobody changes one between two checks.
    """
    latest: tuple[tuple[object, ...], _Answer] | None = None

    @wraps(function)
    def ask(*args: _P.args, **kwargs: _P.kwargs) -> _Answer:
        nonlocal latest
        asked = (*args, *kwargs, *kwargs.values())
        if latest is None or len(latest[0]) != len(asked) or not all(map(is_, latest[0], asked)):
            latest = asked, function(*args, **kwargs)
        return latest[1]

    return ask
