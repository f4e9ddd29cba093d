"""The schema of the configuration agrees with the loader, with Config and with jsonschema-rs."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from dataclasses import fields
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from jsonschema_tools.cli import cli
from jsonschema_tools.config import Config, load_config
from jsonschema_tools.config_schema import _HOLD, config_schema, properties, violations
from jsonschema_tools.config_values import field_name
from jsonschema_tools.ecmascript.matching import Regex
from jsonschema_tools.errors import ConfigError
from jsonschema_tools.intake_settings import IntakeSettings, read_intake
from jsonschema_tools.pointers import follow
from jsonschema_tools.subschemas import places
from support.effort import examples

if TYPE_CHECKING:
    from types import ModuleType

    from conftest import GitRepository


ROOT = Path(__file__).parent.parent
#: what says nothing about a value, or is told to the walk by itself
SAYS_NOTHING = {"$schema", "title", "description", "default", "errorMessage", "definitions"}
WALKED = {
    *("$ref", "anyOf", "items", "properties", "additionalProperties", "propertyNames", "format"),
}
#: settings whose defaults stand for something else in Config
DERIVED = {"schemaBasePath", "currentName"}


def test_it_is_a_schema_with_the_keywords_that_the_loader_knows() -> None:
    jsonschema_rs.meta.validate(config_schema())
    used = {key for place in places(config_schema()) for key in place.schema}
    assert used == SAYS_NOTHING | WALKED | set(_HOLD)


def test_it_has_the_settings_of_config() -> None:
    made = {field.name for field in fields(Config)} - {
        "root",
        "files",
        "working_directory",
        "refresh",
    }
    assert {field_name(key) for key in properties()} == made


def test_every_setting_is_described_and_has_its_default(tmp_path: Path) -> None:
    config = load_config(tmp_path)
    for key, setting in properties().items():
        assert setting["description"].endswith("."), key
        if key == "schemaBaseUris":
            assert "default" not in setting  # that is another setting
            assert config.schema_base_uris == (".",)
            continue
        if key not in DERIVED:
            made = plain(getattr(config, field_name(key)))
            assert made == setting["default"] or not (made or setting["default"]), key
        assert load_config(tmp_path, overrides={key: setting["default"]}) == config, key


def test_every_setting_of_the_intake_has_its_default() -> None:
    intake = properties("intake")
    assert len(intake) == len(fields(IntakeSettings)) + 1  # `formats` is for the validators
    for key, setting in intake.items():
        assert setting["description"].endswith("."), key
        assert read_intake({key: setting["default"]}) == read_intake({}), key


def plain(value: object) -> object:
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value.pattern if isinstance(value, Regex) else value


# ------------------------------------------------------------ the walk and jsonschema-rs agree

_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 2),
    st.sampled_from(
        [0.5, -0.5, "", "a", "a/b", ".", "..", "...", "10mb", "1 KB ", "0mb", "mb", "a\0b"]
    ),
    st.sampled_from(["yaml", "json", "warn", "strict", "2027-01-31", "check"]),
)
_KEYS = st.sampled_from(
    [*properties(), *properties("intake"), "check", "reason", "until", "owner", "til", "a"]
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=12,
)


def _mutated(schema: Any, scalars: st.SearchStrategy[Any] = _SCALARS) -> st.SearchStrategy[Any]:
    """Return values that are often nearly valid: those of the schema, and any others."""

    def part(inner: Any) -> st.SearchStrategy[Any]:
        return _mutated(inner, scalars)

    if "$ref" in schema:
        schema = follow(config_schema(), "/definitions/waiver")
    if "anyOf" in schema:
        return st.one_of(_VALUES, *map(part, schema["anyOf"]))
    ways = [scalars, st.sampled_from(schema.get("enum", ["a"]))]
    if "items" in schema:
        ways.append(st.lists(part(schema["items"]), max_size=3))
    if known := schema.get("properties"):
        some = {key: part(inner) for key, inner in known.items()}
        ways.append(st.fixed_dictionaries({}, optional=some))
    if isinstance(others := schema.get("additionalProperties"), dict):
        ways.append(st.dictionaries(st.sampled_from(["a", "b/", "a.b"]), part(others)))
    return st.one_of(ways)


_VALIDATOR = jsonschema_rs.Draft7Validator(config_schema())


@settings(max_examples=examples(100), deadline=None)
@given(data=st.data())
def test_verdicts_are_those_of_jsonschema_rs(data: st.DataObject) -> None:
    key = data.draw(_KEYS)
    configuration = {
        key: data.draw(_mutated(properties()[key]) if key in properties() else _VALUES)
    }
    found = list(violations(configuration, {}))
    assert bool(found) is not _VALIDATOR.is_valid(configuration), configuration
    for wrong in found:
        value: Any = configuration
        for token in wrong.path:
            value = value[token]  # every path leads somewhere


@settings(max_examples=examples(100), deadline=None)
@given(data=st.data())
def test_what_is_wrong_is_said_and_nothing_else_goes_wrong(data: st.DataObject) -> None:
    key = data.draw(st.sampled_from([*properties()]))
    scalars = _SCALARS | st.datetimes(timezones=st.just(UTC))  # YAML has them, JSON does not
    value = data.draw(_mutated(properties()[key], scalars) | _VALUES)
    try:
        load_config(Path.cwd(), config_paths=[], overrides={key: value})
    except ConfigError as error:
        assert "expected" in error.message or "unknown" in error.message  # noqa: PT017


# ------------------------------------------------------------------------------- where it is shown


@pytest.mark.parametrize("section", [(), ("intake",)])
def test_the_page_of_the_settings_shows_each_default(section: tuple[str, ...]) -> None:
    registries = _module(ROOT / "docs/_ext/registries.py")
    table = registries.PARTS["intake" if section else "settings"]().splitlines()[2:]
    cells = [row.removeprefix("| ").split(" | ") for row in table]
    rows = {key.strip("`"): shown.strip("`") for key, shown, *_ in cells}
    assert len(rows) == len(table)
    shown = {key: yaml.safe_load(text) for key, text in rows.items() if text}
    defaults = {key: setting.get("default") for key, setting in properties(*section).items()}
    assert list(rows) == list(defaults)
    assert shown == {key: value for key, value in defaults.items() if value not in (None, "")}


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_command_prints_it() -> None:
    result = CliRunner().invoke(cli, ["schema", "config"])
    assert result.exit_code == 0
    assert json.loads(result.output) == config_schema()


# ------------------------------------------------------------------------------- what it costs


@pytest.mark.parametrize(
    "words", [("--help",), ("list",), ("materialize-modified", "--staged")], ids=" ".join
)
def test_reading_the_configuration_imports_no_validator(
    git_repository: GitRepository, words: tuple[str, ...]
) -> None:
    root = git_repository.root
    (root / ".jsonschema-tools.yaml").write_text("skipSchemaTestCases: {a: [schema-is-secure]}\n")
    (root / "a").mkdir()
    (root / "a/current.yaml").write_text("title: a\n$id: /a/1.0.0\ntype: object\n")
    git_repository.git("add", ".")
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "jsonschema_tools", *words],
        cwd=root, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "jsonschema_tools" in done.stderr
    assert "jsonschema_rs" not in done.stderr
