from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from jsonschema_tools.authoring.diff_formats import in_markdown

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import GitRepository, RunTool

SCHEMA = """\
title: thing
$id: /thing/{version}
$schema: https://json-schema.org/draft-07/schema#
type: object
properties:
  a:
    type: string
"""
CONFIG = "schemaBasePath: ./schemas\ncontentTypes: [yaml]\n"


def schema(version: str, more: str = "") -> str:
    return SCHEMA.format(version=version) + more


@pytest.fixture
def repository(git_repository: GitRepository) -> GitRepository:
    git_repository.write(".jsonschema-tools.yaml", CONFIG)
    git_repository.write("schemas/thing/1.0.0.yaml", schema("1.0.0"))
    git_repository.commit()
    return git_repository


def test_versions_added_since_head(repository: GitRepository, run_tool: RunTool) -> None:
    repository.write("schemas/thing/1.1.0.yaml", schema("1.1.0", "    maxLength: 5\n  b: {}\n"))
    repository.write("schemas/other thing/1.0.0.yaml", schema("1.0.0").replace("thing", "other"))
    done = run_tool("diff", cwd=repository.root)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        "other 1.0.0: the first version\n"
        "\n"
        "thing 1.0.0 -> 1.1.0: major change, policy additive\n"
        "  added optional fields\n"
        "    - optional property `b` was added to the schema\n"
        "  tightened\n"
        "    - `maxLength` 5 was added to `/properties/a`"
        " (new constraint: needs a new major version)\n"
        '      was valid, is refused now: {"a":"aaaaaa"}\n'
        "  table\n"
        "    - adds column `b STRING`\n"
    )


def test_versions_committed_since_a_revision(repository: GitRepository, run_tool: RunTool) -> None:
    repository.git("tag", "before")
    repository.write("schemas/thing/1.0.1.yaml", schema("1.0.1", "description: words\n"))
    repository.write("schemas/thing/2.0.0.yaml", schema("2.0.0").replace("string", "integer"))
    repository.commit()
    assert run_tool("diff", cwd=repository.root).stderr == (
        "warning: no version was added since HEAD\n"
    )
    done = run_tool("diff", "-T", "before", "schemas", cwd=repository.root)
    assert done.stdout == (
        "thing 1.0.0 -> 1.0.1: documentation only, policy additive\n"
        "  documentation only\n"
        "    - `description` of the schema was added\n"
        "\n"
        "thing 1.0.1 -> 2.0.0: major change, policy additive\n"
        "  changed\n"
        "    - type of `/properties/a` changed from string to integer\n"
        "  documentation only\n"
        "    - `description` of the schema was removed\n"
        "  table\n"
        "    - changes the type of `a` from STRING to BIGINT, which no table survives\n"
    )


def test_an_unknown_revision_is_an_error(repository: GitRepository, run_tool: RunTool) -> None:
    done = run_tool("diff", "-T", "nowhere", cwd=repository.root)
    assert done.returncode == 2
    assert "git knows no commit 'nowhere'" in done.stderr


def test_a_broken_version_does_not_hide_the_others(
    repository: GitRepository, run_tool: RunTool
) -> None:
    repository.write("schemas/thing/1.1.0.yaml", schema("1.1.0"))
    repository.write("schemas/thing/1.2.0.yaml", "a: [")
    done = run_tool("diff", cwd=repository.root)
    assert done.returncode == 1
    assert done.stdout == "thing 1.0.0 -> 1.1.0: nothing changed\n"
    assert "schemas/thing/1.2.0.yaml:2:1: error[parse-error]" in done.stderr


@pytest.fixture
def two(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / ".jsonschema-tools.yaml").write_text(CONFIG)
    for version, more in (("1.0.0", ""), ("1.1.0", "    enum: ['<b>@all`', '*']\n")):
        path = tmp_path / f"schemas/thing/{version}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(schema(version, more))
    return "schemas/thing/1.0.0.yaml", "schemas/thing/1.1.0.yaml"


