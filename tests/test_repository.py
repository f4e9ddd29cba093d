"""Finding the schema files of a repository."""

import subprocess
import sys
from pathlib import Path

from jsonschema_tools.config import load_config
from jsonschema_tools.repository import current_files, find_files, scan

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
    found = {file.shown for file in find_files(load_config(tmp_path))}
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
