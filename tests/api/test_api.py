"""The functions of the public API say what the commands say, and cost nothing until used."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import jsonschema_tools as tools

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import RunTool

ROOT = Path(__file__).parents[2]
SHIPPED = "jsonschema/shop/order_shipped/current.yaml"


@pytest.fixture
def config(tmp_path: Path) -> tools.Config:
    """A copy of this project's own schemas; versions are bumped against the disk, without git."""
    for name in ("jsonschema", "fragments"):
        shutil.copytree(ROOT / name, tmp_path / name, symlinks=True)
    shutil.copy(ROOT / ".jsonschema-tools.yaml", tmp_path)
    return tools.load_config(tmp_path)


def edit(config: tools.Config, old: str, new: str, name: str = SHIPPED) -> Path:
    path = config.root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def optional_field(config: tools.Config) -> Path:
    return edit(config, "properties:\n", "properties:\n  is_heavy: {type: boolean}\n")


def test_check(config: tools.Config, run_tool: RunTool) -> None:
    edit(config, "carrier:", "Carrier:")
    report = tools.check(config)
    said = json.loads(run_tool("check", "--format", "json", "--no-cache").stdout)
    assert json.loads(tools.format_report(report, "json")) == said
    assert report.count("failed") == said["summary"]["failed"] > 0
    finding = report.failed[0].findings[0]
    assert isinstance(finding, tools.Finding)
    assert finding.at.path == SHIPPED


def test_check_a_part(config: tools.Config) -> None:
    whole = tools.check(config)
    part = tools.check(config, ["jsonschema/shop"], suites=["robustness"], jobs=2)
    assert 0 < len(part.results) < len(whole.results)
    assert {result.suite for result in part.results} == {"robustness"}
    assert {result.subject.title for result in part.results} == {
        *("shop/order_placed", "shop/order_shipped"),
    }
    with pytest.raises(tools.SchemaToolsError, match="schema-is-secur"):
        tools.check(config, select=["schema-is-secur"])
    with pytest.raises(tools.SchemaToolsError, match="report format"):
        tools.format_report(part, "jsn")


def test_compare() -> None:
    old = {"type": "object", "properties": {"a": {"type": "string"}}}
    wider = {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}}
    assert tools.compare(old, old) == tools.Comparison((), None)
    assert tools.compare(old, wider).bump == "minor"
    assert tools.compare(old, wider).is_compatible
    narrower = tools.compare(wider, old)
    assert narrower.bump == "major"
    assert not narrower.is_compatible
    assert isinstance(narrower.changes[0], tools.Change)


def test_diff(config: tools.Config, run_tool: RunTool) -> None:
    versions = "/my_namespace/thing_happened/1.0.0", "/my_namespace/thing_happened/1.1.0"
    found = tools.diff(config, *versions)
    [said] = json.loads(run_tool("diff", *versions, "--format", "json").stdout)["diffs"]
    assert found.bump == said["required_bump"] == "minor"
    assert [change.message for change in found.changes] == [
        change["message"] for change in said["changes"]
    ]


def test_bump(config: tools.Config, run_tool: RunTool) -> None:
    path = optional_field(config)
    said = run_tool("bump", "--check").stdout
    assert said.startswith(f"{SHIPPED}: needs 1.0.0 -> 1.1.0 (minor), policy additive\n")
    before = path.read_bytes()
    [tried] = [one for one in tools.bump(config, dry_run=True) if one.new is not None]
    assert path.read_bytes() == before
    [done] = tools.bump(config, ["shop/order_shipped"])
    assert tried == done
    assert (done.path, str(done.old), str(done.new), done.needed) == (
        path,
        "1.0.0",
        "1.1.0",
        "minor",
    )
    assert done.document is not None
    assert path.read_text(encoding="utf-8") == done.document.text
    assert "$id: /shop/order_shipped/1.1.0\n" in done.document.text
    assert all(reason in said for reason in done.reasons)


def test_bump_refuses_a_major_version_that_was_not_asked_for(config: tools.Config) -> None:
    path = edit(config, "- order_id\n", "- order_id\n  - carrier\n")
    before = path.read_bytes()
    [refused] = tools.bump(config, ["shop/order_shipped"])
    assert refused.error is not None
    assert refused.error.code == "bump-refused"
    assert path.read_bytes() == before
    [done] = tools.bump(config, ["shop/order_shipped"], part="major")
    assert str(done.new) == "2.0.0"


def test_graph(config: tools.Config, run_tool: RunTool) -> None:
    found = tools.graph(config)
    touched = found.dependents("fragment/http")
    said = json.loads(run_tool("graph", "--of", "fragment/http", "--format", "json").stdout)
    assert [one.use.user.title for one in touched] == ["web/page_viewed"]
    assert "web/page_viewed" in json.dumps(said)
    assert found.errors == ()
    (config.root / SHIPPED).write_text("a: [")
    assert len(tools.graph(config).errors) == 1


def test_outdated(config: tools.Config, run_tool: RunTool) -> None:
    found = tools.outdated(config)
    said = json.loads(run_tool("outdated", "--format", "json").stdout)["outdated"]
    assert [(str(pin.pinned), str(pin.latest), pin.use.at.line) for pin in found.outdated] == [
        (pin["pinned"], pin["latest"], pin["line"]) for pin in said
    ]
    assert len(said) == 1
    assert tools.outdated(config, ["web"]).outdated == ()


