"""Git, run from here alone: argument lists, `-z` output, no program that a repository configures.

What a file looks like in the working tree is compared with git's object names in Python, not by
`git diff`: git would start the repository's clean filters for it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jsonschema_tools.errors import ConfigError, GitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_SAFE = (
    "--no-pager",
    "--literal-pathspecs",
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
)

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
class Entry:
    """A file in a commit or in the index, not read yet.

    Attributes:
        blob: git's name of its content.
        is_link: whether it is a symbolic link.
    """

    blob: str
    is_link: bool

    def matches(self, path: Path) -> bool:
        """Tell whether a file of the working tree has this content, line endings aside."""
        try:
            if path.is_symlink() != self.is_link:
                return False
            content = os.fsencode(path.readlink()) if self.is_link else path.read_bytes()
        except OSError:
            return False
        return self.blob in {self._name(content), self._name(content.replace(b"\r\n", b"\n"))}

    def _name(self, content: bytes) -> str:
        import hashlib

        algorithm = "sha1" if len(self.blob) == 40 else "sha256"
        return hashlib.new(algorithm, b"blob %d\0%b" % (len(content), content)).hexdigest()


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as git holds it.

    Attributes:
        content: its bytes; of a symbolic link its target.
        is_link: whether it is a symbolic link.
    """

    content: bytes
    is_link: bool

    @property
    def target(self) -> str | None:
        """What it links to; None where it is no link."""
        return os.fsdecode(self.content) if self.is_link else None


