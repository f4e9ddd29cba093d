"""Replaying history: what build-modified writes for a commit's current files is what the reference
writes.

Takes the reference, `@wikimedia/jsonschema-tools`, in the folder that JSONSCHEMA_TOOLS_REFERENCE
names, and node. JSONSCHEMA_TOOLS_HISTORY may name clones of real schema repositories, separated by
colons, whose history is replayed as well.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import GitRepository, RunTool

SCRIPT = "node_modules/@wikimedia/jsonschema-tools/scripts/jsonschema-tools.js"
REFERENCE = Path(os.environ.get("JSONSCHEMA_TOOLS_REFERENCE", "none")) / SCRIPT
HISTORIES = [path for path in os.environ.get("JSONSCHEMA_TOOLS_HISTORY", "").split(":") if path]

pytestmark = pytest.mark.skipif(
    not REFERENCE.is_file() or shutil.which("node") is None,
    reason="needs node, and JSONSCHEMA_TOOLS_REFERENCE",
)

COMMON = """\
title: fragment/common
description: Fields of every event
$id: /fragment/common/{version}
$schema: http://json-schema.org/draft-07/schema#
type: object
required: [dt]
properties:
  dt: {{type: string, format: date-time, maxLength: 128}}
{more}"""

EVENT = """\
title: event/happened
description: >
  An event with a description that is long enough to be folded over more than one line of text.
$id: /event/happened/{version}
$schema: http://json-schema.org/draft-07/schema#
type: object
allOf:
  - $ref: /fragment/common/{common}#
  - properties:
      number: {{type: integer, minimum: 1}}
      tags: {{type: array, items: {{type: string}}}}
{more}examples:
  - dt: "2020-01-01T00:00:00Z"
    number: 1
"""

#: commit by commit: the files that it changes
STORY: list[dict[str, str]] = [
    {
        "schemas/fragment/common/current.yaml": COMMON.format(version="1.0.0", more=""),
        "schemas/event/happened/current.yaml": EVENT.format(
            version="1.0.0", common="1.0.0", more=""
        ),
    },
    {
        "schemas/event/happened/current.yaml": EVENT.format(
            version="1.1.0",
            common="1.0.0",
            more="      map: {type: object, additionalProperties: {type: number}}\n",
        )
    },
    {
        "schemas/fragment/common/current.yaml": COMMON.format(
            version="1.1.0", more="  id: {type: string, minLength: 1}\n"
        )
    },
    {
        "schemas/event/happened/current.yaml": EVENT.format(
            version="2.0.0", common="1.1.0", more="      kind: {enum: [b, a], type: string}\n"
        )
    },
    {  # not bumped: the same version again
        "schemas/event/happened/current.yaml": EVENT.format(
            version="2.0.0", common="1.1.0", more="      flag: {type: boolean, default: false}\n"
        )
    },
]


def content(root: Path) -> dict[str, bytes | str]:
    """Return all files and links but those of git."""
    return {
        str(path.relative_to(root)): str(path.readlink())
        if path.is_symlink()
        else path.read_bytes()
        for path in root.rglob("*")
        if not path.is_relative_to(root / ".git") and (path.is_symlink() or path.is_file())
    }


def reference(*arguments: str, cwd: Path) -> None:
    done = subprocess.run(
        ["node", REFERENCE, *arguments], cwd=cwd, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def replay(history: GitRepository, commit: str, tmp_path: Path, run_tool: RunTool) -> None:
    """Materialize the current files that a commit modified, at its parent, with both tools."""
    names = history.git(
        *("diff", "--name-only", "-z", "--no-renames", "--diff-filter=M", f"{commit}~", commit)
    ).split("\0")
    roots = [tmp_path / f"{tool}-{commit}" for tool in ("ours", "reference")]
    for root in roots:
        history.git("clone", "--quiet", "--no-checkout", ".", root)
        history.git("checkout", "--quiet", "--detach", f"{commit}~", cwd=root)
        for name in names:
            if Path(name).stem == "current":
                history.git("restore", f"--source={commit}", "--worktree", "--", name, cwd=root)
    done = run_tool("build-modified", cwd=roots[0])
    assert done.returncode == 0, done.stderr
    reference("materialize-modified", "--no-git-add", cwd=roots[1])
    ours, theirs = map(content, roots)
    assert ours == theirs
    for root in roots:
        shutil.rmtree(root)


def test_scratch_history(git_repository: GitRepository, tmp_path: Path, run_tool: RunTool) -> None:
    git_repository.write(
        ".jsonschema-tools.yaml", "schemaBasePath: ./schemas/\nshouldGenerateExample: true\n"
    )
    for number, files in enumerate(STORY):
        for name, text in files.items():
            git_repository.write(name, text)
            reference("materialize", name, cwd=git_repository.root)
        commit = git_repository.commit()
        if number:
            replay(git_repository, commit, tmp_path, run_tool)


@pytest.mark.parametrize("path", HISTORIES)
def test_real_history(
    path: str, git_repository: GitRepository, tmp_path: Path, run_tool: RunTool
) -> None:
    git_repository.git("pull", "--quiet", Path(path).resolve().as_uri())
    commits = git_repository.git(
        "rev-list",
        "--no-merges",
        "--min-parents=1",
        "--reverse",
        "HEAD",
        "--",
        ":(glob)**/current.*",
    )
    for commit in commits.split():
        replay(git_repository, commit, tmp_path, run_tool)
