"""What `check` remembers: never another result, whatever happens to the repository or the cache."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from contextlib import suppress
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from jsonschema_tools.cache import FOLDER, Cache, Usage
from jsonschema_tools.checks import CHECKS, select
from jsonschema_tools.config import load_config
from jsonschema_tools.found_files import find_files
from jsonschema_tools.reports import Report, as_json
from jsonschema_tools.repository import Repository, scan
from jsonschema_tools.runner import check_run as check_run_module
from jsonschema_tools.runner import result_cache
from jsonschema_tools.runner.check_run import CheckRun, check_files
from jsonschema_tools.runner.result_cache import ResultCache
from jsonschema_tools.runner.results import from_json, to_json
from support.effort import examples

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from conftest import RunTool

    from jsonschema_tools.config import Config
    from jsonschema_tools.runner.results import Checked

TODAY = date(2026, 6, 1)
BASE = Path(__file__).parents[1] / "cases" / "check" / "base"
CHANGE = "jsonschema/thing/change"
SEEN = "jsonschema/thing/seen"
COMMON = "jsonschema/fragment/common"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a sound repository."""
    return Path(shutil.copytree(BASE, tmp_path / "repository", symlinks=True))


class Run:
    """A run with the cache: what it found, and in how many folders that was known."""

    def __init__(
        self, repository: Path, settings: Mapping[str, Any] | None = None, today: date = TODAY
    ) -> None:
        config = load_config(repository, overrides=settings)
        self.check_run = CheckRun(config, CHECKS, today)
        known = Counting(Cache(repository / FOLDER), config, CHECKS, today)
        found = find_files(config)
        self.checked = check_files(found, self.check_run, jobs=1, cache=known)
        self.known = known.hits
        self.folders = len({file.path.parent for file in found})
        self.config = config


class Counting(ResultCache):
    hits = 0

    def get(self, files: Any) -> Checked | None:
        found = super().get(files)
        self.hits += found is not None
        return found


def afresh(run: Run) -> Checked:
    return check_files(find_files(run.config), run.check_run, jobs=1)


def report(checked: Checked, config: Config) -> str:
    results = tuple(result for done in checked.titles for result in done.results)
    return as_json(Report(results))


def assert_right(run: Run) -> Run:
    without = afresh(run)
    assert report(run.checked, run.config) == report(without, run.config)
    assert run.checked.titles == without.titles
    assert sorted(run.checked.ignored) == sorted(without.ignored)
    return run


# ------------------------------------------------------------------------------- what is remembered


def test_nothing_is_checked_twice(repository: Path) -> None:
    first = assert_right(Run(repository))
    second = assert_right(Run(repository))
    assert (first.known, second.known, second.folders) == (0, 3, 3)


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(repository: Path) -> None:
        path = repository / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    return change


def relink(name: str, target: str) -> Callable[[Path], None]:
    def change(repository: Path) -> None:
        (repository / name).unlink()
        (repository / name).symlink_to(target)

    return change


def remove(name: str) -> Callable[[Path], None]:
    return lambda repository: (repository / name).unlink()


def add(name: str, text: str = "") -> Callable[[Path], None]:
    def change(repository: Path) -> None:
        (repository / name).parent.mkdir(parents=True, exist_ok=True)
        (repository / name).write_text(text)

    return change


def link_to_copy(name: str) -> Callable[[Path], None]:
    def change(repository: Path) -> None:
        path = repository / name
        path.rename(repository / path.name)
        path.symlink_to(repository / path.name)

    return change


def copy_in_place_of_link(name: str) -> Callable[[Path], None]:
    def change(repository: Path) -> None:
        text = (repository / name).read_text()
        (repository / name).unlink()
        (repository / name).write_text(text)

    return change


