"""Help in editors: JSON Schemas of the files that users write, kept in the repository itself.

yaml-language-server takes the schema of a file from a comment in it, and fetches the file's own
`$schema` if there is none, which is of no use without a network.
"""

from __future__ import annotations

import json
import os.path
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from jsonschema_tools.config_schema import config_schema
from jsonschema_tools.outputs import Output
from jsonschema_tools.values import as_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema_tools.config import Config
    from jsonschema_tools.values import Json, Schema

Kind: TypeAlias = Literal["config", "current", "streams"]

KINDS: Final[tuple[Kind, ...]] = ("config", "current", "streams")
FOLDER: Final = ".jsonschema-tools"
"""The folder of these schemas, beside the configuration file."""

_NOTE = "Made by jsonschema-tools for editors; `jsonschema-tools schema --write` makes it again."


def editor_schema(kind: Kind, config: Config, settings: Mapping[str, Json] | None = None) -> Schema:
    """Return the JSON Schema (draft-07) of a kind of file.

    Args:
        kind: the configuration, a current file, or stream configuration.
        config: the repository's settings.
        settings: JSON Schemas of the settings of streams that the repository added, by name.
    """
    if kind == "config":
        return config_schema()
    if kind == "current":
        fields = (config.schema_title_field, config.schema_version_field)
        # the first of a dotted path; two fields may begin alike
        required = dict.fromkeys(field.partition(".")[0] for field in fields)
        return {**_shipped(__package__, "schemas/current.schema.json"), "required": list(required)}
    return _streams(settings or {})


def _streams(added: Mapping[str, Json]) -> Schema:
    settings = _shipped("jsonschema_tools.events", "stream-settings.schema.json")
    as_object(settings["properties"]).update(added)
    dialect = settings.pop("$schema")
    ref: Schema = {"$ref": "#/definitions/settings"}
    by_name: Schema = {
        "type": ["object", "array"],
        "additionalProperties": ref,
    }  # a list names itself
    return {
        "$schema": dialect,
        "title": "stream configuration",
        "description": "Which streams there are, and which schema the events of each have.",
        "type": "object",
        "properties": {
            "streams": {"description": "The settings of each stream, by its name.", **by_name},
            "defaults": {
                "description": "Settings of streams that do not have them.",
                "allOf": [ref],
            },
            "settings": {
                "description": "JSON Schemas of settings that this repository adds, by name.",
                "type": "object",
            },
        },
        "additionalProperties": ref,  # the plain mapping of streams to settings
        "definitions": {"settings": settings},
    }


def _shipped(package: str, name: str) -> Schema:
    schema: Schema = json.loads(resources.files(package).joinpath(name).read_text("utf-8"))
    return schema


def editor_files(config: Config, settings: Mapping[str, Json] | None = None) -> tuple[Output, ...]:
    """Return the schemas as files of the repository."""
    return tuple(editor_file(kind, config, settings) for kind in KINDS)


def editor_file(kind: Kind, config: Config, settings: Mapping[str, Json] | None = None) -> Output:
    """Return one of the schemas as a file of the repository; see `editor_schema`."""
    schema = {"$comment": _NOTE, **editor_schema(kind, config, settings)}
    text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return Output(config.root / FOLDER / f"{kind}.schema.json", text.encode())


def schema_line(path: Path, root: Path, kind: Kind) -> str:
    """Return the comment that a file begins with; "" for one outside of the repository.

    Args:
        path: the file.
        root: the folder of the configuration file.
        kind: what it is.
    """
    if not path.is_relative_to(root):
        return ""
    way = Path(os.path.relpath(root / FOLDER / f"{kind}.schema.json", path.parent)).as_posix()
    return f"# yaml-language-server: $schema={way}\n"
