#!/usr/bin/env python3
"""The project's commands; each sets up all that it needs in `.venv`, with python3 and pip alone.

python3 dev.py demo    materialize and check this repository's own schemas
python3 dev.py test    run the tests; more words go to pytest
python3 dev.py kills   the tests that kill the program: 200 times in each place, not a few
python3 dev.py docs    build the documentation into build/docs
python3 dev.py ci      what CI runs: lint, types, schemas, documentation, tests
python3 dev.py tool    run jsonschema-tools with the words that follow
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

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
    """Run the tests on every core."""
    set_up("[dev]")
    run(PYTHON, "-m", "pytest", "-q", "-n", "auto", *words, env=test_environment())


def kills() -> None:
    """Run the tests that kill the program, much longer than `test` does."""
    set_up("[dev]")
    env = {**test_environment(), "KILL_ROUNDS": "200"}
    run(PYTHON, "-m", "pytest", "-q", "-n", "auto", "-k", "killed", env=env)


def test_environment() -> dict[str, str]:
    """Return the environment of the tests: in CI with the packages that npm can bring."""
    env = {**os.environ}
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
    test()


def tool(*words: str) -> None:
    """Run jsonschema-tools."""
    set_up()
    run(str(BIN / "jsonschema-tools"), *words)


COMMANDS = {"demo": demo, "test": test, "kills": kills, "docs": docs, "ci": ci, "tool": tool}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in COMMANDS:
        sys.exit(__doc__)
    COMMANDS[sys.argv[1]](*sys.argv[2:])
