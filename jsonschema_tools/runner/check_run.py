"""A check run over a repository: which files, against what, in how many processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jsonschema_tools.checks.base import folder_of
from jsonschema_tools.errors import SchemaToolsError
from jsonschema_tools.repository import Repository, scan
from jsonschema_tools.runner.processes import processors, run_forked
from jsonschema_tools.runner.results import Checked, TitleResults
from jsonschema_tools.runner.run import (
    Case,
    cases,
    cases_of_no_title,
    cases_of_vanished,
    context_for,
    run_case,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from jsonschema_tools.checks.base import Check, Context, Published
    from jsonschema_tools.config import Config
    from jsonschema_tools.documents import Document
    from jsonschema_tools.found_files import FoundFile
    from jsonschema_tools.runner.result_cache import ResultCache
    from jsonschema_tools.runner.run import Result
    from jsonschema_tools.values import Schema

_WORTH_A_PROCESS = 60  # files; reading and checking them takes longer than starting a process


@dataclass(frozen=True, slots=True)
class CheckRun:
    """What to check, and how; everything that results depend on, besides the files.

    Attributes:
        config: the settings of the repository.
        checks: the checks to run.
        today: the day, which waivers may run out on.
        published: what is in the git revision to compare with, by folder.
        only: paths that results have to touch; None: no matter.
        with_streams: whether the stream configuration is checked too.
    """

    config: Config
    checks: tuple[Check, ...]
    today: date
    published: Mapping[Path, tuple[Published, ...]] = field(default_factory=dict)
    only: frozenset[Path] | None = None
    with_streams: bool = True


def check_files(
    found: Sequence[FoundFile],
    run: CheckRun,
    *,
    jobs: int | None = None,
    cache: ResultCache | None = None,
) -> Checked:
    """Check files of a repository.

    Args:
        found: the files; whole folders, as checks look at files side by side.
        run: what to do with them.
        jobs: number of processes; default as many as pay.
        cache: what earlier runs of all checks have found.
    """
    folders: dict[Path, list[FoundFile]] = {}
    for file in found:
        folders.setdefault(file.path.parent, []).append(file)
    known, unknown = _recalled(list(folders.values()), cache)
    most = jobs or min(processors(), 1 + sum(map(len, unknown)) // _WORTH_A_PROCESS)
    count = max(1, min(most, len(unknown)))
    parts = [unknown[start::count] for start in range(count)]
    if count > 1:
        _load()
    fresh = run_forked(lambda part: list(_check_folders(part, run, cache)), parts)
    if cache is not None and unknown:
        cache.prune(len(folders))
    checked = [*known, *(folder for part in fresh for folder in part)]
    titles = tuple(_joined(checked, found, run))
    gone = _gone(run, {folder for done in titles for folder in done.folders})
    return Checked(
        tuple(sorted((*titles, *gone), key=lambda done: done.title)),
        tuple(identifier for part in checked for identifier in part.ignored),
        tuple(_check_streams(run)) if run.with_streams else (),
    )


def _load() -> None:
    """Import what nearly every check needs while there is one process, not in each of them."""
    import jsonschema_rs  # noqa: F401

    import jsonschema_tools.materialization  # noqa: F401
    from jsonschema_tools.comparison import changes  # noqa: F401


def _check_streams(run: CheckRun) -> Iterator[Result]:
    if not run.config.stream_configs:
        return
    context = context_for(run.config, today=run.today)
    for case in cases_of_no_title(run.checks, context):
        yield run_case(case, context)


def _recalled(
    folders: Sequence[Sequence[FoundFile]], cache: ResultCache | None
) -> tuple[list[Checked], list[Sequence[FoundFile]]]:
    """Return what was found in folders before, and the folders of which that is not known."""
    if cache is None:
        return [], list(folders)
    known, unknown = [], []
    for folder in folders:
        if (checked := cache.get(folder)) is not None:
            known.append(checked)
        else:
            unknown.append(folder)
    return known, unknown


def _check_folders(
    folders: Sequence[Sequence[FoundFile]], run: CheckRun, cache: ResultCache | None = None
) -> Iterator[Checked]:
    """Check folder by folder: what was read of one is forgotten before the next."""
    if not folders:
        return  # nothing has to be imported
    builder = _Builder(run.config)
    context = context_for(
        run.config,
        today=run.today,
        published=run.published,
        build=builder.build,
        materializer=builder.materializer,
    )
    for folder in folders:
        builder.start()
        repository = scan(run.config, folder)
        checked = _check_together(repository, run, context)
        if cache is not None:
            parsed = {
                file.path: file.document.text
                for title in repository.titles
                for file in title.files
                if file.document is not None
            }
            cache.put(folder, checked, builder.sources(), parsed)
        yield checked


class _Builder:
    """Builds schemas for checks, and keeps what they were made of."""

    def __init__(self, config: Config) -> None:
        from jsonschema_tools.materialization import Materializer  # where all is known, none is

        self.materializer = Materializer(config)
        self.start()

    def start(self) -> None:
        """Forget what was built before."""
        self._documents: set[str] = set()
        self._failed = False

    def build(self, document: Document) -> Schema:
        """Return a schema as it is written.

        Raises:
            SchemaToolsError: it cannot be built.
        """
        try:
            built = self.materializer.built(document)
        except SchemaToolsError:
            self._failed = True  # why is not known: maybe a file does not exist
            raise
        self._documents.update(built.documents)
        return built.schema

    def sources(self) -> Mapping[str, Document | None] | None:
        """Return the files that the schemas depend on, by path; None where that is not all."""
        return None if self._failed else self.materializer.sources(self._documents)


def _check_together(repository: Repository, run: CheckRun, context: Context) -> Checked:
    return Checked(
        tuple(
            TitleResults(
                title.name,
                frozenset(file.path.parent for file in title.files),
                len({file.version for file in title.files if not file.current}),
                frozenset(file.id for file in title.files if file.id),
                tuple(
                    run_case(case, context)
                    for case in cases(title, run.checks, context)
                    if run.only is None or touches(case, run.only)
                ),
            )
            for title in repository.titles
        ),
        repository.ignored,
    )


def _joined(
    parts: Iterable[Checked], found: Sequence[FoundFile], run: CheckRun
) -> Iterable[TitleResults]:
    """Return what was found by title; a title that fell into several parts is checked again."""
    by_title: dict[str, list[TitleResults]] = {}
    for part in parts:
        for done in part.titles:
            by_title.setdefault(done.title, []).append(done)
    for title, several in by_title.items():
        if len(several) == 1:
            yield several[0]
            continue
        folders = {folder for done in several for folder in done.folders}
        together = [file for file in found if file.path.parent in folders]
        for batch in _check_folders([together], run):
            yield from (done for done in batch.titles if done.title == title)


def touches(case: Case, paths: frozenset[Path]) -> bool:
    """Tell whether the result of a case may depend on one of some paths."""
    target = case.target
    if case.check.scope.needs_revision:
        return True
    folder = folder_of(case.title)
    if target.subject.version is None:
        return any(path.parent == folder for path in paths)
    link = folder / target.subject.version
    return link in paths or any(file.path in paths for file in target.files)


def _gone(run: CheckRun, folders: Collection[Path]) -> Iterable[TitleResults]:
    """Return the results for published versions in folders of which no schema was checked.

    Either no file is left there, or all that are left are ignored.
    """
    if not run.published:
        return
    context = context_for(run.config, today=run.today, published=run.published)
    for folder in run.published:
        if folder not in folders:
            base = next(b for b in run.config.schema_base_paths if folder.is_relative_to(b))
            name = folder.relative_to(base).as_posix()
            gone = cases_of_vanished(name, folder, run.checks, context)
            results = tuple(run_case(case, context) for case in gone)
            if results:
                yield TitleResults(name, frozenset({folder}), 0, frozenset(), results)
