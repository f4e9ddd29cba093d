"""Which commit a revision means, and how to get one that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jsonschema_tools.errors import GitError, UnknownRevisionError
from jsonschema_tools.files import read_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jsonschema_tools.git.process import Git


def resolve(revision: str, git: Git) -> str:
    """Return the full name of the commit that a revision means, see `WorkTree.resolve`."""
    for name in (revision, f"refs/remotes/origin/{revision}", _fetched(revision, git)):
        try:
            # no `--end-of-options`: until git 2.30 rev-parse printed it
            commit = "" if name.startswith("-") else f"{name}^{{commit}}"
            return git.run("rev-parse", "--verify", "--quiet", commit).decode().strip()
        except GitError:
            continue
    raise UnknownRevisionError(
        f"git knows no commit {revision!r} in {git.root}", hint=_how_to_get(revision, git)
    )


def _fetched(revision: str, git: Git) -> str:
    """Return the commit that `git fetch REMOTE REVISION` has fetched last; else nothing.

    Such a call makes no branch or tag, but says in FETCH_HEAD what it has fetched.
    """
    try:
        content = read_file(git.place("--git-path", "FETCH_HEAD")).decode()
    except (OSError, UnicodeDecodeError):
        return ""
    named = (f"branch '{revision}' of ", f"tag '{revision}' of ")
    lines = (line.split("\t") for line in content.splitlines())
    found = (parts[0] for parts in lines if len(parts) == 3 and parts[2].startswith(named))
    return next(found, "")


def _how_to_get(revision: str, git: Git) -> str:
    remotes = git.run("remote").decode().split()
    if not remotes:
        return "`git branch` and `git tag` list what there is"
    shallow = git.run("rev-parse", "--is-shallow-repository").strip() == b"true"
    command = _fetch_command(revision, remotes, shallow=shallow)
    why = "this is a shallow clone; " if shallow else "if a remote has it, "
    return f"{why}fetch it first: {command}"


def _fetch_command(revision: str, remotes: Sequence[str], *, shallow: bool) -> str:
    """Return the command that fetches what a revision names, as far as one can tell."""
    import re

    fetch = "git fetch --depth=1" if shallow else "git fetch"
    remote, _, branch = revision.removeprefix("refs/remotes/").partition("/")
    if re.search(r"[~^@:]|^HEAD$", revision):  # HEAD~3 needs the history
        return "git fetch --unshallow" if shallow else "git fetch --all --tags"
    if remote in remotes and branch:  # a refspec: the clone may follow one branch only
        return f"{fetch} {remote} +refs/heads/{branch}:refs/remotes/{remote}/{branch}"
    default = "origin" if "origin" in remotes else remotes[0]
    if re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", revision):
        return f"{fetch} {default} {revision}"
    if re.match(r"v?[0-9]+\.", revision) or revision.startswith("refs/tags/"):
        return f"{fetch} {default} tag {revision.removeprefix('refs/tags/')}"
    return f"{fetch} {default} {revision}:{revision}"
