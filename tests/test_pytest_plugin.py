"""The checks as tests of pytest, run by the real pytest in scratch repositories."""

from __future__ import annotations

import json
import os
import re
import shutil
import string
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest

from jsonschema_tools.commands.generate_tests import SUITE
from support.fork_server import run_module

if TYPE_CHECKING:
    from conftest import RunTool

BASE = Path(__file__).parent / "cases" / "check" / "base"
FILE = "tests/test_schema_repository.py"
CHANGE, SEEN = "jsonschema/thing/change", "jsonschema/thing/seen"
TOTAL = 187


WATCHER = """\
import pytest

seen = []

@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    seen.append(call.when)
    return (yield)

def pytest_unconfigure(config):
    print("phases:", len(seen))
"""


class Run:
    """A run of pytest with our plugin, and those named; or with all that are installed.

    Importing the others takes four times as long as the run.
    """

    def __init__(
        self,
        cwd: Path,
        *arguments: str,
        plugins: tuple[str, ...] | None = (),
        fresh: bool = False,
    ) -> None:
        env = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
        env["COLUMNS"] = "200"
        if plugins is not None:
            env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
        named = [word for name in ("jsonschema_tools", *(plugins or ())) for word in ("-p", name)]
        # one that is installed beside it takes two seconds to import
        few = named if plugins is not None else ("-p", "no:schemathesis")
        words = [*("-W", "error"), *few, *arguments]
        if plugins in {(), ("xdist",)} and not fresh:
            done = run_module("pytest", words, cwd=cwd, environment=env)
        else:  # what others import at start cannot be forked
            command = [sys.executable, "-m", "pytest", *words]
            done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, check=False)
        output, errors = done.stdout.decode(), done.stderr.decode()
        self.status = done.returncode
        self.output = output + errors
        last = "".join(re.findall(r".* in [\d.]+s.*", output)[-1:])
        counts = re.findall(r"(\d+) (passed|failed|skipped|deselected|errors?)", last)
        self.counts = {name: int(number) for number, name in counts}

    def __eq__(self, other: object) -> bool:
        return self.counts == other

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return self.output


