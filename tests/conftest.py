"""What many tests use: the real program, and real git repositories in scratch folders."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from hypothesis import settings

from support import fork_server
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


#: what is slow to start, and one process therefore has for many files: fixtures, folders
GROUPS = {**dict.fromkeys(("brokers", "kafka", "spark"), "java"), "lake": "lake"}
#: the groups and files that take longest, which start first: nothing long is left for the end
LONGEST = (
    *("java", "lake", "tests/test_output_lost.py", "tests/test_pytest_plugin.py"),
    *("tests/test_docs.py", "tests/site/test_site_browser.py", "tests/test_story.py"),
    *("tests/git/test_pre_commit.py", "tests/intake/test_intake_streams.py"),
    *("tests/test_faults.py", "tests/runner/test_cache.py", "tests/test_vectors.py"),
)


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


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in this hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ranks = {}
    for item in items:
        names = (*getattr(item, "fixturenames", ()), item.path.parent.name)
        group = next((GROUPS[name] for name in names if name in GROUPS), None)
        if group is not None:
            item.add_marker(pytest.mark.xdist_group(group))
        work = group or item.nodeid.partition("::")[0]
        ranks[item] = LONGEST.index(work) if work in LONGEST else len(LONGEST)
    items.sort(key=ranks.__getitem__)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give out one group or file after the other, in the order of the items."""
    from xdist.scheduler import LoadGroupScheduling

    if config.getoption("dist") != "loadgroup":
        return None
    config.option.loadscopereorder = False
    scheduler = LoadGroupScheduling(config, log)
    group_or_item = scheduler._split_scope
    scheduler._split_scope = lambda nodeid: group_or_item(nodeid).partition("::")[0]
    return scheduler
