"""What many tests use: the real program, and real git repositories in scratch folders."""

from __future__ import annotations

import gc
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from hypothesis import settings

from support import fork_server
from support.browser import browser  # noqa: F401 - a fixture
from support.effort import examples
from support.local_spark import spark  # noqa: F401 - a fixture
from support.real_kafka import Broker, running_kafka

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# a deadline fails a test for what else the machine does
settings.register_profile("ours", deadline=None, max_examples=examples(50))
settings.load_profile("ours")

Finished = subprocess.CompletedProcess[str]

_GIT_CONFIG = """\
[user]
    name = Somebody
    email = somebody@example.org
[init]
    defaultBranch = main
[protocol "file"]
    allow = always
[commit]
    gpgSign = false
"""


#: files whose tests share what is slow to start: one process has all of them
GROUPS = {
    "tests/intake/test_intake_kafka.py": "kafka",
    "tests/lake/test_load_stored.py": "kafka",
}
#: the groups and files that take longest, which start first: nothing long is left for the end
LONGEST = (
    *("tests/intake/test_hostile_servers.py", "kafka", "tests/site/test_site_browser.py"),
    *("tests/lake/test_load.py", "tests/lake/test_table_links.py", "tests/test_story.py"),
    *("tests/test_docs.py", "tests/intake/test_intake_faults.py", "tests/test_depth.py"),
    *("tests/git/test_pre_commit.py", "tests/intake/test_intake_streams.py"),
    *("tests/lake/test_silent_conversions.py", "tests/test_pytest_plugin.py"),
    *("tests/test_output_lost.py", "tests/test_faults.py", "tests/site/test_site_hostile.py"),
    *("tests/runner/test_cache.py", "tests/dereferencing/test_remote.py", "tests/test_vectors.py"),
)


def work_of(nodeid: str) -> str:
    """Return what a process takes with a test, all at once: its group, or its file."""
    file = nodeid.partition("::")[0]
    return GROUPS.get(file, file)


class RunTool(Protocol):
    """Runs the program as a user does."""

    def __call__(
        self,
        *arguments: str | Path,
        cwd: Path | None = None,
        stdin: str | bytes = "",
        env: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Finished: ...


def pytest_unconfigure() -> None:
    fork_server.stop()


@pytest.fixture
def run_tool(tmp_path: Path) -> RunTool:
    """Run `python -m jsonschema_tools ARGUMENTS`, in the test's own folder unless told where."""

    def run(
        *arguments: str | Path,
        cwd: Path | None = None,
        stdin: str | bytes = "",
        env: Mapping[str, str] | None = None,
        timeout: float = 60,
    ) -> Finished:
        done = fork_server.run_module(
            "jsonschema_tools",
            [*map(str, arguments)],
            cwd=cwd or tmp_path,
            stdin=stdin.encode() if isinstance(stdin, str) else stdin,
            environment={**os.environ, **(env or {})},
            timeout=timeout,
        )
        return Finished(
            done.args,
            done.returncode,
            done.stdout.decode("utf-8", "surrogateescape"),
            done.stderr.decode("utf-8", "surrogateescape"),
        )

    return run


@dataclass(frozen=True)
class GitRepository:
    """A real git repository in a scratch folder."""

    root: Path

    def git(self, *arguments: str | Path, check: bool = True, cwd: Path | None = None) -> str:
        """Run git at the top of the repository; return its output, both streams."""
        done = subprocess.run(
            ["git", *map(str, arguments)],
            cwd=cwd or self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        output = done.stdout.decode("utf-8", "surrogateescape")
        assert not check or done.returncode == 0, f"git {arguments}: {output}"
        return output

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file, with its folders."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def commit(self, message: str = "a change") -> str:
        """Commit all there is; return the name of the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--no-verify", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    def staged(self) -> set[str]:
        """Return the names of what is staged against HEAD."""
        output = self.git("diff", "--cached", "--name-only", "--no-renames", "-z")
        return set(output.split("\0")[:-1])


@pytest.fixture
def git_environment(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Make git the same on every machine: no settings of the user, no hook that runs us."""
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text(_GIT_CONFIG)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / ".gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def git_repository(tmp_path: Path, git_environment: None) -> GitRepository:
    """An empty git repository, before its first commit."""
    repository = GitRepository(tmp_path / "repository")
    repository.root.mkdir()
    repository.git("init", "--quiet")
    return repository


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker of our own; all tests that use it run in one process, so that there is one."""
    with running_kafka(tmp_path_factory.mktemp("kafka")) as started:
        yield started


@pytest.fixture(scope="session")
def brokers(request: pytest.FixtureRequest) -> str:
    """The address of a broker: the one that is given, or our own."""
    given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
    return given or request.getfixturevalue("kafka").brokers


def pytest_collection_finish() -> None:
    """What is there now stays: no search for cycles need look at it again, and others are rare."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {work: rank for rank, work in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(work_of(item.nodeid), len(LONGEST)))
    for item in items:
        uses_kafka = not {"brokers", "kafka"}.isdisjoint(getattr(item, "fixturenames", ()))
        if uses_kafka and work_of(item.nodeid) != "kafka" and item.path.parent.name != "spark":
            raise pytest.UsageError(f"{item.nodeid} uses Kafka: name its file in `GROUPS`")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give out one group or file after the other, in the order of the items.

    Marks cannot make groups: under pytest 9.2, xdist 3.8 cannot name the tests by them.
    """
    from xdist.scheduler import LoadFileScheduling

    if config.getoption("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False
    scheduler = LoadFileScheduling(config, log)
    scheduler._split_scope = work_of
    return scheduler
