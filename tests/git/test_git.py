"""Git states that a folder of test data cannot hold; every test uses real git."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from jsonschema_tools.errors import GitError
from jsonschema_tools.git.process import open_git
from jsonschema_tools.git.work_tree import open_work_tree
from jsonschema_tools.site.history import History

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from conftest import GitRepository

    from jsonschema_tools.git.work_tree import WorkTree

ODD_NAMES = [
    "a folder/with spaces",
    "quotes'and\"more",
    "größe/été/日本",
    "-rf",
    "--help/x",
    "line\nbreak",
    "tab\there",
    "$(touch injected)",
    "`touch injected`;&|",
    "*glob?[a]",
    ":(exclude)magic",
    "back\\slash",
    " leading and trailing ",
]


def files_at(tree: WorkTree, revision: str, folders: Sequence[Path] = ()) -> Mapping[Path, Any]:
    """Return the files and links of a commit, with their content."""
    return tree.read(tree.entries_at(revision, folders))


def names(paths: set[Path] | list[Path], root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in paths}


@pytest.fixture
def repository(git_repository: GitRepository) -> GitRepository:
    git_repository.write("a/one.yaml", "one")
    git_repository.write("b/two.yaml", "two")
    (git_repository.root / "a/link").symlink_to("one.yaml")
    git_repository.commit()
    return git_repository


class TestOpen:
    def test_from_a_subfolder(self, repository: GitRepository) -> None:
        assert open_work_tree(repository.root / "a").root == repository.root

    def test_no_repository(self, tmp_path: Path, git_environment: None) -> None:
        with pytest.raises(GitError, match="is not in a git repository") as error:
            open_work_tree(tmp_path)
        assert error.value.hint == "`git init` makes one"

    def test_folder_that_is_not_there(self, repository: GitRepository) -> None:
        folder = repository.root / "not/yet"
        tree = open_work_tree(folder)
        assert tree.root == repository.root
        assert tree.indexed([folder]) == {}
        assert files_at(tree, "HEAD", [folder]) == {}

    def test_bare_repository(self, tmp_path: Path, repository: GitRepository) -> None:
        bare = tmp_path / "bare.git"
        repository.git("clone", "--quiet", "--bare", ".", bare)
        with pytest.raises(GitError, match="is not in a git repository"):
            open_work_tree(bare)

    def test_no_git(self, repository: GitRepository, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(repository.root))
        with pytest.raises(GitError, match="git not found") as error:
            open_work_tree(repository.root)
        assert "on PATH" in (error.value.hint or "")

    def test_broken_configuration(self, repository: GitRepository) -> None:
        repository.write(".git/config", "[core\n")
        with pytest.raises(GitError, match="git: bad config line 1"):
            open_work_tree(repository.root)

    def test_name_with_a_newline(self, tmp_path: Path, repository: GitRepository) -> None:
        odd = tmp_path / "odd\ntrue\nname"
        repository.root.rename(odd)
        assert open_work_tree(odd / "a").root == odd

    def test_worktree(self, tmp_path: Path, repository: GitRepository) -> None:
        repository.git("worktree", "add", "--quiet", tmp_path / "linked")
        tree = open_work_tree(tmp_path / "linked" / "a")
        assert tree.root == tmp_path / "linked"
        repository.write("a/one.yaml", "changed in the main working tree")
        assert tree.changed_since("HEAD") == set()

    def test_submodule(self, tmp_path: Path, repository: GitRepository) -> None:
        clone = tmp_path / "inner"
        shutil.copytree(repository.root, clone, symlinks=True)
        repository.git("submodule", "--quiet", "add", clone, "inner")
        assert open_work_tree(repository.root / "inner/a").root == repository.root / "inner"


class TestInheritedEnvironment:
    """What git tells its hooks is followed where it is about us, and nowhere else."""

    @pytest.fixture
    def other(self, tmp_path: Path, repository: GitRepository) -> Path:
        folder = tmp_path / "other"
        repository.git("clone", "--quiet", ".", folder)
        return folder

    def test_hook_of_another_repository(
        self, other: Path, repository: GitRepository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        repository.write("a/one.yaml", "changed")
        repository.git("add", ".")
        monkeypatch.chdir(other)
        monkeypatch.setenv("GIT_DIR", str(other / ".git"))
        monkeypatch.setenv("GIT_WORK_TREE", ".")
        monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git/index"))
        tree = open_work_tree(repository.root)
        assert tree.root == repository.root
        assert names([*tree.staged()], repository.root) == {"a/one.yaml"}
        assert not open_work_tree(other).staged()

    def test_lock_of_another_index(
        self, repository: GitRepository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_INDEX_FILE", ".git/next-index-1.lock")  # there is none here
        assert len(open_work_tree(repository.root).indexed()) == 3

    def test_git_dir_alone_in_a_subfolder(
        self, repository: GitRepository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(repository.root / "a")  # to git this would be the top
        monkeypatch.setenv("GIT_DIR", str(repository.root / ".git"))
        assert open_work_tree(repository.root / "a").root == repository.root

    def test_settings_of_pathspecs(
        self, repository: GitRepository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GIT_ICASE_PATHSPECS", "1")
        tree = open_work_tree(repository.root)
        assert names([*tree.indexed([repository.root / "b"])], repository.root) == {"b/two.yaml"}

    def test_temporary_index(
        self, repository: GitRepository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """`git commit PATH` and `git commit --all` have the hook look at an index of their own."""
        index = repository.root / ".git/next-index-1.lock"
        shutil.copy(repository.root / ".git/index", index)
        monkeypatch.setenv("GIT_INDEX_FILE", str(index))
        new = repository.write("a/new.yaml", "new")
        tree = open_work_tree(repository.root)
        assert tree.add([new]) == []
        assert names([*tree.staged()], repository.root) == {"a/new.yaml"}
        monkeypatch.delenv("GIT_INDEX_FILE")
        assert not repository.staged()

    def test_git_dir_elsewhere(
        self, tmp_path: Path, repository: GitRepository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (repository.root / ".git").rename(tmp_path / "elsewhere")
        monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
        monkeypatch.setenv("GIT_WORK_TREE", str(repository.root))
        tree = open_work_tree(repository.root / "a")
        assert tree.root == repository.root
        repository.write("a/one.yaml", "changed")
        assert names(tree.changed_since("HEAD"), repository.root) == {"a/one.yaml"}

    def test_inner_repository_wins(
        self, repository: GitRepository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        inner = repository.root / "inner"
        repository.git("clone", "--quiet", ".", inner)
        monkeypatch.setenv("GIT_DIR", str(repository.root / ".git"))
        monkeypatch.setenv("GIT_WORK_TREE", str(repository.root))
        assert open_work_tree(inner).root == inner


class TestRevisions:
    def test_files_at(self, repository: GitRepository) -> None:
        repository.write("a/one.yaml", "changed")
        (repository.root / "b/two.yaml").unlink()
        files = files_at(open_work_tree(repository.root), "HEAD")
        assert {str(path.relative_to(repository.root)): f.content for path, f in files.items()} == {
            "a/one.yaml": b"one",
            "b/two.yaml": b"two",
            "a/link": b"one.yaml",
        }
        assert files[repository.root / "a/link"].target == "one.yaml"
        assert files[repository.root / "a/one.yaml"].target is None

    def test_only_some_folders(self, repository: GitRepository) -> None:
        tree = open_work_tree(repository.root)
        assert names([*files_at(tree, "HEAD", [repository.root / "b"])], repository.root) == {
            "b/two.yaml"
        }
        assert files_at(tree, "HEAD", [repository.root / "not/there"]) == {}

    def test_folder_behind_a_link(self, repository: GitRepository) -> None:
        (repository.root / "other").symlink_to("a")
        tree = open_work_tree(repository.root)
        asked = repository.root / "other"
        assert {*files_at(tree, "HEAD", [asked])} == {asked / "one.yaml", asked / "link"}

    def test_folder_outside(self, tmp_path: Path, repository: GitRepository) -> None:
        with pytest.raises(GitError, match="outside of"):
            files_at(open_work_tree(repository.root), "HEAD", [tmp_path])

    def test_odd_content(self, repository: GitRepository) -> None:
        contents = [
            b"",
            b"\n",
            b"\0\xff",
            b"no final newline",
            b"x" * 1_000_000,
            b"deadbeef missing\n",
        ]
        paths = [repository.write(f"odd/{i}", content) for i, content in enumerate(contents)]
        repository.commit()
        files = files_at(open_work_tree(repository.root), "HEAD", [repository.root / "odd"])
        assert [files[path].content for path in paths] == contents

    def test_added_and_changed_since(self, repository: GitRepository) -> None:
        root = repository.root
        repository.write(".gitignore", "ignored")
        repository.write("c/committed", "x")
        repository.commit()
        repository.write("c/untracked", "x")
        repository.write("c/staged", "x")
        repository.git("add", "c/staged")
        repository.write("c/ignored", "x")
        repository.write("a/one.yaml", "changed")
        (root / "b/two.yaml").unlink()
        tree = open_work_tree(root)
        new = {".gitignore", "c/committed", "c/untracked", "c/staged"}
        assert names(tree.added_since("HEAD~"), root) == new
        assert names(tree.changed_since("HEAD~"), root) == {*new, "a/one.yaml", "b/two.yaml"}
        assert names(tree.added_since("HEAD~", [root / "c"]), root) == new - {".gitignore"}

    def test_times_and_line_endings_are_no_change(self, repository: GitRepository) -> None:
        repository.write("a/one.yaml", "1\n2\n")
        repository.commit()
        (repository.root / "a/one.yaml").write_bytes(b"1\r\n2\r\n")  # core.autocrlf
        os.utime(repository.root / "b/two.yaml", (1, 1))
        assert open_work_tree(repository.root).changed_since("HEAD") == set()

    def test_link_that_became_a_file(self, repository: GitRepository) -> None:
        link = repository.root / "a/link"
        link.unlink()
        link.write_text("one.yaml")
        assert open_work_tree(repository.root).changed_since("HEAD") == {link}

    def test_sha256(self, tmp_path: Path, git_repository: GitRepository) -> None:
        shutil.rmtree(git_repository.root / ".git")
        git_repository.git("init", "--quiet", "--object-format=sha256")
        path = git_repository.write("file", "x")
        git_repository.commit()
        tree = open_work_tree(git_repository.root)
        assert tree.changed_since("HEAD") == set()
        path.write_text("y")
        assert tree.changed_since("HEAD") == {path}
        assert files_at(tree, "HEAD")[path].content == b"x"

    @pytest.mark.parametrize("revision", ["HEAD", "main", "v1.0.0", "HEAD~1", "heads/main", "@{0}"])
    def test_known_revisions(self, repository: GitRepository, revision: str) -> None:
        repository.commit()
        repository.git("tag", "--annotate", "--message", "x", "v1.0.0")
        assert len(open_work_tree(repository.root).resolve(revision)) == 40

    @pytest.mark.parametrize("revision", ["", "--all", "-h", "nope", "HEAD:a", "HEAD..HEAD", "a b"])
    def test_unknown_revisions(self, repository: GitRepository, revision: str) -> None:
        with pytest.raises(GitError, match="git knows no commit") as error:
            open_work_tree(repository.root).resolve(revision)
        assert error.value.hint == "`git branch` and `git tag` list what there is"

    def test_before_the_first_commit(self, git_repository: GitRepository) -> None:
        with pytest.raises(GitError, match="git knows no commit 'HEAD'"):
            open_work_tree(git_repository.root).resolve("HEAD")


class TestShallowClone:
    """The hint names a command that helps: the test runs it."""

    @pytest.fixture
    def shallow(self, tmp_path: Path, repository: GitRepository) -> Path:
        repository.git("branch", "old")
        repository.git("tag", "v1.0.0")
        repository.commit("second")
        repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
        clone = tmp_path / "clone"
        repository.git("clone", "--quiet", "--depth=1", repository.root.as_uri(), clone)
        return clone

    @pytest.mark.parametrize("revision", ["origin/old", "old", "v1.0.0", "HEAD~1", "a commit"])
    def test_hint(self, shallow: Path, repository: GitRepository, revision: str) -> None:
        if revision == "a commit":
            revision = repository.git("rev-parse", "HEAD~1").strip()
        tree = open_work_tree(shallow)
        with pytest.raises(GitError) as error:
            tree.resolve(revision)
        why, _, command = (error.value.hint or "").partition(" it first: ")
        assert why == "this is a shallow clone; fetch"
        program, *arguments = command.split()
        assert program == "git"
        repository.git(*arguments, cwd=shallow)
        assert tree.resolve(revision) == repository.git("rev-parse", "v1.0.0").strip()

    def test_what_is_there_can_be_read(self, shallow: Path) -> None:
        assert len(files_at(open_work_tree(shallow), "origin/main")) == 3

    def test_partial_clone_offline(self, tmp_path: Path, repository: GitRepository) -> None:
        clone = tmp_path / "partial"
        repository.git("config", "uploadpack.allowFilter", "true")
        uri = repository.root.as_uri()
        repository.git("clone", "--quiet", "--no-checkout", "--filter=blob:none", uri, clone)
        repository.root.rename(tmp_path / "offline")
        with pytest.raises(GitError):
            files_at(open_work_tree(clone), "HEAD")


class TestIndex:
    def test_staged(self, repository: GitRepository) -> None:
        root = repository.root
        repository.write("a/one.yaml", "staged")
        repository.write("a/new.yaml", "new")
        repository.git("mv", "b/two.yaml", "b/renamed.yaml")
        repository.git("rm", "--quiet", "a/link")
        repository.git("add", "a")
        repository.write("a/one.yaml", "working tree")
        repository.write("a/untracked.yaml", "x")
        tree = open_work_tree(root)
        staged = tree.staged()
        assert names([*staged], root) == {"a/one.yaml", "a/new.yaml", "b/renamed.yaml"}
        assert tree.read(staged)[root / "a/one.yaml"].content == b"staged"
        assert names([*tree.staged([root / "b"])], root) == {"b/renamed.yaml"}

    def test_before_the_first_commit(self, git_repository: GitRepository) -> None:
        tree = open_work_tree(git_repository.root)
        assert tree.staged() == {}
        path = git_repository.write("a/one.yaml", "one")
        assert tree.untracked() == {path}
        git_repository.git("add", ".")
        assert [*tree.staged()] == [path]
        assert tree.untracked() == set()

    def test_merge_conflict(self, repository: GitRepository) -> None:
        repository.git("switch", "--quiet", "--create", "side")
        path = repository.write("a/one.yaml", "side")
        repository.commit()
        repository.git("switch", "--quiet", "main")
        repository.write("a/one.yaml", "main")
        repository.commit()
        repository.git("merge", "side", check=False)
        tree = open_work_tree(repository.root)
        assert tree.indexed()[path] is None
        assert path not in tree.staged()
        tree.add([path])
        assert tree.indexed()[path] is not None

    @pytest.mark.parametrize("name", ODD_NAMES)
    def test_odd_names(self, repository: GitRepository, name: str) -> None:
        path = repository.write(f"{name}/current.yaml", "x")
        tree = open_work_tree(repository.root)
        assert tree.untracked() == {path}
        assert tree.add([path]) == []
        assert [*tree.staged()] == [path]
        repository.git("commit", "--quiet", "--message", "x")
        assert files_at(tree, "HEAD", [path.parent])[path].content == b"x"
        path.write_text("y")
        assert tree.changed_since("HEAD") == {path}
        assert not (repository.root / "injected").exists()

    def test_name_that_is_not_utf8(self, repository: GitRepository) -> None:
        path = repository.root / os.fsdecode(b"caf\xe9.yaml")
        path.write_text("x")
        tree = open_work_tree(repository.root)
        tree.add([path])
        assert [*tree.staged()] == [path]

    def test_add_adds_nothing_else(self, repository: GitRepository) -> None:
        path = repository.write("a/one.yaml", "changed")
        repository.write("b/two.yaml", "changed")
        repository.write("a/untracked.yaml", "x")
        link = repository.root / "a/new link"
        link.symlink_to("one.yaml")
        tree = open_work_tree(repository.root)
        tree.add([path, link])
        assert repository.staged() == {"a/one.yaml", "a/new link"}
        assert tree.indexed()[link].is_link  # type: ignore[union-attr] # it is no conflict

    def test_add_leaves_ignored_files_out(self, repository: GitRepository) -> None:
        repository.write(".gitignore", "*.json\n")
        yaml, json = repository.write("a/x.yaml", "x"), repository.write("a/x.json", "x")
        assert open_work_tree(repository.root).add([yaml, json]) == [json]
        assert repository.staged() == {"a/x.yaml"}

    def test_add_many(self, repository: GitRepository) -> None:
        paths = [repository.write(f"many/{'x' * 200}{i}", "") for i in range(2000)]
        open_work_tree(repository.root).add(paths)
        assert len(repository.staged()) == 2000

    def test_index_is_locked(self, repository: GitRepository) -> None:
        repository.write(".git/index.lock", "")
        with pytest.raises(GitError, match=r"index\.lock': File exists") as error:
            open_work_tree(repository.root).add([repository.write("a/x", "")])
        assert "Another git process seems to be running" in (error.value.hint or "")


class TestUntrustedRepository:
    """Reading a repository starts no program that its configuration names."""

    def test_nothing_runs(self, tmp_path: Path, repository: GitRepository) -> None:
        ran = tmp_path / "ran"
        program = repository.write("evil", f"#!/bin/sh\necho $0 $* >> '{ran}'\ncat 2>/dev/null\n")
        program.chmod(0o755)
        for key in (
            *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "diff.external"),
            *("filter.x.clean", "filter.x.smudge", "filter.x.process", "diff.x.command"),
            *("diff.x.textconv", "credential.helper", "core.askPass", "gpg.program"),
            *("gpg.ssh.program", "gpg.x509.program", "core.alternateRefsCommand", "core.gitProxy"),
        ):
            repository.git("config", key, program)
        repository.git("config", "log.showSignature", "true")
        signed = repository.git("cat-file", "commit", "HEAD").replace(
            "\n\n",
            "\ngpgsig -----BEGIN PGP SIGNATURE-----\n x\n -----END PGP SIGNATURE-----\n\n",
            1,
        )
        commit = repository.write(".git/signed", signed)
        name = repository.git("hash-object", "-t", "commit", "-w", commit).strip()
        repository.git("update-ref", "refs/heads/main", name)
        repository.write(".gitattributes", "* filter=x diff=x\n")
        for name in ("post-index-change", "pre-commit", "post-checkout", "reference-transaction"):
            hook = repository.root / ".git/hooks" / name
            hook.parent.mkdir(exist_ok=True)
            shutil.copy(program, hook)
        repository.write("a/one.yaml", "changed")
        ran.unlink(missing_ok=True)
        tree = open_work_tree(repository.root)
        tree.staged(), tree.indexed(), tree.untracked(), files_at(tree, "HEAD")
        tree.added_since("HEAD"), tree.changed_since("HEAD"), tree.hooks_folder()
        History("", (open_git(repository.root),)).dates()
        assert not ran.exists(), ran.read_text()
