"""`materialize` and `dereference`, from Python."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from jsonschema_tools.documents import read_document
from jsonschema_tools.errors import SchemaToolsError
from jsonschema_tools.materialization import Materialized, Materializer, Source
from jsonschema_tools.outputs import remove_left_over, require_inside
from jsonschema_tools.repository import current_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from jsonschema_tools.config import Config
    from jsonschema_tools.values import Schema


def materialize(
    config: Config, paths: Sequence[str | Path] = (), *, dry_run: bool = False
) -> tuple[Materialized, ...]:
    """Write the versioned files and links of current files, after what they depend on.

    A failure is part of the result: one bad schema does not stop the others.

    Args:
        config: the repository's settings.
        paths: current files, relative to the root of the configuration; none means all.
        dry_run: write nothing; as `Config.dry_run`.

    Raises:
        SchemaToolsError: a current file cannot be read.
    """
    sources = list(_sources(config, paths))
    results = Materializer(config).run(sources)
    if dry_run or config.dry_run:
        return tuple(results)
    return tuple(_written(result, config) for result in results)


def _sources(config: Config, paths: Sequence[str | Path]) -> Iterator[Source]:
    for name in paths:
        path = config.argument(name)
        yield Source(read_document(path, config.display_path(path)), path.parent)
    for file in () if paths else current_files(config):
        if file.error is not None:
            raise file.error
        if file.document is not None:
            yield Source(file.document, file.path.parent)


def _written(result: Materialized, config: Config) -> Materialized:
    if result.error is not None:
        return result
    try:
        require_inside(result.source.folder, config.folders)
        remove_left_over(result.source.folder)
        for output in result.changed:
            output.write()
    except SchemaToolsError as error:
        return replace(result, error=error)
    return result


def dereference(config: Config, path: str | Path) -> Schema:
    """Return the schema in a file with every `$ref` resolved and `allOf` merged.

    Args:
        config: the repository's settings.
        path: the file, relative to the root of the configuration.

    Raises:
        SchemaToolsError: it cannot be read, or a reference or a merge fails.
    """
    file = config.argument(path)
    return Materializer(config).dereference(read_document(file, config.display_path(file)))