def test_materialize(config: tools.Config, run_tool: RunTool) -> None:
    optional_field(config)
    tools.bump(config)
    tried = tools.materialize(config, [SHIPPED], dry_run=True)
    assert run_tool("check").returncode == 1
    done = tools.materialize(config, [SHIPPED])
    assert [one.changed for one in tried] == [one.changed for one in done]
    assert "1.1.0.yaml" in {output.path.name for output in done[0].changed}
    assert run_tool("check").returncode == 0
    assert run_tool("materialize-all").stdout == ""
    assert all(one.changed == () and one.error is None for one in tools.materialize(config))


def test_materialize_keeps_failures_apart(config: tools.Config) -> None:
    edit(config, "/fragment/common/2.0.0#", "/fragment/none/1.0.0#")
    done = {one.source.document.path: one for one in tools.materialize(config)}
    assert len(done) == 6
    assert [path for path, one in done.items() if one.error is not None] == [SHIPPED]


def test_dereference(config: tools.Config, run_tool: RunTool) -> None:
    said = run_tool("dereference", SHIPPED).stdout
    assert tools.serialize(tools.dereference(config, SHIPPED)) == said
    with pytest.raises(tools.SchemaToolsError, match="no such file"):
        tools.dereference(config, "nothing.yaml")


EVENT = {
    "$schema": "/shop/order_shipped/1.0.0",
    "dt": "2026-01-31T12:00:00Z",
    "meta": {"stream": "shop.order_shipped"},
    "order_id": "AB-000042",
}


def test_validate(config: tools.Config) -> None:
    events = [EVENT, {**EVENT, "order_id": 3}, {**EVENT, "$schema": "/none/1.0.0"}, 3]
    verdicts = list(tools.validate(config, events))
    assert [verdict.status for verdict in verdicts] == ["valid", "invalid", "error", "error"]
    assert verdicts[1].problems[0].pointer == "/order_id"
    [current] = tools.validate(config, [{}], schema="shop/order_shipped/current")
    assert current.status == "invalid"
    lost = {**EVENT, "meta": {"stream": "shop.nowhere"}}
    [allowed] = tools.validate(config, [lost])
    [refused] = tools.validate(config, [lost], streams=True)
    assert (allowed.status, refused.status) == ("valid", "error")
    with pytest.raises(tools.SchemaToolsError):
        tools.validate(config, [], schema="shop/nothing")


def test_validate_a_file(config: tools.Config, run_tool: RunTool) -> None:
    path = config.root / "events.jsonl"
    path.write_text(f"{json.dumps(EVENT)}\n\n{{\n{json.dumps({**EVENT, 'order_id': 3})}\n")
    found = [(number, verdict.status) for number, verdict in tools.validate_file(config, path)]
    assert found == [(1, "valid"), (3, "error"), (4, "invalid")]
    assert run_tool("validate", "events.jsonl").returncode == 1
    path.write_text(f"[{json.dumps(EVENT)}]")
    assert [verdict.status for _, verdict in tools.validate_file(config, path)] == ["valid"]


def test_results_cannot_be_changed(config: tools.Config) -> None:
    for result in (
        tools.graph(config),
        tools.outdated(config),
        tools.check(config, select=["schema-is-secure"]),
        tools.compare({}, {}),
        *tools.bump(config),
        *tools.validate(config, [EVENT]),
    ):
        assert is_dataclass(result)
        name = fields(result)[0].name
        with pytest.raises(FrozenInstanceError):
            setattr(result, name, getattr(result, name))


def test_importing_loads_nothing() -> None:
    script = (
        "import sys; before = set(sys.modules); import jsonschema_tools as tools;"
        "print(sorted(n for n in set(sys.modules) - before if 'jsonschema_tools' in n));"
        "print(sorted(set(tools.__all__) - set(dir(tools))))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded, unknown = done.stdout.splitlines()
    assert eval(loaded) == ["jsonschema_tools", "jsonschema_tools._version"]  # noqa: S307
    assert unknown == "[]"


@pytest.mark.parametrize("name", ["a" * 5_000, "é" * 200, "a/" * 3_000, "a\0b", "\0", "\ud800"])
def test_what_cannot_be_the_name_of_a_file(name: str, tmp_path: Path) -> None:
    config = tools.load_config(tmp_path)
    calls: list[Callable[[], object]] = [
        lambda: tools.load_config(tmp_path / name),
        lambda: tools.load_config(tmp_path, config_paths=[name]),
        lambda: tools.diff(config, name, name),
        lambda: tools.bump(config, [name]),
        lambda: tools.outdated(config, [name]),
        lambda: tools.check(config, [name]),
        lambda: list(tools.materialize(config, [name])),
        lambda: tools.dereference(config, name),
        lambda: list(tools.validate_file(config, Path(name))),
    ]
    for number, call in enumerate(calls):
        with pytest.raises(tools.SchemaToolsError):
            raise AssertionError(f"{number} returned {call()}")


def test_values_that_are_nested_too_deeply_or_hold_themselves() -> None:
    deep: object = 1
    for _ in range(5_000):
        deep = [deep]
    circle: dict[str, object] = {}
    circle["a"] = circle
    for value in ({"const": deep}, circle):
        for content_type in ("yaml", "json"):
            if value is circle and content_type == "yaml":
                continue  # which has anchors for that
            with pytest.raises(tools.SchemaToolsError, match="nested more than 200"):
                tools.serialize(value, content_type)  # type: ignore[arg-type] # str of a loop
    values: list[dict[str, object]] = [{"const": deep}, circle, {"maximum": 10**5_000}]
    for value in values:
        with pytest.raises(
            tools.SchemaToolsError, match=r"cannot be compared|nested more than 200"
        ):
            tools.compare({"properties": {"a": value}}, {"properties": {"a": {"const": value}}})