def collected(cwd: Path, *arguments: str) -> list[str]:
    run = Run(cwd, "--collect-only", "-q", *arguments)
    return [line for line in run.output.splitlines() if "::" in line]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a sound repository with its suite."""
    root = Path(shutil.copytree(BASE, tmp_path / "repository", symlinks=True))
    (root / "tests").mkdir()
    (root / FILE).write_text(SUITE)
    return root


def spoil(repository: Path) -> None:
    """Make a version invalid, and another one incompatible."""
    path = repository / CHANGE / "1.0.0.yaml"
    path.write_text(path.read_text().replace("maxItems: 8", "maxItems: eight"))
    (repository / SEEN / "latest").unlink()


def waive(repository: Path) -> None:
    with (repository / ".jsonschema-tools.yaml").open("a") as file:
        file.write("skipSchemaTestCases:\n  /thing/seen/1.0.0$:\n")
        file.write("    - {check: schema-is-valid, reason: we know, ticket: T1}\n")


def write(repository: Path, name: str, text: str) -> None:
    (repository / name).parent.mkdir(parents=True, exist_ok=True)
    (repository / name).write_text(text)


# ----------------------------------------------------------------------------------- what is tested


def test_one_test_for_each_result(repository: Path, run_tool: RunTool) -> None:
    spoil(repository)
    waive(repository)
    results = json.loads(run_tool("check", "--format", "json", cwd=repository).stdout)["results"]
    ids = collected(repository)
    assert len(set(ids)) == len(ids) == len(results) == TOTAL
    expected = Counter((row["suite"], row["title"], row["check"]) for row in results)
    found = Counter(tuple(re.split("::?", name)[1:4]) for name in ids)
    assert found == expected
    run = Run(repository, plugins=None)
    outcomes = Counter(row["outcome"] for row in results)
    assert run == outcomes
    assert outcomes["failed"] > 2


def test_ids(repository: Path) -> None:
    ids = collected(repository)
    assert ids == collected(repository)
    common = f"{FILE}::structure::fragment/common::"
    assert ids[0] == f"{common}structure-same-directory"
    for name in (
        f"{common}structure-content-type-exists:1.0.0.json",
        f"{common}structure-extensionless-symlink:1.0.0",
        f"{FILE}::robustness::thing/seen::schema-is-secure:current.yaml",
        f"{FILE}::robustness::thing/seen::schema-required-fields",
        f"{FILE}::compatibility::thing/seen::schema-version-compatibility:1.0.0..1.1.0",
    ):
        assert name in ids
    suites = [name.split("::")[1] for name in ids]
    assert list(dict.fromkeys(suites)) == ["structure", "robustness", "compatibility"]


@pytest.mark.parametrize(
    ("arguments", "passed"),
    [
        (["-k", "seen and compatibility"], 2),
        (["-k", "schema-is-valid and 1.1.0.json"], 1),
        ([f"{FILE}::compatibility"], 2),
        ([f"{FILE}::compatibility::thing/seen"], 2),
        ([f"{FILE}::robustness::thing/seen::schema-is-valid:1.1.0.json"], 1),
    ],
)
def test_selecting(repository: Path, arguments: list[str], passed: int) -> None:
    run = Run(repository, *arguments)
    assert run.counts["passed"] == passed
    assert run.status == 0


def test_new_schemas_are_found(repository: Path) -> None:
    write(
        repository, "jsonschema/thing/new/current.yaml", "title: thing/new\n$id: /thing/new/1.0.0\n"
    )
    assert f"{FILE}::structure::thing/new::structure-latest-version-exists" in collected(repository)


def test_it_finds_the_repository_from_its_own_place(repository: Path, tmp_path: Path) -> None:
    assert Run(tmp_path, str(repository / FILE)) == {"passed": TOTAL}
    assert Run(repository / "tests") == {"passed": TOTAL}
    assert Run(repository / "tests", "--rootdir", "..", "test_schema_repository.py") == {
        "passed": TOTAL
    }
    link = tmp_path / "link"
    link.symlink_to(repository)
    assert Run(tmp_path, str(link / FILE)) == {"passed": TOTAL}


def test_without_configuration_the_root_of_git_counts(repository: Path) -> None:
    (repository / ".jsonschema-tools.yaml").unlink()
    (repository / ".git").mkdir()
    assert f"{FILE}::structure::thing/seen::structure-current-exists" in collected(repository)


def test_odd_titles(repository: Path) -> None:
    write(
        repository, "jsonschema/odd/current.yaml", 'title: "a::b\\e[31m\\nc[d]"\n$id: /odd/1.0.0\n'
    )
    shutil.copytree(repository / SEEN, repository / "jsonschema/old/seen", symlinks=True)
    ids = collected(repository)
    assert len(set(ids)) == len(ids)
    run = Run(repository, "-v")
    assert r"::a:b\x1b(31m\nc(d)::structure-" in run.output
    assert "\x1b" not in run.output
    assert run.counts["failed"] + run.counts["passed"] == len(ids)


# ------------------------------------------------------------------------------------- what is told


@pytest.mark.parametrize("conftest", ["", WATCHER], ids=["short way", "pytest's way"])
def test_a_failure_shows_the_finding(repository: Path, conftest: str) -> None:
    spoil(repository)
    write(repository, "conftest.py", conftest)
    run = Run(repository)
    place = f"{CHANGE}/1.0.0.yaml:38:5"
    name = "thing/change schema-is-valid:1.0.0.yaml"
    assert f"_ {name} _" in run.output
    assert f'\n{place}: "eight" is not of type "integer"\n' in run.output
    assert "\nhint: " in run.output
    identifier = f"{FILE}::robustness::thing/change::schema-is-valid:1.0.0.yaml"
    assert f'FAILED {identifier} - "eight" is not of type "integer"\n' in run.output
    assert "Traceback" not in run.output
    assert "pytest_items" not in run.output
    assert run.status == 1


@pytest.mark.parametrize("conftest", ["", WATCHER], ids=["short way", "pytest's way"])
def test_a_skip_shows_the_reason(repository: Path, conftest: str) -> None:
    waive(repository)
    write(repository, "conftest.py", conftest)
    run = Run(repository, "-rs")
    assert "SKIPPED [2] .jsonschema-tools.yaml:4: waived by '/thing/seen/1.0.0" in run.output
    assert ": we know, ticket T1\n" in run.output
    assert run == {"passed": TOTAL - 2, "skipped": 2}


@pytest.mark.parametrize("conftest", ["", WATCHER], ids=["short way", "pytest's way"])
@pytest.mark.parametrize("what", [FILE, "jsonschema/thing"])
def test_no_name_or_reason_drives_a_terminal_or_a_ci_job(
    repository: Path, conftest: str, what: str
) -> None:
    hostile = "x\n::error::forged\n##[error]forged \x1b]0;title\x07\u202e"
    settings = {"/thing/seen/1.0.0$": [{"check": "schema-is-valid", "reason": hostile}]}
    write(repository, "conftest.py", conftest)
    with (repository / ".jsonschema-tools.yaml").open("a") as file:
        file.write(f"skipSchemaTestCases: {json.dumps(settings)}\n")
    folder = repository / "jsonschema/thing" / hostile.replace("/", "")
    shutil.copytree(repository / SEEN, folder, symlinks=True)
    (folder / "latest.yaml").unlink()
    (folder / "1.0.0.yaml").write_text(f"title: {json.dumps(hostile)}\n{json.dumps(hostile)}: 1\n")
    run = Run(repository, "-rA", "-v", what)
    assert "forged" in run.output
    assert run.counts.get("failed"), run
    assert "waived by" in run.output
    for line in run.output.splitlines():
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
    assert set(run.output) - set(string.printable) <= set("\u2014")


def test_a_broken_file_is_a_failure(repository: Path) -> None:
    write(repository, f"{CHANGE}/1.0.0.yaml", "a: [")
    run = Run(repository)
    assert "1.0.0.yaml cannot be read" in run.output
    assert run.counts["failed"] >= 1
    assert "error" not in run.counts


def test_a_wrong_configuration_is_an_error(repository: Path) -> None:
    write(repository, ".jsonschema-tools.yaml", "schemaBasePaths: jsonschema\n")
    run = Run(repository)
    assert "unknown configuration key 'schemaBasePaths'" in run.output
    assert "Traceback" not in run.output
    assert run.status == 2


def test_a_bug_shows_its_traceback(repository: Path) -> None:
    write(
        repository,
        "conftest.py",
        "import jsonschema_tools.pytest_items\n\n"
        "def broken(case, context):\n    raise KeyError('bug')\n\n"
        "jsonschema_tools.pytest_items.run_case = broken\n",
    )
    run = Run(repository, "-k", "compatibility")
    assert run.counts["failed"] == 2
    assert "conftest.py:4: KeyError" in run.output


# -------------------------------------------------------------------------- with the rest of pytest


OPTIONS = (
    "-v",
    "-vv",
    "-s",
    "--setup-show",
    "--durations=3 -vv",
    "--import-mode=importlib",
    "-p no:cacheprovider",
    "-p no:logging",
    "--pdb",
)


@pytest.mark.parametrize("arguments", OPTIONS)
def test_options(repository: Path, arguments: str) -> None:
    waive(repository)
    run = Run(repository, *arguments.split())
    assert run.status == 0
    assert run == {"passed": TOTAL - 2, "skipped": 2}


def test_the_first_failure_ends_it(repository: Path) -> None:
    spoil(repository)
    assert Run(repository, "-x").counts["failed"] == 1
    assert Run(repository, "--maxfail=2").counts["failed"] == 2


def test_last_failures(repository: Path) -> None:
    spoil(repository)
    first = Run(repository)
    again = Run(repository, "--lf")
    assert again.counts["failed"] == first.counts["failed"]
    assert "passed" not in again.counts
    shutil.rmtree(repository / "jsonschema")
    shutil.copytree(BASE / "jsonschema", repository / "jsonschema", symlinks=True)
    assert Run(repository, "--lf") == {"passed": first.counts["failed"]} | {
        "deselected": TOTAL - first.counts["failed"]
    }
    assert Run(repository, "--ff") == {"passed": TOTAL}


def test_junit_xml(repository: Path) -> None:
    spoil(repository)
    waive(repository)
    run = Run(repository, "--junitxml=report.xml")
    suite = ElementTree.parse(repository / "report.xml").getroot()[0]  # noqa: S314 - our own
    assert int(suite.attrib["tests"]) == TOTAL == len(suite)
    assert int(suite.attrib["failures"]) == run.counts["failed"]
    assert int(suite.attrib["skipped"]) == run.counts["skipped"]
    (failure,) = suite.findall("testcase[@name='schema-is-valid:1.0.0.yaml']/failure")
    assert failure.attrib["message"] == '"eight" is not of type "integer"'
    assert (failure.text or "").startswith(f"{CHANGE}/1.0.0.yaml:38:5: ")


def test_xdist(repository: Path) -> None:
    pytest.importorskip("xdist")
    spoil(repository)
    waive(repository)
    alone = Run(repository)
    for distribution in ("load", "loadfile", "worksteal"):
        words = ("-n", "2", "--dist", distribution, "--junitxml=report.xml")
        run = Run(repository, *words, plugins=("xdist",))
        assert run == alone.counts, distribution
        assert f"{CHANGE}/1.0.0.yaml:38:5: " in run.output
        suite = ElementTree.parse(repository / "report.xml").getroot()[0]  # noqa: S314 - our own
        assert int(suite.attrib["tests"]) == TOTAL


OWN_TESTS = """\
import pytest

