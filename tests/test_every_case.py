"""One test of many cases fails with each case that fails, and where there is none."""

from __future__ import annotations

import pytest

from support.every_case import every_case, for_each


@for_each(range(3), str)
def is_small(number: int) -> None:
    assert number < 1, f"{number} is large"


def test_each_case_that_fails_is_named() -> None:
    assert is_small.__name__ == "is_small"
    with pytest.raises(pytest.fail.Exception) as caught:
        is_small()
    text = str(caught.value)
    assert text.startswith("2 of 3 cases failed\n---- 1\n")
    assert "1 is large" in text
    assert "\n---- 2\n" in text
    assert "---- 0" not in text


def test_what_pytest_raises_is_a_failure_of_its_case() -> None:
    def refuse(_: int) -> None:
        with pytest.raises(ValueError, match="x"):
            pass

    with pytest.raises(pytest.fail.Exception, match="1 of 1 cases failed\n---- a\n"):
        every_case([("a", 1)], refuse)


def test_there_are_cases() -> None:
    with pytest.raises(pytest.fail.Exception, match="no cases"):
        every_case([], print)
