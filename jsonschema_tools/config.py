"""Settings of a schema repository: defaults, then the configuration file, then the command line."""

from __future__ import annotations

import errno
import os.path
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jsonschema_tools.config_file import CONFIG_NAME, find_config
from jsonschema_tools.config_schema import Violation, properties, violations
from jsonschema_tools.config_values import (
    FORMATS,
    InvalidValueError,
    Waiver,
    field_name,
    read_value,
)
from jsonschema_tools.documents import Document, read_document
from jsonschema_tools.errors import ConfigError, Location, ReadError, SchemaToolsError
from jsonschema_tools.files import leads_out, work_tree
from jsonschema_tools.messages import quote, suggest
from jsonschema_tools.pointers import join
from jsonschema_tools.values import as_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jsonschema_tools.comparison import Policy
    from jsonschema_tools.ecmascript.matching import Patterns
    from jsonschema_tools.serialization import ContentType
    from jsonschema_tools.values import Json


LOG_LEVELS = ("trace", "debug", "info", "warn", "error", "fatal", "silent")


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Settings of one schema repository; only `load_config` builds it.

    `config.schema.json` describes each setting, and has its default; `current_name` is
    `currentName` there.

    Attributes:
        root: absolute folder of the configuration, against which the relative paths and URIs in it
            are read.
        working_directory: absolute folder that paths are relative to on the command line, in
            messages and in reports.
        schema_base_paths: `schemaBasePath`, as absolute folders.
        current_name: `currentName`, with its extension.
        waivers: `skipSchemaTestCases`.
        numeric_bounds: `enforcedNumericBounds`; None for none.
        intake: the section `intake`, as written.
        files: the configuration files that were read, as messages name them.
        refresh: whether remote documents that were kept of an earlier run are downloaded again.
    """

    root: Path
    working_directory: Path
    schema_base_paths: tuple[Path, ...]
    schema_base_uris: tuple[str, ...]
    content_types: tuple[ContentType, ...]
    current_name: str
    schema_version_field: str
    schema_title_field: str
    should_dereference: bool
    should_symlink_extensionless: bool
    should_symlink_latest: bool
    dry_run: bool
    git_staged: bool
    should_git_add: bool
    ignore_schemas: Patterns
    waivers: tuple[Waiver, ...]
    log_level: str
    numeric_bounds: tuple[int | float, int | float] | None
    should_generate_example: bool
    required_fields: tuple[str, ...]
    allow_external_refs: bool
    fragment_schemas: Patterns
    stream_configs: tuple[str, ...]
    event_services: tuple[str, ...]
    intake: Mapping[str, Json]
    compatibility_policy: Policy
    files: tuple[str, ...]
    refresh: bool = False

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders that schemas are read from and written to, and that no link may lead out of.

        They are the work tree around the configuration, and the base paths, which may be elsewhere.
        """
        return (work_tree(self.root), *self.schema_base_paths)

    def display_path(self, path: Path) -> str:
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

        Raises:
            ConfigError: no file can have this name.
        """
        require_possible(self.working_directory / name)
        path = Path(os.path.normpath(self.working_directory / name))
        if self.root == self.working_directory or os.path.lexists(path):
            return path
        below_root = Path(os.path.normpath(self.root / name))
        return below_root if os.path.lexists(below_root) else path

    def source(self, name: str | Path) -> Path:
        """Return the file that an argument means, of which the content is to be shown or sent.

        Raises:
            ReadError: a link in the repository leads it out of there. Who named the file did not
                name what the link, which anyone may have committed, leads to.
        """
        path = self.argument(name)
        folders = self.folders
        is_repository = self.files or os.path.lexists(folders[0] / ".git")
        if is_repository and leads_out(path, folders):
            raise ReadError(
                f"a symbolic link leads out of the repository, to {os.path.realpath(path)}",
                at=Location(self.display_path(path)),
                hint="name the file that it leads to, or copy it into the repository",
            )
        return path


def require_possible(path: Path) -> None:
    """Make sure that a file could have a name: one that is too long, or no text, is an error.

    Raises:
        ConfigError: it could not.
    """
    try:
        path.lstat()
    except ValueError:
        reason = "it holds NUL, or half a surrogate pair"
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            return
        reason = "it is too long"
    else:
        return
    raise ConfigError(f"{str(path)!r:.200} cannot be the name of a file: {reason}")


def load_config(
    root: Path | None = None,
    *,
    working_directory: Path | None = None,
    config_paths: Sequence[str] | None = None,
    overrides: Mapping[str, Any] | None = None,
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
    for folder in filter(None, (working_directory, root)):
        require_possible(folder)
    here = (working_directory or root or Path.cwd()).resolve()
    root = (root or here).resolve()
    if config_paths is None:
        found = find_config(root)
        root = found or root
        files = [] if found is None else [_relative(root / CONFIG_NAME, here)]
    else:
        files = [_config_path(name, root, here) for name in config_paths]
    values = _defaults()
    for name in files:
        document = _read(here / name, name)
        values |= _values(document.data, name, document.locate)
    given = _values(dict(overrides or {}), "command line", lambda _: Location("command line"))
    values |= _from(here, root, given)
    return _complete(root, here, values, tuple(files))


def _config_path(name: str, root: Path, here: Path) -> str:
    """Return the path of a configuration file that was named, relative to where we are.

    Raises:
        ConfigError: it is not found.
    """
    require_possible(here / name)
    if (here / name).exists():
        return name
    if not (root / name).exists():
        raise ConfigError(f"configuration file {name} not found", at=Location(name))
    return _relative(root / name, here)


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path, folder)).as_posix()


def _from(here: Path, root: Path, values: dict[str, Any]) -> dict[str, Any]:
    """Return settings of the command line with its paths relative to the root, as in a file.

    As with `Config.argument`, a path that is not found in the working directory may start there.
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


