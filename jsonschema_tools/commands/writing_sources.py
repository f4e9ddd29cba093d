"""Reads and materializes sources, writes what changed; in several processes where that pays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from jsonschema_tools.commands.console import Console, Results, progress, shows_progress
from jsonschema_tools.errors import SchemaToolsError, printable
from jsonschema_tools.materialization_warnings import warnings
from jsonschema_tools.outputs import remove_left_over, require_inside
from jsonschema_tools.repository import read_found
from jsonschema_tools.runner import processors, run_forked

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from jsonschema_tools.config import Config
    from jsonschema_tools.documents import Document
    from jsonschema_tools.found_files import FoundFile
    from jsonschema_tools.materialization import Materialized, Materializer, Source
    from jsonschema_tools.outputs import Output

_WORTH_A_PROCESS = 50  # sources; materializing them takes longer than starting a process


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a run.

    Attributes:
        paths: every file and link of the schemas that went well, changed or not.
        changed: how many files and links were (or, in a dry run, would be) written.
        failures: how many schemas failed.
    """

    paths: tuple[Path, ...]
    changed: int
    failures: int


class _Done(NamedTuple):
    """What became of one source, and what is to be said of it.

    Attributes:
        number: its place among the sources.
        paths: its files and links; none where it failed.
        warnings: what its author should know.
        detail: how much changed.
        lines: what was written.
        error: why it failed.
    """

    number: int
    paths: tuple[Path, ...] = ()
    warnings: tuple[str, ...] = ()
    detail: str | None = None
    lines: tuple[str, ...] = ()
    error: str | None = None


def read_files(files: Sequence[FoundFile], *, jobs: int | None = None) -> list[Document | None]:
    """Return the document in each file, or None where it cannot be read.

    A document goes from one process to another in a third of the time that it takes to read.

    Args:
        files: the files.
        jobs: number of processes; default as many as pay.
    """
    count = jobs or _processes(len(files))
    parts = run_forked(_read, [files[start::count] for start in range(count)])
    return [parts[number % count][number // count] for number in range(len(files))]


def _read(files: Sequence[FoundFile]) -> list[Document | None]:
    documents: list[Document | None] = []
    for file in files:
        try:
            documents.append(read_found(file))
        except SchemaToolsError:
            documents.append(None)
    return documents


def _processes(sources: int) -> int:
    return min(processors(), 1 + sources // _WORTH_A_PROCESS)


def write_sources(
    materializer: Materializer,
    sources: Sequence[Source],
    config: Config,
    *,
    jobs: int | None = None,
) -> Written:
    """Materialize and write, printing each path that changes; a failure does not stop the rest.

    Args:
        materializer: the run, of which nothing was asked yet.
        sources: what to materialize.
        config: the repository's settings.
        jobs: number of processes; default as many as pay.
    """
    count = jobs or _processes(len(sources))
    numbers = [range(start, len(sources), count) for start in range(count)]
    console, results = Console(config), Results(hold=shows_progress(len(numbers[0])))
    if count == 1:
        done = _written(materializer, sources, numbers[0], config)
    else:
        _load(config)
        parts = run_forked(
            lambda part: list(_written(materializer, sources, part, config)), numbers
        )
        done = iter(_in_order(parts, len(sources)))
    paths: list[Path] = []
    changed, failures = 0, 0
    for one in done:
        _tell(one, console, results)
        paths += one.paths
        changed += len(one.lines)
        failures += one.error is not None
    results.close()
    return Written(tuple(paths), changed, failures)


def _load(config: Config) -> None:
    """Import what materializing needs while there is one process, not in each of them."""
    if config.should_generate_example:
        from jsonschema_tools.examples import with_example  # noqa: F401


def _written(
    materializer: Materializer, sources: Sequence[Source], numbers: range, config: Config
) -> Iterator[_Done]:
    """Yield what became of some sources, and of those that they need, in order of dependencies.

    What they need, and is not among them, is made to be referred to, and written by others.
    """
    known = {id(source): number for number, source in enumerate(sources)}
    folders = config.folders
    # a bar shows the share of this process
    for result in progress(materializer.run(sources, numbers), len(numbers)):
        number = known[id(result.source)]
        yield _write(number, result, config, folders) if number in numbers else _Done(number)


def _write(number: int, result: Materialized, config: Config, folders: Sequence[Path]) -> _Done:
    """Write what changed of a source."""
    warned: tuple[str, ...] = ()
    lines: list[str] = []
    try:
        if result.error is not None:
            raise result.error
        warned = tuple(warnings(result, config))
        require_inside(result.source.folder, folders)
        if not config.dry_run:
            remove_left_over(result.source.folder)
        for output in result.changed:
            if not config.dry_run:
                output.write()
            lines.append(_line(output, config))
    except SchemaToolsError as error:
        return _Done(number, (), warned, None, tuple(lines), str(error))
    paths = tuple(output.path for output in result.outputs)
    return _Done(number, paths, warned, _detail(result), tuple(lines))


def _detail(result: Materialized) -> str:
    path = result.source.document.path
    if not result.changed:
        return f"{path}: up to date"
    return f"{path}: {len(result.changed)} of {len(result.outputs)} change"


def _line(output: Output, config: Config) -> str:
    verb = "would write" if config.dry_run else "wrote"
    target = f" -> {output.target}" if output.target is not None else ""
    return printable(f"{verb} {config.display_path(output.path)}{target}")


def _in_order(parts: Sequence[Sequence[_Done]], length: int) -> Iterator[_Done]:
    """Yield what became of each source in the order in which one process would have made them.

    Args:
        parts: what each process has done; source n belongs to process n modulo their number.
        length: the number of sources.
    """
    count = len(parts)
    done = {
        one.number: one for n, part in enumerate(parts) for one in part if one.number % count == n
    }
    streams = [iter(part) for part in parts]
    for number in range(length):
        if number not in done:
            continue  # as a dependency of one before it
        for one in streams[number % count]:
            if one.number in done:
                yield done.pop(one.number)
            if one.number == number:
                break


def _tell(done: _Done, console: Console, results: Results) -> None:
    for warning in done.warnings:
        console.warn(warning)
    if done.detail is not None:
        console.debug(done.detail)
    for line in done.lines:
        results.add(line)
    if done.error is not None:
        console.error(done.error)
