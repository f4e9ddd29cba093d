"""Git as a process: which repository it works on, and how it is called.

`work_tree` and the history pages of the site use it. Git is run with argument lists and starts no
program that a repository is configured with: no fsmonitor, no hooks, no transport.

The repository is found by the `.git` of a folder above the schemas, and named to every call. Left
to itself, git takes any folder that holds `HEAD`, `config`, `objects` and `refs` for a repository
and obeys its configuration; such files can be committed like any others.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jsonschema_tools.errors import GitError

if TYPE_CHECKING:
    from collections.abc import Mapping

_SAFE = (
    "--no-pager",
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "submodule.recurse=false"),
    *("-c", "log.showSignature=false"),  # `git log` would run gpg.program
    *("-c", "safe.bareRepository=explicit"),  # since git 2.38; older ones pass over it
)

#: A partial clone fetches missing objects by programs that its configuration names. Git 2.44 and
#: newer can be told not to; for older ones no protocol is allowed.
_OFFLINE = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}

#: What ties git to one repository (`git rev-parse --local-env-vars`); a hook inherits it.
_LOCAL = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_CONFIG_PARAMETERS",
    "GIT_CONFIG_COUNT",
    "GIT_OBJECT_DIRECTORY",
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_GRAFT_FILE",
    "GIT_INDEX_FILE",
    "GIT_NO_REPLACE_OBJECTS",
    "GIT_REPLACE_REF_BASE",
    "GIT_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_COMMON_DIR",
)


@dataclass(frozen=True, slots=True)
class Git:
    """Git, to be run in a working tree.

    Attributes:
        root: top folder of the working tree; git runs there.
        environment: the environment in which it runs; it names the repository.
    """

    root: Path
    environment: Mapping[str, str]

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        fails: tuple[int, ...] = (),
        literal: bool = True,
        index: Path | None = None,
    ) -> bytes:
        """Run git and return its output.

        Args:
            arguments: subcommand and what follows.
            stdin: what it reads.
            fails: exit statuses, beside 0, that are not errors.
            literal: whether paths are plain names, without globs and magic.
            index: the index that it works on, if not the usual one.

        Raises:
            GitError: it failed.
        """
        paths = ("--literal-pathspecs",) if literal else ()
        environment = {**self.environment, "GIT_INDEX_FILE": str(index)} if index else None
        command = ["git", *_SAFE, *paths, *arguments]
        return _run(command, self.root, environment or self.environment, stdin, fails)

    def place(self, *arguments: str) -> Path:
        """Return a path that `git rev-parse` tells, such as `--absolute-git-dir`."""
        # without _SAFE, which turns the repository's own core.hooksPath off
        output = _run(["git", "rev-parse", *arguments], self.root, self.environment)
        return self.root / _line(output)


def open_git(folder: Path) -> Git:
    """Find the working tree that a folder is in, or would be in if it were there.

    In a hook git says by `GIT_DIR` and the like which repository it is at, and by
    `GIT_INDEX_FILE` which index: not always the usual one. Those are followed where they are
    about this folder; a hook of another repository must not lead us there.

    Raises:
        GitError: it is not in a working tree, or git cannot be run.
    """
    folder = next(place for place in (folder, *folder.absolute().parents) if place.is_dir())
    inherited = {name: os.environ[name] for name in _LOCAL if name in os.environ}
    plain = {
        name: value
        for name, value in os.environ.items()
        if name not in _LOCAL and not name.endswith("_PATHSPECS")  # they forbid ours
    }
    plain |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", **_OFFLINE}
    git = _find(folder.resolve(), plain)
    if inherited and (git is None or "GIT_WORK_TREE" in inherited):
        git = _inner(folder, git, _given(plain | inherited))
    if git is None:
        raise GitError(f"{folder} is not in a git repository", hint="`git init` makes one")
    index = _inherited_index(git, inherited.get("GIT_INDEX_FILE"))
    return Git(git.root, {**git.environment, **index}) if index else git


def _find(folder: Path, environment: Mapping[str, str]) -> Git | None:
    """Find the closest folder, from this one upwards, whose `.git` is a repository."""
    for top in (folder, *folder.parents):
        if os.path.lexists(top / ".git"):
            ceiling = {"GIT_CEILING_DIRECTORIES": str(top.parent)}  # look here, not further up
            git_dir = _asked("--absolute-git-dir", top, {**environment, **ceiling})
            if git_dir:
                return Git(top, {**environment, "GIT_DIR": git_dir, "GIT_WORK_TREE": str(top)})
    return None


def _given(environment: Mapping[str, str]) -> Git | None:
    """Return the working tree that the environment names, as git does for its hooks."""
    top = _asked("--show-toplevel", Path.cwd(), environment)
    return Git(Path(top), environment) if top else None


def _asked(what: str, folder: Path, environment: Mapping[str, str]) -> str | None:
    """Return what `git rev-parse` says in a folder; None where it finds no repository."""
    try:
        return _line(_run(["git", *_SAFE, "rev-parse", what], folder, environment))
    except GitError as error:
        if error.message.startswith("git: not a git repository"):
            return None
        raise


def _inner(folder: Path, found: Git | None, given: Git | None) -> Git | None:
    """Choose between the working tree found on disk and the one that the environment names."""
    if given is None or not folder.resolve().is_relative_to(given.root):
        return found
    if found is not None and len(found.root.parts) > len(given.root.parts):
        return found
    git_dir = _line(_run(["git", "rev-parse", "--absolute-git-dir"], Path(), given.environment))
    places = {"GIT_DIR": git_dir, "GIT_WORK_TREE": str(given.root)}
    return Git(given.root, {**given.environment, **places})


def _inherited_index(git: Git, name: str | None) -> dict[str, str]:
    """Return `GIT_INDEX_FILE` with an absolute path, unless it is another repository's index."""
    index = git.root / (name or "")  # relative to the top, where git runs hooks
    if not index.is_file():
        return {}
    ours = index.parent.resolve() == git.place("--absolute-git-dir").resolve()
    anothers = not ours and (index.parent / "HEAD").exists()
    return {} if anothers else {"GIT_INDEX_FILE": str(index)}


def _line(output: bytes) -> str:
    return os.fsdecode(output.removesuffix(b"\n"))


def _run(
    command: list[str],
    folder: Path,
    environment: Mapping[str, str],
    stdin: bytes = b"",
    fails: tuple[int, ...] = (),
) -> bytes:
    import subprocess  # 5 ms that commands without git need not pay

    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, input=stdin, capture_output=True, check=False
        )
    except FileNotFoundError:
        raise GitError("git not found", hint="install it and make sure it is on PATH") from None
    if done.returncode == 0 or done.returncode in fails:
        return done.stdout
    raise _failed(os.fsdecode(done.stderr))


def _failed(stderr: str) -> GitError:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    # warnings, such as that nothing is fetched, come before what ended git
    first, *rest = (
        [line for line in lines if not line.startswith("warning: ")] or lines or ["failed"]
    )
    hint = " ".join(line.removeprefix("hint: ") for line in rest)
    return GitError(f"git: {first.removeprefix('fatal: ')}", hint=hint or None)