def test_json(two: tuple[str, str], run_tool: RunTool) -> None:
    done = run_tool("diff", *two, "--format", "json")
    assert json.loads(done.stdout) == {
        "version": 1,
        "diffs": [
            {
                "title": "thing",
                "old": "1.0.0",
                "new": "1.1.0",
                "old_path": two[0],
                "new_path": two[1],
                "required_bump": "major",
                "policy": "additive",
                "changes": [
                    {
                        "group": "tightened",
                        "verdict": "constraint",
                        "message": '`/properties/a` now allows only "<b>@all`", "*"',
                        "pointer": "/properties/a/enum",
                        "counterexample": 'was valid, is refused now: {"a":""}',
                    }
                ],
                "table": [],
            }
        ],
    }
    assert (
        "unified"
        in json.loads(run_tool("diff", *two, "--format=json", "--unified").stdout)["diffs"][0]
    )


UNIFIED = """\
--- schemas/thing/1.0.0.yaml
+++ schemas/thing/1.1.0.yaml
@@ -1,7 +1,8 @@
 title: thing
-$id: /thing/1.0.0
+$id: /thing/1.1.0
 $schema: https://json-schema.org/draft-07/schema#
 type: object
 properties:
   a:
     type: string
+    enum: ['<b>@all`', '*']
"""


def test_unified(two: tuple[str, str], run_tool: RunTool) -> None:
    assert run_tool("diff", *two, "--unified").stdout == UNIFIED


def test_markdown_marks_up_no_names_or_values(two: tuple[str, str], run_tool: RunTool) -> None:
    done = run_tool("diff", *two, "--format", "markdown", "--unified")
    assert done.stdout == (
        "### thing 1.0.0 -\\> 1.1.0: major change, policy additive\n"
        "\n"
        "**Tightened**\n"
        "\n"
        '- `` `/properties/a` now allows only "<b>@all`", "*"'
        " (new constraint: needs a new major version) ``\n"
        '  - was valid, is refused now: {"a":""}\n'
        "\n"
        f"```diff\n{UNIFIED}```\n"
    )


NASTY = st.text(st.sampled_from("`<>&*_[]()!#@\\/:.~|$- aw1\n\t\x1b\u00a0\u2028\u202e\ud800"))
WORDS = [
    "`",
    "```",
    "<img src=x>",
    "[a](http://e.invalid)",
    "![a](b)",
    "https://e.invalid",
    "@team",
]
WORDS += [
    "www.e.invalid",
    "a@b.example",
    "&lt;",
    "# h",
    "- x",
    "1. x",
    "> x",
    "\n\n",
    "\\",
    "    ",
    "a",
]


@given(st.lists(st.one_of(NASTY, st.sampled_from(WORDS))))
def test_no_name_in_markdown_becomes_more_than_text(parts: list[str]) -> None:
    line = "".join(parts)
    shown = in_markdown(line)
    assert "\n" not in shown
    reader = MarkdownIt("gfm-like", {"html": True})
    tokens = reader.parse(f"- {shown} end\n\n### {shown} end\n")
    kinds = [token.type for token in tokens]
    assert kinds == [
        *("bullet_list_open", "list_item_open", "paragraph_open", "inline", "paragraph_close"),
        *("list_item_close", "bullet_list_close", "heading_open", "inline", "heading_close"),
    ]
    for token in tokens:
        inner = {child.type for child in token.children or ()}
        assert inner <= {"text", "text_special", "code_inline"}
        texts = [child.content for child in token.children or () if child.type != "code_inline"]
        assert not any("@" in text for text in texts)


@pytest.mark.parametrize("name", ["no\u00a0break", "\ud800", "a\u2028b", "\x1b[31m", '"\\'])
def test_json_is_always_valid(
    two: tuple[str, str], run_tool: RunTool, tmp_path: Path, name: str
) -> None:
    (tmp_path / two[1]).write_text(
        schema("1.1.0", f"  {json.dumps(name)}: {{type: string, enum: [.nan, .inf]}}\n")
    )
    done = run_tool("diff", *two, "--format", "json", "--unified")
    report = json.loads(done.stdout, parse_constant=pytest.fail)
    assert report["diffs"][0]["changes"]
    assert done.stdout.isascii()