@dataclass(frozen=True, slots=True)
class WorkTree:
    """A git working tree. Paths are absolute, as the folders that were asked for.

    Attributes:
        root: its top folder.
        environment: the environment in which git runs.
    """

    root: Path
    environment: Mapping[str, str]

    # ------------------------------------------------------------------------ commits

    def resolve(self, revision: str) -> str:
        """Return the full name of the commit that a revision means.

        Raises:
            GitError: there is no such commit here; the hint says what to fetch.
        """
        try:
            # no `--end-of-options`: until git 2.30 rev-parse printed it
            name = "" if revision.startswith("-") else f"{revision}^{{commit}}"
            return self._run("rev-parse", "--verify", "--quiet", name).decode().strip()
        except GitError:
            raise GitError(
                f"git knows no commit {revision!r} in {self.root}",
                hint=self._how_to_get(revision),
            ) from None

    def entries_at(self, revision: str, folders: Sequence[Path] = ()) -> dict[Path, Entry]:
        """Return the files and links of a commit, or those below some folders.

        Raises:
            GitError: there is no such commit here.
        """
        asked = _Folders(self.root, folders)
        output = self._run("ls-tree", "-r", "-z", self.resolve(revision), "--", *asked.specs)
        entries = {}
        for line in _split(output):
            mode_type_blob, _, name = line.partition(b"\t")
            mode, kind, blob = mode_type_blob.split(b" ")
            if kind == b"blob":
                entries[asked.path(name)] = _entry(mode, blob)
        return entries

    def files_at(self, revision: str, folders: Sequence[Path] = ()) -> dict[Path, StoredFile]:
        """Return the files and links of a commit, or those below some folders, with their content.

        Raises:
            GitError: there is no such commit here.
        """
        return self.read(self.entries_at(revision, folders))

    def added_since(self, revision: str, folders: Sequence[Path] = ()) -> set[Path]:
        """Return the files that exist now and did not in a commit; ignored ones are left out.

        Raises:
            GitError: there is no such commit here.
        """
        old = self.entries_at(revision, folders)
        return {path for path in self._present(folders) if path not in old}

    def changed_since(self, revision: str, folders: Sequence[Path] = ()) -> set[Path]:
        """Return the files that were added, altered or deleted since a commit.

        Raises:
            GitError: there is no such commit here.
        """
        old = self.entries_at(revision, folders)
        new = {path for path in self._present(folders) if path not in old}
        return new | {path for path, entry in old.items() if not entry.matches(path)}

    # ------------------------------------------------------------- index and working tree

    def staged(self, folders: Sequence[Path] = ()) -> dict[Path, Entry]:
        """Return what the next commit would add or alter, as it stands in the index."""
        asked = _Folders(self.root, folders)
        output = self._run(
            *("diff", "--cached", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff"),
            *("--no-textconv", "--ignore-submodules", "--diff-filter=AMT", "--", *asked.specs),
        )
        fields = iter(_split(output))  # ":100644 100644 OLD NEW M", path, ":…", path, …
        return {
            asked.path(name): _entry(facts.split(b" ")[1], facts.split(b" ")[3])
            for facts, name in zip(fields, fields, strict=True)
        }

    def indexed(self, folders: Sequence[Path] = ()) -> dict[Path, Entry | None]:
        """Return what the index holds; None for a file whose merge conflict is not resolved."""
        asked = _Folders(self.root, folders)
        entries: dict[Path, Entry | None] = {}
        for line in _split(self._run("ls-files", "--stage", "-z", "--", *asked.specs)):
            facts, _, name = line.partition(b"\t")
            mode, blob, stage = facts.split(b" ")
            if mode != b"160000":  # a submodule
                entries[asked.path(name)] = _entry(mode, blob) if stage == b"0" else None
        return entries

    def untracked(self, folders: Sequence[Path] = ()) -> set[Path]:
        """Return the files that git neither tracks nor ignores."""
        asked = _Folders(self.root, folders)
        output = self._run("ls-files", "--others", "--exclude-standard", "-z", "--", *asked.specs)
        return {asked.path(name) for name in _split(output)}

    def _present(self, folders: Sequence[Path]) -> Iterator[Path]:
        for path in {*self.indexed(folders), *self.untracked(folders)}:
            if os.path.lexists(path):
                yield path

    def read(self, entries: Mapping[Path, Entry]) -> dict[Path, StoredFile]:
        """Read the content of entries, all in one go.

        Raises:
            GitError: git lacks some content, as in a partial clone that is offline.
        """
        names = list(dict.fromkeys(entry.blob for entry in entries.values()))
        request = "".join(f"{name}\n" for name in names).encode()
        contents = (
            dict(zip(names, _objects(self._run("cat-file", "--batch", stdin=request)), strict=True))
            if names
            else {}
        )
        return {
            path: StoredFile(contents[entry.blob], entry.is_link) for path, entry in entries.items()
        }

    def add(self, paths: Iterable[Path]) -> list[Path]:
        """Add files and links to the index; return those that git ignores, which are left out.

        Unlike all else here this runs the clean filters that the repository is configured with,
        as `git add` does.
        """
        names = {os.fsencode(_relative(path, self.root)): path for path in paths}
        ignored = self._ignored(names)
        if wanted := b"\0".join(name for name in names if name not in ignored):
            for environment in self._indexes():
                self._run(
                    *("add", "--pathspec-from-file=-", "--pathspec-file-nul"),
                    stdin=wanted,
                    environment=environment,
                )
        return [path for name, path in names.items() if name in ignored]

    def _ignored(self, names: Iterable[bytes]) -> set[bytes]:
        # check-ignore knows no --literal-pathspecs; after "./" nothing in a name is special
        request = b"\0".join(b"./" + name for name in names)
        if not request:
            return set()
        command = ["git", *_SAFE, "check-ignore", "-z", "--stdin"]
        command.remove("--literal-pathspecs")
        output = _git(command, self.root, self.environment, request, fails=(1,))
        return {name.removeprefix(b"./") for name in _split(output)}

    def _indexes(self) -> Iterator[Mapping[str, str]]:
        """Yield an environment for each index that has to know of a new file.

        While a hook of `git commit -- PATH` runs, there are two: one to be committed
        (next-index-*.lock), and one that becomes the real index afterwards (index.lock). A file
        added to the first alone would count as deleted once the commit is made.
        """
        yield self.environment
        index = Path(self.environment.get("GIT_INDEX_FILE", ""))
        if (
            index.name.startswith("next-index-")
            and (lock := index.with_name("index.lock")).exists()
        ):
            yield {**self.environment, "GIT_INDEX_FILE": str(lock)}

    # ---------------------------------------------------------------------- the repository

    @property
    def git_dir(self) -> Path:
        """Where git keeps what is about this working tree."""
        return self._place("--absolute-git-dir")

    def hooks_folder(self) -> Path | None:
        """Return the folder in which git looks for hooks.

        None where `core.hooksPath` of the user or the machine leads out of the repository, to a
        folder that other repositories use as well.
        """
        hooks = self._place("--git-path", "hooks")
        own = self._run("config", "--local", "--get", "core.hooksPath", fails=(1,))
        inside = (self.root, self._place("--git-common-dir").resolve())
        return hooks if own or any(map(hooks.resolve().is_relative_to, inside)) else None

    def _place(self, *arguments: str) -> Path:
        # not _run: that turns the repository's own core.hooksPath off
        output = _git(["git", "rev-parse", *arguments], self.root, self.environment)
        return self.root / _line(output)

    def _how_to_get(self, revision: str) -> str:
        remotes = self._run("remote").decode().split()
        if not remotes:
            return "`git branch` and `git tag` list what there is"
        shallow = self._run("rev-parse", "--is-shallow-repository").strip() == b"true"
        command = _fetch_command(revision, remotes, shallow=shallow)
        why = "this is a shallow clone; " if shallow else "if a remote has it, "
        return f"{why}fetch it first: {command}"

    def _run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        fails: tuple[int, ...] = (),
        environment: Mapping[str, str] | None = None,
    ) -> bytes:
        """Run git at the top of the working tree; an exit status in `fails` is no error."""
        command = ["git", *_SAFE, *arguments]
        return _git(command, self.root, environment or self.environment, stdin, fails)


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


