"""Settings of a schema repository: defaults, then the configuration file, then the command line."""

from __future__ import annotations

import os.path
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from jsonschema_tools.config_file import CONFIG_NAME, find_config
from jsonschema_tools.documents.document import Document, read_document
from jsonschema_tools.errors import ConfigError, Location, SchemaToolsError, brief
from jsonschema_tools.files import work_tree
from jsonschema_tools.intake_settings import InvalidSettingError, known_keys, read_intake
from jsonschema_tools.pointers import join
from jsonschema_tools.values import MAX_SAFE_INTEGER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jsonschema_tools.values import Json

ContentType: TypeAlias = Literal["yaml", "json"]

CONTENT_TYPES: tuple[ContentType, ...] = ("yaml", "json")
LOG_LEVELS = ("trace", "debug", "info", "warn", "error", "fatal", "silent")
DEFAULT_REQUIRED_FIELDS = ("$schema", "meta.stream", "dt", "meta.dt")


@dataclass(frozen=True, slots=True)
class Waiver:
    """One entry of `skipSchemaTestCases`: a check that does not count for some schemas.

    Attributes:
        pattern: regular expression, searched in the schema's `$id`.
        check: id of the check.
        reason: why.
        ticket: where it is tracked.
        owner: who answers for it.
        until: last day on which it counts.
        at: where it stands in the configuration.
    """

    pattern: re.Pattern[str]
    check: str
    reason: str | None = None
    ticket: str | None = None
    owner: str | None = None
    until: date | None = None
    at: Location | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Settings of one schema repository; only `load_config` builds it.

    Attributes:
        root: absolute folder of the configuration, against which the relative paths and URIs in it
            are read.
        working_directory: absolute folder that paths are relative to on the command line, in
            messages and in reports.
        schema_base_paths: absolute folders in which schemas are looked for.
        schema_base_uris: prefixes put before a `$ref`, in order; the first that answers wins.
        content_types: what a version is written as; the first is the main one.
        current_name: name of the file that authors edit, with its extension.
        schema_version_field: dotted path of the field whose last path segment is the version.
        schema_title_field: dotted path of the field that holds the title.
        should_dereference: whether materializing resolves `$ref` and merges `allOf`.
        should_symlink_extensionless: whether `1.0.0` links to `1.0.0.yaml`.
        should_symlink_latest: whether `latest*` link to the latest version.
        dry_run: only say what would be written.
        git_staged: materialize-modified looks at the index, not at the working tree.
        should_git_add: materialize-modified adds what it wrote to the index.
        ignore_schemas: schemas whose `$id` matches one of these are left out.
        waivers: checks that do not count, from `skipSchemaTestCases`.
        log_level: least severe messages shown.
        numeric_bounds: (minimum, maximum) given to numbers without, or None.
        should_generate_example: whether a schema without examples gets one.
        required_fields: dotted paths that every event schema declares.
        allow_external_refs: whether absolute `$ref`s may leave the base URIs.
        fragment_schemas: titles that match one of these are fragments, not event schemas.
        stream_configs: paths and URLs of stream configuration.
        event_services: names that `destination_event_service` may have; empty for any.
        intake: the settings of the intake, as written in the configuration.
        files: the configuration files that were read, as shown to the user.
        refresh: whether remote documents that were kept of an earlier run are downloaded again.
    """

    root: Path
    working_directory: Path
    schema_base_paths: tuple[Path, ...]
    schema_base_uris: tuple[str, ...]
    content_types: tuple[ContentType, ...] = CONTENT_TYPES
    current_name: str = "current.yaml"
    schema_version_field: str = "$id"
    schema_title_field: str = "title"
    should_dereference: bool = True
    should_symlink_extensionless: bool = True
    should_symlink_latest: bool = True
    dry_run: bool = False
    git_staged: bool = False
    should_git_add: bool = True
    ignore_schemas: tuple[re.Pattern[str], ...] = ()
    waivers: tuple[Waiver, ...] = ()
    log_level: str = "warn"
    numeric_bounds: tuple[int | float, int | float] | None = (-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
    should_generate_example: bool = False
    required_fields: tuple[str, ...] = DEFAULT_REQUIRED_FIELDS
    allow_external_refs: bool = False
    fragment_schemas: tuple[re.Pattern[str], ...] = (re.compile("^fragment/"),)
    stream_configs: tuple[str, ...] = ()
    event_services: tuple[str, ...] = ()
    intake: Mapping[str, Json] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    refresh: bool = False

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that schemas are read from and written to, and that no link may lead out of.

        They are the work tree around the configuration, and the base paths, which may be elsewhere.
        """
        return (work_tree(self.root), *self.schema_base_paths)

    def shown(self, path: Path) -> str:
        """Return a path as messages and reports show it.

        It is relative to the working directory where it is below that or the root.
        """
        if path.is_relative_to(self.working_directory):
            return path.relative_to(self.working_directory).as_posix()
        if path.is_relative_to(self.root):
            return _relative(path, self.working_directory)
        return str(path)

    def argument(self, name: str | Path) -> Path:
        """Return the absolute path that an argument of the command line means.

        It is relative to the working directory; where nothing is there, to the root.
        """
        path = Path(os.path.normpath(self.working_directory / name))
        if self.root == self.working_directory or os.path.lexists(path):
            return path
        below_root = Path(os.path.normpath(self.root / name))
        return below_root if os.path.lexists(below_root) else path


