"""`outdated`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from jsonschema_tools.commands.config_options import pass_config_options
from jsonschema_tools.commands.console import Console, Results, aligned
from jsonschema_tools.commands.options import (
    config_option,
    format_option,
    named_streams,
    refresh_option,
    streams_cell,
    streams_option,
    verbose_option,
)
from jsonschema_tools.errors import EXIT_FAILED, EXIT_OK, SchemaToolsError, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from jsonschema_tools.authoring.assessment import Assessor
    from jsonschema_tools.authoring.outdated import Outdated
    from jsonschema_tools.catalog import SchemaFolder
    from jsonschema_tools.commands.config_options import ConfigOptions
    from jsonschema_tools.config import Config


@click.command("outdated")
@click.argument("schema", nargs=-1)
@click.option(
    "--update", is_flag=True, help="Move the pins of these schemas, and bump the schemas."
)
@click.option("--major", is_flag=True, help="Also move to another major version.")
@click.option("--check", is_flag=True, help="Exit with 1 if anything is outdated.")
@streams_option
@format_option("text", "json")
@verbose_option
@refresh_option
@config_option
@pass_config_options
def outdated_command(
    options: ConfigOptions,
    schema: tuple[str, ...],
    *,
    update: bool,
    major: bool,
    check: bool,
    streams: bool,
    format_: str,
) -> int:
    """Find schemas that pin an older version of a fragment than its latest.

    SCHEMA is a title, a folder, or a current file; default: all schemas. With --update, the pins of
    the named schemas move to the latest version of the same major version, and these schemas are
    bumped as needed; nothing else in the files changes.
    """
    from jsonschema_tools.authoring.dependencies import uses
    from jsonschema_tools.authoring.outdated import ExternalVersions, find_outdated
    from jsonschema_tools.catalog import catalog, unreadable
    from jsonschema_tools.schema_names import select

    if update and not schema:
        raise click.UsageError("--update takes the schemas to update; a dot means all of them")
    config = options.load()
    entries = catalog(config)
    chosen = select(schema, entries, config) if schema else entries
    errors = unreadable(chosen)
    for error in errors:
        Console(config).error(error)
    folders = {entry.path for entry in chosen}
    mine = [use for use in uses(entries, config) if use.user.path in folders]
    elsewhere = ExternalVersions(config)
    found = find_outdated(mine, elsewhere)
    for path, failure in elsewhere.failures.items():
        Console(config).warn(f"the latest version of {path} is not known: {failure.message}")
    if update:
        updated = _update(found, entries, config, major=major)
        return EXIT_OK if updated and not errors else EXIT_FAILED
    of = named_streams(config, wanted=streams)
    report = _as_json(found, of) if format_ == "json" else _as_text(found, of)
    click.echo(printable(report), nl=False)
    return EXIT_FAILED if errors or (check and found) else EXIT_OK


def _as_text(found: Sequence[Outdated], streams: Mapping[str, Sequence[str]] | None) -> str:
    rows = [
        (
            str(one.use.at),
            one.use.used,
            f"{one.pinned} -> {one.latest}{_remark(one)}",
            *streams_cell(streams, one.use.user.title),
        )
        for one in found
    ]
    return aligned(rows) or "nothing is outdated\n"


def _remark(one: Outdated) -> str:
    if one.compatible == one.latest:
        return ""
    also = f"; {one.compatible} is compatible" if one.compatible is not None else ""
    return f" (another major version{also})"


def _as_json(found: Iterable[Outdated], streams: Mapping[str, Sequence[str]] | None) -> str:
    items = [
        {
            "title": one.use.user.title,
            "path": one.use.at.path,
            "line": one.use.at.line,
            "pointer": one.use.at.pointer,
            "fragment": one.use.used,
            "pinned": str(one.pinned),
            "latest": str(one.latest),
            "latest_compatible": str(one.compatible) if one.compatible is not None else None,
            **({} if streams is None else {"streams": list(streams.get(one.use.user.title, ()))}),
        }
        for one in found
    ]
    return json.dumps({"version": 1, "outdated": items}, indent=2) + "\n"


def _update(
    found: Iterable[Outdated], entries: Sequence[SchemaFolder], config: Config, *, major: bool
) -> bool:
    """Move pins, schema by schema; tell whether all went well."""
    from jsonschema_tools.authoring.assessment import Assessor

    by_user: dict[Path, list[Outdated]] = {}
    for one in found:
        by_user.setdefault(one.use.user.path, []).append(one)
    if not by_user:
        click.echo("nothing is outdated")
    assessor = Assessor(config, entries)
    results = Results(hold=False)  # a reader that goes away does not end the work
    good = True
    for pins in by_user.values():
        try:
            for line in _update_one(pins[0].use.user, pins, assessor, major=major):
                results.add(printable(line))
        except SchemaToolsError as error:
            Console(config).error(error)
            good = False
    return good


def _update_one(
    entry: SchemaFolder, pins: Sequence[Outdated], assessor: Assessor, *, major: bool
) -> list[str]:
    """Move the pins of one schema; return what was done, line by line."""
    from jsonschema_tools.authoring.outdated import update
    from jsonschema_tools.commands.bump import bump_lines
    from jsonschema_tools.documents import write_back

    file = entry.current
    if file is None or file.document is None:
        return []
    result = update(entry, file.document, pins, assessor, major=major)
    if result.document is not file.document:
        write_back(file.path, file.document, result.document)
    lines = [f"{pin.use.at}: {pin.use.used} {_step(pin, major=major)}" for pin in pins]
    if result.assessment is not None and result.version is not None:
        lines += bump_lines(result.assessment, "bumped", result.version)
    return lines


def _step(pin: Outdated, *, major: bool) -> str:
    goal = pin.goal(major=major)
    if goal is not None:
        return f"{pin.pinned} -> {goal}"
    return f"stays at {pin.pinned}: {pin.latest} is another major version (--major moves there)"
