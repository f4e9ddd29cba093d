"""Tables of schemas that somebody hostile wrote: one statement stays one, and all of it ends."""

from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest
import sqlglot
from sqlglot import exp

from jsonschema_tools.lake.columns import columns
from jsonschema_tools.lake.comments import recomment
from jsonschema_tools.lake.ddl import Table, alter, create
from jsonschema_tools.lake.dialects import DIALECTS
from jsonschema_tools.lake.evolution import changes

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import RunTool

_TEXTS = (
    *(
        "it's",
        "''",
        "'''",
        "a\\",
        "a\\\\",
        "\\'",
        "\\\\'",
        '\\"',
        '"',
        "`",
        "''' x",
        "E'\\'",
        "N'x'",
    ),
    *("'; DROP TABLE victim; --", "\\'; DROP TABLE victim; --", '"; DROP TABLE victim; --'),
    *("`); DROP TABLE victim; --", "*/ DROP TABLE victim /*", "-- x", "/* x", "$$ x $$", "a;b"),
    *("\\n", "\\x27", "\\u0027; x", "\\0", "%s", "?", "@x", "{{ x }}", "'+char(39)+'", "q'[x]'"),
    *("a\nb\r\nc\u2028d\u0085e\0f", "\u202ex", "\ufeff", "\u2019;", "😀"),
)


def described(text: str, *more: str) -> dict[str, Any]:
    """Return a schema whose every part has a description; names, where more fields are wanted."""
    part = {"type": "string", "description": text}
    inside = {
        "type": "object",
        "description": text,
        "properties": dict.fromkeys(("b", *more), part),
    }
    properties = {text or "a": part, "s": inside, **dict.fromkeys(more, part)}
    return {"type": "object", "description": text, "properties": properties}


def statements(text: str, name: str) -> list[str]:
    """Return what makes a table, and what changes it, as a dialect has it."""
    dialect = DIALECTS[name]
    old, new = columns(described(text)), columns(described(text, "n"))
    other = tuple(columns(described(f"{text} ")).columns)
    table = Table("t", old.columns, comment=old.comment)
    found = create(table, dialect)
    found += alter(list(changes(old.columns, new.columns)), table, new.columns, dialect)
    return found + list(recomment(Table("t", other), new.columns, dialect))


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("text", _TEXTS)
def test_one_statement_stays_one(text: str, name: str) -> None:
    comment = columns(described(text)).comment
    for statement in statements(text, name):
        assert "\r" not in statement
        if statement.startswith("--"):
            assert "\n" not in statement
            continue
        tokens = sqlglot.tokenize(statement, dialect=DIALECTS[name].parser)
        assert sqlglot.TokenType.SEMICOLON not in {token.token_type for token in tokens}
        assert not [token for token in tokens if token.comments]
        if not statement.startswith("CREATE"):
            continue
        (parsed,) = sqlglot.parse(statement, dialect=DIALECTS[name].parser)
        assert isinstance(parsed, exp.Create)
        said = {node.this for node in parsed.find_all(exp.Literal) if node.is_string}
        assert said <= {comment, "PARQUET", "UTC", *("datacenter", "year", "month", "day", "hour")}


@pytest.mark.parametrize("text", _TEXTS)
def test_duckdb_reads_what_was_said(text: str) -> None:
    duckdb = pytest.importorskip("duckdb")
    found = columns(described(text))
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE victim (x INTEGER)")
        for statement in create(Table("t", found.columns), DIALECTS["duckdb"]):
            connection.execute(f"{statement};")
        query = "SELECT comment FROM duckdb_columns() WHERE table_name = 't' AND column_index = 1"
        assert connection.execute(query).fetchone() == (found.columns[0].comment or None,)
        assert connection.execute("SELECT count(*) FROM victim").fetchone() == (0,)


@pytest.mark.parametrize("name", ["hive", "bigquery", "clickhouse"])
@pytest.mark.parametrize("kind", ["object", "array", "map"])
@pytest.mark.parametrize("levels", [48, 90])
def test_deep_schemas(levels: int, kind: str, name: str, tmp_path: Path, run_tool: RunTool) -> None:
    part: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        part = {
            "object": {"type": "object", "properties": {"properties": part}},
            "array": {"type": "array", "items": part},
            "map": {"type": "object", "additionalProperties": part},
        }[kind]
    schema = {"title": "a", "$id": "/a/1.0.0", "type": "object", "properties": {"x": part}}
    (tmp_path / "a").mkdir()
    (tmp_path / "a/1.0.0.json").write_text(json.dumps(schema))
    done = run_tool("table", "a", "--dialect", name, cwd=tmp_path)
    if levels > 50:
        assert done.returncode == 1
        assert "nested more than 50 deep" in done.stderr
    else:
        assert (done.returncode, done.stderr) == (0, "")
    assert "Traceback" not in done.stderr
    done = run_tool("table", "a", "--dialect", name, "--lenient", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_ever_new_schemas_of_events_are_not_all_remembered() -> None:
    from jsonschema_tools.lake.fitting import UnfitError
    from jsonschema_tools.lake.plan import Plan

    plan = Plan("s", "s", (), ("a",), frozenset({"1.0.0"}), {})
    tracemalloc.start()
    for number in range(40_000):
        with pytest.raises(UnfitError, match="not found"):
            plan.require_schema(f"/a/{number + 2}.0.0")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    plan.require_schema("/a/1.0.0.yaml")
    assert most < 3 * 2**20  # all of them take twice as much