log = []

@pytest.fixture(scope="module", autouse=True)
def module():
    yield
    log.append("down")

@pytest.fixture(scope="session", autouse=True)
def session():
    yield

def test_one():
    pass

class TestTwo:
    def test_two(self):
        pass
"""


def test_between_other_tests(repository: Path) -> None:
    for name in ("tests/a/test_own.py", "tests/test_own.py", "tests/test_zzz.py", "z/test_z.py"):
        write(repository, name, OWN_TESTS)
    run = Run(repository, "--import-mode=importlib")
    assert run == {"passed": TOTAL + 8}
    run = Run(
        repository, "--import-mode=importlib", "tests/a", FILE, "z", SEEN, "tests/test_own.py"
    )
    assert run.status == 0
    assert run.counts["passed"] > TOTAL + 6
    run = Run(repository, "--import-mode=importlib", "tests/test_own.py", f"{FILE}::compatibility")
    assert run == {"passed": 4}


def test_plugins_that_watch_each_phase(repository: Path) -> None:
    write(repository, "conftest.py", WATCHER)
    assert f"phases: {3 * TOTAL}" in Run(repository, "-s").output


def test_plugins_that_watch_reports(repository: Path) -> None:
    text = """\
seen = []

def pytest_runtest_logreport(report):
    seen.append(report.when)

