"""When versions were committed, as git tells it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from jsonschema_tools.errors import GitError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from jsonschema_tools.config import Config
    from jsonschema_tools.git.process import Git


class History(NamedTuple):
    """What git tells of a repository.

    Attributes:
        head: the commit that is checked out; empty if there is none.
        trees: the working trees that its folders are in.
    """

    head: str
    trees: tuple[Git, ...]

    def dates(self) -> Mapping[Path, str]:
        """Return by absolute path when each file was committed first, as RFC 3339 says, in UTC."""
        found: dict[Path, str] = {}
        for tree in self.trees:
            date = ""
            log = tree.run(
                "log", "--format=%x01%cd", "--date=format-local:%Y-%m-%dT%H:%M:%SZ", "-z",
                "--name-only", "--no-renames", "--diff-filter=A",
            )  # fmt: skip
            for part in os.fsdecode(log).replace("\n", "\0").split("\0"):
                if part.startswith("\x01"):
                    date = part[1:]
                elif part:
                    found[tree.root / part] = date  # the oldest comes last
        return found


def history(config: Config) -> History:
    """Return what git tells of the folders of schemas; nothing without git."""
    from jsonschema_tools.git.process import Git, open_git

    trees: dict[Path, Git] = {}
    heads = []
    for base in config.schema_base_paths:
        try:
            git = open_git(base)
            if git.root not in trees:
                heads.append(git.run("rev-parse", "HEAD").decode().strip())
                trees[git.root] = Git(git.root, {**git.environment, "TZ": "UTC"})
        except GitError:  # no git, or no commit yet
            continue
    return History(" ".join(heads), tuple(trees.values()))
