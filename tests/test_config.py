"""The configuration file: what it takes, and how it says what is wrong."""

import json
from datetime import date
from pathlib import Path

import pytest

from jsonschema_tools.comparison.policy import POLICIES
from jsonschema_tools.config import Config, load_config
from jsonschema_tools.config_file import CONFIG_NAME
from jsonschema_tools.config_schema import properties
from jsonschema_tools.errors import ConfigError


def load(folder: Path, text: str | None) -> Config:
    if text is not None:
        (folder / ".jsonschema-tools.yaml").write_text(text)
    return load_config(folder)


def test_defaults(tmp_path: Path) -> None:
    config = load(tmp_path, None)
    assert config.schema_base_paths == (tmp_path,)
    assert config.schema_base_uris == (".",)
    assert config.content_types == ("yaml", "json")
    assert config.current_name == "current.yaml"
    assert config.numeric_bounds == (-(2**53) + 1, 2**53 - 1)
    assert config.required_fields == ("$schema", "meta.stream", "dt", "meta.dt")


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("schemaBasePath: ./a/", "schema_base_uris", ("./a/",)),
        ("schemaBasePath: [./a/, ./b/]", "schema_base_uris", ("./a/", "./b/")),
        ("contentTypes: [json]", "current_name", "current.json"),
        ("currentName: now.yml", "current_name", "now.yml"),
        ("enforcedNumericBounds: false", "numeric_bounds", None),
        ("enforcedNumericBounds: [-1.5, 1e3]", "numeric_bounds", (-1.5, 1000)),
        ("requiredFields: []", "required_fields", ()),
        ("", "should_dereference", True),
    ],
)
def test_values(tmp_path: Path, text: str, field: str, expected: object) -> None:
    assert getattr(load(tmp_path, text), field) == expected


def test_waivers(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        "skipSchemaTestCases:\n"
        "  /legacy/.*:\n"
        "    - schema-is-secure\n"
        "    - {check: schema-is-valid, reason: old, ticket: T1, until: 2027-01-31}\n",
    )
    plain, full = config.waivers
    assert (plain.check, plain.until, plain.at and plain.at.line) == ("schema-is-secure", None, 3)
    assert (full.reason, full.ticket, full.until) == ("old", "T1", date(2027, 1, 31))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("shouldSymlinkLatests: true", "unknown configuration key 'shouldSymlinkLatests'"),
        ("a: 1\nshouldSymlinkLatest: 'yes'", "unknown configuration key 'a'"),
        ("shouldSymlinkLatest: 'yes'", "expected true or false, not 'yes'"),
        ("contentTypes: [xml]", "expected a list of yaml and json"),
        ("contentTypes: []", "expected at least one entry"),
        ("enforcedNumericBounds: [10, 0]", "[minimum, maximum]"),
        ("enforcedNumericBounds: [0]", "[minimum, maximum]"),
        ("currentName: a/b.yaml", "a file name without folders"),
        ("ignoreSchemas: ['(']", "a regular expression"),
        ("skipSchemaTestCases: {a: [{reason: x}]}", "expected the id of a check, or a mapping"),
        ("skipSchemaTestCases: {a: [{check: x, til: 1}]}", "key 'skipSchemaTestCases.til'"),
        ("skipSchemaTestCases: {a: [x, 3]}", "1:30: "),
        ("skipSchemaTestCases: {'(': x}", "a regular expression (unterminated group)"),
        ("skipSchemaTestCases: {a: 3}", "check ids, or mappings"),
        ("intake: {topicPrefx: a}", "unknown configuration key 'intake.topicPrefx'"),
        ("intake: {maxBodySize: 0mb}", "'intake.maxBodySize': expected a number of bytes"),
        ("intake: {kafka: {\n  a: 1,\n  b: []}}", "yaml:3:3: "),
        ("ignoreSchemas: [\n  a,\n  '(']", "yaml:3:3: "),
        ("skipSchemaTestCases: {a: [{check: x, until: soon}]}", "a date such as 2027-01-31"),
        ('currentName: "a\\0b"', "a file name without folders"),
        ('schemaBasePath: "a\\0b"', "a string or a list of strings"),
        ('schemaBaseUris: ["a\\0b"]', "a string or a list of strings"),
        ('streamConfigs: "a\\0b"', "a string or a list of strings"),
        ("currentName: 2027-01-31", "a file name without folders"),
        ("requiredFields: 2027-01-31", "a string or a list of strings"),
        ("skipSchemaTestCases: {a: 2027-01-31}", "check ids, or mappings"),
        ("logLevel: loud", "one of trace, debug"),
        ("- a", "must be a mapping"),
        ("a: [", "error[config-error]"),
    ],
)
def test_errors_name_file_key_and_expectation(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert message in str(caught.value)
    assert str(caught.value).startswith(".jsonschema-tools.yaml:")
    assert caught.value.exit_status == 2


def test_a_misspelt_key_gets_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="did you mean 'shouldSymlinkLatest'"):
        load(tmp_path, "shouldSymlinkLatests: true")


