"""Several processes write what one would, and say the same in the same order."""

from __future__ import annotations

import shutil
from functools import partial
from typing import TYPE_CHECKING

import pytest

from jsonschema_tools.commands.writing_sources import read_files, write_sources
from jsonschema_tools.config import load_config
from jsonschema_tools.materialization import Materializer, Source
from jsonschema_tools.repository import current_files

if TYPE_CHECKING:
    from pathlib import Path

    from jsonschema_tools.commands.writing_sources import Written

# each refers to the next; what is last is made first, and the broken one takes others with it
CHAINS = {"a": ["d", "c"], "b": ["h"], "c": ["g"], "d": ["g", "e"], "e": ["h"], "f": ["broken"]}
TITLES = [*"abcdefgh", "broken", "clash", "last"]


def lay(root: Path) -> Path:
    for title in TITLES:
        folder = root / "schemas" / title
        folder.mkdir(parents=True)
        parts = "".join(f"  - $ref: /{name}/1.0.0\n" for name in CHAINS.get(title, []))
        lines = [
            f"title: {title}",
            f"$id: /{title}/1.0.0",
            "type: object",
            "x-large: 18446744073709551615" if title == "c" else "x-large: 1",
            f"properties: {{of_{title}: {{type: string}}}}",
            "allOf:\n  - $ref: /nowhere/1.0.0" if title == "broken" else "",
            f"allOf:\n{parts}" if parts else "",
        ]
        (folder / "current.yaml").write_text("\n".join(lines) + "\n")
    (root / "schemas/clash/1.0.0.yaml").mkdir()  # in the way of what will be written
    (root / ".jsonschema-tools.yaml").write_text("schemaBasePath: schemas\n")
    return root


def run(root: Path, jobs: int) -> Written:
    config = load_config(root)
    files = current_files(config)
    sources = [Source(file.document, file.path.parent) for file in files if file.document]
    assert len(sources) == len(TITLES)
    return write_sources(Materializer(config), sources, config, jobs=jobs)


def tree(root: Path) -> dict[str, bytes]:
    files = [path for path in root.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(root)): str(path.readlink()).encode()
        if path.is_symlink()
        else path.read_bytes()
        for path in files
    }


@pytest.mark.parametrize("jobs", [2, 3, len(TITLES)])
def test_jobs(tmp_path: Path, capfd: pytest.CaptureFixture[str], jobs: int) -> None:
    one, several = lay(tmp_path / "one"), tmp_path / "several"
    shutil.copytree(one, several)
    expected, expected_told = run(one, 1), capfd.readouterr()
    written, told = run(several, jobs), capfd.readouterr()
    assert told.out == expected_told.out
    assert told.err.replace(str(several), str(one)) == expected_told.err
    assert [path.relative_to(several) for path in written.paths] == [
        path.relative_to(one) for path in expected.paths
    ]
    assert (written.changed, written.failures) == (expected.changed, expected.failures)
    assert tree(several) == tree(one)
    # the case says something: dependencies come first, two fail by themselves and one with them
    assert told.out.index("schemas/g/1.0.0.yaml") < told.out.index("schemas/a/1.0.0.yaml")
    assert (written.changed, written.failures) == (8 * 6, 3)
    assert "18446744073709551615" in told.err
    assert run(several, jobs).changed == 0


def test_several_processes_read_what_one_would(tmp_path: Path) -> None:
    root = lay(tmp_path)
    (root / "schemas/b/current.yaml").write_text("a: [\n")
    (root / "schemas/d/current.yaml").write_text("a: 2020-01-01\nb: !!binary aGk=\n")
    config = load_config(root)
    one, several = current_files(config), current_files(config, partial(read_files, jobs=3))
    assert [file.document for file in several] == [file.document for file in one]
    assert [str(file.error) for file in several] == [str(file.error) for file in one]
    assert [file.path for file in several] == [file.path for file in one]
    broken = next(file for file in several if file.folder == "b")
    assert broken.document is None
    assert "schemas/b/current.yaml:2" in str(broken.error)