class _InvalidValueError(Exception):
    """A value is not what its key takes; the message says what was expected."""


def load_config(
    root: Path | None = None,
    *,
    working_directory: Path | None = None,
    config_paths: Sequence[str] | None = None,
    overrides: Mapping[str, Json] | None = None,
) -> Config:
    """Read the configuration of a schema repository.

    Args:
        root: folder of the repository, or one below it: without `config_paths` the configuration
            is the `.jsonschema-tools.yaml` there or in the closest folder above; there may be
            none. Default: the working directory.
        working_directory: what `config_paths`, the paths in `overrides`, and all paths that are
            shown are relative to; default: `root`, or else the process's.
        config_paths: files to read, the later ones winning; what is in them is relative to `root`.
        overrides: values by configuration key, such as `{"dryRun": True}`; they win over files.

    Raises:
        ConfigError: a file, key or value is wrong.
    """
    here = (working_directory or root or Path.cwd()).resolve()
    root = (root or here).resolve()
    if config_paths is None:
        found = find_config(root)
        root = found or root
        files = [] if found is None else [_relative(root / CONFIG_NAME, here)]
    else:
        files = [_config_path(name, root, here) for name in config_paths]
    values: dict[str, Any] = {}
    for name in files:
        document = _read(here / name, name)
        values |= _values(document.data, name, document.locate)
    given = _values(dict(overrides or {}), "command line", lambda _: Location("command line"))
    values |= _from(here, root, given)
    return _complete(root, here, values, tuple(files))


def _config_path(name: str, root: Path, here: Path) -> str:
    """Return the path of a configuration file that was named, relative to where we are.

    Raises:
        ConfigError: there is none.
    """
    if (here / name).exists():
        return name
    if not (root / name).exists():
        raise ConfigError(f"there is no configuration file {name}", at=Location(name))
    return _relative(root / name, here)


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()


def _from(here: Path, root: Path, values: dict[str, Any]) -> dict[str, Any]:
    """Return settings of the command line with its paths relative to the root, as in a file.

    As with `Config.argument`, a path that is not there in the working directory may start there.
    """
    if here == root:
        return values
    start = os.path.relpath(here, root)

    def from_root(uri: str) -> str:
        is_absolute = uri.startswith("/") or "://" in uri
        is_below_root = os.path.lexists(root / uri) and not os.path.lexists(here / uri)
        return uri if is_absolute or is_below_root else f"{start}/{uri}"

    return values | {
        name: tuple(map(from_root, values[name]))
        for name in ("schema_base_paths", "schema_base_uris")
        if name in values
    }


def _read(path: Path, shown: str) -> Document:
    try:
        return read_document(path, shown)
    except SchemaToolsError as error:
        raise ConfigError(error.message, at=error.at, hint=error.hint) from error


