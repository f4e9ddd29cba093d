"""init, new and bump: the real program in scratch folders, and edits that keep every other byte."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from jsonschema_tools import versions
from jsonschema_tools.authoring.assessment import next_version
from jsonschema_tools.authoring.editor import KINDS
from jsonschema_tools.documents.document import parse, parse_document
from jsonschema_tools.documents.edit import Replacement, replace_parts
from jsonschema_tools.errors import SchemaError
from jsonschema_tools.pointers import follow, join
from jsonschema_tools.values import get_field

if TYPE_CHECKING:
    from conftest import GitRepository, RunTool

    from jsonschema_tools.comparison import Bump

FOR_EDITORS = "wrote .jsonschema-tools/current.schema.json\n"
THING = """\
title: some/thing
description: Since 1.0.0 the thing of 1.0.0.
$id: /some/thing/1.0.0
type: object
properties:
  kind:
    type: string
    enum: [a, b]
"""


def write(root: Path, name: str, content: str | bytes) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.fixture
def thing(tmp_path: Path, run_tool: RunTool) -> Path:
    """The current file of a schema with version 1.0.0, unchanged since."""
    path = write(tmp_path, "some/thing/current.yaml", THING)
    assert run_tool("materialize-all").returncode == 0
    return path


def edit(path: Path, old: str, new: str) -> None:
    content = path.read_bytes()
    assert old.encode() in content
    path.write_bytes(content.replace(old.encode(), new.encode(), 1))


class TestBump:
    @pytest.mark.parametrize(
        ("change", "version", "reason"),
        [
            (("description: S", "description: s"), "1.0.1 (patch)", "`description` of the schema"),
            (
                ("properties:\n", "properties:\n  size:\n    type: string\n"),
                "1.1.0 (minor)",
                "optional property `size` was added to the schema",
            ),
            (("[a, b]", "[a, b, c]"), "1.1.0 (minor)", '`/properties/kind` now also allows "c"'),
            (("$id", "required: [kind]\n$id"), "2.0.0 (major)", "`kind`"),
            (("[a, b]", "[a]"), "2.0.0 (major)", "`/properties/kind`"),
        ],
        ids=["documentation", "optional", "enum grows", "required", "enum shrinks"],
    )
    def test_names_the_bump(
        self, thing: Path, run_tool: RunTool, change: tuple[str, str], version: str, reason: str
    ) -> None:
        edit(thing, *change)
        before = thing.read_bytes()
        done = run_tool("bump", "--check")
        assert done.returncode == 1, done.stderr
        assert (
            f"some/thing/current.yaml: needs 1.0.0 -> {version}, policy additive\n" in done.stdout
        )
        assert reason in done.stdout
        assert thing.read_bytes() == before

    def test_writes_it(self, thing: Path, run_tool: RunTool) -> None:
        edit(thing, "[a, b]", "[a, b, c]")
        before = thing.read_text()
        done = run_tool("bump")
        assert (done.returncode, done.stderr) == (0, "")
        assert "bumped 1.0.0 -> 1.1.0 (minor), policy additive" in done.stdout
        assert thing.read_text() == before.replace("/some/thing/1.0.0", "/some/thing/1.1.0")
        again = run_tool("bump", "some/thing")
        assert (
            "1.1.0 is enough for what changed since 1.0.0 (minor, policy additive)" in again.stdout
        )
        assert run_tool("bump").stdout == "nothing to bump\n"
        assert run_tool("bump", "--check").returncode == 0

    def test_major_is_refused_unless_asked_for(self, thing: Path, run_tool: RunTool) -> None:
        edit(thing, "type: string", "type: integer")
        before = thing.read_text()
        refused = run_tool("bump")
        assert refused.returncode == 1
        assert (
            "some/thing/current.yaml:7:5: error[bump-refused]: what changed since 1.0.0 needs a "
            "major version: " in refused.stderr
        )
        assert "bump --major some/thing/current.yaml" in refused.stderr
        assert thing.read_text() == before
        assert run_tool("bump", "--major").returncode == 0
        assert "$id: /some/thing/2.0.0\n" in thing.read_text()

    @pytest.mark.parametrize(
        ("option", "version"), [("--patch", None), ("--minor", "1.1.0"), ("--major", "2.0.0")]
    )
    def test_the_author_decides(
        self, thing: Path, run_tool: RunTool, option: str, version: str | None
    ) -> None:
        edit(thing, "[a, b]", "[a, b, c]")
        done = run_tool("bump", option, "some/thing/current.yaml")
        if version is None:
            assert done.returncode == 1
            assert "--patch was asked for, but what changed since 1.0.0 needs a" in done.stderr
        else:
            assert f"$id: /some/thing/{version}\n" in thing.read_text()
            assert run_tool("bump", option, "some/thing").stdout.count("nothing to bump") == 1

    @pytest.mark.parametrize(
        ("declared", "status", "message"),
        [
            ("1.0.1", 0, "bumped 1.0.1 -> 1.1.0"),
            ("1.1.0-beta.1", 0, "1.1.0-beta.1 is enough"),
            ("2.0.0", 0, "2.0.0 is enough"),
            ("0.9.0", 0, "bumped 0.9.0 -> 1.1.0"),
        ],
    )
    def test_version_in_the_file_counts(
        self, thing: Path, run_tool: RunTool, declared: str, status: int, message: str
    ) -> None:
        edit(thing, "[a, b]", "[a, b, c]")
        edit(thing, "$id: /some/thing/1.0.0", f"$id: /some/thing/{declared}")
        done = run_tool("bump", "some/thing")
        assert (done.returncode, message in done.stdout) == (status, True), done

    def test_says_when_a_version_is_greater_and_not_enough(
        self, thing: Path, run_tool: RunTool
    ) -> None:
        edit(thing, "type: string", "type: integer")
        edit(thing, "$id: /some/thing/1.0.0", "$id: /some/thing/1.1.0")
        done = run_tool("bump")
        assert done.returncode == 1
        assert "needs a major version (1.1.0 in the file is not one)" in done.stderr

    def test_behind_the_latest(self, thing: Path, run_tool: RunTool) -> None:
        edit(thing, "$id: /some/thing/1.0.0", "$id: /some/thing/0.1.0")
        assert "bumped 0.1.0 -> 1.0.0" in run_tool("bump").stdout

    def test_without_a_version_there_is_nothing_to_do(
        self, tmp_path: Path, run_tool: RunTool
    ) -> None:
        write(tmp_path, "a/current.yaml", "title: a\n$id: /a/1.0.0\n")
        done = run_tool("bump", "a")
        assert (done.returncode, done.stderr) == (0, "")
        assert "no version of it was materialized yet" in done.stdout

    def test_what_is_named_is_bumped_though_unchanged_but_not_a_folder_of_schemas(
        self, thing: Path, run_tool: RunTool
    ) -> None:
        write(thing.parent.parent, "other/current.yaml", THING.replace("some/thing", "some/other"))
        assert run_tool("materialize-all").returncode == 0
        assert run_tool("bump", "--minor", "some").stdout == "nothing to bump\n"
        assert "1.0.0 -> 1.1.0" in run_tool("bump", "--minor", "some/thing").stdout

    def test_a_broken_file_does_not_stop_the_others(self, thing: Path, run_tool: RunTool) -> None:
        write(thing.parent.parent, "broken/current.yaml", "a: [")
        edit(thing, "[a, b]", "[a, b, c]")
        done = run_tool("bump")
        assert done.returncode == 1
        assert "some/broken/current.yaml:2:1: error[parse-error]" in done.stderr
        assert "bumped 1.0.0 -> 1.1.0" in done.stdout

    @pytest.mark.parametrize(
        ("name", "message"),
        [
            ("nothing/such", "schema nothing/such not found"),
            ("some/thin", "did you mean some/thing?"),
            ("some/thing/1.0.0.yaml", "some/thing/1.0.0.yaml is not a current file"),
        ],
    )
    def test_names_that_mean_nothing(
        self, thing: Path, run_tool: RunTool, name: str, message: str
    ) -> None:
        done = run_tool("bump", name)
        assert (done.returncode, message in done.stderr) == (2, True), done.stderr

    def test_examples_are_reported_and_moved_when_asked(
        self, thing: Path, run_tool: RunTool
    ) -> None:
        edit(thing, "type: object", "type: object\nexamples:\n  - $schema: /some/thing/1.0.0")
        before = thing.read_text()
        done = run_tool("bump", "--major", "some/thing")
        assert "some/thing/current.yaml:6:5: `$schema` of an example still names 1.0.0" in (
            done.stderr
        )
        assert thing.read_text() == before.replace(
            "$id: /some/thing/1.0.0", "$id: /some/thing/2.0.0"
        )
        thing.write_text(before)
        assert run_tool("bump", "--major", "--examples", "some/thing").stderr == ""
        assert thing.read_text().count("/some/thing/2.0.0") == 2

    def test_generated_examples_are_no_change(self, tmp_path: Path, run_tool: RunTool) -> None:
        write(tmp_path, ".jsonschema-tools.yaml", "shouldGenerateExample: true\n")
        path = write(tmp_path, "some/thing/current.yaml", THING)
        assert run_tool("materialize-all").returncode == 0
        edit(path, "$id: /some/thing/1.0.0", "$id: /some/thing/1.1.0")
        assert "it is the same as 1.0.0" in run_tool("bump", "some/thing").stdout

    def test_a_fragment_counts_as_published_or_as_it_would_be(
        self, thing: Path, run_tool: RunTool
    ) -> None:
        fragment = write(
            thing.parents[2],
            "fragment/a/current.yaml",
            "title: fragment/a\n$id: /fragment/a/1.0.0\nproperties:\n  a:\n    type: string\n",
        )
        edit(thing, "$id", "allOf:\n  - $ref: /fragment/a/1.0.0#\n$id")
        done = run_tool("bump", "--check")  # the fragment is not materialized yet
        assert (
            "needs 1.0.0 -> 1.1.0 (minor), policy additive\n  optional property `a`" in done.stdout
        )
        assert run_tool("bump").returncode == 0
        assert run_tool("materialize-all").returncode == 0
        edit(fragment, "  a:\n", "  b:\n    type: string\n  a:\n")
        done = run_tool("bump", "--check")
        assert (
            "fragment/a/current.yaml: needs 1.0.0 -> 1.1.0 (minor), policy additive" in done.stdout
        )
        assert "some/thing" not in done.stdout  # it pins 1.0.0, which has not changed

    def test_tells_that_the_latest_version_may_be_replaced(
        self, git_repository: GitRepository, run_tool: RunTool
    ) -> None:
        root = git_repository.root
        path = git_repository.write("some/thing/current.yaml", THING)
        assert run_tool("materialize-all", cwd=root).returncode == 0
        git_repository.commit()
        edit(path, "[a, b]", "[a, b, c]")
        assert run_tool("bump", cwd=root).stderr == ""
        assert run_tool("build-modified", cwd=root).returncode == 0
        edit(path, "[a, b, c]", "[a, b, c, d]")
        done = run_tool("bump", "--check", cwd=root)
        assert "needs 1.1.0 -> 1.2.0" in done.stdout
        assert "some/thing 1.1.0 is not committed yet; to replace it instead" in done.stderr

    def test_a_committed_version_counts_as_it_was_committed(
        self, git_repository: GitRepository, run_tool: RunTool
    ) -> None:
        root = git_repository.root
        path = git_repository.write("some/thing/current.yaml", THING)
        assert run_tool("materialize-all", cwd=root).returncode == 0
        git_repository.commit()
        edit(path, "[a, b]", "[a, b, c]")
        assert run_tool("build-modified", cwd=root).returncode == 0  # overwrites 1.0.0
        done = run_tool("bump", cwd=root)
        assert "bumped 1.0.0 -> 1.1.0 (minor), policy additive" in done.stdout
        assert (
            "warning: some/thing 1.0.0 is not as it was committed; `git checkout HEAD -- "
            "some/thing/1.0.0.json some/thing/1.0.0.yaml` puts that back" in done.stderr
        )

    @pytest.mark.parametrize("field", ["info.version", "info.0.version"])
    def test_other_version_field(self, tmp_path: Path, run_tool: RunTool, field: str) -> None:
        write(tmp_path, ".jsonschema-tools.yaml", f"schemaVersionField: {field}\n")
        item = "- " if "0" in field else "  "
        text = THING.replace("$id: /some/thing/1.0.0", f"info:\n{item}version: 1.0.0 # ours")
        path = write(tmp_path, "some/thing/current.yaml", text)
        assert run_tool("materialize-all").returncode == 0
        edit(path, "[a, b]", "[a, b, c]")
        assert "bumped 1.0.0 -> 1.1.0" in run_tool("bump").stdout
        assert f"{item}version: 1.1.0 # ours\n" in path.read_text()


TEXTS = {
    "comments": "# 1.0.0\n$id: /a/1.0.0 # not /a/1.0.0\ntitle: 1.0.0\n",
    "single quotes": "title: 'a'\n'$id':   '/a/1.0.0'\n",
    "double quotes": 'title: "\\x61"\n"$id" : "/a/1.0.0"\n',
    "escapes": '"$id": "\\/a\\u002f1.0.0"\n',
    "windows": "title: a\r\n\r\n$id: /a/1.0.0\r\nx: |\r\n  1.0.0\r\n",
    "byte order mark": "\ufeff$id: /a/1.0.0\n",
    "no final newline": "$id: /a/1.0.0",
    "flow": "{title: 1.0.0, x: [/a/1.0.0], $id: /a/1.0.0, y: 1.0.0}",
    "minified json": '{"x":"/a/1.0.0","$id":"/a/1.0.0","y":{"$id":"/a/1.0.0"}}',
    "nested $id before": "x:\n  $id: /a/1.0.0\n$id: /a/1.0.0\n",
    "block scalar": "$id: >-\n  /a/1.0.0\n",
    "next line": "$id:\n    /a/1.0.0\n",
    "explicit key": "? $id\n: /a/1.0.0\n",
    "anchor": "$id: &id /a/1.0.0\nexamples:\n  - $schema: *id\n",
    "alias": "x: &id /a/1.0.0\n$id: *id\n",
    "merge key": "x: &x\n  $id: /a/1.0.0\n<<: *x\n",
    "strange characters": "title: \U0001f600 \x85 \u2028 é\n$id: /a/1.0.0\n",
    "hash": "$id: /a/1.0.0#\n",
}


class TestEdits:
    @pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
    def test_every_other_byte_stays(self, text: str) -> None:
        document = parse_document(text, "a")
        edited = replace_parts(document, [Replacement("/$id", "1.0.0", "10.0.0-beta.1")])
        assert get_field(edited.data, "$id") in {"/a/10.0.0-beta.1", "/a/10.0.0-beta.1#"}
        assert one_edit(document.text, edited.text, "1.0.0", "10.0.0-beta.1")
        assert parse(edited.text) == edited.data

    @pytest.mark.parametrize(
        "text", ['"$id": "/a/1\\x2e0.0"\n', "$id: 'a\n\n  1.0.0'\n".replace("\n\n", "\n")]
    )
    def test_what_is_not_written_as_it_reads(self, text: str) -> None:
        document = parse_document(text, "a")
        part = "1.0.0" if "x2e" in text else "a 1.0.0"
        with pytest.raises(SchemaError, match="cannot find") as caught:
            replace_parts(document, [Replacement("/$id", part, "2.0.0")])
        assert caught.value.at is not None
        assert caught.value.at.line == 1

    @given(
        st.recursive(
            st.sampled_from(["1.0.0", "/a/1.0.0", "x", "1.0", 1, None, "it's 1.0.0: \n \n# 1.0.0"]),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(st.sampled_from(["1.0.0", "$id", "a", "b"]), inner, max_size=4)
            ),
            max_leaves=12,
        ),
        st.sampled_from([None, '"', "'"]),
        st.booleans(),
    )
    def test_only_the_value_changes(self, data: Any, style: str | None, flow: bool) -> None:
        text = yaml.safe_dump(data, default_style=style, default_flow_style=flow, sort_keys=False)
        document = parse_document(text, "a")
        for pointer, value in texts(document.data):
            if "1.0.0" in value:
                edited = replace_parts(document, [Replacement(pointer, "1.0.0", "2.0.0")])
                wanted = "2.0.0".join(value.rsplit("1.0.0", 1))
                assert with_value(document.data, pointer, wanted) == edited.data
                assert one_edit(document.text, edited.text, "1.0.0", "2.0.0")
        found = [(pointer, value) for pointer, value in texts(document.data) if "1.0.0" in value]
        edited = replace_parts(document, [Replacement(at, "1.0.0", "2.0.0") for at, _ in found])
        after = document.data
        for pointer, value in found:
            after = with_value(after, pointer, "2.0.0".join(value.rsplit("1.0.0", 1)))
        assert edited.data == after


def texts(data: Any, tokens: tuple[str | int, ...] = ()) -> list[tuple[str, str]]:
    if isinstance(data, str):
        return [(join(tokens), data)]
    if not isinstance(data, (dict, list)):
        return []
    items: Any = data.items() if isinstance(data, dict) else enumerate(data)
    return [found for key, value in items for found in texts(value, (*tokens, key))]


def with_value(data: Any, pointer: str, value: str) -> Any:
    copy = json.loads(json.dumps(data))
    parent, _, last = pointer.rpartition("/")
    if not pointer:
        return value
    holder: Any = follow(copy, parent)
    holder[int(last) if isinstance(holder, list) else last] = value
    return copy


def one_edit(old: str, new: str, part: str, by: str) -> bool:
    places = [i for i in range(len(old)) if old.startswith(part, i)]
    return any(old[:i] + by + old[i + len(part) :] == new for i in places)


@pytest.mark.parametrize(
    ("current_name", "content"),
    [
        ("current.yaml", "\ufeff" + TEXTS["windows"] + "type: object\r\n"),
        ("current.json", '{"title" : "a",\t"$id":"/a/1.0.0", "type": "object" }'),
    ],
)
def test_bump_keeps_the_bytes_of_a_file(
    tmp_path: Path, run_tool: RunTool, current_name: str, content: str
) -> None:
    write(tmp_path, ".jsonschema-tools.yaml", f"currentName: {current_name}\n")
    real = write(tmp_path, "elsewhere", content)
    real.chmod(0o640)
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / current_name).symlink_to("../elsewhere")
    assert run_tool("materialize-all").returncode == 0
    assert run_tool("bump", "--minor", "a").returncode == 0
    assert real.read_bytes() == content.replace("/a/1.0.0", "/a/1.1.0").encode()
    assert real.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "a" / current_name).is_symlink()


@pytest.mark.parametrize(
    ("version", "part", "expected"),
    [
        ("1.2.3", "patch", "1.2.4"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "major", "2.0.0"),
        ("0.2.3", "major", "1.0.0"),
        ("2.0.0-beta.1", "patch", "2.0.0"),
        ("2.0.0-beta.1", "minor", "2.0.0"),
        ("2.0.0-beta.1", "major", "3.0.0"),
        ("1.2.3+build", "patch", "1.2.4"),
    ],
)
def test_next_version(version: str, part: Bump, expected: str) -> None:
    parsed = versions.parse(version)
    assert parsed is not None
    assert str(next_version(parsed, part)) == expected


class TestNew:
    @pytest.fixture(autouse=True)
    def _repository(self, tmp_path: Path) -> None:
        config = "schemaBasePath: [./jsonschema/, ./fragments/]\n"
        write(tmp_path, ".jsonschema-tools.yaml", config)
        (tmp_path / "fragments").mkdir()

    def common(self, root: Path, *names: str) -> None:
        for name in names:
            write(root, f"fragments/fragment/common/{name}.yaml", "title: fragment/common\n")

    def test_begins_with_the_latest_common_fragment(
        self, tmp_path: Path, run_tool: RunTool
    ) -> None:
        self.common(tmp_path, "1.0.0", "10.0.0", "9.0.0", "11.0.0-beta.1")
        done = run_tool("new", "shop/order_placed", "-d", "An order: placed.")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == f"wrote jsonschema/shop/order_placed/current.yaml\n{FOR_EDITORS}"
        assert parse((tmp_path / "jsonschema/shop/order_placed/current.yaml").read_text()) == {
            "title": "shop/order_placed",
            "description": "An order: placed.",
            "$id": "/shop/order_placed/1.0.0",
            "$schema": "https://json-schema.org/draft-07/schema#",
            "type": "object",
            "allOf": [{"$ref": "/fragment/common/10.0.0#"}],
            "properties": {},
        }

    def test_says_that_there_is_no_common_fragment(self, tmp_path: Path, run_tool: RunTool) -> None:
        done = run_tool("new", "a")
        assert done.returncode == 0
        assert "warning: no common fragment was found" in done.stderr
        assert (
            get_field(parse((tmp_path / "jsonschema/a/current.yaml").read_text()), "allOf") is None
        )

    def test_common_fragment_of_another_repository(self, tmp_path: Path, run_tool: RunTool) -> None:
        text = "title: fragment/common\n$id: /fragment/common/3.1.0\n"
        write(tmp_path, "other/fragment/common/3.1.0.yaml", text)
        write(tmp_path, "other/fragment/common/latest", text)
        config = "schemaBasePath: ./jsonschema/\nschemaBaseUris: [./jsonschema/, ./other/]\n"
        write(tmp_path, ".jsonschema-tools.yaml", config)
        assert run_tool("new", "a").stderr == ""
        assert (
            "- $ref: /fragment/common/3.1.0#\n"
            in (tmp_path / "jsonschema/a/current.yaml").read_text()
        )

    def test_a_fragment_goes_to_the_fragments_and_has_none(
        self, tmp_path: Path, run_tool: RunTool
    ) -> None:
        self.common(tmp_path, "1.0.0")
        done = run_tool("new", "fragment/user")
        assert done.stdout == f"wrote fragments/fragment/user/current.yaml\n{FOR_EDITORS}"
        assert done.stderr == ""
        text = (tmp_path / "fragments/fragment/user/current.yaml").read_text()
        assert get_field(parse(text), "allOf") is None

    def test_options(self, tmp_path: Path, run_tool: RunTool) -> None:
        self.common(tmp_path, "1.0.0", "2.0.0")
        assert run_tool("new", "a", "--base-path", "fragments").stdout.startswith(
            "wrote fragments/a/"
        )
        assert "a/ is not a base path" in run_tool("new", "b", "--base-path", "a/").stderr
        run_tool("new", "c", "--fragment", "fragment/common/1.0.0")
        assert "/fragment/common/1.0.0#" in (tmp_path / "jsonschema/c/current.yaml").read_text()
        wrong = run_tool("new", "d", "--fragment", "fragment/common/3.0.0")
        assert (wrong.returncode, "no version of the fragment" in wrong.stderr) == (2, True)
        run_tool("new", "e", "--fragment", "")
        assert "allOf" not in (tmp_path / "jsonschema/e/current.yaml").read_text()

    @pytest.mark.parametrize(
        ("title", "hint"),
        [
            ("../escaped", "did you mean escaped?"),
            ("/etc/passwd", "did you mean etc/passwd?"),
            ("a//b", "did you mean a/b?"),
            ("shop/OrderPlaced", "did you mean shop/order_placed?"),
            ("shop/order-placed", "did you mean shop/order_placed?"),
            ("a\x1b[31m", "error[bad-title]"),
            ("a\nb", "error[bad-title]"),
            ("", "error[bad-title]"),
            ("1.0.0", "error[bad-title]"),
            ("größe", "error[bad-title]"),
            ("a/latest", "'latest' in the title"),
            ("node_modules/a", "'node_modules' in the title"),
            ("a" * 300, "more than 100 characters"),
        ],
    )
    def test_titles_that_are_none(
        self, tmp_path: Path, run_tool: RunTool, title: str, hint: str
    ) -> None:
        done = run_tool("new", "--", title)
        assert done.returncode == 2
        assert hint in done.stderr
        assert "\x1b" not in done.stderr
        assert not list(tmp_path.rglob("current.yaml"))

    @pytest.mark.parametrize("there", ["jsonschema/a/current.yaml", "fragments/a/1.0.0.yaml"])
    def test_refuses_what_exists(self, tmp_path: Path, run_tool: RunTool, there: str) -> None:
        write(tmp_path, there, "title: a\n")
        done = run_tool("new", "a")
        assert done.returncode == 2
        assert f"a is already there, in {there.rpartition('/')[0]}" in done.stderr
        assert len(list(tmp_path.rglob("*/a/*"))) == 1

    def test_json(self, tmp_path: Path, run_tool: RunTool) -> None:
        write(tmp_path, ".jsonschema-tools.yaml", "contentTypes: [json]\n")
        assert run_tool("new", "a").stdout == "wrote a/current.json\n"
        assert json.loads((tmp_path / "a/current.json").read_text())["$id"] == "/a/1.0.0"


def files(root: Path) -> set[str]:
    return {str(p.relative_to(root)) for p in root.rglob("*") if p.is_symlink() or p.is_file()}


class TestInit:
    @pytest.mark.parametrize(
        ("ci", "file"),
        [
            ("github", {".github/workflows/schemas.yaml", ".github/workflows/site.yaml"}),
            ("gitlab", {".gitlab-ci.yml"}),
            ("none", set()),
        ],
    )
    def test_is_sound_at_once(
        self, tmp_path: Path, run_tool: RunTool, ci: str, file: set[str]
    ) -> None:
        done = run_tool("init", "new/place", "--ci", ci)
        assert done.returncode == 0, done.stderr
        root = tmp_path / "new/place"
        names = {"current.yaml", "1.0.0", "1.0.0.yaml", "1.0.0.json"}
        names |= {"latest", "latest.yaml", "latest.json"}
        folders = ("fragment/common", "my_namespace/thing_happened")
        schemas = {f"jsonschema/{folder}/{name}" for folder in folders for name in names}
        settings = {".jsonschema-tools.yaml", ".gitignore", ".pre-commit-config.yaml"}
        suite = {"requirements.txt", "streams.yaml", "tests/test_schema_repository.py"}
        editors = {f".jsonschema-tools/{kind}.schema.json" for kind in KINDS}
        assert files(root) == schemas | settings | suite | editors | file
        assert run_tool("check", cwd=root).returncode == 0
        assert run_tool("materialize-all", cwd=root).stdout == ""
        assert run_tool("bump", cwd=root).stdout == "nothing to bump\n"
        assert run_tool("generate-tests", "--check", cwd=root).returncode == 0
        for name in (*settings - {".gitignore"}, *file):
            yaml.safe_load((root / name).read_text())

    @pytest.mark.parametrize("there", [".gitignore", "jsonschema", "jsonschema/fragment/common"])
    def test_refuses_to_overwrite(self, tmp_path: Path, run_tool: RunTool, there: str) -> None:
        write(tmp_path, there, "mine\n")
        done = run_tool("init")
        assert done.returncode == 2
        assert f"nothing is overwritten, and there is already {there}\n" in done.stderr
        assert files(tmp_path) == {there}

    def test_lists_all_that_is_in_the_way(self, tmp_path: Path, run_tool: RunTool) -> None:
        (tmp_path / ".gitignore").symlink_to("nowhere")
        write(tmp_path, "requirements.txt", "")
        assert "already .gitignore, requirements.txt\n" in run_tool("init").stderr

    def test_keeps_what_is_there(self, tmp_path: Path, run_tool: RunTool) -> None:
        write(tmp_path, ".gitignore", "mine\n")
        assert run_tool("init", "--keep").returncode == 0
        assert (tmp_path / ".gitignore").read_text() == "mine\n"
        assert run_tool("check").returncode == 0
        before = files(tmp_path)
        assert run_tool("init", "--keep").returncode == 0
        assert files(tmp_path) == before

    def test_adds_no_schemas_to_a_repository(self, tmp_path: Path, run_tool: RunTool) -> None:
        write(tmp_path, ".jsonschema-tools.yaml", "schemaBasePath: ./schemas/\n")
        assert run_tool("init", "--keep").returncode == 0
        assert not (tmp_path / "jsonschema").exists()
        assert (tmp_path / ".pre-commit-config.yaml").exists()

    def test_hooks_are_those_that_we_offer(self, tmp_path: Path, run_tool: RunTool) -> None:
        assert run_tool("init").returncode == 0
        ours = yaml.safe_load((Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text())
        config = yaml.safe_load((tmp_path / ".pre-commit-config.yaml").read_text())
        written = config["repos"][0]["hooks"]
        same = ("id", "name", "entry", "files", "types", "pass_filenames", "require_serial")
        assert [{key: hook.get(key) for key in same} for hook in written] == [
            {key: hook.get(key) for key in same} for hook in ours
        ]


def test_a_reader_that_goes_away_does_not_end_the_bumping(tmp_path: Path) -> None:
    for number in range(20):
        folder = tmp_path / f"s{number}"
        folder.mkdir()
        head = f"title: s{number}\n$id: /s{number}/1.0.0\ntype: object\n"
        (folder / "1.0.0.yaml").write_text(head)
        (folder / "current.yaml").write_text(f"{head}properties: {{a: {{type: string}}}}\n")
    tool = f"{sys.executable} -m jsonschema_tools"
    command = f"{tool} bump | head -n 1; {tool} bump --check"
    done = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in done.stderr
    versions = [path.read_text().split("\n")[1] for path in tmp_path.glob("*/current.yaml")]
    assert all(line.endswith("/1.1.0") for line in versions)
