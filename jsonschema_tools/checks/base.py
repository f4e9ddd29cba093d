"""What a check is, and what one result of it is about.

To add a check, write one generator in the module of its subject, decorate it, and name it in the
`CHECKS` tuple at the end of that module; nothing else has to change:

    from jsonschema_tools.checks.base import Context, check
    from jsonschema_tools.checks.scopes import PAIR

    @check("schema-version-compatibility", "compatibility", PAIR)
    def version_compatibility(
        old: SchemaFile, new: SchemaFile, context: Context
    ) -> Iterator[Problem]:
        '''A version accepts what the version before it accepted.

        Why it matters, in Markdown, with a bad and a good example, and how to fix it.
        '''
        yield Problem("`type` changed from string to integer", pointer="/properties/a/type")

The scope (`PAIR` here) says what one result is about, hence what the generator is called with;
mypy holds the two together. The docstring is the manual: its first line is the description in
every list, the rest is what `explain` prints and what docs/reference/checks.md shows.

A generator yields a `Problem` for each thing that is wrong, nothing where all is well. Its pointer
leads into the checked file (into `new`, for a pair); the runner turns it into a line. It is called
only for files that hold an object: files that cannot be read are the runner's business. What they
hold may be anything else than a valid schema, though.
"""

from __future__ import annotations

from dataclasses import dataclass
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, Generic, Literal, NamedTuple, ParamSpec, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from jsonschema_tools.config import Config
    from jsonschema_tools.config_values import Waivers
    from jsonschema_tools.documents import Document
    from jsonschema_tools.errors import Problem
    from jsonschema_tools.git.stored_files import GitFile
    from jsonschema_tools.repository import SchemaFile, Title
    from jsonschema_tools.values import Schema

P = ParamSpec("P")

Suite: TypeAlias = Literal["structure", "robustness", "compatibility", "streams", "lake"]
SUITES: tuple[Suite, ...] = ("structure", "robustness", "compatibility", "streams", "lake")
#: those that run only where they, or checks of them, are named
ON_DEMAND: frozenset[Suite] = frozenset({"lake"})


@dataclass(frozen=True, slots=True)
class Published:
    """A version of a title as it is in a git revision.

    Attributes:
        revision: the revision, as the user named it.
        version: the version in the names of its files.
        files: what git holds for them, by absolute path; never empty.
    """

    revision: str
    version: str
    files: Mapping[Path, GitFile]


@dataclass(frozen=True, slots=True)
class Context:
    """What a check may use besides the files that it looks at.

    Attributes:
        config: the settings of the repository.
        build: materializes a document in memory; raises SchemaToolsError where that fails.
        published: the versions that are in the git revision to compare with, by the folder of
            their files.
        waivers: those that count, by the id of the check.
        downloads: the remote documents that a document refers to, see `Loader.downloads`.
        with_reference_example: returns what `build` made of a document, with the example that the
            reference generates.
    """

    config: Config
    build: Callable[[Document], Schema]
    published: Mapping[Path, tuple[Published, ...]]
    waivers: Mapping[str, Waivers]
    downloads: Callable[[Document], Mapping[str, float | None]] = lambda _: {}
    with_reference_example: Callable[[Document, Schema], Schema] = lambda _, schema: schema


@dataclass(frozen=True, slots=True)
class Release:
    """The files of one version of a title.

    Attributes:
        title: the title that it is a version of.
        version: the version.
        files: its materialized files, then the current file where that has the same version.
    """

    title: Title
    version: str
    files: tuple[SchemaFile, ...]

    @property
    def materialized(self) -> tuple[SchemaFile, ...]:
        """Its versioned files, without the current file."""
        return tuple(file for file in self.files if not file.current)


def folder_of(title: Title) -> Path:
    """Return the folder that the files of a title belong in."""
    named = (file for file in title.files if file.folder == title.name)
    return next(named, title.files[0]).path.parent