def _read(path: Path, display_path: str) -> Document:
    try:
        return read_document(path, display_path)
    except SchemaToolsError as error:
        raise ConfigError(error.message, at=error.at, hint=error.hint) from error


def _complete(root: Path, here: Path, values: dict[str, Any], files: tuple[str, ...]) -> Config:
    base_paths: tuple[str, ...] = values.pop("schema_base_paths")
    values.setdefault("schema_base_uris", base_paths)
    for path in (*base_paths, *values["schema_base_uris"]):
        _require_name(path)
    if not Path(values["current_name"]).suffix:
        values["current_name"] += f".{values['content_types'][0]}"
    # normpath, not resolve: a link inside the repository stays part of the path that is shown
    paths = tuple(dict.fromkeys(_absolute(root, path) for path in base_paths))
    return Config(root=root, working_directory=here, schema_base_paths=paths, files=files, **values)


def _require_name(path: str) -> None:
    try:
        os.fsencode(path)
    except UnicodeEncodeError:  # half a surrogate pair
        raise ConfigError(
            f"no folder can have the name {quote(path)}",
            hint="`schemaBasePath` and `schemaBaseUris` say where schemas are",
        ) from None


def _absolute(root: Path, path: str) -> Path:
    return Path(os.path.normpath(root / path.removeprefix("file://")))


def _values(data: Json, file: str, locate: Callable[[str], Location]) -> dict[str, Any]:
    """Return the settings that a file or the command line gives, by their names in `Config`.

    Raises:
        ConfigError: one is not known, or not what its key takes.
    """
    for wrong in violations(data, FORMATS):
        raise _config_error(wrong, locate(join(wrong.path)) if wrong.path else Location(file))
    values = {}
    for key, value in as_object(data).items():
        try:
            values[field_name(key)] = read_value(key, value, locate)
        except InvalidValueError as invalid:
            raise _config_error(invalid.violation, locate(join(invalid.violation.path))) from None
    return values


def _config_error(wrong: Violation, at: Location) -> ConfigError:
    if not wrong.name:
        hint = "write `schemaBasePath: ./jsonschema/`, one key on a line"
        return ConfigError(
            "the configuration must be a mapping of keys to values", at=at, hint=hint
        )
    if wrong.expected is None:
        known = f"known keys are {', '.join(sorted(wrong.known))}"
        hint = suggest(str(wrong.path[-1]), wrong.known) or known
        return ConfigError(f"unknown configuration key {wrong.name!r}", at=at, hint=hint)
    return ConfigError(
        f"configuration key {wrong.name!r}: {wrong.expected}, not {quote(wrong.value)}", at=at
    )


@cache
def _converted_defaults() -> Mapping[str, Any]:
    return {
        field_name(key): read_value(key, setting["default"], Location)
        for key, setting in properties().items()
        if "default" in setting
    }


def _defaults() -> dict[str, Any]:
    return dict(_converted_defaults())
