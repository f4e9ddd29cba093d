#!/usr/bin/env python3
"""The project's commands; each sets up all that it needs in `.venv`, with python3 and pip alone.

python3 dev.py demo    materialize and check this repository's own schemas
python3 dev.py test    run the tests; more words go to pytest
python3 dev.py kills   the tests that kill the program: 200 times in each place, not a few
python3 dev.py spark   the tests with Spark, which it installs; they need Java, and Maven for more
python3 dev.py docs    build the documentation into build/docs
python3 dev.py ci      what CI runs: lint, types, schemas, documentation, tests
python3 dev.py lowest  run tests with the lowest versions that pyproject.toml allows; `--all`: all
python3 dev.py pythons run tests with every supported version of Python that is here; `--all`: all
python3 dev.py tool    run jsonschema-tools with the words that follow
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = str(BIN / "python")
#: packages of npm that tests compare with or use: the folder, what is in it, the variable for it
NPM = (
    (
        "reference",
        ("@wikimedia/jsonschema-tools@1.3.0", "mocha@10"),
        "JSONSCHEMA_TOOLS_REFERENCE",
        "",
    ),
    ("axe", ("axe-core@4",), "JSONSCHEMA_TOOLS_AXE", "node_modules/axe-core/axe.min.js"),
)
#: the Spark for which tests/spark/pom.xml names the connectors
SPARK = "pyspark==4.1.1"
#: pytest with a process for each core and two more, since some tests wait; each takes a whole file
#: after the other, and what is slow to start is started once (tests/conftest.py)
PYTEST = ("-m", "pytest", "-q", "-n", str((os.cpu_count() or 1) + 2), "--dist", "loadfile")
#: Linux's file system in memory, and how much of it the tests may fill, in bytes
MEMORY, ROOM = Path("/dev/shm"), 3 * 2**30  # noqa: S108
#: what tests need beside what is tested
TEST_LIBRARIES = ("hypothesis>=6.140", "pytest-xdist>=3.5")
#: the minor versions of Python 3 that are supported, and tests of what depends on them most
PYTHONS = (11, 12, 13, 14)
BYTES = ("ecmascript/test_sorting", "serialization/test_key_order", "serialization/test_serialize")
#: tests of what depends most on the versions of libraries
LIBRARIES = (
    *(
        "tests/test_versions.py",
        "tests/checks/test_check_cases.py",
        "tests/authoring/test_diff_command.py",
    ),
    *("tests/events/test_verdict.py", "tests/intake/test_intake_protocol.py"),
    *("tests/lake/test_table_command.py", "tests/site/test_site_build.py"),
    *("tests/lake/test_load.py", "tests/lake/test_round_trip.py"),
    *("tests/lake/test_silent_conversions.py", "tests/lake/test_table_links.py"),
)


def run(*command: str, env: dict[str, str] | None = None) -> None:
    """Run a command in the project's root; end with its status if it fails."""
    print("$", " ".join(command), flush=True)
    status = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode
    if status:
        raise SystemExit(status)


def set_up(extra: str = "") -> None:
    """Make `.venv` with the package (editable) and an extra, unless it is up to date."""
    settings = (ROOT / "pyproject.toml").read_bytes()
    stamp = VENV / f"installed{extra}"
    wanted = hashlib.sha256(settings).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    if not Path(PYTHON).exists():
        # without pip: Debian's python3 has venv but, without a further package, no ensurepip
        run(sys.executable, "-m", "venv", "--without-pip", str(VENV))
    pip = (sys.executable, "-m", "pip", "--python", PYTHON, "--disable-pip-version-check")
    run(*pip, "install", "--quiet", "--editable", f".{extra}")
    stamp.write_text(wanted)


def demo() -> None:
    """Materialize this repository's schemas and check them."""
    set_up()
    run(str(BIN / "jsonschema-tools"), "materialize-all")
    run(str(BIN / "jsonschema-tools"), "check")


def test(*words: str) -> None:
    """Run the tests on every core; those with Spark have a command of their own."""
    set_up("[dev]")
    with scratch() as folder:
        env = {**test_environment(), "TMPDIR": folder}
        run(PYTHON, *PYTEST, "--ignore=tests/spark", *words, env=env)


@contextlib.contextmanager
def scratch() -> Iterator[str]:
    """Give a folder for what tests write: in memory where there is room, removed if all is well.

    They write some 80,000 small files; on a disk, that is a tenth of their time.
    """
    if "TMPDIR" in os.environ or not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        yield tempfile.gettempdir()
        return
    folder = tempfile.mkdtemp(prefix="jsonschema-tools-", dir=MEMORY)
    yield folder
    shutil.rmtree(folder)


def kills(*words: str) -> None:
    """Run the tests that kill the program, much longer than `test` does."""
    set_up("[dev]")
    env = {"KILL_ROUNDS": "200", **test_environment()}
    run(PYTHON, *PYTEST, "--dist", "load", "-k", "killed", *words, env=env)


def spark() -> None:
    """Run the tests with Spark, where Java is."""
    if shutil.which("java") is None:
        print("skipped: Java, which Spark needs, was not found")
        return
    set_up("[dev]")
    pip = (sys.executable, "-m", "pip", "--python", PYTHON, "--disable-pip-version-check")
    run(*pip, "install", "--quiet", SPARK)
    run(PYTHON, "-m", "pytest", "-q", "tests/spark")