def pytest_unconfigure(config):
    print("phases:", len(seen))
"""
    write(repository, "conftest.py", text)
    assert f"phases: {3 * TOTAL}" in Run(repository, "-s").output


def test_two_repositories(repository: Path, tmp_path: Path) -> None:
    shutil.copytree(repository, tmp_path / "other", symlinks=True)
    run = Run(tmp_path, "--import-mode=importlib")
    assert run == {"passed": 2 * TOTAL}


def test_turned_off(repository: Path) -> None:
    assert Run(repository, "-p", "no:jsonschema_tools", plugins=None) == {"passed": TOTAL}
    run = Run(repository, "-p", "no:jsonschema_tools.pytest_suite")
    assert "RuntimeError: the plugin jsonschema_tools.pytest_suite was turned off" in run.output
    assert run == {"failed": 1}


# ------------------------------------------------------------------------ schema files as arguments


@pytest.mark.parametrize("path", [SEEN, "jsonschema/thing", "jsonschema"])
def test_a_folder_of_schemas(repository: Path, run_tool: RunTool, path: str) -> None:
    spoil(repository)
    waive(repository)
    done = run_tool("check", "--format", "json", path, cwd=repository)
    summary = json.loads(done.stdout)["summary"]
    ids = collected(repository, path)
    assert len(set(ids)) == len(ids) == sum(summary.values())
    assert Run(repository, path) == {name: count for name, count in summary.items() if count}


def test_a_schema_file(repository: Path) -> None:
    name = f"{SEEN}/1.1.0.yaml"
    ids = collected(repository, name)
    valid = f"{name}::robustness::thing/seen::schema-is-valid:1.1.0.yaml"
    assert valid in ids
    assert all(name in identifier for identifier in ids)
    assert Run(repository, valid) == {"passed": 1}
    assert Run(repository, f"{SEEN}/current.yaml", "-k", "equals-latest").counts["passed"] == 1


def test_what_is_missing_is_reported_with_the_current_file(repository: Path) -> None:
    (repository / SEEN / "1.0.0.json").unlink()
    run = Run(repository, f"{SEEN}/current.yaml")
    assert f"{SEEN}/1.0.0.json: version 1.0.0 has no json file" in run.output


@pytest.mark.parametrize("arguments", [[], ["."], ["tests"], ["./"]], ids=str)
def test_nothing_runs_twice(repository: Path, arguments: list[str]) -> None:
    assert Run(repository, *arguments) == {"passed": TOTAL}


def test_testpaths(repository: Path) -> None:
    write(repository, "pytest.ini", "[pytest]\ntestpaths = tests\n")
    assert Run(repository) == {"passed": TOTAL}
    write(repository, "pytest.ini", "[pytest]\ntestpaths = jsonschema\n")
    assert Run(repository) == {"passed": TOTAL}


def test_without_a_suite_nothing_runs_unasked(repository: Path) -> None:
    (repository / FILE).unlink()
    assert Run(repository).status == pytest.ExitCode.NO_TESTS_COLLECTED
    assert Run(repository, "jsonschema") == {"passed": TOTAL}
    assert Run(repository / "jsonschema") == {"passed": TOTAL}


def test_files_that_are_no_schemas(repository: Path) -> None:
    write(repository, f"{SEEN}/notes.yaml", "a: b\n")
    write(repository, "data/1.0.0.yaml", "a: b\n")
    assert Run(repository, "data").status == pytest.ExitCode.NO_TESTS_COLLECTED
    assert "notes.yaml" not in "".join(collected(repository, SEEN))


def test_other_projects_are_left_alone(tmp_path: Path) -> None:
    write(tmp_path, "data/1.0.0.yaml", "a: b\n")
    write(tmp_path, "data/current.json", "{}\n")
    loaded = "sorted(name for name in sys.modules if name.startswith('jsonschema_tools'))"
    code = f"import sys\n\ndef test_it():\n    assert {loaded} == {{!r}}\n"
    names = ["jsonschema_tools", "jsonschema_tools._version", "jsonschema_tools.pytest_plugin"]
    write(tmp_path, "test_it.py", code.replace("{!r}", repr(names)))
    assert Run(tmp_path, "data", "test_it.py", plugins=None) == {"passed": 1}


LOADERS = """\
import sys
import pytest

# what pytest does for each package of a distribution that has a plugin, unless it is editable
pytest.register_assert_rewrite("jsonschema_tools.checks", "jsonschema_tools.examples")

def pytest_unconfigure(config):
    for name in ("jsonschema_tools.checks.robustness", "jsonschema_tools.examples.generate"):
        print(name, "by", type(sys.modules[name].__spec__.loader).__name__)
"""


def test_our_modules_are_imported_as_they_are(repository: Path) -> None:
    """pytest would rewrite them, and so compile all of them anew where no bytecode is kept."""
    (repository / "conftest.py").write_text(LOADERS)
    code = "def test_it():\n    import jsonschema_tools.examples.generate\n"
    (repository / "tests/test_it.py").write_text(code)
    output = Run(repository, fresh=True).output
    assert "jsonschema_tools.checks.robustness by SourceFileLoader" in output
    assert "jsonschema_tools.examples.generate by SourceFileLoader" in output