def test_two_ids(two: tuple[str, str], run_tool: RunTool) -> None:
    done = run_tool("diff", "/thing/1.1.0", "/thing/1.0.0")
    assert "`enum` of `/properties/a` was removed" in done.stdout
    assert run_tool("diff", two[0], "/thing/1.0.0").stdout == (
        "thing 1.0.0 -> 1.0.0: nothing changed\n"
    )


def test_a_current_file_is_materialized_first(
    two: tuple[str, str], run_tool: RunTool, tmp_path: Path
) -> None:
    (tmp_path / "schemas/thing/current.yaml").write_text(
        "title: thing\n$id: /thing/1.2.0\n$schema: https://json-schema.org/draft-07/schema#\n"
        "allOf: [{$ref: /thing/1.0.0.yaml}]\nproperties: {n: {type: integer}}\n"
    )
    done = run_tool("diff", two[0], "schemas/thing/current.yaml")
    assert done.stderr == ""
    assert done.stdout == (
        "thing 1.0.0 -> 1.2.0: minor change, policy additive\n"
        "  added optional fields\n"
        "    - optional property `n` was added to the schema\n"
        "  table\n"
        "    - adds column `n BIGINT`\n"
    )


def test_the_table_in_markdown(two: tuple[str, str], run_tool: RunTool, tmp_path: Path) -> None:
    (tmp_path / two[1]).write_text(schema("1.1.0", "  weight_kg: {type: number}\n"))
    done = run_tool("diff", *two, "--format", "markdown")
    assert "**Table**\n\n- adds column `weight_kg DOUBLE`\n" in done.stdout


def test_a_fragment_has_no_table(two: tuple[str, str], run_tool: RunTool, tmp_path: Path) -> None:
    (tmp_path / ".jsonschema-tools.yaml").write_text(f"{CONFIG}fragmentSchemas: [thing]\n")
    (tmp_path / two[1]).write_text(schema("1.1.0", "  weight_kg: {type: number}\n"))
    assert "table" not in run_tool("diff", *two).stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("a", "b", "c"), "two versions"),
        (("a", "b", "-T", "HEAD"), "without --commit"),
        (("/thing/1.0.0", "/thing/9.0.0"), "'/thing/9.0.0' is neither a file, nor the $id"),
    ],
)
def test_a_wrong_call(
    arguments: tuple[str, ...], message: str, two: tuple[str, str], run_tool: RunTool
) -> None:
    assert two
    done = run_tool("diff", *arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_the_policy_decides_and_is_named(two: tuple[str, str], run_tool: RunTool) -> None:
    new, old = two  # the enum goes
    done = run_tool("diff", old, new)
    assert "1.1.0 -> 1.0.0: major change, policy additive\n" in done.stdout
    done = run_tool("diff", old, new, "--policy", "backward")
    assert "1.1.0 -> 1.0.0: minor change, policy backward\n" in done.stdout
    assert run_tool("diff", old, new, "--policy", "lenient").returncode == 2


@pytest.mark.parametrize(
    ("policy", "failed"), [("additive", 1), ("backward", 1), ("forward", 0), ("full", 1)]
)
def test_check_takes_a_policy(
    two: tuple[str, str], run_tool: RunTool, policy: str, failed: int
) -> None:
    done = run_tool("check", "--suite", "compatibility", "--policy", policy, "--format", "json")
    report = json.loads(done.stdout)
    assert (report["policy"], report["summary"]["failed"]) == (policy, failed)
    hints = [result["hint"] for result in report["results"] if result["outcome"] == "failed"]
    assert all(hint.endswith(f"(policy {policy})") for hint in hints)
