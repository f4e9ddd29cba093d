"""`dereference`, `materialize` and `materialize-all`."""

from __future__ import annotations

import os.path
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jsonschema_tools import versions
from jsonschema_tools.commands.console import Console
from jsonschema_tools.commands.options import (
    base_path_argument,
    base_uris_option,
    common_options,
    config_from,
    config_option,
    verbose_option,
)
from jsonschema_tools.commands.writing_sources import write_sources
from jsonschema_tools.config import CONTENT_TYPES
from jsonschema_tools.documents.document import MAX_SIZE, Document, parse_document, read_document
from jsonschema_tools.errors import (
    EXIT_FAILED,
    EXIT_OK,
    Location,
    SchemaError,
    SchemaToolsError,
    printable,
)
from jsonschema_tools.materialization import Materializer, Source
from jsonschema_tools.serialization.serializer import serialize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jsonschema_tools.commands.writing_sources import Written
    from jsonschema_tools.config import Config, ContentType

_STDIN = "<stdin>"


@click.command("dereference")
@click.argument("schema_path", nargs=-1)
@base_uris_option
@click.option(
    "-c",
    "--content-type",
    type=click.Choice(["yaml", "json"]),
    default="yaml",
    show_default=True,
    help="Format of the output.",
)
@config_option
@verbose_option
def dereference_command(schema_path: tuple[str, ...], content_type: str, **options: Any) -> int:
    """Print schemas with every $ref resolved and allOf merged.

    Without a path reads a schema from standard input; several schemas are printed as one list.
    """
    config = config_from(options)
    materializer, console = Materializer(config), Console(config)
    schemas = []
    for document in _documents(schema_path, config):
        console.debug(f"dereferencing {document.path}")
        schemas.append(materializer.dereference(document))
    _print(schemas[0] if len(schemas) == 1 else schemas, content_type)
    return EXIT_OK


@click.command("materialize")
@click.argument("schema_path", nargs=-1)
@common_options
@click.option(
    "-o",
    "--output-dir",
    metavar="FOLDER",
    help="Folder to write to.  [default: the folder of each schema]",
)
@click.option("-O", "--stdout", is_flag=True, help="Print the schema instead of writing files.")
def materialize_command(
    schema_path: tuple[str, ...], output_dir: str | None, stdout: bool, **options: Any
) -> int:
    """Write the versioned files of schemas.

    Without a path reads a schema from standard input, which takes --output-dir or --stdout.
    """
    if not schema_path and output_dir is None and not stdout:
        raise click.UsageError("a schema from standard input takes --output-dir or --stdout")
    config = config_from(options)
    if stdout:
        return _print_materialized(schema_path, config)
    folder = Path(os.path.normpath(config.root / output_dir)) if output_dir else None
    sources, failures = [], 0
    for path in schema_path or [_STDIN]:
        try:
            _require_source(path, config)
            document = _document(path, config)
        except SchemaToolsError as error:
            Console(config).error(error)
            failures += 1
        else:
            sources.append(Source(document, folder or _folder_of(path, config)))
    return materialize_sources(sources, config, failures)


@click.command("materialize-all")
@base_path_argument
@common_options
def materialize_all_command(**options: Any) -> int:
    """Write the versioned files of every current schema below SCHEMA_BASE_PATH."""
    from jsonschema_tools.repository import current_files, explain_none

    config = config_from(options)
    sources, failures = [], 0
    files = current_files(config)
    if not files and not config.ignore_schemas:
        explain_none(config)
    for file in files:
        if file.document is not None:
            sources.append(Source(file.document, file.path.parent))
        elif file.error is not None:
            Console(config).error(file.error)
            failures += 1
    return materialize_sources(sources, config, failures)


def materialize_sources(sources: list[Source], config: Config, failures: int = 0) -> int:
    """Materialize, write and report; return the exit status.

    Args:
        sources: what to materialize.
        config: the repository's settings.
        failures: how many schemas have failed before, such as those that cannot be read.
    """
    written = write_sources(Materializer(config), sources, config)
    failures += written.failures
    Console(config).summary(_summary(len(sources), written, failures, config))
    return EXIT_FAILED if failures else EXIT_OK


def _summary(schemas: int, written: Written, failures: int, config: Config) -> str:
    parts = [f"{schemas} schema{'' if schemas == 1 else 's'}"]
    if written.changed:
        changes = f"{written.changed} change{'' if written.changed == 1 else 's'}"
        parts.append(f"{changes} {'to write' if config.dry_run else 'written'}")
    elif not failures:
        parts.append("all up to date")
    if failures:
        parts.append(f"{failures} failed")
    return ", ".join(parts)


def _print_materialized(paths: tuple[str, ...], config: Config) -> int:
    materializer = Materializer(config)
    schemas = [materializer.build(document) for document in _documents(paths, config)]
    _print(schemas[0] if len(schemas) == 1 else schemas, config.content_types[0])
    return EXIT_OK


def _folder_of(path: str, config: Config) -> Path:
    return Path(os.path.normpath(config.root / path)).parent


def _documents(paths: Iterable[str], config: Config) -> Iterator[Document]:
    for path in tuple(paths) or [_STDIN]:
        yield _document(path, config)


def _require_source(path: str, config: Config) -> None:
    """Refuse a file that materializing has written, which a pattern for files also names.

    Raises:
        SchemaError: it is a version, or a link to one, of the current file beside it.
    """
    name = Path(path).name
    stem, dot, extension = name.rpartition(".")
    version = stem if dot and extension in CONTENT_TYPES else name
    current = (config.root / path).with_name(config.current_name)
    written = version == "latest" or versions.parse(version) is not None
    if path != _STDIN and written and current.is_file():
        raise SchemaError(
            "this is a version that was materialized, not a current file",
            at=Location(path),
            hint=f"materialize {config.shown(current)}",
        )


def _document(path: str, config: Config) -> Document:
    if path == _STDIN:
        return parse_document(sys.stdin.buffer.read(MAX_SIZE + 1), _STDIN)
    return read_document(config.root / path, path)


def _print(value: Any, content_type: str) -> None:
    """Print a value as the reference does: YAML ends with a newline, JSON does not.

    Exactly so, but on a terminal, which is kept from what would drive it.
    """
    kind: ContentType = "json" if content_type == "json" else "yaml"
    text = serialize(value, kind, limit=MAX_SIZE)
    click.echo(printable(text) if sys.stdout.isatty() else text, nl=False)