def test_later_files_and_the_command_line_win(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("currentName: a\nlogLevel: info\n")
    (tmp_path / "b.yaml").write_text("currentName: b\n")
    config = load_config(
        tmp_path, config_paths=["a.yaml", "b.yaml"], overrides={"contentTypes": ["json"]}
    )
    assert (config.current_name, config.log_level) == ("b.json", "info")
    assert config.files == ("a.yaml", "b.yaml")


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"configuration file x\.yaml not found"):
        load_config(tmp_path, config_paths=["x.yaml"])


@pytest.mark.parametrize("key", ["schemaBasePath", "schemaBaseUris"])
def test_a_name_that_no_folder_can_have(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigError, match="no folder can have the name"):
        load(tmp_path, f'{key}: [".", "a\\ud800b"]\n')


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("skipSchemaTestCases:\n  ^a: x\n  '/a/[': [schema-is-secure]\n", "3:3"),
        ("ignoreSchemas:\n  - ^a\n  - (\n", "3:5"),
        ("fragmentSchemas: (\n", "1:1"),
    ],
)
def test_a_broken_pattern_is_reported_where_it_is(tmp_path: Path, text: str, place: str) -> None:
    (tmp_path / ".jsonschema-tools.yaml").write_text(text)
    with pytest.raises(ConfigError, match="expected a regular expression") as caught:
        load_config(tmp_path)
    assert str(caught.value.at) == f".jsonschema-tools.yaml:{place}"


def test_compatibility_policy(tmp_path: Path) -> None:
    assert load_config(tmp_path).compatibility_policy == "additive"
    assert tuple(properties()["compatibilityPolicy"]["enum"]) == POLICIES
    for policy in POLICIES:
        (tmp_path / ".jsonschema-tools.yaml").write_text(f"compatibilityPolicy: {policy}\n")
        assert load_config(tmp_path).compatibility_policy == policy
    with pytest.raises(ConfigError, match="expected one of additive, reference, backward"):
        load_config(tmp_path, overrides={"compatibilityPolicy": "none"})


@pytest.mark.parametrize("key", ["ignoreSchemas", "fragmentSchemas", "skipSchemaTestCases"])
def test_patterns_of_which_too_many_would_be_tried(tmp_path: Path, key: str) -> None:
    def write(patterns: list[str]) -> None:
        checks = {pattern: ["schema-is-valid"] for pattern in patterns}
        value = checks if key == "skipSchemaTestCases" else patterns
        (tmp_path / CONFIG_NAME).write_text(json.dumps({key: value}))

    write([f"^/a{i}/" for i in range(1100)])
    load_config(tmp_path)
    write([f"/a{i}/" for i in range(1100)])
    with pytest.raises(ConfigError, match=rf"'{key}': 1,100 patterns would be tried .* 1,000 "):
        load_config(tmp_path)
