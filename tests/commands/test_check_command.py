"""`check` as users call it: exit status, streams, reports, git, waivers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from jsonschema_tools.reports import REPORTS

if TYPE_CHECKING:
    from conftest import GitRepository, RunTool

BASE = Path(__file__).parents[1] / "cases" / "check" / "base"
CHANGE = "jsonschema/thing/change"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a sound repository, which is the test's own folder."""
    return Path(shutil.copytree(BASE, tmp_path, symlinks=True, dirs_exist_ok=True))


def spoil(repository: Path, name: str = f"{CHANGE}/1.0.0.yaml") -> None:
    """Make a schema invalid."""
    path = repository / name
    path.write_text(path.read_text().replace("maxItems: 8", "maxItems: eight"))


def test_all_is_well(repository: Path, run_tool: RunTool) -> None:
    done = run_tool("check", "--no-cache")
    assert done.returncode == 0
    assert done.stderr == ""
    assert done.stdout.startswith("3 schemas, 5 versions, 187 checks: 187 passed, 0 failed, ")
    assert done.stdout.count("\n") == 1


def test_a_failure(repository: Path, run_tool: RunTool) -> None:
    spoil(repository)
    done = run_tool("check", "--no-cache", "--select", "schema-is-valid")
    assert done.returncode == 1
    assert done.stdout.startswith(
        "thing/change\n"
        f'  {CHANGE}/1.0.0.yaml:38:5: schema-is-valid: "eight" is not of type "integer"\n\n'
        "3 schemas, 5 versions, 10 checks: 9 passed, 1 failed, 0 skipped in "
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--select", "schema-is-vald"], "did you mean 'schema-is-valid'?"),
        (["--ignore", "schema-is-valid,nothing"], "check 'nothing' not found"),
        (["--suite", "structures"], "did you mean 'structure'?"),
        (["--format", "xml"], "'xml' is not one of"),
        (["--jobs", "0"], "is not in the range"),
        (["--select", "schema-version-immutable"], "needs --against"),
        (["nowhere"], "schema nowhere not found"),
        ([".jsonschema-tools.yaml"], "is not a schema file"),
    ],
)
def test_a_wrong_call(
    repository: Path, run_tool: RunTool, arguments: list[str], message: str
) -> None:
    done = run_tool("check", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_suites_and_checks_are_chosen(repository: Path, run_tool: RunTool) -> None:
    def chosen(*arguments: str) -> set[str]:
        report = json.loads(run_tool("check", "--format", "json", *arguments).stdout)
        return {row["check"] for row in report["results"]}

    compatibility = {"schema-version-compatibility", "schema-version-no-new-constraints"}
    assert chosen("--suite", "compatibility") == compatibility
    assert chosen(
        "--select", "schema-is-valid,schema-is-secure", "--ignore", "schema-is-valid"
    ) == {"schema-is-secure"}


@pytest.mark.parametrize("kind", REPORTS)
def test_a_report_in_a_file(repository: Path, run_tool: RunTool, kind: str) -> None:
    spoil(repository)
    shown = run_tool("check", "--no-cache", "--format", kind)
    written = run_tool("check", "--no-cache", "--format", kind, "--output", "report")
    assert written.returncode == shown.returncode == 1
    assert written.stdout == ""
    assert "3 failed" in written.stderr
    if kind in {"json", "sarif"}:
        assert (repository / "report").read_text() == shown.stdout


def test_json_is_the_same_every_time(repository: Path, run_tool: RunTool) -> None:
    spoil(repository)
    reports = {run_tool("check", "--format", "json", "--jobs", jobs).stdout for jobs in "1123"}
    assert len(reports) == 1


# ------------------------------------------------------------------------------------ waivers


def test_what_is_wrong_with_waivers_is_reported(repository: Path, run_tool: RunTool) -> None:
    with (repository / ".jsonschema-tools.yaml").open("a") as file:
        file.write(
            "ignoreSchemas: [^/other/]\n"
            "skipSchemaTestCases:\n"
            "  /thing/seen/: [schema-is-valid, schema-examples-are-valid, schema-is-vald]\n"
            "  /nothing/: [schema-is-valid]\n"
            "  /fragment/:\n"
            "    - {check: schema-is-secure, until: 2020-01-01}\n"
        )
    done = run_tool("check")
    assert done.returncode == 0
    assert "4 skipped" in done.stdout
    assert done.stderr.splitlines() == [
        "warning: .jsonschema-tools.yaml:4:62: check 'schema-is-vald' not found; "
        "did you mean 'schema-is-valid'?",
        "warning: .jsonschema-tools.yaml:7:7: the waiver of schema-is-secure for '/fragment/' "
        "ran out on 2020-01-01: it no longer skips anything",
        "warning: ignoreSchemas: '^/other/' matches no schema",
        "warning: .jsonschema-tools.yaml:4:35: the waiver for '/thing/seen/' skips nothing: "
        "schema-examples-are-valid has nothing to check there",
        "warning: .jsonschema-tools.yaml:5:15: the waiver for '/nothing/' skips nothing: "
        "no schema matches",
    ]
    part = run_tool("check", "jsonschema/fragment", "-v")
    assert "skips nothing" not in part.stderr


def test_waivers_are_listed(repository: Path, run_tool: RunTool) -> None:
    with (repository / ".jsonschema-tools.yaml").open("a") as file:
        file.write("skipSchemaTestCases: {x: [{check: schema-is-valid, reason: legacy}]}\n")
    done = run_tool("check", "--list-waivers")
    assert done.returncode == 0
    assert done.stdout == (".jsonschema-tools.yaml:2:27: schema-is-valid for 'x': legacy\n")


def test_a_repository_is_made_to_pass(repository: Path, run_tool: RunTool) -> None:
    spoil(repository)
    (repository / f"{CHANGE}/2.0.0").unlink()
    before = (repository / ".jsonschema-tools.yaml").read_text()
    done = run_tool("check", "--write-skips")
    assert done.returncode == 0
    assert done.stdout == ".jsonschema-tools.yaml: 4 entries added\n"
    assert (repository / ".jsonschema-tools.yaml").read_text() == before + (
        "skipSchemaTestCases:\n"
        r"  '^/thing/change/1\.0\.0$':"
        "\n"
        "    - schema-is-valid\n"
        "    - schema-examples-are-valid\n"
        "    - structure-content-types-equal\n"
        r"  '^/thing/change/2\.0\.0$':"
        "\n"
        "    - structure-extensionless-symlink\n"
    )
    again = run_tool("check")
    assert again.returncode == 0
    assert "0 failed, 6 skipped" in again.stdout  # the JSON has the same $id
    assert run_tool("check", "--write-skips").stdout == "nothing to waive\n"


def test_what_has_no_id_cannot_be_waived(repository: Path, run_tool: RunTool) -> None:
    path = repository / f"{CHANGE}/1.0.0.yaml"
    path.write_text(path.read_text().replace("$id:", "id:"))
    done = run_tool("check", "--write-skips")
    assert done.returncode == 1
    assert "1.0.0.yaml: structure-id-matches-directory: cannot be waived: no `$id`" in done.stderr


def test_a_broken_file_can_be_waived(repository: Path, run_tool: RunTool) -> None:
    (repository / f"{CHANGE}/1.0.0.yaml").write_text("[")
    assert run_tool("check", "--write-skips").returncode == 0
    settings = (repository / ".jsonschema-tools.yaml").read_text()
    assert "'^/thing/change/1\\.0\\.0$':\n    - structure-file-is-readable\n" in settings
    assert run_tool("check").returncode == 0


# ---------------------------------------------------------------------------------------- git


@pytest.fixture
def published(git_repository: GitRepository) -> GitRepository:
    """Return a sound repository, committed."""
    shutil.copytree(BASE, git_repository.root, symlinks=True, dirs_exist_ok=True)
    git_repository.commit("published")
    return git_repository


def rows(run_tool: RunTool, repository: GitRepository, *arguments: str) -> list[tuple[str, str]]:
    done = run_tool("check", "--format", "json", *arguments, cwd=repository.root)
    assert done.returncode in {0, 1}, done.stderr
    return [
        (f"{row['title']} {row['version']}", row["outcome"])
        for row in json.loads(done.stdout)["results"]
        if row["check"] == "schema-version-immutable"
    ]


def test_versions_stay_as_they_were_published(published: GitRepository, run_tool: RunTool) -> None:
    assert rows(run_tool, published) == []
    assert rows(run_tool, published, "--against", "HEAD") == []
    everything = [
        *(("fragment/common 1.0.0", "passed"),),
        *((f"thing/change {version}", "passed") for version in ("1.0.0", "2.0.0")),
        *((f"thing/seen {version}", "passed") for version in ("1.0.0", "1.1.0")),
    ]
    assert rows(run_tool, published, "--against", "HEAD", "--all") == everything
    spoil(published.root)
    shutil.rmtree(published.root / "jsonschema/thing/seen")
    assert rows(run_tool, published, "--against", "HEAD") == [
        ("thing/change 1.0.0", "failed"),
        ("thing/change 2.0.0", "passed"),
        ("thing/seen 1.0.0", "failed"),
        ("thing/seen 1.1.0", "failed"),
    ]
    changed = rows(run_tool, published, "--against", "HEAD", CHANGE)
    assert changed == [("thing/change 1.0.0", "failed"), ("thing/change 2.0.0", "passed")]


def test_only_what_changed_is_looked_at(published: GitRepository, run_tool: RunTool) -> None:
    spoil(published.root)
    published.commit("a fault of old")
    current = published.root / f"{CHANGE}/current.yaml"
    current.write_text(current.read_text().replace("change/2.0.0", "change/2.1.0"))
    run_tool("materialize-all", cwd=published.root)
    done = run_tool("check", "--against", "HEAD", cwd=published.root)
    assert done.returncode == 0
    assert done.stdout.startswith("1 schema, ")
    done = run_tool("check", "--against", "HEAD", "--all", cwd=published.root)
    assert done.returncode == 1
    assert done.stdout.startswith("thing/change\n")


def test_nothing_changed(published: GitRepository, run_tool: RunTool) -> None:
    done = run_tool("check", "--against", "HEAD", cwd=published.root)
    assert done.returncode == 0
    assert done.stdout.startswith("3 schemas, none changed since HEAD, 0 checks: 0 passed, ")
    published.write("README", "x")
    done = run_tool("check", "--against", "HEAD", CHANGE, cwd=published.root)
    assert done.returncode == 0
    assert done.stdout.startswith("1 schema, none changed since HEAD, 0 checks: ")


def test_every_schema_is_gone(published: GitRepository, run_tool: RunTool) -> None:
    shutil.rmtree(published.root / "jsonschema")
    (published.root / "jsonschema").mkdir()
    done = run_tool("check", "--against", "HEAD", cwd=published.root)
    assert done.returncode == 1
    assert done.stdout.count("is gone since HEAD") == 15
    done = run_tool("check", "--against", "HEAD", "--suite", "structure", cwd=published.root)
    assert done.returncode == 2
    assert "no schema found below jsonschema" in done.stderr


CONFIGURATIONS = {
    "another folder": "schemaBasePath: ./other/\n",
    "a part": "schemaBasePath: [./jsonschema/thing/change, ./other/]\n",
    "a link to another": None,
}


@pytest.mark.parametrize("settings", CONFIGURATIONS.values(), ids=CONFIGURATIONS)
@pytest.mark.parametrize("folder", [".", "jsonschema"])
def test_no_base_path_goes_out_of_sight(
    settings: str | None, folder: str, published: GitRepository, run_tool: RunTool
) -> None:
    shutil.copytree(published.root / CHANGE, published.root / "other/thing/change", symlinks=True)
    file = published.root / ".jsonschema-tools.yaml"
    if settings is None:
        file.unlink()
        file.symlink_to("other/settings.yaml")
        file = published.write("other/settings.yaml", "schemaBasePath: ./other/\n")
    else:
        file.write_text(settings)
    spoil(published.root, "jsonschema/thing/seen/1.0.0.yaml")
    done = run_tool("check", "--against", "HEAD", cwd=published.root / folder)
    assert done.returncode == 2
    assert "of versions in HEAD cannot be looked at, such as " in done.stderr
    assert "name that too" in done.stderr
    published.commit("what is no base path in the revision either")
    done = run_tool("check", "--against", "HEAD", cwd=published.root / folder)
    assert done.returncode == 0, done.stderr


def test_settings_in_a_folder_below_do_not_hide_those_above(
    published: GitRepository, run_tool: RunTool
) -> None:
    spoil(published.root)
    published.write("jsonschema/.jsonschema-tools.yaml", "schemaBasePath: thing/seen\n")
    done = run_tool("check", "--against", "HEAD", cwd=published.root / "jsonschema")
    assert done.returncode == 2
    assert "cannot be looked at, such as fragment/common/1.0.0" in done.stderr


@pytest.mark.parametrize("settings", ["", "ignoreSchemas: [^/private/]\n"])
def test_no_id_or_setting_hides_what_became_of_a_version(
    settings: str, published: GitRepository, run_tool: RunTool
) -> None:
    file = published.root / ".jsonschema-tools.yaml"
    before = file.read_text()
    file.write_text(before + settings)
    published.commit()
    file.write_text(before + "ignoreSchemas: [^/private/]\n")
    for path in (published.root / CHANGE).iterdir():
        if not path.is_symlink():
            path.write_text(path.read_text().replace("$id: /thing/", "$id: /private/")
                            .replace('"/thing/change', '"/private/change'))  # fmt: skip
    done = run_tool("check", "--against", "HEAD", cwd=published.root)
    assert done.returncode == 1
    assert "1.0.0.yaml has changed since HEAD" in done.stdout
    published.commit("ignored in the revision too")
    spoil(published.root)
    done = run_tool("check", "--against", "HEAD", cwd=published.root)
    assert done.returncode == 0
    assert done.stdout.startswith("what changed since HEAD is ignored, 0 checks: ")


def test_an_unknown_revision(published: GitRepository, run_tool: RunTool) -> None:
    done = run_tool("check", "--against", "nowhere", cwd=published.root)
    assert done.returncode != 0
    assert "git knows no commit 'nowhere'" in done.stderr


# ------------------------------------------------------------------------------------ hostile


def test_hostile_names_do_not_reach_the_terminal(repository: Path, run_tool: RunTool) -> None:
    folder = repository / "jsonschema" / "a\x1b[31m\n\udcff"
    shutil.copytree(repository / CHANGE, folder, symlinks=True)
    title = r'"a\e[31m\u202e\n::error::"'
    current = folder / "current.yaml"
    current.write_text(current.read_text().replace("title: thing/change", f"title: {title}"))
    for kind in REPORTS:
        done = run_tool("check", "--format", kind)
        assert done.returncode == 1
        for text in (done.stdout, done.stderr):
            assert not any(char in text for char in "\x1b\u202e\udcff\r")
            assert not text.startswith("::error::")
            assert "\n::error::" not in text


def test_no_schema_at_all(git_repository: GitRepository, run_tool: RunTool) -> None:
    git_repository.commit()
    for more in ([], ["--format", "json"], ["--against", "HEAD"], ["--write-skips"]):
        done = run_tool("check", *more, cwd=git_repository.root)
        assert done.returncode == 2
        assert done.stdout == ""
        assert "error[config-error]: no schema found below ." in done.stderr


def test_a_repository_that_ignores_all(repository: Path, run_tool: RunTool) -> None:
    settings = repository / ".jsonschema-tools.yaml"
    settings.write_text(settings.read_text() + "ignoreSchemas: ['/']\n")
    for more in ([], [CHANGE]):
        done = run_tool("check", *more)
        assert done.returncode == 2
        assert "no schema was checked: `ignoreSchemas` leaves out all" in done.stderr


def test_a_base_path_that_is_not_there(tmp_path: Path, run_tool: RunTool) -> None:
    (tmp_path / ".jsonschema-tools.yaml").write_text("schemaBasePath: ./jsonchema/\n")
    done = run_tool("check")
    assert done.returncode == 2
    assert "folder jsonchema not found" in done.stderr


def test_a_report_that_cannot_be_written(repository: Path, run_tool: RunTool) -> None:
    done = run_tool("check", "--output", "nowhere/report")
    assert done.returncode == 2
    assert done.stderr.startswith("nowhere/report: error[config-error]: cannot write: No such file")
