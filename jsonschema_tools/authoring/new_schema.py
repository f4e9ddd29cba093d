"""A new schema: its title, the fragment that it begins with, and its current file."""

from __future__ import annotations

import os.path
import re
from typing import TYPE_CHECKING, Final

from jsonschema_tools import versions
from jsonschema_tools.authoring.editor import schema_line
from jsonschema_tools.errors import EXIT_USAGE, ConfigError, SchemaToolsError
from jsonschema_tools.messages import closest
from jsonschema_tools.outputs import Output
from jsonschema_tools.serialization import serialize

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from jsonschema_tools.catalog import SchemaFolder
    from jsonschema_tools.config import Config
    from jsonschema_tools.values import Schema

DIALECT: Final = "https://json-schema.org/draft-07/schema#"
COMMON: Final = "fragment/common"
"""Title of the fragment that event schemas begin with, where a repository has more than one."""

_FIRST = "1.0.0"
_SEGMENT = re.compile("[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
# names of links and of folders in which no schema is looked for
_RESERVED = {"latest", "current", "node_modules"}
_MAX_SEGMENT = 100
_FIELDS_COMMENT = """\
# {}, such as:
#   thing_id:
#     description: Which thing it was.
#     type: string
#     maxLength: 128
"""


class BadTitleError(SchemaToolsError):
    """A title cannot be that of a new schema."""

    code = "bad-title"
    exit_status = EXIT_USAGE


class AlreadyThereError(SchemaToolsError):
    """Something would have to be overwritten."""

    code = "already-there"
    exit_status = EXIT_USAGE


def check_title(title: str) -> None:
    """Make sure that a title can be the path of a folder and part of an `$id`.

    Raises:
        BadTitleError: it is not made of snake_case words with slashes between them.
    """
    segments = title.split("/")
    if reserved := _RESERVED.intersection(segments):
        raise BadTitleError(f"{min(reserved)!r} in the title {title!r} has another meaning")
    if any(len(segment) > _MAX_SEGMENT for segment in segments):
        raise BadTitleError(f"a part of the title has more than {_MAX_SEGMENT} characters")
    if not all(_SEGMENT.fullmatch(segment) for segment in segments):
        better = _snake_case(title)
        raise BadTitleError(
            f"the title {title!r} is not snake_case words with slashes between them",
            hint=f"did you mean {better}?" if better else "such as my_namespace/thing_happened",
        )


def new_schema(
    title: str,
    fragment: tuple[str, str] | None,
    config: Config,
    *,
    base: Path,
    description: str,
) -> Output:
    """Return the current file of a new schema.

    Args:
        title: its title.
        fragment: name and version of the fragment that it begins with.
        config: the repository's settings.
        base: the base path that its folder goes to.
        description: what an event of it says.
    """
    head: Schema = {"description": description, "$schema": DIALECT, "type": "object"}
    _put(head, config.schema_title_field, title)
    _put(head, "$id", f"/{title}/{_FIRST}")
    _put(head, config.schema_version_field, f"/{title}/{_FIRST}")
    if fragment is not None:
        head["allOf"] = [{"$ref": f"/{'/'.join(fragment)}#"}]
    path = base / title / config.current_name
    if path.suffix == ".json":
        text = serialize({**head, "properties": {}}, "json") + "\n"
    else:
        what = "Fields beside those of the fragment above" if fragment else "Fields"
        line = schema_line(path, config.root, "current")
        text = f"{line}{serialize(head)}{_FIELDS_COMMENT.format(what)}properties: {{}}\n"
    return Output(path, text.encode())


def refuse_existing(title: str, entries: Iterable[SchemaFolder], config: Config) -> None:
    """Make sure that nothing of a title is there yet.

    Raises:
        AlreadyThereError: there is, below any of the base paths.
    """
    there = [entry.display_path for entry in entries if title in {entry.title, entry.name}]
    for base in config.schema_base_paths:
        current = base / title / config.current_name
        if os.path.lexists(current):
            there.append(config.display_path(current.parent))
    if there:
        raise AlreadyThereError(
            f"{title} is already there, in {there[0]}",
            hint=f"edit the {config.current_name} there, and `jsonschema-tools bump` it",
        )


def base_path_for(title: str, config: Config, asked: str | None = None) -> Path:
    """Return the base path for a new schema.

    That is the one asked for, or the first in which the title's first folder exists already, or
    else the first.

    Raises:
        ConfigError: what was asked for is not among the base paths.
    """
    bases = config.schema_base_paths
    if asked is not None:
        path = config.argument(asked)
        if path not in bases:
            names = ", ".join(config.display_path(base) for base in bases)
            raise ConfigError(f"{asked} is not a base path", hint=f"base paths are {names}")
        return path
    first = title.partition("/")[0]
    return next((base for base in bases if (base / first).is_dir()), bases[0])


def common_fragment(entries: Sequence[SchemaFolder], config: Config) -> tuple[str, str] | None:
    """Return the name and latest version of the fragment that event schemas begin with.

    It is `fragment/common`, or else the fragment with the shortest title that ends in `common`; it
    may also be that of another repository below a base URI. None where there is none.
    """
    commons = [e for e in entries if e.fragment and e.name.rpartition("/")[2] == "common"]
    for entry in sorted(commons, key=lambda e: (e.title != COMMON, len(e.title), e.title)):
        current = entry.current.version if entry.current is not None else None
        latest = entry.latest or current
        if latest is not None:
            return entry.name, str(latest)
    from jsonschema_tools.authoring.outdated import ExternalVersions  # asks other repositories

    version = ExternalVersions(config).latest(f"/{COMMON}")
    return (COMMON, str(version)) if version is not None else None


def parse_fragment(text: str, entries: Iterable[SchemaFolder]) -> tuple[str, str]:
    """Return the name and version of a fragment given as TITLE or TITLE/VERSION.

    Raises:
        ConfigError: the fragment is not found.
    """
    known = {text: entry for entry in entries for text in (entry.name, entry.title)}
    name, _, last = text.strip("/").rpartition("/")
    asked = versions.parse(last)
    entry = known.get(text.strip("/") if asked is None else name)
    if entry is not None:
        version = asked or entry.latest
        if version is not None and version in entry.versions:
            return entry.name, str(version)
    close = closest(text, known)
    raise ConfigError(
        f"no version of the fragment {text} found",
        hint=f"did you mean {close}?" if close else None,
    )


def _put(schema: Schema, field: str, value: str) -> None:
    """Set the value at a dotted path."""
    *parents, last = field.split(".")
    for token in parents:
        below = schema.get(token)
        if not isinstance(below, dict):
            below = schema[token] = {}
        schema = below
    schema[last] = value


def _snake_case(title: str) -> str | None:
    """Return the title that was probably meant."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", title.strip("/ "))
    candidate = re.sub(r"_*/+_*", "/", re.sub("[^a-z0-9/]+", "_", words.lower())).strip("_/")
    return candidate if all(map(_SEGMENT.fullmatch, candidate.split("/"))) else None
