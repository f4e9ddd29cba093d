"""Finding the schema files of a repository."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jsonschema_tools.config import load_config
from jsonschema_tools.found_files import find_files
from jsonschema_tools.repository import current_files, scan

SCHEMA = (
    "title: a/b\n$id: /a/b/{}\n$schema: https://json-schema.org/draft-07/schema#\ntype: object\n"
)


def write(folder: Path, name: str, version: str = "1.0.0", text: str | None = None) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text if text is not None else SCHEMA.format(version))


def test_only_schema_files_are_found(tmp_path: Path) -> None:
    for name in ("current.yaml", "1.0.0.yaml", "1.0.0.json", "2.0.0-rc.1.yaml"):
        write(tmp_path, f"a/b/{name}")
    for name in ("latest.yaml", "README.md", "1.0.yaml", "other.yaml", "current.yml"):
        write(tmp_path, f"a/b/{name}")
    for folder in (".git", "node_modules", "a/__pycache__"):
        write(tmp_path, f"{folder}/current.yaml")
    found = {file.display_path for file in find_files(load_config(tmp_path))}
    assert found == {
        "a/b/current.yaml", "a/b/1.0.0.yaml", "a/b/1.0.0.json", "a/b/2.0.0-rc.1.yaml"
    }  # fmt: skip


def test_versions_are_ordered_and_current_is_last(tmp_path: Path) -> None:
    for version in ("1.10.0", "1.9.0", "2.0.0", "2.0.0-rc.1"):
        write(tmp_path, f"a/b/{version}.yaml", version)
    write(tmp_path, "a/b/current.yaml", "2.0.0")
    (title,) = scan(load_config(tmp_path)).titles
    names = [file.name for file in title.files]
    assert names == ["1.9.0.yaml", "1.10.0.yaml", "2.0.0-rc.1.yaml", "2.0.0.yaml", "current.yaml"]
    assert title.current is title.files[-1]


def test_a_broken_file_is_kept_with_its_error(tmp_path: Path) -> None:
    write(tmp_path, "a/b/1.0.0.yaml", text="a: [")
    write(tmp_path, "a/b/current.yaml")
    (title,) = scan(load_config(tmp_path)).titles
    broken, current = title.files
    assert broken.error is not None
    assert broken.title == "a/b"
    assert broken.version is not None
    assert current.error is None


def test_ignored_schemas_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, "a/b/1.0.0.yaml")
    write(tmp_path, "a/b/1.1.0.yaml", "1.1.0")
    (tmp_path / ".jsonschema-tools.yaml").write_text("ignoreSchemas: [/b/1.0]\n")
    assert [file.name for file in scan(load_config(tmp_path)).files] == ["1.1.0.yaml"]


def test_several_base_paths(tmp_path: Path) -> None:
    write(tmp_path, "x/a/b/current.yaml")
    write(tmp_path, "y/f/current.yaml")
    (tmp_path / ".jsonschema-tools.yaml").write_text("schemaBasePath: [./x/, ./y/]\n")
    assert [file.folder for file in current_files(load_config(tmp_path))] == ["a/b", "f"]


def test_loops_of_links_end(tmp_path: Path) -> None:
    write(tmp_path, "a/b/current.yaml")
    (tmp_path / "a" / "loop").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to("self")
    assert len(find_files(load_config(tmp_path))) == 1


@pytest.mark.parametrize("names", [("a", "z"), ("z", "a")])
def test_a_folder_goes_by_its_own_name_or_the_first_link(
    tmp_path: Path, names: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    base, outside = tmp_path / "schemas", tmp_path / "outside"
    (outside / "deep").mkdir(parents=True)
    (base / "m").mkdir(parents=True)
    for folder in (base / "m", outside, outside / "deep"):
        (folder / "current.yaml").write_text("title: x\n")
    for name in names:
        (base / name).symlink_to(base / "m")
        (base / f"{name}_out").symlink_to(outside)
    listed = os.scandir
    first = names[0]

    def in_some_order(folder: str) -> list[os.DirEntry[str]]:
        return sorted(listed(folder), key=lambda entry: entry.name, reverse=first == "z")

    monkeypatch.setattr(os, "scandir", in_some_order)
    found = [file.path.relative_to(base) for file in find_files(load_config(base))]
    assert [str(path.parent) for path in found] == ["a_out", "a_out/deep", "m"]


def test_the_folder_of_schemas_does_not_hide_the_library() -> None:
    # `jsonschema/` at the top has the library's name: it must never become a package
    root = Path(__file__).parents[1]
    assert not list((root / "jsonschema").rglob("__init__.py"))
    for start in (
        ["-c", "import jsonschema; jsonschema.Draft7Validator"],
        ["-m", "jsonschema_tools"],
    ):
        done = subprocess.run([sys.executable, *start], cwd=root, check=False, capture_output=True)
        assert b"AttributeError" not in done.stderr
        assert b"Traceback" not in done.stderr
