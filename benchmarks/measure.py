"""Runs a command and says what it took; installs both tools, as their users have them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

PACKAGES = ("@wikimedia/jsonschema-tools@1.3.0", "mocha@10")
ROOT = Path(__file__).resolve().parent.parent

ENVIRONMENT = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
# Users run byte-compiled code. Where this variable is set, Python compiles the modules of an
# editable install anew in every run, and pytest those of the tests: that says nothing of the tool.
ENVIRONMENT.pop("PYTHONDONTWRITEBYTECODE", None)


class FailedError(Exception):
    """A command did not do its work; the message says why, in a few words."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a command took.

    Attributes:
        seconds: wall time.
        processor: seconds of processor time, of all its processes: the same on a busy machine.
        mebibytes: peak of resident memory, of the largest of its processes; where they were
            watched, of all of them together, counting once what they share.
    """

    seconds: float
    processor: float
    mebibytes: float


@dataclass(frozen=True, slots=True)
class Tools:
    """Where both tools are installed."""

    python: Path
    reference: Path

    @property
    def product(self) -> tuple[str, ...]:
        """The command that starts this tool."""
        return (str(self.python.with_name("jsonschema-tools")),)

    @property
    def node(self) -> tuple[str, ...]:
        """The command that starts the reference."""
        return ("node", f"{self._package}/scripts/jsonschema-tools.js")

    def mocha(self, scratch: Path) -> tuple[str, ...]:
        """Return the command that runs the reference's checks."""
        suite = scratch / "suite.js"
        suite.write_text(f"require('{self._package}').tests.all({{logLevel: 'warn'}});\n")
        return ("node", str(self.reference / "node_modules/mocha/bin/mocha.js"), str(suite))

    @property
    def _package(self) -> Path:
        return self.reference / "node_modules/@wikimedia/jsonschema-tools"

    def generate(self, folder: Path, *options: str) -> None:
        """Make a repository of schemas."""
        script = Path(__file__).with_name("generate.py")
        subprocess.run([self.python, script, folder, *options], check=True, env=ENVIRONMENT)


def install(scratch: Path, python: Path | None = None, reference: Path | None = None) -> Tools:
    """Install both tools into a scratch folder, but for those that are there already.

    Args:
        scratch: the folder.
        python: interpreter of an environment that this tool is installed in.
        reference: folder that has the reference in `node_modules`.
    """
    return Tools(
        (python or _install_product(scratch)).absolute(),
        (reference or _install_reference(scratch / "reference")).resolve(),
    )


def _install_product(scratch: Path) -> Path:
    """Install this tool from a copy of its sources, byte-compiled, and return the interpreter."""
    source, environment = scratch / "source", scratch / "environment"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "jsonschema_tools", source / "jsonschema_tools")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    subprocess.run([*pip, "install", "--quiet", "--compile", source], check=True, env=ENVIRONMENT)
    return python


def _install_reference(folder: Path) -> Path:
    folder.mkdir()
    npm = ("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder)
    subprocess.run([*npm, *PACKAGES], check=True)
    return folder


def measure(
    command: Sequence[str],
    folder: Path,
    *,
    sound: Callable[[int], bool] = lambda status: status == 0,
    limit: float = 600,
    watch: float = 0,
) -> Run:
    """Run a command and return what it took.

    Args:
        command: the program and its arguments.
        folder: where to run it.
        sound: tells by the exit status whether it did its work.
        limit: seconds after which it is stopped.
        watch: seconds between looks at the memory of all its processes; 0: do not look.

    Raises:
        FailedError: it failed, or took too long.
    """
    with tempfile.TemporaryFile("w+", errors="replace") as stderr:
        start = time.perf_counter()
        with subprocess.Popen(
            command,
            cwd=folder,
            env=ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,
        ) as process:
            stop = threading.Timer(limit, os.killpg, (process.pid, signal.SIGKILL))
            stop.start()
            watcher = Watcher(process.pid, watch)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.perf_counter() - start
            process.returncode = os.waitstatus_to_exitcode(status)
            stop.cancel()
            peak = watcher.stop()
        if not sound(process.returncode):
            stderr.seek(0)
            raise FailedError(_why(process.returncode, stderr.read(), limit))
    unit = 1024 if sys.platform == "linux" else 1024**2
    processor = usage.ru_utime + usage.ru_stime
    return Run(seconds, processor, max(peak, usage.ru_maxrss / unit))


def _why(status: int, stderr: str, limit: float) -> str:
    if "heap out of memory" in stderr:
        return "heap out of memory"
    if status == -signal.SIGKILL:
        return f"stopped after {limit:.0f} s"
    return f"exit {status}"


class Watcher:
    """Watches the memory of all processes of a session, where Linux tells of it."""

    def __init__(self, session: int, pause: float) -> None:
        self._peak = 0.0
        self._done = threading.Event()
        self._thread = None
        if pause and sys.platform == "linux":
            self._thread = threading.Thread(target=self._watch, args=(session, pause), daemon=True)
            self._thread.start()

    def _watch(self, session: int, pause: float) -> None:
        while not self._done.wait(pause):
            self._peak = max(self._peak, sum(map(_proportional, _members(session))))

    def stop(self) -> float:
        """Return the peak in MiB; 0 where nothing was watched."""
        self._done.set()
        if self._thread is not None:
            self._thread.join()
        return self._peak


def _members(session: int) -> Iterator[int]:
    """Yield the processes of a session."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text()
        except OSError:
            continue  # it has ended
        # proc(5): the name, in brackets, may hold spaces; session is the sixth field
        if int(stat.rpartition(")")[2].split()[3]) == session:
            yield int(folder.name)


def _proportional(process: int) -> float:
    """Return the resident memory of a process in MiB, of what n processes share the nth part."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0)