class _Folders:
    """Folders of a working tree, as the caller writes them and as git names them."""

    def __init__(self, root: Path, folders: Sequence[Path]) -> None:
        self._root = root
        self._folders = {os.fsencode(_relative(f.resolve(), root)): f for f in folders}
        self.specs = [os.fsdecode(name) for name in self._folders]

    def path(self, name: bytes) -> Path:
        """Return the path of what git calls `name`, below the folder as the caller wrote it."""
        for top, folder in self._folders.items():
            if name.startswith(top + b"/"):
                return folder / os.fsdecode(name[len(top) + 1 :])
        top_folder = self._folders.get(b".", self._root)
        return top_folder / os.fsdecode(name)


def _relative(path: Path, root: Path) -> Path:
    """Return a path relative to the working tree; links to folders on the way are followed.

    Raises:
        GitError: it is not in the working tree.
    """
    try:
        return (path.parent.resolve() / path.name).relative_to(root)
    except ValueError:
        raise GitError(f"{path} is outside of the git repository {root}") from None


def _entry(mode: bytes, blob: bytes) -> Entry:
    return Entry(blob.decode(), mode == b"120000")


def _split(output: bytes) -> list[bytes]:
    return output.split(b"\0")[:-1]


def _objects(output: bytes) -> Iterator[bytes]:
    """Yield the contents in the output of `git cat-file --batch`."""
    start = 0
    while start < len(output):
        end = output.index(b"\n", start)
        name, *facts = output[start:end].split(b" ")
        if len(facts) != 2:  # "NAME missing"
            raise GitError(
                f"git lacks the content {name.decode()}",
                hint="fetch the whole history: git fetch --refetch, or clone again",
            )
        start = end + 1 + int(facts[1])
        yield output[end + 1 : start]
        start += 1


# ---------------------------------------------------------------- finding the working tree


def open_work_tree(folder: Path) -> WorkTree:
    """Find the git working tree that a folder lies in.

    In a hook git says by `GIT_DIR` and the like which repository it is at, and by
    `GIT_INDEX_FILE` which index: not always the usual one. Those are followed where they are
    about this folder; a hook of another repository must not lead us there.

    Raises:
        ConfigError: there is no such folder.
        GitError: it lies in no working tree, or git cannot be run.
    """
    if not folder.is_dir():
        raise ConfigError(f"there is no folder {folder}")
    inherited = {name: os.environ[name] for name in _LOCAL if name in os.environ}
    plain = {name: value for name, value in os.environ.items() if name not in _LOCAL}
    plain |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}
    tree = _find(folder, plain)
    if inherited and (tree is None or "GIT_WORK_TREE" in inherited):
        tree = _inner(folder, tree, _find(Path.cwd(), plain | inherited))
    if tree is None:
        raise GitError(f"{folder} is not in a git repository", hint="`git init` makes one")
    index = _inherited_index(tree, inherited.get("GIT_INDEX_FILE"))
    return WorkTree(tree.root, {**tree.environment, **index}) if inherited else tree


def _find(folder: Path, environment: Mapping[str, str]) -> WorkTree | None:
    try:
        output = _git(["git", *_SAFE, "rev-parse", "--show-toplevel"], folder, environment)
    except GitError as error:
        if error.message.startswith("git: not a git repository"):
            return None
        raise
    return WorkTree(Path(_line(output)), environment)


def _inner(folder: Path, found: WorkTree | None, given: WorkTree | None) -> WorkTree | None:
    """Choose between the working tree found on disk and the one that the environment names."""
    if given is None or not folder.resolve().is_relative_to(given.root):
        return found
    if found is not None and len(found.root.parts) > len(given.root.parts):
        return found
    git_dir = _line(_git(["git", "rev-parse", "--absolute-git-dir"], Path(), given.environment))
    places = {"GIT_DIR": git_dir, "GIT_WORK_TREE": str(given.root)}
    return WorkTree(given.root, {**given.environment, **places})


def _inherited_index(tree: WorkTree, name: str | None) -> dict[str, str]:
    """Return `GIT_INDEX_FILE` with an absolute path, unless it is another repository's index."""
    index = tree.root / (name or "")  # relative to the top, where git runs hooks
    if not index.is_file():
        return {}
    ours = index.parent.resolve() == tree.git_dir.resolve()
    anothers = not ours and (index.parent / "HEAD").exists()
    return {} if anothers else {"GIT_INDEX_FILE": str(index)}


def _line(output: bytes) -> str:
    return os.fsdecode(output.removesuffix(b"\n"))


def _git(
    command: list[str],
    folder: Path,
    environment: Mapping[str, str],
    stdin: bytes = b"",
    fails: tuple[int, ...] = (),
) -> bytes:
    import subprocess  # 10 ms that commands without git need not pay

    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, input=stdin, capture_output=True, check=False
        )
    except FileNotFoundError:
        raise GitError(
            "git is not there", hint="install git, and see that it is on the PATH"
        ) from None
    if done.returncode == 0 or done.returncode in fails:
        return done.stdout
    first, *rest = os.fsdecode(done.stderr).strip().splitlines() or ["failed without a word"]
    hint = " ".join(line.strip().removeprefix("hint: ") for line in rest if line.strip())
    raise GitError(f"git: {first.removeprefix('fatal: ')}", hint=hint or None)
