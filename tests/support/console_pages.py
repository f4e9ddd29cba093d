"""Pages of the documentation as programs: their console blocks, run in order in a scratch folder.

Comments in a page, which its readers do not see, say how:

    <!-- starts in: an empty folder -->     otherwise: a copy of this repository's schemas, in git
    <!-- needs: MODULE -->                  the page is skipped where it cannot be imported
    <!-- first: COMMAND -->                 runs before the next block, without being shown
    <!-- not run: REASON -->                the next block is only shown

`python tests/support/console_pages.py PAGE...` writes the real output into the blocks of a page.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from support.fork_server import lay_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
#: languages of blocks that hold commands; `console` is the one to use
_SHELLS = frozenset({"console", "sh", "shell", "bash", "shell-session", "zsh"})
#: blocks of code, and the comments between them
_PARTS = re.compile(
    r"^ *```(?P<kind>[^\n]*)\n(?P<block>.*?)^ *```$"
    r"|^ *<!-- (?P<word>first|not run): (?P<rest>.*?) -->$",
    re.DOTALL | re.MULTILINE,
)
_EMPTY = "<!-- starts in: an empty folder -->"
_NEEDS = re.compile(r"<!-- needs: (\w+) -->")


@dataclass(frozen=True)
class Command:
    """A command of a page.

    Attributes:
        line: what bash runs.
        output: the output that the page shows; None where the command itself is not shown.
        start: where the shown output begins in the page.
    """

    line: str
    output: str | None
    start: int = 0


@dataclass(frozen=True)
class Page:
    """A page of the documentation."""

    path: Path

    @property
    def name(self) -> str:
        """Its path in the project."""
        inside = self.path.is_relative_to(ROOT)
        return (self.path.relative_to(ROOT) if inside else self.path).as_posix()

    @property
    def text(self) -> str:
        """What is written on it."""
        return self.path.read_text(encoding="utf-8")

    @property
    def needs(self) -> list[str]:
        """The modules that its commands need."""
        return _NEEDS.findall(self.text)

    def commands(self) -> list[Command]:
        """Return the commands to run, in order.

        Raises:
            ValueError: a block is not one of commands, and does not say that it is not run.
        """
        found: list[Command] = []
        skipped = False
        for part in _PARTS.finditer(self.text):
            if part["kind"] is not None and part["kind"] not in _SHELLS:
                if part["block"].startswith("$ "):
                    raise ValueError(f"{self.name}: commands not in a console block")
                continue
            if part["word"] == "not run":
                skipped = True
            elif part["word"] == "first":
                found.append(Command(part["rest"], None))
            elif skipped:
                skipped = False
            else:
                found += self._block(part)
        return found

    def _block(self, part: re.Match[str]) -> list[Command]:
        commands = [
            Command(match[1], match[2], part.start("block") + match.start(2))
            for match in re.finditer(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", part["block"], re.MULTILINE)
        ]
        if part["kind"] != "console" or not commands:
            raise ValueError(f"{self.name}: not a console block with `$ `: {part['block']}")
        return commands

    def start(self, folder: Path) -> None:
        """Make the folder in which its commands run."""
        folder.mkdir()
        if _EMPTY not in self.text:
            for name in ("jsonschema", "fragments"):
                shutil.copytree(ROOT / name, folder / name, symlinks=True)
            shutil.copy(ROOT / ".jsonschema-tools.yaml", folder)
            for words in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "Begin"]):
                subprocess.run(["git", *words], cwd=folder, env=environment(), check=True)

    @contextmanager
    def running(self, folder: Path) -> Iterator[Callable[[Command], str]]:
        """Give what runs a command and returns its output, both streams, as `normal` has it.

        At the end, whatever commands left running in the background is stopped.
        """
        self.start(folder)
        env = environment()
        program = lay_program(
            folder.with_name(f"{folder.name}-bin") / "jsonschema-tools",
            forked=[name for name in ("load", "site") if f"jsonschema-tools {name} " in self.text],
        )
        env["PATH"] = f"{program.parent}{os.pathsep}{env['PATH']}"
        groups = []

        def run(command: Command) -> str:
            with subprocess.Popen(
                ["bash", "-c", command.line],
                cwd=folder,
                env=env,
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            ) as process:
                groups.append(process.pid)
                output, _ = process.communicate()
            return normal(output.replace(str(folder), "/home/me/schemas"))

        try:
            yield run
        finally:
            for group in groups:
                with suppress(ProcessLookupError):
                    os.killpg(group, signal.SIGTERM)


def environment() -> dict[str, str]:
    """Return the environment of the commands: this installation, and an author for git."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GIT_AUTHOR_NAME": "Somebody",
        "GIT_AUTHOR_EMAIL": "somebody@example.org",
        "GIT_COMMITTER_NAME": "Somebody",
        "GIT_COMMITTER_EMAIL": "somebody@example.org",
        "COLUMNS": "80",
        # other plugins of pytest that are installed here take four times as long as ours
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_PLUGINS": "jsonschema_tools.pytest_plugin",
    }


def normal(text: str) -> str:
    """Return an output without what differs from run to run."""
    text = re.sub(r"in [0-9.]+ ?s\b", "in 0.1 s", text)
    text = re.sub(r"\b[0-9a-f]{40}\b", "8709811bf142a1ef3603e4c93344a8e36d545581", text)
    return "".join(f"{line.rstrip()}\n" for line in text.rstrip().splitlines())


def update(page: Page) -> None:
    """Write the real output of its commands into a page."""
    text, moved = page.text, 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "repository"
        with page.running(folder) as run:
            for command in page.commands():
                output = run(command)
                if command.output is not None:
                    start = command.start + moved
                    text = text[:start] + output + text[start + len(command.output) :]
                    moved += len(output) - len(command.output)
    page.path.write_text(text, encoding="utf-8")


PAGES = tuple(Page(path) for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]))

if __name__ == "__main__":
    for name in sys.argv[1:]:
        update(Page(Path(name).resolve()))