def _complete(root: Path, here: Path, values: dict[str, Any], files: tuple[str, ...]) -> Config:
    base_paths: tuple[str, ...] = values.pop("schema_base_paths", (".",))
    values["schema_base_uris"] = values.get("schema_base_uris") or base_paths
    content_types = values.get("content_types", CONTENT_TYPES)
    current_name = values.get("current_name", "current")
    if not Path(current_name).suffix:
        values["current_name"] = f"{current_name}.{content_types[0]}"
    # normpath, not resolve: a link inside the repository stays part of the path that is shown
    paths = tuple(dict.fromkeys(_absolute(root, path) for path in base_paths))
    return Config(root=root, working_directory=here, schema_base_paths=paths, files=files, **values)


def _absolute(root: Path, path: str) -> Path:
    return Path(os.path.normpath(root / path.removeprefix("file://")))


def _values(data: Json, file: str, locate: Callable[[str], Location]) -> dict[str, Any]:
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ConfigError(
            "the configuration must be a mapping of keys to values",
            at=Location(file),
            hint="write `schemaBasePath: ./jsonschema/`, one key on a line",
        )
    values = {}
    for key, value in data.items():
        if key not in _KEYS:
            raise ConfigError(
                f"unknown configuration key {key!r}", at=locate(join([key])), hint=_similar(key)
            )
        name, read = _KEYS[key]
        try:
            values[name] = read(value, lambda *tokens, key=key: locate(join([key, *tokens])))
        except _InvalidValueError as expected:
            raise ConfigError(
                f"configuration key {key!r}: expected {expected}, not {brief(value)}",
                at=locate(join([key])),
            ) from None
    return values


def _similar(key: str) -> str:
    close = get_close_matches(key, _KEYS, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known keys are {', '.join(sorted(_KEYS))}"


# ---------------------------------------------------------------- one reader for each kind of value

_At: TypeAlias = "Callable[..., Location]"


def _boolean(value: Json, _: _At) -> bool:
    if not isinstance(value, bool):
        raise _InvalidValueError("true or false")
    return value


def _text(value: Json, _: _At) -> str:
    if not isinstance(value, str) or not value:
        raise _InvalidValueError("a text")
    return value


def _file_name(value: Json, at: _At) -> str:
    name = _text(value, at)
    if "/" in name or name in {".", ".."}:
        raise _InvalidValueError("a file name without folders")
    return name


def _texts(value: Json, _: _At) -> tuple[str, ...]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) and item for item in items):
        raise _InvalidValueError("a text or a list of texts")
    return tuple(dict.fromkeys(items))


def _some_texts(value: Json, at: _At) -> tuple[str, ...]:
    texts = _texts(value, at)
    if not texts:
        raise _InvalidValueError("at least one entry")
    return texts


def _content_types(value: Json, at: _At) -> tuple[str, ...]:
    types = _some_texts(value, at)
    if not set(types) <= set(CONTENT_TYPES):
        raise _InvalidValueError(f"a list of {' and '.join(CONTENT_TYPES)}")
    return types


def _level(value: Json, _: _At) -> str:
    if value not in LOG_LEVELS:
        raise _InvalidValueError(f"one of {', '.join(LOG_LEVELS)}")
    return str(value)


def _bounds(value: Json, _: _At) -> tuple[int | float, int | float] | None:
    if value is None or value is False:
        return None
    if (
        not isinstance(value, list)
        or len(value) != 2
        or not all(isinstance(n, (int, float)) and not isinstance(n, bool) for n in value)
        or value[0] > value[1]
    ):
        raise _InvalidValueError("[minimum, maximum], or false")
    return value[0], value[1]


def _intake(value: Json, at: _At) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise _InvalidValueError("a mapping of keys to values")
    try:
        read_intake(value)
    except InvalidSettingError as error:
        name = f"intake.{error.key}"
        if error.expected is None:
            close = get_close_matches(error.key, known_keys(), n=1)
            known = f"known keys are {', '.join(known_keys())}"
            hint = f"did you mean {close[0]!r}?" if close else known
            raise ConfigError(
                f"unknown configuration key {name!r}", at=at(error.key), hint=hint
            ) from None
        raise ConfigError(
            f"configuration key {name!r}: expected {error.expected}, not {brief(value[error.key])}",
            at=at(error.key),
        ) from None
    return value


