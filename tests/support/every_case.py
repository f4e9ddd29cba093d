"""One test for many small cases: it goes through all of them, and names each that fails.

A test item of pytest costs milliseconds, its report one more between processes of xdist; a case
that compares two values costs less than one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Case = TypeVar("Case")
#: of how many failures the place and the values are shown, not the name only
_SHOWN = 10


def every_case(cases: Iterable[tuple[str, Case]], check: Callable[[Case], object]) -> None:
    """Check every case, and fail with all those for which `check` raises something.

    Args:
        cases: their names and what `check` receives; at least one.
        check: has the assertions of one case.

    Raises:
        Failed: some cases failed, or there is none.
    """
    failures: list[tuple[str, str]] = []
    count = 0
    for name, case in cases:
        count += 1
        try:
            check(case)
        except (Exception, pytest.fail.Exception) as error:
            shown = pytest.ExceptionInfo.from_exception(error).getrepr(style="short")
            failures.append((name, str(shown)))
    if not count:
        pytest.fail("there are no cases", pytrace=False)
    if failures:
        details = [f"---- {name}\n{shown}" for name, shown in failures[:_SHOWN]]
        rest = [f"---- {name}" for name, _ in failures[_SHOWN:]]
        head = f"{len(failures)} of {count} cases failed"
        pytest.fail("\n".join([head, *details, *rest]), pytrace=False)


def for_each(
    cases: Iterable[Case] | Callable[[], Iterable[Case]], name: Callable[[Case], str]
) -> Callable[[Callable[[Case], object]], Callable[[], None]]:
    """Make one test of many cases of a function that takes one, as `parametrize` makes many tests.

    Args:
        cases: what the function receives, one after the other; or what makes them, where that
            takes long: each worker of xdist imports each file of tests.
        name: what a case is called where it fails.
    """

    def decorate(check: Callable[[Case], object]) -> Callable[[], None]:
        def test() -> None:
            made = cases() if callable(cases) else cases
            every_case([(name(case), case) for case in made], check)

        test.__name__, test.__doc__ = check.__name__, check.__doc__
        test.__qualname__, test.__module__ = check.__qualname__, check.__module__
        return test

    return decorate
