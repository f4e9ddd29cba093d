"""Help in editors: the schemas that the repository has for them, and a real language server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import yaml

from jsonschema_tools.authoring.editor import KINDS, editor_schema
from jsonschema_tools.config import load_config
from support.language_server import LanguageServer, installed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import RunTool

ROOT = Path(__file__).parent.parent
OWN = """\
settings:
  my_team: {description: Who answers for it., type: string}
streams:
  a.b: {schema_title: a/b, my_team: data}
"""


@pytest.fixture(scope="module")
def program() -> Path:
    return installed()


@pytest.fixture
def repository(tmp_path: Path, run_tool: RunTool) -> Path:
    """A new schema repository."""
    assert run_tool("init", "--ci", "none").returncode == 0
    return tmp_path


@pytest.fixture
def server(program: Path, repository: Path) -> Iterator[LanguageServer]:
    with LanguageServer(program, repository) as server:
        yield server


def first_line(path: Path) -> str:
    return path.read_text(encoding="utf-8").partition("\n")[0]


class TestLanguageServer:
    def test_current_file(
        self, repository: Path, server: LanguageServer, run_tool: RunTool
    ) -> None:
        assert run_tool("new", "shop/order_placed").returncode == 0
        path = repository / "jsonschema/shop/order_placed/current.yaml"
        text = path.read_text(encoding="utf-8")
        assert server.diagnostics(path, text) == []
        wrong = repository / "jsonschema/shop/order_sent/current.yaml"
        lines = [first_line(path), "title: shop/order_sent", "$id: /shop/order_sent/1.0.0"]
        lines += ["properties:", "  order_id:", "    type: strng", "    maxL", ""]
        [found] = [
            message for line, message in server.diagnostics(wrong, "\n".join(lines)) if line == 6
        ]
        assert "string" in found
        offered = server.completions(wrong, 7, 9)
        assert offered["maxLength"].startswith("Greatest length of a string")

    def test_configuration(self, repository: Path, server: LanguageServer) -> None:
        path = repository / ".jsonschema-tools.yaml"
        text = path.read_text(encoding="utf-8") + "shouldSymlinkLatest: 3\nshoud\n"
        last = text.count("\n")
        found = dict(server.diagnostics(path, text))
        assert "boolean" in found[last - 1]
        assert "shouldGenerateExample" not in server.completions(path, last, 6)  # it has it
        assert server.completions(path, last, 6)["shouldGitAdd"].startswith("Whether ")

    def test_streams(self, repository: Path, server: LanguageServer) -> None:
        path = repository / "streams.yaml"
        text = path.read_text(encoding="utf-8") + "    canary_events_enabed: true\n"
        [(line, message)] = server.diagnostics(path, text)
        assert line == text.count("\n")
        assert "canary_events_enabed" in message


class TestSchemas:
    @pytest.mark.parametrize("kind", KINDS)
    def test_are_schemas(self, kind: Any, tmp_path: Path) -> None:
        jsonschema_rs.meta.validate(editor_schema(kind, load_config(tmp_path)))

    def test_agree_with_what_init_and_new_write(self, repository: Path, run_tool: RunTool) -> None:
        assert run_tool("new", "a/b").returncode == 0
        written = [repository / ".jsonschema-tools.yaml", repository / "streams.yaml"]
        written += repository.glob("jsonschema/**/current.yaml")
        assert len(written) == 5
        for path in written:
            line = first_line(path)
            assert line.startswith("# yaml-language-server: $schema=")
            schema = (path.parent / line.partition("=")[2]).resolve(strict=True)
            assert schema.parent == repository / ".jsonschema-tools"
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
            jsonschema_rs.validate(json.loads(schema.read_bytes()), content)

    def test_materialized_files_do_not_have_the_line(
        self, repository: Path, run_tool: RunTool
    ) -> None:
        assert run_tool("new", "a/b").returncode == 0
        assert run_tool("materialize-all").returncode == 0
        made = [*repository.glob("jsonschema/**/1.0.0.*")]
        assert len(made) == 6
        assert not [path for path in made if "yaml-language-server" in path.read_text()]

    def test_allow_the_current_files_of_this_repository(self, tmp_path: Path) -> None:
        validator = jsonschema_rs.Draft7Validator(editor_schema("current", load_config(tmp_path)))
        paths = [*(ROOT / "jsonschema").rglob("current.yaml")]
        paths += (ROOT / "fragments").rglob("current.yaml")
        assert len(paths) > 3
        for path in paths:
            validator.validate(yaml.safe_load(path.read_text(encoding="utf-8")))

    def test_the_fields_of_the_configuration_are_required(self, tmp_path: Path) -> None:
        config = load_config(tmp_path, overrides={"schemaVersionField": "info.version"})
        assert editor_schema("current", config)["required"] == ["title", "info"]


class TestWriting:
    def test_again_writes_only_what_changed(self, repository: Path, run_tool: RunTool) -> None:
        assert run_tool("schema", "--write").stdout == ""
        (repository / "streams.yaml").write_text(OWN)
        path = repository / ".jsonschema-tools/config.schema.json"
        path.unlink()
        assert run_tool("schema", "--write").stdout == (
            "wrote .jsonschema-tools/config.schema.json\n"
            "wrote .jsonschema-tools/streams.schema.json\n"
        )
        schema = json.loads((repository / ".jsonschema-tools/streams.schema.json").read_bytes())
        assert jsonschema_rs.is_valid(schema, yaml.safe_load(OWN))
        assert not jsonschema_rs.is_valid(schema, yaml.safe_load(OWN.replace("data", "3")))

    def test_new_writes_only_what_is_missing(self, tmp_path: Path, run_tool: RunTool) -> None:
        written = "wrote a/current.yaml\nwrote .jsonschema-tools/current.schema.json\n"
        assert run_tool("new", "a").stdout == written
        path = tmp_path / ".jsonschema-tools/current.schema.json"
        path.write_text("{}")
        assert run_tool("new", "b").stdout == "wrote b/current.yaml\n"
        assert path.read_text() == "{}"

    def test_no_line_leads_out_of_a_repository(self, tmp_path: Path, run_tool: RunTool) -> None:
        root = tmp_path / "here"
        root.mkdir()
        (tmp_path / "there").mkdir()
        (root / ".jsonschema-tools.yaml").write_text("schemaBasePath: ../there\n")
        assert run_tool("new", "a", cwd=root).returncode == 0
        assert first_line(tmp_path / "there/a/current.yaml") == "title: a"
        assert not (root / ".jsonschema-tools").exists()

    @pytest.mark.parametrize("words", [(), ("config", "--write"), ("nothing",)])
    def test_names_one_or_writes_all(self, run_tool: RunTool, words: tuple[str, ...]) -> None:
        assert run_tool("schema", *words).returncode == 2

    @pytest.mark.parametrize("kind", KINDS)
    def test_prints(self, repository: Path, run_tool: RunTool, kind: str) -> None:
        written = json.loads((repository / f".jsonschema-tools/{kind}.schema.json").read_bytes())
        del written["$comment"]
        assert json.loads(run_tool("schema", kind).stdout) == written