def test_environment() -> dict[str, str]:
    """Return the environment of the tests: in CI with the packages that npm can bring.

    Bytecode is kept, as on any developer's machine: hundreds of processes would compile the
    package anew, each for longer than it takes to do its work. numpy, which deepdiff imports,
    starts no threads in each of them.
    """
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    env["OPENBLAS_NUM_THREADS"] = "1"
    for name, packages, variable, inside in NPM:
        if variable not in env and env.get("CI") and shutil.which("npm"):
            folder = Path(tempfile.gettempdir()) / f"jsonschema-tools-{name}-{os.getuid()}"
            if (folder / "node_modules").is_dir() or npm_install(folder, packages):
                env[variable] = str(folder / inside)
    return env


def npm_install(folder: Path, packages: tuple[str, ...]) -> bool:
    """Install packages of npm; without them, the tests that need them skip and say so."""
    folder.mkdir(exist_ok=True)
    npm = ("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder))
    return subprocess.run([*npm, *packages], check=False).returncode == 0


def install_browser() -> None:
    """Install Debian's Chromium for the tests in a browser, where that can be done."""
    if shutil.which("chromium") or not shutil.which("apt-get") or os.getuid():
        return  # without it, these tests skip and say so
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (("update", "-q"), ("install", "-q", "-y", "--no-install-recommends", "chromium")):
        if subprocess.run(["apt-get", *words], env=quiet, check=False).returncode:
            return


def docs() -> None:
    """Build the documentation; a warning is an error."""
    set_up("[docs]")
    build_docs()


def build_docs() -> None:
    """Build the documentation with what is installed."""
    run(PYTHON, "-m", "sphinx", "-W", "--keep-going", "-E", "-q", "docs", "build/docs")
    print("built", ROOT / "build/docs/index.html")


def lowest(*words: str) -> None:
    """Run tests with the lowest versions of all libraries that pyproject.toml allows."""
    uv = uv_command()
    if uv is None:
        print("skipped: uv, which finds the lowest versions, cannot be installed")
        return
    environment = VENV / "lowest"
    python = str(environment / "bin" / "python")
    if not Path(python).exists():
        run(sys.executable, "-m", "venv", "--without-pip", str(environment))
    extras = ".[kafka,lake,serve,site]"
    install = (uv, "pip", "install", "--quiet", "--python", python)
    run(*install, "--resolution", "lowest-direct", "--editable", extras, *TEST_LIBRARIES)
    run_tests(python, LIBRARIES, words)


def pythons(*words: str) -> None:
    """Run tests with every supported version of Python that this machine has or can get."""
    uv = uv_command()
    for minor in PYTHONS:
        if minor == sys.version_info.minor:
            continue
        environment = VENV / f"python3.{minor}"
        python = str(environment / "bin" / "python")
        found = find_python(minor, uv)
        if found is None:
            print(f"skipped: Python 3.{minor} is not here, and uv cannot bring it")
            continue
        if not Path(python).exists():
            run(found, "-m", "venv", "--without-pip", str(environment))
        pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
        run(*pip, "install", "--quiet", "--editable", ".", *TEST_LIBRARIES)
        run_tests(python, [f"tests/{name}.py" for name in BYTES], words)


def run_tests(python: str, chosen: Sequence[str], words: Sequence[str]) -> None:
    """Run chosen tests, or all with `--all`; what needs an extra that is not installed skips."""
    rest = [word for word in words if word != "--all"]
    some = () if "--all" in words else chosen
    env = test_environment()
    if "--all" in words:  # at night, when there is time
        env = {"TIMES_EXAMPLES": "10", **env}
    run(python, *PYTEST, "-p", "no:cacheprovider", *some, *rest, env=env)


def uv_command() -> str | None:
    """Return the path of uv, installed into `.venv` unless on PATH; None: not to be had."""
    if (found := shutil.which("uv")) or (found := shutil.which("uv", path=str(BIN))):
        return found
    pip = (sys.executable, "-m", "pip", "--python", PYTHON, "install", "--quiet", "uv")
    subprocess.run(pip, cwd=ROOT, check=False)
    return shutil.which("uv", path=str(BIN))


def find_python(minor: int, uv: str | None) -> str | None:
    """Return a Python 3 of a minor version: on PATH, of pyenv, or downloaded by uv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"), "versions")
    places = [shutil.which(f"python3.{minor}"), *pyenv.glob(f"3.{minor}.*/bin/python")]
    for place in filter(None, places):
        version = (str(place), "-c", "import sys, venv; print(sys.version_info.minor)")
        told = subprocess.run(version, capture_output=True, text=True, check=False)
        if told.stdout.strip() == str(minor):
            return str(place)
    if uv is None:
        return None
    bring = (uv, "python", "install", "--quiet", f"3.{minor}")
    if subprocess.run(bring, capture_output=True, check=False).returncode:
        return None
    found = (uv, "python", "find", "--managed-python", f"3.{minor}")
    return subprocess.run(found, capture_output=True, text=True, check=True).stdout.strip()


def ci() -> None:
    """Lint, types, schemas, documentation, tests."""
    set_up("[dev]")
    install_browser()
    run(str(BIN / "ruff"), "check", ".")
    run(str(BIN / "ruff"), "format", "--check", ".")
    run(str(BIN / "mypy"))
    run(str(BIN / "lint-imports"))
    tool = str(BIN / "jsonschema-tools")
    run(tool, "materialize-all", "--dry-run")
    run(tool, "check", "--no-cache")
    run(tool, "generate-tests", "--check")
    build_docs()
    pythons()
    lowest()
    test()
    spark()


def tool(*words: str) -> None:
    """Run jsonschema-tools."""
    set_up()
    run(str(BIN / "jsonschema-tools"), *words)


COMMANDS = {
    "demo": demo,
    "test": test,
    "kills": kills,
    "spark": spark,
    "docs": docs,
    "ci": ci,
    "lowest": lowest,
    "pythons": pythons,
    "tool": tool,
}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    COMMANDS[sys.argv[1]](*sys.argv[2:])