@dataclass(frozen=True, slots=True)
class Slot:
    """The place of one content type in a release: filled by a file, or empty."""

    release: Release
    content_type: str
    file: SchemaFile | None


class Subject(NamedTuple):
    """What a result is about; the part that every report shows.

    A named tuple, as there are thousands, and they travel between processes.

    Attributes:
        title: title of the schema.
        version: its version, where it is about one.
        content_type: `yaml` or `json`, where it is about one.
        current: whether it is about the current file.
        path: file or folder, relative to the working directory.
        identifier: the `$id` that waivers are matched with.
        against: the older version, for a pair.
    """

    title: str
    version: str | None
    content_type: str | None
    current: bool
    path: str
    identifier: str
    against: str | None = None

    @property
    def label(self) -> str:
        """The file, version or pair in short: `current.yaml`, `1.1.0`, `1.0.0..1.1.0`."""
        name = "current" if self.current else self.version or ""
        if self.against is not None:
            return f"{self.against}..{name}"
        return f"{name}.{self.content_type}" if name and self.content_type else name


class Target(NamedTuple):
    """One thing that checks of a scope are called with.

    Attributes:
        subject: what a result is about.
        args: what the generator is called with, before the context.
        files: the files whose content it looks at; pointers lead into the first of them.
    """

    subject: Subject
    args: tuple[Any, ...]
    files: tuple[SchemaFile, ...]


def _nothing(*_: object) -> tuple[Target, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Scope(Generic[P]):
    """What one result of a check is about, and where that is found.

    Attributes:
        per: in words, for the documentation: "file", "two versions in a row".
        targets: finds what the checks of this scope are called with, in one title.
        in_repository: finds what belongs to no title.
        in_vanished: finds what is left of a title whose folder has no schema file any more; called
            with the title, the folder and the context.
        needs_revision: whether there is nothing to check without a git revision to compare with.
    """

    per: str
    targets: Callable[[Title, Context], Iterable[Target]] = _nothing
    in_repository: Callable[[Context], Iterable[Target]] = _nothing
    in_vanished: Callable[[str, Path, Context], Iterable[Target]] = _nothing
    needs_revision: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """A rule that schemas are held to.

    Attributes:
        id: its name in every report and in the configuration.
        suite: the group it belongs to.
        scope: what one result is about.
        find: yields what is wrong; called with a target of the scope, then the context.
        applies: whether there is anything to check in a target; None: always.
        reads: whether it looks into the files of its targets, so that it cannot run on a broken
            one.
        on_demand: whether it runs only where it is named: what it finds need not be wrong, and may
            depend on other files than those of the title.
    """

    id: str
    suite: Suite
    scope: Scope[Any]
    find: Callable[..., Iterator[Problem]]
    applies: Callable[..., bool] | None = None
    reads: bool = True
    on_demand: bool = False

    @property
    def runs_unasked(self) -> bool:
        """Whether it runs where no suite or check is named."""
        return not self.on_demand and self.suite not in ON_DEMAND

    @property
    def summary(self) -> str:
        """One line that says what the check demands."""
        return cleandoc(self.find.__doc__ or "").partition("\n")[0]

    @property
    def explanation(self) -> str:
        """Why, a bad and a good example, and how to fix it, in Markdown."""
        return cleandoc(self.find.__doc__ or "").partition("\n")[2].strip()


def check(  # noqa: PLR0913 - all but three by name
    id: str,  # noqa: A002 - what everybody calls it
    suite: Suite,
    scope: Scope[P],
    *,
    applies: Callable[P, bool] | None = None,
    reads: bool = True,
    on_demand: bool = False,
) -> Callable[[Callable[P, Iterator[Problem]]], Check]:
    """Make a check of the generator that follows."""

    def make(find: Callable[P, Iterator[Problem]]) -> Check:
        return Check(id, suite, scope, find, applies, reads, on_demand)

    return make
