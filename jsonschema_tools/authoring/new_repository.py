"""A new schema repository: its files, decided before the first of them is written."""

from __future__ import annotations

import os.path
from importlib import resources
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from jsonschema_tools.authoring.editor import editor_files, schema_line
from jsonschema_tools.authoring.installed import requirement
from jsonschema_tools.authoring.new_schema import AlreadyThereError
from jsonschema_tools.config import load_config
from jsonschema_tools.config_file import CONFIG_NAME
from jsonschema_tools.documents import parse, parse_document
from jsonschema_tools.errors import Location, SchemaToolsError
from jsonschema_tools.materialization import Materializer, Source
from jsonschema_tools.outputs import Output
from jsonschema_tools.values import as_object

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from jsonschema_tools.authoring.editor import Kind
    from jsonschema_tools.config import Config

Ci: TypeAlias = Literal["github", "gitlab", "none"]

_STREAMS: Final = "streams.yaml"
_SCHEMAS: Final[Mapping[str, str]] = {
    "jsonschema/fragment/common/current.yaml": "common.yaml",
    "jsonschema/my_namespace/thing_happened/current.yaml": "thing_happened.yaml",
}
_SETTINGS: Final[Mapping[str, str]] = {
    CONFIG_NAME: "config.yaml",
    _STREAMS: "streams.yaml",
    ".gitignore": "gitignore",
    ".pre-commit-config.yaml": "pre-commit-config.yaml",
}
_CI: Final[Mapping[Ci, Mapping[str, str]]] = {
    "github": {
        ".github/workflows/schemas.yaml": "github.yaml",
        ".github/workflows/site.yaml": "github-pages.yaml",
    },
    "gitlab": {".gitlab-ci.yml": "gitlab.yaml"},
    "none": {},
}


def new_repository(folder: Path, ci: Ci, suite: str) -> tuple[Output, ...]:
    """Return the files and links of a new schema repository, the materialized ones included.

    They are to be written in this order: the configuration is the last, so that where it is
    missing, the rest may be incomplete.

    Args:
        folder: absolute folder that they go to; it may exist.
        ci: whose CI runs the checks.
        suite: the pytest suite of schema repositories.
    """
    settings: Mapping[str, Kind] = {CONFIG_NAME: "config", _STREAMS: "streams"}
    texts = {name: template(source) for name, source in {**_SETTINGS, **_CI[ci]}.items()}
    for name, kind in settings.items():
        texts[name] = schema_line(folder / name, folder, kind) + texts[name]
    texts["requirements.txt"] = requirement().text
    texts["tests/test_schema_repository.py"] = suite
    schemas = {
        name: schema_line(folder / name, folder, "current") + template(source)
        for name, source in _SCHEMAS.items()
    }
    files = (Output(folder / name, text.encode()) for name, text in (texts | schemas).items())
    settings_of = as_object(parse(template("config.yaml")))
    config = load_config(folder, config_paths=(), overrides=settings_of)
    outputs = (*files, *editor_files(config), *_materialized(config, schemas))
    return tuple(sorted(outputs, key=lambda output: output.path == folder / CONFIG_NAME))


def unfinished(outputs: Iterable[Output], folder: Path) -> tuple[Output, ...]:
    """Return the outputs that are left to write where an earlier run was interrupted.

    What such a run wrote is the same to the byte. Where it wrote the configuration too, it was
    complete, and all outputs are returned.
    """
    outputs = tuple(outputs)
    if os.path.lexists(folder / CONFIG_NAME):
        return outputs
    return tuple(output for output in outputs if not _is_written(output))


def _is_written(output: Output) -> bool:
    try:
        return os.path.lexists(output.path) and not output.differs()
    except SchemaToolsError:  # something else is there
        return False


def existing(outputs: Iterable[Output], folder: Path) -> list[Path]:
    """Return what is in the way of outputs: files that are there, files where folders must be."""
    found: dict[Path, None] = {}
    for output in outputs:
        if os.path.lexists(output.path):
            found[output.path] = None
        for parent in output.path.parents:
            if parent.is_relative_to(folder) and os.path.lexists(parent) and not parent.is_dir():
                found[parent] = None
    return list(found)


def missing(outputs: Iterable[Output], folder: Path) -> tuple[Output, ...]:
    """Return the outputs that add to what is there.

    Examples of schemas and streams are not, for a repository that has its configuration already.
    """
    outputs = tuple(outputs)
    there = set(existing(outputs, folder))
    examples = (folder / "jsonschema", folder / _STREAMS)
    return tuple(
        output
        for output in outputs
        if output.path not in there
        and not (folder / CONFIG_NAME in there and any(map(output.path.is_relative_to, examples)))
    )


def refuse_existing(outputs: Iterable[Output], folder: Path) -> None:
    """Make sure that nothing is in the way of outputs.

    Raises:
        AlreadyThereError: something is; it names all of it.
    """
    if there := existing(outputs, folder):
        names = ", ".join(path.relative_to(folder).as_posix() or "." for path in there)
        raise AlreadyThereError(
            f"nothing is overwritten, and there is already {names}",
            at=Location(str(folder)),
            hint="move that away, or leave it as it is and write the rest with --keep",
        )


def template(name: str) -> str:
    """Return the text of a template."""
    return resources.files(__package__).joinpath("templates", name).read_text("utf-8")


def _materialized(config: Config, schemas: Mapping[str, str]) -> tuple[Output, ...]:
    sources = [
        Source(parse_document(text, name), (config.root / name).parent)
        for name, text in schemas.items()
    ]
    outputs: list[Output] = []
    for result in Materializer(config).run(sources):
        if result.error is not None:
            raise result.error
        outputs += result.outputs
    return tuple(outputs)
