"""JavaScript's regular expressions; the verdicts are those of `new RegExp` in Node 20."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema_rs import Draft7Validator

from jsonschema_tools.ecmascript.regexp import RegexError, translate

MATCHES = [
    (r"^[a-z]{3}$", "abc", "ABC"),
    (r"^\d{1,2}\/\d{1,7}$", "1/22", "1-22"),
    (r"^[\d\w-]+$", "a-1_", "a b"),
    (r"a{1", "a{1", "aa"),
    (r"a{,3}", "a{,3}", "aaa"),
    (r"]}", "]}", "]"),
    (r"^[]", "", None),
    (r"^[^]$", "\n", ""),
    (r"^[\b]$", "\b", "b"),
    (r"^\_$", "_", "\\_"),
    (r"^\p$", "p", "x"),
    (r"^\07$", "\x07", "7"),
    (r"^\1$", "\x01", "1"),
    (r"^(a)\1$", "aa", "a"),
    (r"^(?<n>a|b)\k<n>$", "bb", "ab"),
    (r"^\k<n>$", "k<n>", "n"),
    (r"^\cA$", "\x01", "A"),
    (r"^\c$", "\\c", "c"),
    (r"^[a-\d]$", "-", "b"),
    (r"^[\w-a]$", "-", "."),
    (r"^(?=a)*b$", "b", "a"),
    (r"^\u{2}$", "uu", "\x02"),
    (r"^\x6$", "x6", "\x06"),
    (r"^(?<!a)b$", "b", "ab"),
]
REFUSED = [
    *("(", ")", "[", "\\", "*", "a|*", "a**", "^*", r"\b+", "a{2,1}", "{1}", "[z-a]", "(?a)"),
    *("(?<=a)*", "(?<1>a)", "(?<a>x)(?<a>y)", r"(?<a>x)\k<b>", r"(?<a>x)\k", "(?i)a", "(?#c)"),
]


@pytest.mark.parametrize(("pattern", "accepted", "refused"), MATCHES)
def test_the_engine_gets_the_same_meaning(pattern: str, accepted: str, refused: str | None) -> None:
    validator = Draft7Validator({"pattern": translate(pattern)})
    assert validator.is_valid(accepted) != (pattern == "^[]")
    assert refused is None or not validator.is_valid(refused)


@pytest.mark.parametrize("pattern", REFUSED)
def test_what_javascript_refuses_is_refused(pattern: str) -> None:
    with pytest.raises(RegexError):
        translate(pattern)


@given(st.text(alphabet="ab01(){}[]?<>=!*+^$.|\\-,kbdcuxpn:é\n"))
def test_any_text_is_refused_or_translated_to_something_that_stays(pattern: str) -> None:
    try:
        strict = translate(pattern)
    except RegexError:
        return
    assert translate(strict) or not strict


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(RegexError, match="deeply"):
        translate("(" * 5000 + ")" * 5000)
