"""`dereference`, `materialize` and `materialize-all`."""

from __future__ import annotations

import os.path
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from jsonschema_tools import versions
from jsonschema_tools.commands.config_options import pass_config, pass_config_options
from jsonschema_tools.commands.console import Console
from jsonschema_tools.commands.options import (
    base_path_argument,
    base_uris_option,
    common_options,
    config_option,
    refresh_option,
    verbose_option,
)
from jsonschema_tools.commands.writing_sources import read_files, write_sources
from jsonschema_tools.documents import MAX_SIZE, Document, parse_document, read_document
from jsonschema_tools.errors import (
    EXIT_FAILED,
    EXIT_OK,
    Location,
    SchemaError,
    SchemaToolsError,
    printable,
)
from jsonschema_tools.materialization import Materializer, Source
from jsonschema_tools.messages import counted
from jsonschema_tools.schema_names import SchemaNames
from jsonschema_tools.serialization import CONTENT_TYPES, serialize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jsonschema_tools.commands.config_options import ConfigOptions
    from jsonschema_tools.commands.writing_sources import Written
    from jsonschema_tools.config import Config
    from jsonschema_tools.schema_names import NamedFile
    from jsonschema_tools.serialization import ContentType

_STDIN = "<stdin>"


@click.command("dereference")
@click.argument("schema_path", nargs=-1)
@base_uris_option
@click.option(
    "-c",
    "--content-type",
    type=click.Choice(CONTENT_TYPES),
    default="yaml",
    show_default=True,
    help="Format of the output.",
)
@refresh_option
@config_option
@verbose_option
@pass_config_options
def dereference_command(
    options: ConfigOptions, schema_path: tuple[str, ...], *, content_type: str
) -> int:
    """Print schemas with every $ref resolved and allOf merged.

    SCHEMA_PATH is a file or a title. Without one, a schema is read from standard input;
    several schemas are printed as one list.
    """
    config = options.load(may_lack=not schema_path)
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
@pass_config_options
def materialize_command(
    options: ConfigOptions, schema_path: tuple[str, ...], *, output_dir: str | None, stdout: bool
) -> int:
    """Write the versioned files of schemas.

    SCHEMA_PATH is a current file or a title. Without one, a schema is read from standard
    input, which needs --output-dir or --stdout.
    """
    if not schema_path and output_dir is None and not stdout:
        raise click.UsageError("a schema from standard input takes --output-dir or --stdout")
    config = options.load(may_lack=not schema_path)
    if stdout:
        return _print_materialized(schema_path, config)
    folder = _output_folder(output_dir, config) if output_dir else None
    if not schema_path:
        document = parse_document(sys.stdin.buffer.read(MAX_SIZE + 1), _STDIN)
        return materialize_sources([Source(document, folder or config.working_directory)], config)
    names, failures = SchemaNames(config), 0
    sources: dict[Path, Source] = {}  # each once, although several names may mean it
    for name in schema_path:
        try:
            for file in names.files(name):
                _require_source(file, config, folder)
                if file.path not in sources:
                    sources[file.path] = Source(_read(file), folder or file.path.parent)
        except SchemaToolsError as error:
            Console(config).error(error)
            failures += 1
    return materialize_sources([*sources.values()], config, failures)


@click.command("materialize-all")
@base_path_argument
@common_options
@pass_config
def materialize_all_command(config: Config) -> int:
    """Write the versioned files of every current schema below SCHEMA_BASE_PATH."""
    from jsonschema_tools.found_files import explain_none
    from jsonschema_tools.repository import current_files

    sources, failures = [], 0
    files = current_files(config, read_files)
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
    parts = [counted(schemas, "schema")]
    if written.changed:
        parts.append(
            f"{counted(written.changed, 'change')} {'to write' if config.dry_run else 'written'}"
        )
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


def _output_folder(name: str, config: Config) -> Path:
    return Path(os.path.normpath(config.working_directory / name))


def _documents(names: Iterable[str], config: Config) -> Iterator[Document]:
    """Yield the schemas that names mean; without any, the one on standard input."""
    if not names:
        yield parse_document(sys.stdin.buffer.read(MAX_SIZE + 1), _STDIN)
    known = SchemaNames(config)
    for name in names:
        for file in known.files(name):
            yield _read(file)


def _require_source(file: NamedFile, config: Config, output_folder: Path | None) -> None:
    """Refuse a file that materializing has written, which a pattern for files also names.

    Raises:
        SchemaError: it is a version, or a link to one.
    """
    current = file.path.with_name(config.current_name)
    if not any(map(_is_versioned, (file.path, Path(os.path.realpath(file.path))))):
        return
    if current.is_file() or output_folder is None:
        what = (
            config.display_path(current)
            if current.is_file()
            else f"the {config.current_name} of it"
        )
        raise SchemaError(
            "this is a version that was materialized, not a current file",
            at=Location(file.display_path),
            hint=f"materialize {what}",
        )


def _is_versioned(path: Path) -> bool:
    """Tell whether a file has the name of a version or of a link to one."""
    stem, dot, extension = path.name.rpartition(".")
    version = stem if dot and extension in CONTENT_TYPES else path.name
    return version == "latest" or versions.parse(version) is not None


def _read(file: NamedFile) -> Document:
    return read_document(file.path, file.display_path)


def _print(value: Any, content_type: str) -> None:
    """Print a value as the reference does: YAML ends with a newline, JSON does not.

    On a terminal, control characters are escaped.
    """
    kind: ContentType = "json" if content_type == "json" else "yaml"
    text = serialize(value, kind, limit=MAX_SIZE)
    click.echo(printable(text) if sys.stdout.isatty() else text, nl=False)
