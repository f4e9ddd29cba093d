"""`generate-tests`: write the pytest suite of the repository."""

from __future__ import annotations

from pathlib import Path

import click

from jsonschema_tools.errors import EXIT_FAILED, EXIT_OK
from jsonschema_tools.outputs import Output, require_inside

SUITE = '''\
"""The checks of this schema repository, one test each.

Written by `jsonschema-tools generate-tests`, not to be edited: new schemas are found, and the
configuration is read, when pytest runs. To run some of them, say which schema, suite or check:

    pytest -k "thing_happened and compatibility"
"""

pytest_plugins = ["jsonschema_tools.pytest_suite"]


def test_schema_repository() -> None:
    """Stand for the checks: the plugin puts them here."""
    raise RuntimeError("the plugin jsonschema_tools.pytest_suite was turned off")
'''


@click.command("generate-tests")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("tests/test_schema_repository.py"),
    show_default=True,
    help="File to write, inside the repository.",
)
@click.option("--check", is_flag=True, help="Only report whether it exists and is up to date.")
def generate_tests_command(output: Path, *, check: bool) -> int:
    """Write the pytest suite of the repository.

    It runs every check of every schema, also of those that are added later, as one test each.
    """
    suite = Output(Path.cwd() / output, SUITE.encode())
    if not suite.differs():
        click.echo(f"{output} is up to date")
        return EXIT_OK
    if check:
        state = "out of date" if suite.path.exists() else "missing"
        click.echo(f"{output} is {state}\n  hint: run `{_command(output)}`", err=True)
        return EXIT_FAILED
    require_inside(suite.path.parent, [Path.cwd()])
    suite.write(tidy=True)
    click.echo(f"wrote {output}")
    return EXIT_OK


def _command(output: Path) -> str:
    default = output == Path("tests/test_schema_repository.py")
    return "jsonschema-tools generate-tests" + ("" if default else f" --output {output}")