def compile_pattern(pattern: str) -> re.Pattern[str]:
    """Compile a regular expression that is written as JavaScript's, for `search`.

    Raises:
        re.error: it is not one.
    """
    # JavaScript's named groups and its `$`, which does not match before a final newline
    text = re.sub(r"\(\?<(?![=!])", "(?P<", pattern)
    text = re.sub(r"(?<!\\)((?:\\\\)*)\$(?=$|\|)", r"\1\\Z", text)
    return re.compile(text)


def as_written(pattern: re.Pattern[str]) -> str:
    """Return a compiled pattern as it stands in the configuration."""
    return pattern.pattern.replace("(?P<", "(?<").replace(r"\Z", "$")


def _patterns(value: Json, at: _At) -> tuple[re.Pattern[str], ...]:
    return tuple(_pattern(text) for text in _texts(value, at))


def _pattern(text: str) -> re.Pattern[str]:
    try:
        return compile_pattern(text)
    except re.error as error:
        raise _InvalidValueError(f"a regular expression ({error})") from None


def _waivers(value: Json, at: _At) -> tuple[Waiver, ...]:
    if value is None:
        return ()
    if not isinstance(value, dict):
        raise _InvalidValueError("a mapping of regular expressions to lists of check ids")
    return tuple(
        _waiver(_pattern(pattern), entry, at(pattern, index))
        for pattern, entries in value.items()
        for index, entry in enumerate(entries if isinstance(entries, list) else [entries])
    )


_WAIVER_KEYS = {"check", "reason", "ticket", "owner", "until"}


def _waiver(pattern: re.Pattern[str], entry: Json, at: Location) -> Waiver:
    if isinstance(entry, str):
        return Waiver(pattern, entry, at=at)
    if not isinstance(entry, dict) or not isinstance(entry.get("check"), str):
        raise _InvalidValueError("check ids, or mappings with `check` and `reason`")
    if unknown := set(entry) - _WAIVER_KEYS:
        raise _InvalidValueError(
            f"a waiver with no other keys than {', '.join(sorted(_WAIVER_KEYS))} "
            f"(found {', '.join(sorted(unknown))})"
        )
    texts = {key: entry[key] for key in _WAIVER_KEYS - {"until"} if key in entry}
    if not all(isinstance(text, str) for text in texts.values()):
        raise _InvalidValueError("texts in `check`, `reason`, `ticket` and `owner`")
    return Waiver(pattern, **texts, until=_day(entry.get("until")), at=at)


def _day(value: Json) -> date | None:
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.date()
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise _InvalidValueError("a date such as 2027-01-31 in `until`") from None


_KEYS: dict[str, tuple[str, Callable[[Json, _At], Any]]] = {
    "shouldSymlinkExtensionless": ("should_symlink_extensionless", _boolean),
    "shouldSymlinkLatest": ("should_symlink_latest", _boolean),
    "contentTypes": ("content_types", _content_types),
    "currentName": ("current_name", _file_name),
    "schemaVersionField": ("schema_version_field", _text),
    "schemaTitleField": ("schema_title_field", _text),
    "shouldDereference": ("should_dereference", _boolean),
    "schemaBasePath": ("schema_base_paths", _some_texts),
    "schemaBaseUris": ("schema_base_uris", _some_texts),
    "dryRun": ("dry_run", _boolean),
    "gitStaged": ("git_staged", _boolean),
    "shouldGitAdd": ("should_git_add", _boolean),
    "ignoreSchemas": ("ignore_schemas", _patterns),
    "skipSchemaTestCases": ("waivers", _waivers),
    "logLevel": ("log_level", _level),
    "enforcedNumericBounds": ("numeric_bounds", _bounds),
    "shouldGenerateExample": ("should_generate_example", _boolean),
    "requiredFields": ("required_fields", _texts),
    "allowExternalRefs": ("allow_external_refs", _boolean),
    "fragmentSchemas": ("fragment_schemas", _patterns),
    "streamConfigs": ("stream_configs", _texts),
    "eventServices": ("event_services", _texts),
    "intake": ("intake", _intake),
}
