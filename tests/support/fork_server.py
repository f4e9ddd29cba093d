"""Starts the program from a process that has imported it already.

What tests run is the real program in a process of its own, with its own streams, environment and
working directory. But most of a short run is imports, and there are hundreds of runs: so one
process imports everything once, and forks whenever a test wants a run. It does the same for runs of
pytest, which import our package anew: pytest rewrites modules as they are imported. Start-up itself
is tested in test_start_up.py, with fresh processes.

    python fork_server.py SOCKET EXTRA    # serves until its standard input is closed
"""

from __future__ import annotations

import array
import contextlib
import gc
import io
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: what Python reads when it starts, so that a fork would not notice it
READ_AT_START = ("PYTHON", "LC_", "LANG", "TZ", "COVERAGE", "NO_FORK_SERVER")
#: commands that need an extra: its room, whose libraries are slow to import
EXTRAS = {"load": "lake", "site": "site"}
_LIBRARIES = {
    "": ("deepdiff", "difflib", "jsonschema_rs", "msgspec", "pytest", "regress", "yaml"),
    "lake": ("duckdb", "pyarrow", "deltalake", "pyiceberg.catalog.sql", "pyiceberg.io.pyarrow"),
    "site": ("jinja2", "linkify_it", "markdown_it", "pygments"),
}
#: libraries start no threads when they are imported: only the one that forks would go on
_NO_THREADS = {
    "OPENBLAS_NUM_THREADS": "1",
    **dict.fromkeys(
        ("MALLOC_CONF", "_RJEM_MALLOC_CONF", "JE_ARROW_MALLOC_CONF"), "background_thread:false"
    ),
}
_STREAMS = 3


def is_possible(environment: Mapping[str, str]) -> bool:
    """Tell whether a forked run is the same as a fresh one in an environment."""
    return sys.platform == "linux" and all(
        environment.get(name) == os.environ.get(name) == _AT_START.get(name)
        for name in {*environment, *os.environ, *_AT_START}
        if name.startswith(READ_AT_START)
    )


_AT_START = dict(os.environ)


def run_module(
    module: str,
    arguments: Sequence[str],
    *,
    cwd: Path,
    environment: Mapping[str, str],
    stdin: bytes = b"",
    timeout: float = 60,
) -> subprocess.CompletedProcess[bytes]:
    """Run a module, ours or pytest, as `python -m MODULE ARGUMENTS`: forked where that is the same.

    Raises:
        TimeoutExpired: it takes longer than `timeout` seconds; it was killed.
    """
    if is_possible(environment):
        extra = next((EXTRAS[word] for word in arguments[:1] if word in EXTRAS), "")
        return _the_server(extra).run(
            arguments, cwd=cwd, stdin=stdin, environment=environment, timeout=timeout, module=module
        )
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=cwd,
        input=stdin,
        env=environment,
        capture_output=True,
        check=False,
        timeout=timeout,
    )


#: commands that run on until they are stopped, with the process group of who started them
_LONG = ("consume", "produce", "serve")
_PROGRAM = """\
#!{python} -IS
import array, json, os, socket, sys
words = sys.argv[1:]
if not {address!r} or words[:1] and words[0] in {fresh!r}:
    os.execv({python!r}, [{python!r}, "-m", "jsonschema_tools", *words])
request = dict(module="jsonschema_tools", arguments=words, cwd=os.getcwd(), timeout=600,
               environment=dict(os.environ))
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect({address!r})
    streams = array.array("i", [0, 1, 2])
    connection.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, streams)])
    connection.sendall(json.dumps(request).encode())
    connection.shutdown(socket.SHUT_WR)
    status = int(connection.recv(16))
if status < 0:
    os.kill(os.getpid(), -status)
sys.exit(status)
"""


def lay_program(path: Path) -> Path:
    """Lay a `jsonschema-tools` for shells and hooks, which runs forked where that is the same."""
    address = _the_server("").address if is_possible(os.environ) else ""
    text = _PROGRAM.format(python=sys.executable, address=address, fresh=(*EXTRAS, *_LONG))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


_servers: dict[str, ForkServer] = {}


def _the_server(extra: str) -> ForkServer:
    if extra not in _servers:
        _servers[extra] = ForkServer(extra)
    return _servers[extra]


def stop() -> None:
    """End the processes that fork."""
    while _servers:
        _servers.popitem()[1].stop()


