"""Starts the program from a process that has imported it already.

What tests run is the real program in a process of its own, with its own streams, environment and
working directory. But most of a short run is imports, and there are hundreds of runs: so one
process imports everything once, and forks whenever a test wants a run. Start-up itself is tested in
test_start_up.py, with fresh processes.

    python fork_server.py SOCKET    # serves until its standard input is closed
"""

from __future__ import annotations

import array
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from typing import IO, TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: what Python reads when it starts, so that a fork would not notice it
READ_AT_START = ("PYTHON", "LC_", "LANG", "TZ", "COVERAGE", "NO_FORK_SERVER")
_STREAMS = 3


def is_possible(environment: Mapping[str, str]) -> bool:
    """Tell whether a forked run is the same as a fresh one in an environment."""
    return sys.platform == "linux" and all(
        environment.get(name) == os.environ.get(name) == _AT_START.get(name)
        for name in {*environment, *os.environ, *_AT_START}
        if name.startswith(READ_AT_START)
    )


_AT_START = dict(os.environ)


class ForkServer:
    """The process that forks, for as long as the tests run."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fork-server-")
        self._address = f"{self._folder.name}/socket"
        self._process = subprocess.Popen(
            [sys.executable, __file__, self._address], stdin=subprocess.PIPE, stdout=subprocess.PIPE
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
    ) -> subprocess.CompletedProcess[bytes]:
        """Run the program as `python -m jsonschema_tools ARGUMENTS`.

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
            connection.connect(self._address)
            request = {"arguments": [*arguments], "cwd": str(cwd), "environment": {**environment}}
            descriptors = array.array("i", [file.fileno() for file in (given, out, err)])
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)]
            connection.sendmsg([b"x"], ancillary)
            connection.sendall(json.dumps({**request, "timeout": timeout}).encode())
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


def _all(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


# ------------------------------------------------------------------------------------ the process


def serve(address: str) -> NoReturn:
    """Fork for each connection: a process that waits, and below it the program itself."""
    _import_all()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(address)
        server.listen()
        print("ready", flush=True)  # noqa: T201
        while True:
            connection, _ = server.accept()
            with connection:
                if os.fork() == 0:
                    server.close()
                    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                    _answer(connection)
                    os._exit(0)


def _import_all() -> None:
    """Import the program, and what it imports only when it needs it; not the extras."""
    import importlib
    import pkgutil

    import jsonschema_tools

    extras = tuple(f"jsonschema_tools.{name}" for name in ("intake", "lake", "pytest_", "site"))
    for module in pkgutil.walk_packages(jsonschema_tools.__path__, "jsonschema_tools."):
        if not module.name.startswith(extras) and not module.name.endswith("__main__"):
            with contextlib.suppress(ImportError):  # a command of an extra that is not installed
                importlib.import_module(module.name)
    for name in ("deepdiff", "difflib", "jsonschema_rs", "msgspec", "regress", "yaml"):
        importlib.import_module(name)


def _answer(connection: socket.socket) -> None:
    descriptors = array.array("i")
    size = _STREAMS * descriptors.itemsize
    _, ancillary, _, _ = connection.recvmsg(1, socket.CMSG_LEN(size))
    descriptors.frombytes(ancillary[0][2][:size])
    with connection.makefile("rb") as file:
        request = json.loads(file.read())
    process = os.fork()
    if process == 0:
        connection.close()
        _become_the_program(request, descriptors)
    connection.sendall(str(_wait(process, request["timeout"])).encode())


def _wait(process: int, timeout: float) -> int:
    """Return the status of a process as `subprocess` has it."""
    waiting = os.pidfd_open(process)
    try:
        import select

        if not select.select([waiting], [], [], timeout)[0]:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            return _TIMED_OUT
    finally:
        os.close(waiting)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def _become_the_program(request: dict[str, Any], descriptors: array.array[int]) -> NoReturn:
    status = 1
    try:
        for stream, descriptor in enumerate(descriptors):
            os.dup2(descriptor, stream)
        os.closerange(_STREAMS, max(descriptors) + 1)
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["environment"])
        sys.argv = ["jsonschema_tools", *request["arguments"]]
        sys.path[0] = request["cwd"]
        from jsonschema_tools.__main__ import main

        main()
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    serve(sys.argv[1])
