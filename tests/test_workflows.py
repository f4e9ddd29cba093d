"""The workflows and the action for GitHub, by the schemas of their formats."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
TEMPLATES = sorted((ROOT / "jsonschema_tools/authoring/templates").glob("github*.yaml"))


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        *((path, "vendor.github-workflows") for path in (*WORKFLOWS, *TEMPLATES)),
        (ROOT / "action.yml", "vendor.github-actions"),
    ],
    ids=lambda value: getattr(value, "name", value),
)
def test_is_valid(path: Path, schema: str) -> None:
    pytest.importorskip("check_jsonschema", reason="it has the schemas")
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_asks_for_no_more_than_it_needs(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert workflow["permissions"] == {"contents": "read"}
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            assert "${{" not in step.get("run", ""), "an input in a script can run code"


def test_only_one_job_of_the_release_may_publish() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())["jobs"]
    may = {name for name, job in jobs.items() if "id-token" in job.get("permissions", {})}
    assert may == {"publish"}
    assert jobs["publish"]["needs"] == ["build", "test"]
    assert not any("checkout" in step.get("uses", "") for step in jobs["test"]["steps"])


def test_the_templates_let_no_job_that_runs_scripts_publish() -> None:
    assert TEMPLATES
    for path in TEMPLATES:
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert workflow["permissions"] == {"contents": "read"}
        for job in workflow["jobs"].values():
            scripts = [step["run"] for step in job["steps"] if "run" in step]
            assert not (scripts and "write" in job.get("permissions", {}).values())
            for script in scripts:
                assert "${{" not in script
                assert " check " not in script or "--no-cache" in script