def edit_in_disguise(repository: Path) -> None:
    """Change a file, and keep its size and times."""
    path = repository / f"{CHANGE}/1.0.0.yaml"
    before = path.stat()
    path.write_text(path.read_text().replace("maxItems: 8", "maxItems: x"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


def folder_becomes_link(repository: Path) -> None:
    (repository / SEEN).rename(repository / "elsewhere")
    (repository / SEEN).symlink_to(repository / "elsewhere")


def second_folder(repository: Path) -> None:
    shutil.copytree(repository / SEEN, repository / "jsonschema/old/seen", symlinks=True)


CHANGES: dict[str, tuple[Callable[[Path], None], int]] = {
    # name: (change, in how many of three folders the results are still known)
    "current file": (edit(f"{CHANGE}/current.yaml", "A thing", "Something"), 2),
    "comment in it": (edit(f"{CHANGE}/current.yaml", "title:", "# a comment\ntitle:"), 2),
    "materialized file": (edit(f"{SEEN}/1.0.0.yaml", "maxLength", "minLength"), 2),
    "in disguise": (edit_in_disguise, 2),
    "fragment": (edit(f"{COMMON}/1.0.0.yaml", "maxLength: 64", "maxLength: 65"), 0),
    "current file of the fragment": (edit(f"{COMMON}/current.yaml", "title:", "# !\ntitle:"), 2),
    "link of the fragment": (relink(f"{COMMON}/1.0.0", "1.0.0.json"), 0),
    "link gone": (remove(f"{CHANGE}/2.0.0"), 2),
    "link elsewhere": (relink(f"{CHANGE}/latest", "1.0.0.yaml"), 2),
    "link to nothing": (relink(f"{CHANGE}/latest", "3.0.0.yaml"), 2),
    "link around": (relink(f"{CHANGE}/latest", "../change/2.0.0.yaml"), 2),
    "copy in place of a link": (copy_in_place_of_link(f"{CHANGE}/latest.yaml"), 2),
    "link in place of a file": (link_to_copy(f"{CHANGE}/1.0.0.yaml"), 2),
    "folder becomes a link": (folder_becomes_link, 3),
    "new file": (add(f"{CHANGE}/current"), 2),
    "new version": (add(f"{CHANGE}/2.1.0.yaml", "title: thing/change\n"), 2),
    "version gone": (remove(f"{CHANGE}/1.0.0.json"), 2),
    "broken": (add(f"{CHANGE}/1.0.0.yaml", "a: ["), 2),
    "empty": (add(f"{CHANGE}/1.0.0.yaml"), 2),
    "the same title in a second folder": (second_folder, 3),
    "new schema": (add("jsonschema/thing/new/current.yaml", "title: thing/new\n"), 3),
    "file elsewhere": (add("README.md", "words"), 3),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_a_change_touches_is_checked_again(repository: Path, name: str) -> None:
    change, known = CHANGES[name]
    Run(repository)
    change(repository)
    assert assert_right(Run(repository)).known == known
    assert_right(Run(repository))


def test_times_and_modes_do_not_matter(repository: Path) -> None:
    Run(repository)
    for path in repository.rglob("*.yaml"):
        os.utime(path, (0, 0))
        path.chmod(0o600)
    assert assert_right(Run(repository)).known == 3


def test_a_fragment_that_appears_in_an_earlier_place(repository: Path) -> None:
    uris = {"schemaBaseUris": ["./overrides", "./jsonschema"]}
    Run(repository, uris)
    assert assert_right(Run(repository, uris)).known == 3
    text = (
        (repository / COMMON / "1.0.0.yaml")
        .read_text()
        .replace("properties:", "properties: {}\nx:")
    )
    add("overrides/fragment/common/1.0.0", text)(repository)
    run = assert_right(Run(repository, uris))
    assert run.known == 1  # the fragment's own folder
    assert "failed" in {result.outcome for done in run.checked.titles for result in done.results}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_in_an_earlier_place_that_cannot_be_read(repository: Path) -> None:
    uris = {"schemaBaseUris": ["./overrides", "./jsonschema"]}
    Run(repository, uris)
    add("overrides/fragment/common/1.0.0")(repository)
    (repository / "overrides/fragment/common/1.0.0").chmod(0)
    assert assert_right(Run(repository, uris)).known == 1


def test_a_base_folder_that_becomes_a_link(repository: Path) -> None:
    uris = {"schemaBaseUris": ["./base"]}
    (repository / "base").symlink_to("jsonschema")
    Run(repository, uris)
    (repository / "base").unlink()
    shutil.copytree(repository / "jsonschema", repository / "copy", symlinks=True)
    (repository / "base").symlink_to("copy")
    assert assert_right(Run(repository, uris)).known == 0


@pytest.mark.parametrize(
    "settings",
    [
        {"requiredFields": ["nothing"]},
        {"contentTypes": ["json"]},
        {"shouldSymlinkLatest": False},
        {"enforcedNumericBounds": [0, 1]},
        {"ignoreSchemas": ["/thing/"]},
        {"ignoreSchemas": ["x" * 300 + "|/thing/"]},
        {"skipSchemaTestCases": {"thing/seen": ["schema-is-valid"]}},
        {"fragmentSchemas": []},
        {"allowExternalRefs": True},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_settings_count(repository: Path, settings: dict[str, Any]) -> None:
    Run(repository)
    Run(repository, {"ignoreSchemas": ["x" * 300]})
    assert assert_right(Run(repository, settings)).known == 0
    assert assert_right(Run(repository, settings)).known > 0
    assert assert_right(Run(repository)).known == 3


def test_how_much_is_reported_does_not_count(repository: Path) -> None:
    Run(repository)
    assert assert_right(Run(repository, {"logLevel": "debug"})).known == 3


def test_the_last_day_of_a_waiver(repository: Path) -> None:
    entry = {"check": "schema-is-valid", "reason": "later", "until": TODAY.isoformat()}
    settings = {"skipSchemaTestCases": {"thing/seen": [entry]}}
    Run(repository, settings)
    assert assert_right(Run(repository, settings, TODAY - timedelta(1))).known == 3
    assert assert_right(Run(repository, settings, TODAY + timedelta(1))).known == 0


def test_other_checks(repository: Path) -> None:
    config = load_config(repository)
    found = find_files(config)
    for checks in (CHECKS, select(["structure"]), select(["compatibility"])):
        check_run = CheckRun(config, checks, TODAY)
        known = ResultCache(Cache(repository / FOLDER), config, checks, TODAY)
        with_cache = check_files(found, check_run, jobs=1, cache=known)
        assert with_cache.titles == check_files(found, check_run, jobs=1).titles


def test_the_program_itself_counts(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Run(repository)
    monkeypatch.setattr(result_cache, "__version__", "0.0.1")
    assert Run(repository).known == 0
    monkeypatch.undo()
    package = Path(result_cache.__file__).parents[1]
    counted = {str(fact[0]) for fact in result_cache._tool() if isinstance(fact, tuple)}
    assert counted >= set(map(str, package.rglob("*.py")))
    stamp = result_cache._stamp
    monkeypatch.setattr(
        result_cache, "_stamp", lambda path: stamp(path) if "rs" not in path else (0, 0)
    )
    assert Run(repository).known == 0


def test_what_could_not_be_found_is_looked_for_again(repository: Path) -> None:
    edit(f"{SEEN}/current.yaml", "/common/1.0.0", "/common/1.0.1")(repository)
    Run(repository)
    assert assert_right(Run(repository)).known == 2
    path = repository / COMMON / "1.0.1"
    path.symlink_to("1.0.0.yaml")
    assert_right(Run(repository))


def test_what_stands_in_for_a_link(repository: Path) -> None:
    path = repository / COMMON / "1.0.0"
    path.unlink()
    path.write_text("1.0.0.yaml")
    Run(repository)
    assert assert_right(Run(repository)).known == 3
    edit(f"{COMMON}/1.0.0.yaml", "maxLength: 64", "maxLength: 65")(repository)
    assert assert_right(Run(repository)).known == 0
    path.write_text("1.0.0.json")
    assert assert_right(Run(repository)).known == 1  # to the fragment's own folder it is a file
    path.write_text("1.1.0.yaml")
    Run(repository)
    assert assert_right(Run(repository)).known == 1


def test_a_change_while_checks_run(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put = ResultCache.put

    def late(self: ResultCache, files: Any, *rest: Any) -> None:
        edit_once(files)
        put(self, files, *rest)

    def edit_once(files: Any) -> None:
        path = files[0].path
        if "seen" in str(path) and path.suffix == ".json":
            path.write_text(path.read_text() + "\n")

    monkeypatch.setattr(ResultCache, "put", late)
    Run(repository)
    monkeypatch.undo()
    assert assert_right(Run(repository)).known == 2


def test_a_file_that_changed_and_changed_back(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = repository / f"{SEEN}/1.0.0.yaml"
    before = path.read_text()

    def disturbed(*arguments: Any) -> Repository:
        path.write_text(before.replace("maxLength", "minLength"))
        try:
            return scan(*arguments)
        finally:
            path.write_text(before)

    monkeypatch.setattr(check_run_module, "scan", disturbed)
    Run(repository)
    monkeypatch.undo()
    assert assert_right(Run(repository)).known == 2


def test_several_processes_remember_the_same(repository: Path) -> None:
    config = load_config(repository)
    check_run = CheckRun(config, CHECKS, TODAY)
    known = ResultCache(Cache(repository / FOLDER), config, CHECKS, TODAY)
    check_files(find_files(config), check_run, jobs=3, cache=known)
    assert assert_right(Run(repository)).known == 3


def test_results_survive_json(repository: Path) -> None:
    edit(f"{SEEN}/1.0.0.yaml", "maxLength", "minLength")(repository)
    edit(f"{SEEN}/1.1.0.json", "/thing/seen/1.1.0", r"/th\ud800ng/seen/1.1.0")(repository)
    config = load_config(
        repository, overrides={"skipSchemaTestCases": {"seen": ["schema-is-valid"]}}
    )
    found = [file for file in find_files(config) if "seen" in file.display_path]
    checked = check_files(found, CheckRun(config, CHECKS, TODAY), jobs=1)
    outcomes = {result.outcome for done in checked.titles for result in done.results}
    assert outcomes == {"passed", "failed", "skipped"}
    indexes = {waiver: index for index, waiver in enumerate(config.waivers)}
    value = json.loads(json.dumps(to_json(checked, CHECKS, indexes)))
    assert from_json(value, CHECKS, config.waivers, found[0].path.parent) == checked


# ----------------------------------------------------------------------------------- random changes


class RandomChanges:
    """What anybody may do to a repository, or its cache; raises where there is nothing to do."""

    def __init__(self, repository: Path, seed: int) -> None:
        self.repository = repository
        self.base = repository / "jsonschema"
        self.chance = random.Random(seed)  # noqa: S311 - no secrets
        self.numbers = count()

    def make(self) -> None:
        usual = (self.edit, self.comment, self.add_version, self.relink, self.remove)
        rare = (
            *(self.cut, self.link_for_file, self.file_for_link, self.copy_folder, self.damage),
            *(self.configure, self.override, self.save, self.restore, self.start_again),
        )
        change = self.chance.choice([*usual, *usual, *rare, self.start_again])
        with suppress(OSError, ValueError, IndexError):
            change()

    def some(self, *suffixes: str, links: bool = False) -> Path:
        found = (
            path
            for path in self.base.rglob("*")
            if not path.is_dir()
            and path.is_symlink() is links
            and (not suffixes or path.suffix in suffixes)
        )
        return self.chance.choice(sorted(found))

    def edit(self) -> None:
        path = self.some(".yaml", ".json")
        words = ["string", "integer", "maxLength", "required", "1.0.0", "thing", "type"]
        old, new = self.chance.sample(words, 2)
        path.write_text(path.read_text().replace(old, new, 1))

    def comment(self) -> None:
        path = self.some(".yaml")
        path.write_text(f"{path.read_text()}# {next(self.numbers)}\n")

    def cut(self) -> None:
        path = self.some()
        path.write_bytes(path.read_bytes()[: self.chance.randrange(200)])

    def remove(self) -> None:
        self.some(links=self.chance.random() < 0.5).unlink()

    def add_version(self) -> None:
        path = self.some(".yaml", ".json")
        version = f"{self.chance.randrange(1, 3)}.{self.chance.randrange(3)}.0"
        text = path.read_text().replace("/1.0.0", f"/{version}")
        new = path.with_name(f"{version}{path.suffix}")
        new.unlink(missing_ok=True)
        new.write_text(text)

    def relink(self) -> None:
        path = self.some(links=True)
        names = [entry.name for entry in path.parent.iterdir()]
        path.unlink()
        path.symlink_to(self.chance.choice([*names, "nowhere", "../seen/1.0.0.yaml", "."]))

    def link_for_file(self) -> None:
        path, other = self.some(), self.some()
        path.unlink()
        path.symlink_to(self.chance.choice([str(other), os.path.relpath(other, path.parent)]))

    def file_for_link(self) -> None:
        path = self.some(links=True)
        text = path.read_text() if self.chance.random() < 0.5 else str(path.readlink())
        path.unlink()
        path.write_text(text)

    def copy_folder(self) -> None:
        folder = self.base / "copies" / str(next(self.numbers) % 3)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.some().parent, folder, symlinks=True)

    def configure(self) -> None:
        lines = [
            "requiredFields: []",
            "contentTypes: [json, yaml]",
            "shouldSymlinkLatest: false",
            "ignoreSchemas: [/seen/]",
            "schemaBaseUris: [./overrides, ./jsonschema]",
            "skipSchemaTestCases: {change: [schema-is-valid, structure-latest-symlink]}",
        ]
        text = "\n".join(["schemaBasePath: jsonschema", *self.chance.sample(lines, 2), ""])
        (self.repository / ".jsonschema-tools.yaml").write_text(text)

    def override(self) -> None:
        path = self.repository / "overrides/fragment/common/1.0.0"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.some(".yaml"), path)

    def save(self) -> None:
        shutil.rmtree(self.repository / "saved", ignore_errors=True)
        shutil.copytree(self.base, self.repository / "saved", symlinks=True)

    def restore(self) -> None:
        shutil.copytree(self.repository / "saved", self.repository / "copy", symlinks=True)
        shutil.rmtree(self.base)
        (self.repository / "copy").rename(self.base)

    def start_again(self) -> None:
        shutil.rmtree(self.base)
        shutil.copytree(BASE / "jsonschema", self.base, symlinks=True)

    def damage(self) -> None:
        path = self.chance.choice(sorted((self.repository / FOLDER).glob("*.entry")))
        content = bytearray(path.read_bytes())
        content[self.chance.randrange(len(content))] ^= 1 << self.chance.randrange(8)
        path.write_bytes(content[: self.chance.choice([len(content), 0, 40])])


@pytest.mark.parametrize("seed", range(examples(1)))
def test_any_changes(repository: Path, seed: int) -> None:
    changes = RandomChanges(repository, seed)
    known = folders = 0
    for _ in range(40):
        for _ in range(changes.chance.randrange(3)):
            changes.make()
        run = assert_right(Run(repository))
        known += run.known
        folders += run.folders
    assert known > folders / 4  # or this shows nothing


# -------------------------------------------------------------------------------- the folder itself


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / FOLDER)


def test_values_come_back(cache: Cache) -> None:
    value = {"text": "\ud800\u2028é", "list": [1, 1.5, None, True]}
    cache.put("a", value)
    cache.put("b", [])
    assert cache.get("a") == value
    assert cache.get("b") == []
    assert cache.get("c") is None
    cache.put("a", 1)
    assert cache.get("a") == 1
    assert cache.usage().entries == 2


def test_it_is_no_part_of_the_repository(cache: Cache) -> None:
    cache.put("a", 1)
    assert (cache.folder / ".gitignore").read_text() == "*\n"
    tag = (cache.folder / "CACHEDIR.TAG").read_text()
    assert tag.startswith("Signature: 8a477f597d28d172789f06886806bc55")


def test_nothing_is_made_by_reading(cache: Cache) -> None:
    assert cache.get("a") is None
    assert cache.usage() == Usage(0, 0)
    assert not cache.folder.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"{}", b"\xff" * 100, b"0" * 32 + b"\n[]", b"[" * 100_000],
    ids=["empty", "line", "bare", "binary", "checksum", "deep"],
)
def test_a_damaged_entry_is_none(cache: Cache, content: bytes) -> None:
    cache.put("a", [1])
    (cache.folder / "a.entry").write_bytes(content)
    assert cache.get("a") is None
    cache.put("a", [2])
    assert cache.get("a") == [2]


def test_a_bit_that_flips(cache: Cache) -> None:
    cache.put("a", [123456])
    path = cache.folder / "a.entry"
    content = path.read_bytes()
    for index in range(len(content)):
        path.write_bytes(content[:index] + bytes([content[index] ^ 1]) + content[index + 1 :])
        assert cache.get("a") is None


def test_an_entry_with_something_else_in_it(repository: Path) -> None:
    Run(repository)
    cache = Cache(repository / FOLDER)
    values: list[Any] = [
        1,
        [],
        [[], 1],
        [[["x", 1]], [[], []]],
        [[], [[], [[]]]],
        [[], []],
        [[], [1, 2]],
        "ab",
    ]
    for value in values:
        for path in (repository / FOLDER).glob("*.entry"):
            cache.put(path.stem, value)
        assert_right(Run(repository))


@pytest.mark.parametrize("kind", ["folder", "link", "pipe"])
def test_an_entry_that_is_no_file(cache: Cache, tmp_path: Path, kind: str) -> None:
    cache.put("a", [1])
    path = cache.folder / "a.entry"
    path.rename(tmp_path / "file")
    if kind == "folder":
        path.mkdir()
    elif kind == "link":
        path.symlink_to(tmp_path / "file")
    else:
        os.mkfifo(path)
    assert cache.get("a") is None


def test_a_link_in_its_place_is_not_followed(repository: Path, tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir()
    (private / "a.entry").write_text("mine")
    (repository / FOLDER).symlink_to(private)
    assert_right(Run(repository))
    assert Cache(repository / FOLDER).clear() == Usage(0, 0)
    assert [path.name for path in private.iterdir()] == ["a.entry"]


def test_a_place_where_nothing_can_be_written(repository: Path) -> None:
    (repository / FOLDER).write_text("a file")
    assert_right(Run(repository))
    assert_right(Run(repository))
    assert (repository / FOLDER).read_text() == "a file"


def test_what_was_not_used_for_longest_goes_first(cache: Cache) -> None:
    for number in range(6):
        cache.put(f"{number}", number)
        os.utime(cache.folder / f"{number}.entry", (number * 1000, number * 1000))
    assert cache.get("0") == 0  # used just now
    cache.prune(3)
    assert [cache.get(f"{number}") for number in range(6)] == [0, None, None, None, 4, 5]


def test_it_does_not_grow_without_bound(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(result_cache, "_FEW", 0)
    monkeypatch.setattr(result_cache, "_STATES", 2)
    for number in range(8):
        add(f"{CHANGE}/README.md{number}")(repository)
        add(f"{FOLDER}/killed{number}.tmp")(repository)
        Run(repository)
    assert Cache(repository / FOLDER).usage().entries <= 6
    assert_right(Run(repository))


def test_clearing_leaves_the_files_of_others(cache: Cache) -> None:
    cache.put("a", 1)
    assert cache.clear().entries == 1
    assert not cache.folder.exists()
    cache.put("a", 1)
    (cache.folder / "notes").write_text("mine")
    cache.clear()
    assert [path.name for path in cache.folder.iterdir()] == ["notes"]


# ------------------------------------------------------------------------------------- the commands


def test_check_with_and_without(repository: Path, run_tool: RunTool) -> None:
    for change in (lambda _: None, *(CHANGES[name][0] for name in ("fragment", "link gone"))):
        change(repository)
        for arguments in ([], [CHANGE], ["--suite", "structure"], [f"{SEEN}/1.0.0.yaml"]):
            command = ("check", "--format", "json", *arguments)
            without = run_tool(*command, "--no-cache", cwd=repository)
            assert without.returncode in (0, 1)
            for _ in range(2):
                done = run_tool(*command, cwd=repository)
                assert (done.stdout, done.returncode) == (without.stdout, without.returncode)


def test_no_cache_leaves_no_trace(repository: Path, run_tool: RunTool) -> None:
    run_tool("check", "--no-cache", cwd=repository)
    assert not (repository / FOLDER).exists()


def test_show_and_clear(repository: Path, run_tool: RunTool) -> None:
    assert run_tool("cache", cwd=repository).stdout == f"{FOLDER}: 0 entries, 0.0 MiB\n"
    run_tool("check", cwd=repository)
    assert run_tool("cache", "show", cwd=repository).stdout == f"{FOLDER}: 3 entries, 0.0 MiB\n"
    done = run_tool("cache", "clear", cwd=repository)
    assert done.stdout == f"{FOLDER}: removed 3 entries, 0.0 MiB\n"
    assert not (repository / FOLDER).exists()


def test_many_runs_at_once(repository: Path) -> None:
    command = [sys.executable, "-m", "jsonschema_tools", "check", "--format", "json"]
    runs = [
        subprocess.Popen(command, cwd=repository, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    outputs = {run.communicate() for run in runs}
    assert len(outputs) == 1
    assert not list((repository / FOLDER).glob("*.tmp"))
