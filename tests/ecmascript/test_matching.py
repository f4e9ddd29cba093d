"""Regular expressions of the configuration match what they match in Node."""

from __future__ import annotations

import json
import pickle
import shutil
import string
import subprocess

import pytest

from jsonschema_tools.ecmascript.matching import (
    Patterns,
    compile_bounded_regex,
    compile_regex,
)
from jsonschema_tools.ecmascript.regexp import RegexError

FACTS = (
    ("fragment/http/1.2.0", "", "/fragment/http/1.2.0", True),
    ("^/x/.*$", "", "/x/1.0.0", True),
    ("^/x$", "", "/x\n", False),
    ("^(?:a|b$)", "", "b\n", False),
    ("^(?:a|b$)", "", "b", True),
    ("(?<name>a)$|b", "", "xb", True),
    (r"(?<v>[0-9])\.\k<v>$", "", "/x/1.1", True),
    (r"(?<v>[0-9])\.\k<v>$", "", "/x/1.2", False),
    (r"a\$", "", "a$b", True),
    (r"\d", "", "\u0661", False),
    (r"\s", "", "\ufeff", True),
    (r"\w", "", "é", False),
    ("(?<!/fragment)/http", "", "/thing/http", True),
    (r"a\Z", "", "aZ", True),
    ("a{1", "", "a{1", True),
    ("[]", "", "a", False),
    ("MEDIAWIKI", "i", "mediawiki.job", True),
    (r"\u{61}", "u", "a", True),
    ("é", "", "café", True),
)
REFUSED = (
    ("(", ""),
    ("a**", ""),
    (r"(?<v>a)\k<w>", ""),
    ("(?P<v>a)", ""),
    (r"\b*", ""),
    ("a{1", "u"),
)


@pytest.mark.parametrize(("pattern", "flags", "text", "found"), FACTS)
def test_matches(pattern: str, flags: str, text: str, found: bool) -> None:
    regex = compile_regex(pattern, flags)
    assert regex.search(text) is found
    assert (regex.pattern, regex.flags) == (pattern, flags)
    assert pickle.loads(pickle.dumps(regex)) == regex  # noqa: S301 - it goes to other processes


@pytest.mark.parametrize(("pattern", "flags"), REFUSED)
def test_what_javascript_refuses_is_refused(pattern: str, flags: str) -> None:
    with pytest.raises(RegexError):
        compile_regex(pattern, flags)


def test_half_a_surrogate_pair_matches_nothing_and_breaks_nothing() -> None:
    assert not compile_regex("a").search("\ud800")
    assert compile_regex("\ud800?").search("a")


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_the_facts_are_those_of_node() -> None:
    script = """
        const [facts, refused] = JSON.parse(require("fs").readFileSync(0, "utf-8"));
        const isRefused = ([pattern, flags]) => {
            try { new RegExp(pattern, flags) } catch { return true }
            return false;
        };
        console.log(JSON.stringify([
            facts.map(([pattern, flags, text]) => new RegExp(pattern, flags).test(text)),
            refused.map(isRefused),
        ]));
    """
    answer = subprocess.run(
        ["node", "-e", script], input=json.dumps([FACTS, REFUSED]), capture_output=True,
        check=True, text=True,
    )  # fmt: skip
    assert json.loads(answer.stdout) == [[fact[3] for fact in FACTS], [True] * len(REFUSED)]


ENDLESS = (
    r"^(a+)+$",
    r"^(a|aa)+$",
    r"(a*)*b",
    r"^(?=(a+)+$)a",
    r"^(a+)+\1$",
    r"^((a|aa)+?)\1{3,}b$",
)


@pytest.mark.parametrize("flags", ["", "i"])
@pytest.mark.parametrize("pattern", ENDLESS)
def test_no_name_keeps_a_bounded_expression_busy(pattern: str, flags: str) -> None:
    # the engine of `compile_regex` would not come to an end
    assert compile_bounded_regex(pattern, flags).search("a" * 249 + "!") is False


@pytest.mark.parametrize(("pattern", "flags", "text", "found"), FACTS)
def test_bounded_expressions_match_the_same(
    pattern: str, flags: str, text: str, found: bool
) -> None:
    regex = compile_bounded_regex(pattern, flags)
    assert regex.search(text) is found
    assert pickle.loads(pickle.dumps(regex)) == regex  # noqa: S301 - it goes to other processes


def test_bounded_expressions_ignore_case_as_the_others() -> None:
    patterns = [
        *("a", "K", "^[a-c]$", "^[^K-m]$", "[A-z]", r"[\d-x]", "^[x-]$", "[a-c-e]", r"\x41", r"\."),
        *(r"[\x41-\x43]", r"a{2,3}", "]", "{", r"\cJ", "(?=A)a", r"^\w$", "[^]", "a|B", r"\bFoo\b"),
    ]
    texts = ["", "foo", "aa", "aAa", *string.printable]
    for pattern in patterns:
        for flags in ("", "i"):
            one, other = compile_bounded_regex(pattern, flags), compile_regex(pattern, flags)
            for text in texts:
                assert one.search(text) is other.search(text), (pattern, flags, text)


@pytest.mark.parametrize(("pattern", "flags"), [*REFUSED, ("(?:a{1000}){1000}", "")])
def test_what_cannot_be_bounded_is_refused(pattern: str, flags: str) -> None:
    with pytest.raises(RegexError):
        compile_bounded_regex(pattern, flags)


BEGINNINGS = [
    *(r"^/a/b\.c/", "^/a/b", "^/a/bc*", "^/a/bc?d", "^/a/bc+", "^/a/b{2}c", "^/a|b", "^(?=/a)"),
    *("/b", "^", "^$", "^/a/b$", r"^\/a\/b", r"^\x2fa", "^/a[b/]", "^/\xe9", "b$", "^b|/a", "^.a"),
]
NAMES = [
    "",
    "/a",
    "/a/b",
    "/a/b.c/",
    "/a/bxc/",
    "/a/bd",
    "/a/bbc",
    "b",
    "/a\n/a/b",
    "/\xe9/b",
    "x/a",
]


@pytest.mark.parametrize("name", NAMES)
def test_many_patterns_match_as_each_of_them_does(name: str) -> None:
    patterns = Patterns(map(compile_regex, BEGINNINGS))
    expected = [index for index, pattern in enumerate(patterns) if pattern.search(name)]
    assert list(patterns.matching(name)) == expected
    assert patterns.match(name) == bool(expected)
    assert patterns.matched([name, name]) == set(expected)
    assert Patterns(patterns[:3]).match(name) == any(index < 3 for index in expected)


def test_patterns_that_begin_otherwise_are_not_tried() -> None:
    alike = Patterns(compile_regex(f"^/a/.*{i}") for i in range(20))
    assert alike.most_tried == 20
    assert Patterns([*alike, *(compile_regex(f"^/b{i}/") for i in range(20))]).most_tried == 20
    assert Patterns([*alike, *(compile_regex(f"^/a/{i}/") for i in range(20))]).most_tried == 21
    assert Patterns([*alike, *(compile_regex(f"/b{i}/") for i in range(20))]).most_tried == 40
