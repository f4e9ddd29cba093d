"""What is published: the source distribution, the wheel made from it, and that it works alone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "jsonschema_tools"
BUILD = (
    "import sys; from setuptools import build_meta; "
    "print(getattr(build_meta, sys.argv[1])(sys.argv[2]))"
)

pytest.importorskip("setuptools", minversion="77", reason="it builds the wheel")


def build(kind: str, source: Path, target: Path) -> Path:
    """Build a distribution as pip does, with what is installed."""
    done = subprocess.run(
        [sys.executable, "-c", BUILD, kind, str(target)],
        cwd=source, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return target / done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source distribution, which is built from a copy of the project."""
    folder = tmp_path_factory.mktemp("distributions")
    project = folder / "project"
    project.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, project)
    shutil.copytree(PACKAGE, project / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    archive = build("build_sdist", project, folder)
    # our own archive: before Python 3.11.4, shutil knows no filters
    safely: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    shutil.unpack_archive(archive, folder / "unpacked", **safely)
    (source,) = (folder / "unpacked").iterdir()
    return build("build_wheel", source, folder)


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Path:
    """The folder of packages that the wheel is unpacked into, as an installer does."""
    target = wheel.parent / "site-packages"
    shutil.unpack_archive(wheel, target, "zip")
    return target


def run(installed: Path, *words: str, cwd: Path) -> str:
    """Run the program from the unpacked wheel, which goes before any other installation."""
    done = subprocess.run(
        [sys.executable, "-P", *words], cwd=cwd, check=False, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(installed)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_wheel_holds_the_package_and_nothing_else(installed: Path) -> None:
    def files(package: Path) -> set[str]:
        found = (path for path in package.rglob("*") if path.is_file())
        return {str(p.relative_to(package)) for p in found if "__pycache__" not in p.parts}

    assert files(installed / PACKAGE.name) == files(PACKAGE)
    others = {path.name.split("-")[0] for path in installed.iterdir()}
    assert others == {"jsonschema_tools"}
    (metadata,) = installed.glob("*.dist-info")
    scripts = (metadata / "entry_points.txt").read_text()
    assert "jsonschema-tools = jsonschema_tools.__main__:main" in scripts
    assert (metadata / "licenses/LICENSE").is_file()


def test_the_program_works_without_the_source_tree(installed: Path, tmp_path: Path) -> None:
    where = run(installed, "-c", "import jsonschema_tools as p; print(p.__file__)", cwd=tmp_path)
    assert Path(where.strip()).is_relative_to(installed)
    tool = ("-m", "jsonschema_tools")
    run(installed, *tool, "init", cwd=tmp_path)
    run(installed, *tool, "new", "shop/order_placed", cwd=tmp_path)
    run(installed, *tool, "materialize-all", cwd=tmp_path)
    assert " 0 failed" in run(installed, *tool, "check", "--suite", "structure", cwd=tmp_path)
    assert "thing_happened" in run(installed, *tool, "streams", cwd=tmp_path)
    assert "CREATE TABLE" in run(installed, *tool, "table", "shop/order_placed", cwd=tmp_path)


def test_the_site_works_without_the_source_tree(installed: Path, tmp_path: Path) -> None:
    pytest.importorskip("jinja2", reason="it needs the extra [site]")
    run(installed, "-m", "jsonschema_tools", "init", cwd=tmp_path)
    run(installed, "-m", "jsonschema_tools", "site", "public", cwd=tmp_path)
    assert (tmp_path / "public/index.html").is_file()
