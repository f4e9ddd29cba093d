"""What the reference gives for what it gets: files to bytes, repositories to verdicts.

A part of the vectors lies in tests/data/vectors, one small case for each feature. All of them are
run where they lie beside the repository.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema_rs import Draft7Validator

from jsonschema_tools import Materializer, SchemaToolsError, load_config, read_document, serialize
from jsonschema_tools.checks import DEFAULT_CHECKS
from jsonschema_tools.found_files import find_files
from jsonschema_tools.runner.check_run import CheckRun, check_files
from support.every_case import for_each

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent / "data/vectors"
ALL = Path(__file__).parents[2] / "shared/vectors"
FOLDER = ALL if ALL.is_dir() else HERE

#: cases in which docs/reference/differences.md says that the reference does it by accident
MATERIALIZE_DIFFERENCES = {
    "mz-18bd50528a": "bounds [10, 0] make no sense",
    "mz-8eebf5da46": "bounds [0] make no sense",
    "mz-8627de2872": "bounds 0 make no sense",
    "mz-3096d53cf8": "bounds [null, null] make no sense",
    "mz-63f75b46d0": "minimum above maximum",
    "mz-b6324ff50a": "the schema merges to false",
    "mz-6b85e213db": "a text where a schema belongs",
    "mz-cd2d62b9c0": "a list where a schema belongs",
    "mz-0f0fd1f54e": "a text where a schema belongs",
    "mz-940a68a68d": "a text in allOf",
    "mz-9eda7e7beb": "a text in allOf",
}
#: cases in which what the reference writes accepts other events than the current file
MEANING_DIFFERENCES = {
    "mz-319ec73fe0": "two formats, which the reference does not merge",
    "mz-2e08df7a30": "additionalProperties beside another branch's patternProperties",
    "mz-e638c8e801": "a $ref in const is a value",
    "mz-992f02c640": "two contains, which one item need not both satisfy",
}
#: of files on which the reference dies
UNREADABLE = "structure-file-is-readable"
NEW_CHECKS = {
    "schema-required-fields",
    "schema-version-no-new-constraints",
    "schema-version-immutable",
    "schema-has-no-refs",
    "schema-refs-pinned",
    "schema-required-without-default",
    "schema-keywords-known",
    "schema-keywords-fit-type",
    "schema-values-valid",
    "schema-dialect",
}
SETTINGS: dict[str, Any] = {"requiredFields": [], "compatibilityPolicy": "reference"}
#: the check that differs where docs/reference/differences.md says that the reference errs
CHECK_DIFFERENCES = {
    "compat_default_null": "schema-version-compatibility",
    "compat_property_named_description": "schema-version-compatibility",
    "compat_property_named_enum": "schema-version-compatibility",
    "compat_property_named_required": "schema-version-compatibility",
    "robust_oneof_without_required": "schema-deterministic-types",
}


def cases(name: str) -> list[Any]:
    lines = (FOLDER / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    found = map(json.loads, lines)
    return [case for case in found if not case.get("volatile") and not case.get("hang")]


@contextmanager
def laid(case: Any) -> Iterator[Path]:
    """Lay a case two levels below the root: some references of the cases climb up as far."""
    with tempfile.TemporaryDirectory(prefix="vectors-", dir="/tmp") as name:
        lay(Path(name), case)
        yield Path(name)


def lay(folder: Path, case: Any) -> None:
    for name, text in case["files"].items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    for name, target in case.get("symlinks", {}).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)


@for_each(partial(cases, "materialize"), lambda case: case["id"])
def test_materialize(case: Any) -> None:
    with laid(case) as folder:
        materialize(case, folder)


def materialize(case: Any, folder: Path) -> None:
    def made() -> tuple[str, str]:
        config = load_config(folder, overrides=case["options"])
        document = read_document(folder / case["schema_path"], case["schema_path"])
        schema = Materializer(config).build(document)
        return serialize(schema, "yaml"), serialize(schema, "json")

    if is_format_unknown(case):
        assert made()
    elif case["id"] in MEANING_DIFFERENCES:
        assert made() != (case.get("yaml"), case.get("json"))
    elif "error" in case or case["id"] in MATERIALIZE_DIFFERENCES:
        with pytest.raises(SchemaToolsError):
            made()
    elif (texts := made()) != (case["yaml"], case["json"]):
        made_anew(texts[1], case["json"])


def is_format_unknown(case: Any) -> bool:
    """Tell whether the reference stops at a `format` that it cannot make an example of."""
    return case["feature"].startswith("example_") and "unknown registry key" in str(
        case.get("error")
    )


def made_anew(text: str, expected: str) -> None:
    """Assert that two schemas differ in the example only, and why.

    docs/reference/differences.md says that an example which its schema refuses is made anew.
    """
    schema, reference = json.loads(text), json.loads(expected)
    (example,), (invalid,) = schema.pop("examples"), reference.pop("examples")
    assert schema == reference
    validator = Draft7Validator(schema, validate_formats=True)
    assert validator.is_valid(example)
    assert not validator.is_valid(invalid)


def verdicts(folder: Path) -> Iterator[tuple[Any, ...]]:
    """Yield check, title, version, content type and outcome, as the vectors have them."""
    config = load_config(folder, overrides=SETTINGS)
    checked = check_files(
        find_files(config), CheckRun(config, DEFAULT_CHECKS, date(2026, 1, 1)), jobs=1
    )
    for result in (result for title in checked.titles for result in title.results):
        subject = result.subject
        current = subject.current and result.suite == "robustness"
        if result.check == UNREADABLE and result.outcome == "passed":
            continue
        if result.check not in NEW_CHECKS:
            yield (
                result.check,
                subject.title,
                "current" if current else subject.version,
                subject.content_type,
                result.outcome,
            )


@for_each(partial(cases, "checks"), lambda case: case["id"])
def test_check(case: Any) -> None:
    with laid(case) as folder:
        got = Counter(verdicts(folder))
    names = ("check", "title", "version", "content_type", "outcome")
    expected = Counter(tuple(result[name] for name in names) for result in case["results"])
    bad, refused = (any(key[-1] == "failed" for key in results) for results in (got, expected))
    if case["kind"] == "quirk":  # the reference hides or breaks checks: only the verdict counts
        same = bad is (refused or bool(case.get("crash")))
        assert same is (case["feature"] not in CHECK_DIFFERENCES)
    elif case["feature"] in CHECK_DIFFERENCES:
        assert {key[0] for key in got - expected} == {CHECK_DIFFERENCES[case["feature"]]}
    else:
        assert got == expected
