"""`bump`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from jsonschema_tools.commands.config_options import pass_config
from jsonschema_tools.commands.console import Console, Results
from jsonschema_tools.commands.options import (
    config_option,
    events_option,
    policy_option,
    refresh_option,
    verbose_option,
)
from jsonschema_tools.errors import EXIT_FAILED, EXIT_OK, SchemaToolsError, printable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from jsonschema_tools.authoring.assessment import Assessment, Assessor
    from jsonschema_tools.catalog import SchemaFolder
    from jsonschema_tools.comparison import Bump
    from jsonschema_tools.config import Config
    from jsonschema_tools.versions import Version


def _part_option(part: str, what: str) -> Callable[..., Any]:
    return click.option(f"--{part}", "part", flag_value=part, help=f"Make it a {part} bump: {what}")


@click.command("bump")
@click.argument("path", nargs=-1)
@_part_option("patch", "documentation only.")
@_part_option("minor", "new optional fields.")
@_part_option("major", "anything else; never made unasked.")
@click.option(
    "--check", is_flag=True, help="Only report what is needed; exit with 1 if anything is."
)
@click.option("--examples", is_flag=True, help="Bump `$schema` in the examples as well.")
@policy_option
@events_option
@verbose_option
@refresh_option
@config_option
@pass_config
def bump_command(
    config: Config,
    path: tuple[str, ...],
    *,
    part: Bump | None,
    check: bool,
    examples: bool,
    events: tuple[Path, ...],
) -> int:
    """Name the version bump that a change needs, and write it into $id.

    PATH is a current file, a folder, or a title; default: all current files that differ from their
    latest version.
    """
    from jsonschema_tools.authoring.assessment import Assessor
    from jsonschema_tools.catalog import catalog
    from jsonschema_tools.found_files import explain_none
    from jsonschema_tools.schema_names import select

    entries = catalog(config)
    wanted = _Wanted(part=part, check=check, examples=examples, events=events)
    run = _Run(config, Assessor(config, entries), wanted)
    if not entries:
        explain_none(config)
    for name in path:
        chosen = select([name], entries, config)
        for entry in chosen:
            run.look_at(entry, named=len(chosen) == 1)
    for entry in () if path else entries:
        run.look_at(entry, named=False)
    run.finish()
    return EXIT_FAILED if run.failures or (check and run.needed) else EXIT_OK


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What the user asked for; see the options of the command."""

    part: Bump | None
    check: bool
    examples: bool
    events: tuple[Path, ...]


class _Run:
    """One call of the command, over some current files."""

    def __init__(self, config: Config, assessor: Assessor, wanted: _Wanted) -> None:
        self._config = config
        self._console = Console(config)
        self._assessor = assessor
        self._part = wanted.part
        self._check = wanted.check
        self._examples = wanted.examples
        self._events = wanted.events
        self._said = False
        self._results = Results(hold=False)  # a reader that goes away does not end the work
        self.needed = 0
        self.failures = 0

    def look_at(self, entry: SchemaFolder, *, named: bool) -> None:
        """Bump one current file where that is needed; `named`: the user asked for this one."""
        try:
            self._bump(entry, named=named)
        except SchemaToolsError as error:
            self._console.error(error)
            self.failures += 1

    def finish(self) -> None:
        """Say that there was nothing to do, where nothing else was said."""
        if not (self._said or self.failures):
            self._results.add("nothing to bump")

    def _bump(self, entry: SchemaFolder, *, named: bool) -> None:
        from jsonschema_tools.authoring.bump import bump, target
        from jsonschema_tools.documents import write_back

        file = entry.current
        if file is None:
            return
        if file.document is None:
            raise file.error or AssertionError("what cannot be read says why")
        found = self._assessor.assess(file.document, entry.path)
        if found is None:
            self._nothing(file.display_path, "no version of it was materialized yet", say=named)
            return
        asked = self._part if named or found.needed else None
        version = target(found, found.needed if self._check and not asked else asked)
        if version is None:
            self._nothing(file.display_path, _why_not(found), say=named)
            return
        self.needed += 1
        edited = bump(found, version, examples=self._examples)
        if not self._check:
            write_back(file.path, file.document, edited)
        for line in bump_lines(found, "needs" if self._check else "bumped", version):
            self._say(line)
        if self._events:
            from jsonschema_tools.events.replay import replay

            for replayed in replay([entry], self._config, self._events):
                self._say(f"  {replayed}")
        self._tell_examples(found)
        for remark in self._assessor.remarks(entry, found.latest):
            self._console.warn(remark)

    def _nothing(self, display_path: str, why: str, *, say: bool) -> None:
        if say:
            self._say(f"{display_path}: nothing to bump: {why}")
        else:
            self._console.debug(f"{display_path}: nothing to bump: {why}")

    def _tell_examples(self, found: Assessment) -> None:
        from jsonschema_tools.authoring.bump import stale_examples

        stale = [] if self._examples else list(stale_examples(found))
        if stale and not self._check:
            places = ", ".join(str(found.document.locate(pointer)) for pointer in stale)
            self._console.warn(
                f"{places}: `$schema` of an example still names {found.declared}; change it, or "
                "write `$schema: {$ref: '#/$id'}`, which is always right"
            )

    def _say(self, line: str) -> None:
        self._said = True
        self._results.add(printable(line))


def bump_lines(found: Assessment, verb: str, version: Version) -> list[str]:
    """Return the lines that describe a bump: from and to which version, and why."""
    kind = f" ({found.needed}), policy {found.policy}" if found.needed else ""
    step = f"{found.document.path}: {verb} {found.declared} -> {version}{kind}"
    lines = [step]
    for reason, event in found.reasons:
        lines += [f"  {reason}", *([f"    {event}"] if event else [])]
    return lines


def _why_not(found: Assessment) -> str:
    if found.needed is None:
        return f"it is the same as {found.latest}"
    return (
        f"{found.declared} is enough for what changed since {found.promised or found.latest} "
        f"({found.needed}, policy {found.policy})"
    )
