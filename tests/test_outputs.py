"""Files and links are put in place whole, and nothing that is no copy is ever lost."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from jsonschema_tools.errors import WriteError
from jsonschema_tools.outputs import Output, remove_left_over


def test_a_file_is_written_once(tmp_path: Path) -> None:
    output = Output(tmp_path / "new" / "1.0.0.yaml", b"a: 1\n")
    assert output.differs()
    output.write()
    assert output.path.read_bytes() == b"a: 1\n"
    assert not output.differs()
    assert [path.name for path in output.path.parent.iterdir()] == ["1.0.0.yaml"]


def test_a_replaced_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("old")
    path.chmod(0o640)
    Output(path, b"new").write()
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_file_obeys_the_umask(tmp_path: Path) -> None:
    Output(tmp_path / "f", b"").write()
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == 0o666 & ~umask


def test_a_link_is_written_and_moved(tmp_path: Path) -> None:
    for target in ("1.0.0.yaml", "1.1.0.yaml"):
        output = Output(tmp_path / "latest", b"", target)
        assert output.differs()
        output.write()
        assert str((tmp_path / "latest").readlink()) == target
        assert not output.differs()


def test_a_file_where_a_link_goes_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "latest"
    path.write_text("precious")
    with pytest.raises(WriteError, match="a file where a symbolic link should go"):
        Output(path, b"x", "1.0.0.yaml").differs()
    assert path.read_text() == "precious"


def test_a_copy_where_a_link_goes_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "latest"
    path.write_bytes(b"same")
    output = Output(path, b"same", "1.0.0.yaml")
    assert output.differs()
    output.write()
    assert path.is_symlink()


def test_the_name_of_a_file_where_a_link_goes_is_replaced(tmp_path: Path) -> None:
    # what git checks out for a link where core.symlinks is false
    (tmp_path / "1.0.0.yaml").write_text("a: 1")
    (tmp_path / "latest").write_text("1.0.0.yaml")
    output = Output(tmp_path / "latest", b"b: 1", "1.1.0.yaml")
    assert output.differs()
    output.write()
    assert str(output.path.readlink()) == "1.1.0.yaml"


@pytest.mark.parametrize("target", [None, "1.0.0.yaml"])
def test_a_folder_is_kept(tmp_path: Path, target: str | None) -> None:
    (tmp_path / "1.0.0").mkdir()
    with pytest.raises(WriteError, match="a folder where a"):
        Output(tmp_path / "1.0.0", b"", target).differs()


def test_a_link_where_a_file_goes_is_replaced_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("precious")
    (tmp_path / "1.0.0.yaml").symlink_to("outside")
    output = Output(tmp_path / "1.0.0.yaml", b"new")
    assert output.differs()
    output.write()
    assert (tmp_path / "outside").read_text() == "precious"
    assert not output.path.is_symlink()


def test_left_overs_of_a_killed_process_go(tmp_path: Path) -> None:
    dead = tmp_path / ".f.0123456789ab.jsonschema-tools-tmp"
    alive = tmp_path / ".f.ba9876543210.jsonschema-tools-tmp"
    link = tmp_path / ".l.0123456789ab.jsonschema-tools-tmp"
    theirs = tmp_path / ".f.99999999999999999999.jsonschema-tools-tmp"
    for path in (dead, alive, theirs):
        path.touch()
    link.symlink_to("nowhere")
    program = "import fcntl,sys; f=open(sys.argv[1]); fcntl.flock(f, 2); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", program, alive], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()
        remove_left_over(tmp_path)
        assert {path.name for path in tmp_path.iterdir()} == {alive.name, theirs.name}
        process.communicate(b"\n")
    remove_left_over(tmp_path)
    assert not alive.exists()
    remove_left_over(tmp_path / "not there")


@pytest.mark.parametrize("content", [".", "..", "a" * 255, "~"])
def test_a_short_file_that_names_no_file_is_kept(tmp_path: Path, content: str) -> None:
    (tmp_path / "latest").write_text(content)
    with pytest.raises(WriteError, match="a file where a symbolic link"):
        Output(tmp_path / "latest", b"b: 1", "1.1.0.yaml").differs()


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("a file")
    with pytest.raises(WriteError) as caught:
        Output(tmp_path / "folder" / "f", b"x").write()
    assert "still there" in str(caught.value)
    assert (tmp_path / "folder").read_text() == "a file"


SYNCS = """
import os, runpy, sys
real, replace = os.fsync, os.replace
def fsync(number):
    print("sync", os.readlink(f"/proc/self/fd/{number}"), file=sys.stderr)
    real(number)
def replaced(old, new):
    print("name", new, file=sys.stderr)
    replace(old, new)
os.fsync, os.replace = fsync, replaced
sys.argv = sys.argv[1:]
runpy.run_module("jsonschema_tools", run_name="__main__")
"""


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="files are named by /proc")
@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("bump", "user/current.yaml"),
        ("outdated --update .", "user/current.yaml"),
        ("check --write-skips", ".jsonschema-tools.yaml"),
    ],
)
def test_what_is_durable_is_synced(command: str, name: str, tmp_path: Path) -> None:
    """The content is synced, then it gets its name, then the folder is synced."""
    (tmp_path / ".jsonschema-tools.yaml").write_text("schemaBasePath: .\n")
    for title, version in (("part", "1.0.0"), ("part", "1.1.0"), ("user", "1.0.0")):
        (tmp_path / title).mkdir(exist_ok=True)
        text = f"title: {title}\n$id: /{title}/{version}\ntype: object\n"
        for name_of_version in (version, f"{version}.yaml"):
            (tmp_path / title / name_of_version).write_text(text)
        uses = "allOf: [{$ref: /part/1.0.0}]\nproperties: {a: {type: string}}\n"
        (tmp_path / title / "current.yaml").write_text(text + (uses if title == "user" else ""))
    done = subprocess.run(
        [sys.executable, "-c", SYNCS, "jsonschema-tools", *command.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    path = tmp_path / name
    marked = [line.split(" ", 1) for line in done.stderr.splitlines() if line[:5] in _MARKS]
    at = marked.index(["name", str(path)])
    assert marked[at - 1][0] == "sync"
    assert f"{path.parent}/.{path.name}." in marked[at - 1][1]
    assert marked[at + 1] == ["sync", str(path.parent)]


_MARKS = ("sync ", "name ")