class ForkServer:
    """The process that forks, for as long as the tests run."""

    def __init__(self, extra: str = "") -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fork-server-")
        self.address = f"{self._folder.name}/socket"
        self._process = subprocess.Popen(
            [sys.executable, __file__, self.address, extra],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **_NO_THREADS},
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == b"ready\n"

    def run(
        self,
        arguments: Sequence[str],
        *,
        cwd: Path,
        stdin: bytes,
        environment: Mapping[str, str],
        timeout: float,
        module: str = "jsonschema_tools",
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a module, ours or pytest, as `python -m MODULE ARGUMENTS`.

        Raises:
            TimeoutExpired: it takes longer than `timeout` seconds; it was killed.
        """
        with (
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
            socket.socket(socket.AF_UNIX) as connection,
        ):
            given.write(stdin)
            given.seek(0)
            connection.connect(self.address)
            request = {
                "module": module,
                "arguments": [*arguments],
                "cwd": str(cwd),
                "environment": {**environment},
                "timeout": timeout,
            }
            descriptors = array.array("i", [file.fileno() for file in (given, out, err)])
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)]
            connection.sendmsg([b"x"], ancillary)
            connection.sendall(json.dumps(request).encode())
            connection.shutdown(socket.SHUT_WR)
            status = int(connection.recv(16))
            if status == _TIMED_OUT:
                raise subprocess.TimeoutExpired([*arguments], timeout, _all(out), _all(err))
            return subprocess.CompletedProcess([*arguments], status, _all(out), _all(err))

    def stop(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.kill()
        self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._folder.cleanup()


_TIMED_OUT = 1000
_MOST_DESCRIPTORS = 1024


def _all(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


# ------------------------------------------------------------------------------------ the process


@dataclass(frozen=True)
class _Running:
    """A process, and who waits for it.

    Attributes:
        process: its number.
        watch: a descriptor that can be read once it has ended.
        deadline: when it is killed, on the clock of `time.monotonic`.
        connection: whom to tell its status.
    """

    process: int
    watch: int
    deadline: float
    connection: socket.socket

    def end(self) -> None:
        """Tell the status as `subprocess` has it, once it has ended or is out of time."""
        status = 0
        if time.monotonic() >= self.deadline and not select.select([self.watch], [], [], 0)[0]:
            os.kill(self.process, signal.SIGKILL)
            status = _TIMED_OUT
        _, ended = os.waitpid(self.process, 0)
        os.close(self.watch)
        with self.connection, contextlib.suppress(OSError):  # who asked may be gone
            self.connection.sendall(str(status or os.waitstatus_to_exitcode(ended)).encode())


def serve(address: str, extra: str) -> NoReturn:
    """Fork for each connection."""
    _import_all(extra)
    gc.collect()
    gc.freeze()  # so that a collection in a fork copies no pages
    running: dict[int, _Running] = {}
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        print("ready", flush=True)  # noqa: T201
        while True:
            first = min((each.deadline for each in running.values()), default=None)
            wait = None if first is None else max(0, first - time.monotonic())
            ready, _, _ = select.select([0, server.fileno(), *running], [], [], wait)
            if 0 in ready:
                os._exit(0)
            if server.fileno() in ready:
                started = _start(server)
                running[started.watch] = started
            for watch, each in [*running.items()]:
                if watch in ready or time.monotonic() >= each.deadline:
                    running.pop(watch).end()


def _import_all(extra: str) -> None:
    """Import the program, and what it imports only when it needs it; of the extras, one at most."""
    import importlib
    import pkgutil

    import _pytest

    import jsonschema_tools

    rooms = tuple(
        f"jsonschema_tools.{name}"
        for name in ("intake", "lake", "pytest_", "site")
        if name != extra
    )
    for module in pkgutil.walk_packages(jsonschema_tools.__path__, "jsonschema_tools."):
        if not module.name.startswith(rooms) and not module.name.endswith("__main__"):
            with contextlib.suppress(ImportError):  # a command of an extra that is not installed
                importlib.import_module(module.name)
    for module in pkgutil.iter_modules(_pytest.__path__, "_pytest."):
        importlib.import_module(module.name)
    for name in _LIBRARIES[""] + _LIBRARIES[extra]:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def _start(server: socket.socket) -> _Running:
    connection, _ = server.accept()
    descriptors = array.array("i")
    size = _STREAMS * descriptors.itemsize
    _, ancillary, _, _ = connection.recvmsg(1, socket.CMSG_LEN(size))
    descriptors.frombytes(ancillary[0][2][:size])
    with connection.makefile("rb") as file:
        request = json.loads(file.read())
    process = os.fork()
    if process == 0:
        _become_the_program(request, descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    deadline = time.monotonic() + request["timeout"]
    return _Running(process, os.pidfd_open(process), deadline, connection)


def _become_the_program(request: dict[str, Any], descriptors: array.array[int]) -> NoReturn:
    status = 1
    try:
        for stream, descriptor in enumerate(descriptors):
            os.dup2(descriptor, stream)
        os.closerange(_STREAMS, _MOST_DESCRIPTORS)
        sys.stdin = _reopened(sys.stdin, 0, "rb")
        sys.stdout = _reopened(sys.stdout, 1, "wb")
        sys.stderr = _reopened(sys.stderr, 2, "wb")
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["environment"])
        sys.argv = [request["module"], *request["arguments"]]
        sys.path[0] = request["cwd"]
        _run(request["module"])
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _reopened(stream: Any, descriptor: int, mode: str) -> io.TextIOWrapper:
    """Return a stream on what its descriptor is now: the old one remembers whether it can seek."""
    return io.TextIOWrapper(
        open(descriptor, mode, closefd=False),
        stream.encoding,
        stream.errors,
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


def _run(module: str) -> None:
    if module == "pytest":
        for name in [name for name in sys.modules if name.partition(".")[0] == "jsonschema_tools"]:
            del sys.modules[name]
        import pytest

        raise SystemExit(pytest.console_main())
    from jsonschema_tools.__main__ import main

    main()


if __name__ == "__main__":
    serve(*sys.argv[1:])
