"""Starts the program from a process that has imported it already.

What tests run is the real program in a process of its own, with its own streams, environment and
working directory. But most of a short run is imports, and there are hundreds of runs: so one
process imports everything once, and forks whenever a test wants a run. It does the same for runs of
pytest, which import our plugin anew: pytest refuses one that is imported already. Start-up itself
is tested in test_start_up.py, with fresh processes.

    python fork_server.py SOCKET EXTRA    # serves until its standard input is closed
"""

from __future__ import annotations

import array
import contextlib
import gc
import io
import marshal
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: what Python reads when it starts, so that a fork would not notice it
READ_AT_START = ("PYTHON", "LC_", "LANG", "TZ", "COVERAGE", "NO_FORK_SERVER")
#: commands that need an extra: its room, whose libraries are slow to import
EXTRAS = {
    "load": "lake",
    "site": "site",
    **dict.fromkeys(("canary", "consume", "produce", "serve"), "intake"),
}
_LIBRARIES = {
    "": (
        *("deepdiff", "difflib", "jsonschema_rs", "msgspec", "pytest", "regress", "yaml"),
        *("jsonschema_tools.lake.comments", "jsonschema_tools.lake.subjects"),
    ),
    "intake": ("confluent_kafka", "confluent_kafka.admin", "sqlite3", "uvicorn", "zstandard"),
    "lake": (
        *("duckdb", "pyarrow.acero", "deltalake", "jsonschema_tools.intake.consume"),
        *("pyiceberg.catalog.sql", "pyiceberg.io.pyarrow", "pyiceberg.avro.decoder_fast"),
        *("rich", "sqlalchemy.dialects.sqlite"),
    ),
    "site": ("importlib.readers", "jinja2", "linkify_it", "markdown_it", "pygments"),
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
        return _server_for(arguments).run(
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


def start_program(
    arguments: Sequence[str], *, cwd: Path, stdout: int = subprocess.DEVNULL
) -> Started | subprocess.Popen[str]:
    """Start `python -m jsonschema_tools ARGUMENTS`, forked where that is the same.

    Args:
        arguments: its words.
        cwd: its working directory.
        stdout: `subprocess.PIPE` or `subprocess.DEVNULL`; standard error leads nowhere.
    """
    if is_possible(os.environ):
        return _server_for(arguments).start(arguments, cwd=cwd, stdout=stdout)
    return subprocess.Popen(
        [sys.executable, "-m", "jsonschema_tools", *arguments],
        cwd=cwd,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        text=True,
    )


# without `socket` and `json`, whose import would take longer than all the rest
_PROGRAM = """\
#!{python} -IS
import _socket, marshal, os, sys
words = sys.argv[1:]
if not {addresses!r} or words[:1] and words[0] in {fresh!r}:
    os.execv({python!r}, [{python!r}, "-m", "jsonschema_tools", *words])
streams = [n for n, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)) if stream is not None]
while os.open(os.devnull, os.O_RDWR) < 3:
    pass  # in the place of what is closed, so that nothing else takes it
request = dict(module="jsonschema_tools", arguments=words, cwd=os.getcwd(), timeout=600,
               environment=dict(os.environ), streams=streams)
connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
addresses = {addresses!r}
connection.connect(addresses.get(words[0] if words else "", addresses[""]))
rights = b"".join(n.to_bytes(4, sys.byteorder) for n in streams)
connection.sendmsg([b"x"], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)])
connection.sendall(marshal.dumps(request))
connection.shutdown(_socket.SHUT_WR)
told = b""
while more := connection.recv(99):
    told += more
process, status = map(int, told.split())
if status < 0:
    os.kill(os.getpid(), -status)
sys.exit(status)
"""


def lay_program(path: Path, *, forked: Iterable[str] = ()) -> Path:
    """Lay a `jsonschema-tools` for shells and hooks, which runs forked where that is the same.

    Commands that need an extra start afresh, as do those that run on until they are stopped: a
    signal for the process group of who started them would not reach a fork.

    Args:
        path: where.
        forked: which of these run forked all the same.
    """
    addresses = {}
    if is_possible(os.environ):
        names = {"": "", **{name: EXTRAS[name] for name in forked}}
        addresses = {name: _the_server(extra).address for name, extra in names.items()}
    fresh = sorted(EXTRAS.keys() - addresses)
    text = _PROGRAM.format(python=sys.executable, addresses=addresses, fresh=fresh)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


_servers: dict[str, ForkServer] = {}


def _server_for(arguments: Sequence[str]) -> ForkServer:
    return _the_server(next((EXTRAS[word] for word in arguments[:1] if word in EXTRAS), ""))


def _the_server(extra: str) -> ForkServer:
    if extra not in _servers:
        _servers[extra] = ForkServer(extra)
    return _servers[extra]


def stop() -> None:
    """End the processes that fork; those of others first, lest workers wait for each other."""
    for server in sorted(_servers.values(), key=lambda server: server.is_ours):
        server.leave()
    _servers.clear()


# xdist gives each run a name: its workers share what imports everything
_RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
_ADDRESS = f"{tempfile.gettempdir()}/fork-server-{_RUN}-"


class ForkServer:
    """The process that forks, for as long as the tests run.

    One for all workers of xdist: the first that needs it starts it, and ends it after all others.
    """

    def __init__(self, extra: str = "") -> None:
        import fcntl

        self.address = f"{_ADDRESS}{extra or 'core'}"
        self._users = _begin(self.address)
        self._process: subprocess.Popen[bytes] | None = None
        if not self._answers():
            self._process = subprocess.Popen(
                [sys.executable, __file__, self.address, extra],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, **_NO_THREADS},
            )
            assert self._process.stdout is not None
            assert self._process.stdout.readline() == b"ready\n"
        fcntl.lockf(self._users, fcntl.LOCK_UN)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(self.address)
            except FileNotFoundError:
                return False
            except ConnectionRefusedError:  # it was killed
                Path(self.address).unlink()
                return False
            return True

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
        with _unnamed_file() as given, _unnamed_file() as out, _unnamed_file() as err:
            given.write(stdin)
            given.seek(0)
            request = _Request(module, [*arguments], str(cwd), {**environment}, timeout)
            with self._send(request, [given.fileno(), out.fileno(), err.fileno()]) as told:
                _, status = map(int, told)
            if status == _TIMED_OUT:
                raise subprocess.TimeoutExpired([*arguments], timeout, _all(out), _all(err))
            return subprocess.CompletedProcess([*arguments], status, _all(out), _all(err))

    def start(self, arguments: Sequence[str], *, cwd: Path, stdout: int) -> Started:
        """Start the program; see `start_program`."""
        request = _Request("jsonschema_tools", [*arguments], str(cwd), {**os.environ}, 600)
        nowhere = os.open(os.devnull, os.O_RDWR)
        reading, writing = os.pipe() if stdout == subprocess.PIPE else (None, os.dup(nowhere))
        try:
            told = self._send(request, [nowhere, writing, nowhere])
        finally:
            os.close(nowhere)
            os.close(writing)
        return Started(told, None if reading is None else os.fdopen(reading, encoding="utf-8"))

    def _send(self, request: _Request, descriptors: Sequence[int]) -> IO[str]:
        """Ask for a process; return what tells its number, and then its status."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(self.address)
            rights = array.array("i", descriptors)
            connection.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
            connection.sendall(marshal.dumps(asdict(request)))
            connection.shutdown(socket.SHUT_WR)
            return connection.makefile(encoding="ascii")

    def leave(self) -> None:
        """Use it no more; who has started it ends it once nobody else uses it."""
        import fcntl

        if self._process is not None:
            fcntl.flock(self._users, fcntl.LOCK_EX)
            assert self._process.stdin is not None
            assert self._process.stdout is not None
            self._process.stdin.close()
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()
            Path(self.address).unlink()
            Path(f"{self.address}.lock").unlink()
        os.close(self._users)

    @property
    def is_ours(self) -> bool:
        """Whether this process has started it."""
        return self._process is not None


def _begin(address: str) -> int:
    """Return the file of an address, as one of its users, and the only one who may start it now.

    There are two kinds of locks on it, which do not know of each other: `flock`, shared by all
    users, and `lockf`, held by who looks whether to start.
    """
    import fcntl

    path = Path(f"{address}.lock")
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.lockf(file, fcntl.LOCK_EX)
        fcntl.flock(file, fcntl.LOCK_SH)
        with contextlib.suppress(FileNotFoundError):  # who ended it has removed the file
            if os.fstat(file).st_ino == path.stat().st_ino:
                return file
        os.close(file)


class Started:
    """A process that runs on; what tests need of `subprocess.Popen`."""

    def __init__(self, told: IO[str], stdout: IO[str] | None) -> None:
        self._told = told
        self.stdout = stdout
        self.pid = int(told.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return its status as `subprocess` has it, or None while it runs."""
        if self.returncode is None and select.select([self._told], [], [], 0)[0]:
            self._end()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return its status, once it has ended.

        Raises:
            TimeoutExpired: it has not ended for so many seconds.
        """
        if self.returncode is None and not select.select([self._told], [], [], timeout)[0]:
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return self._end()

    def _end(self) -> int:
        if self.returncode is None:
            self.returncode = int(self._told.readline())
            self._told.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


_TIMED_OUT = 1000
_MOST_DESCRIPTORS = 1024


def _unnamed_file() -> IO[bytes]:
    """Return a file in memory: on a disk, thousands of short-lived ones take seconds."""
    return os.fdopen(os.memfd_create("stream"), "w+b")


def _all(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


@dataclass(frozen=True)
class _Request:
    """What is to run; the descriptors of its streams come with it.

    Attributes:
        module: `jsonschema_tools` or `pytest`.
        arguments: its words.
        cwd: its working directory.
        environment: all of its environment.
        timeout: after how many seconds it is killed.
        streams: which of the three standard streams it has; the others are closed.
    """

    module: str
    arguments: list[str]
    cwd: str
    environment: dict[str, str]
    timeout: float
    streams: Sequence[int] = (0, 1, 2)


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
        mask = os.umask(0o077)  # nobody else may ask
        server.bind(address)
        os.umask(mask)
        server.listen()
        print("ready", flush=True)  # noqa: T201
        while True:
            first = min((each.deadline for each in running.values()), default=None)
            wait = None if first is None else max(0, first - time.monotonic())
            ready, _, _ = select.select([0, server.fileno(), *running], [], [], wait)
            if 0 in ready:
                os._exit(0)
            if server.fileno() in ready and (started := _start(server)) is not None:
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
    from jsonschema_tools.lake.dialects import DIALECTS

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
    dialects = tuple(f"sqlglot.dialects.{dialect.parser}" for dialect in DIALECTS.values())
    for name in _LIBRARIES[""] + _LIBRARIES[extra] + dialects:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


def _start(server: socket.socket) -> _Running | None:
    connection, _ = server.accept()
    descriptors = array.array("i")
    size = _STREAMS * descriptors.itemsize
    _, ancillary, _, _ = connection.recvmsg(1, socket.CMSG_LEN(size))
    for _, _, rights in ancillary:
        descriptors.frombytes(rights[:size])
    with connection.makefile("rb") as file:
        text = file.read()
    if not text:  # somebody only looks whether there is an answer
        connection.close()
        return None
    request = marshal.loads(text)  # noqa: S302 - of our own tests
    process = os.fork()
    if process == 0:
        _become_the_program(_Request(**request), descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    with contextlib.suppress(OSError):  # who asked may be gone
        connection.sendall(f"{process}\n".encode())
    deadline = time.monotonic() + request["timeout"]
    return _Running(process, os.pidfd_open(process), deadline, connection)


def _become_the_program(request: _Request, descriptors: array.array[int]) -> NoReturn:
    status = 1
    try:
        given = dict(zip(request.streams, descriptors, strict=True))
        for number, (name, mode) in enumerate(
            (("stdin", "rb"), ("stdout", "wb"), ("stderr", "wb"))
        ):
            if number in given:
                os.dup2(given[number], number)
                setattr(sys, name, _reopened(getattr(sys, name), number, mode))
            else:
                os.close(number)
                setattr(sys, name, None)  # as Python does
        os.closerange(_STREAMS, _MOST_DESCRIPTORS)
        os.chdir(request.cwd)
        os.environ.clear()
        os.environ.update(request.environment)
        sys.argv = [request.module, *request.arguments]
        sys.path[0] = request.cwd
        _run(request.module)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
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


#: the modules that make the plugin
_PLUGIN = "jsonschema_tools.pytest_"


def _run(module: str) -> None:
    if module == "pytest":
        for name in [name for name in sys.modules if name.startswith(_PLUGIN)]:
            del sys.modules[name]
        del sys.modules["jsonschema_tools"]
        import pytest

        raise SystemExit(pytest.console_main())
    from jsonschema_tools.__main__ import main

    main()


if __name__ == "__main__":
    serve(*sys.argv[1:])
