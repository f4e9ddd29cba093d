"""`schema`: the JSON Schemas of the files that users write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jsonschema_tools.commands.config_options import pass_config
from jsonschema_tools.commands.options import config_option
from jsonschema_tools.errors import EXIT_OK, printable

if TYPE_CHECKING:
    from jsonschema_tools.authoring.editor import Kind
    from jsonschema_tools.config import Config


@click.command("schema")
@click.argument("what", type=click.Choice(["config", "current", "streams"]), required=False)
@click.option("--write", is_flag=True, help="Write all of them to .jsonschema-tools/ for editors.")
@config_option
@pass_config
def schema_command(config: Config, what: Kind | None, write: bool) -> int:
    """Print the JSON Schema of the configuration, of current files, or of stream configuration.

    With --write, they are written into the repository, where the first line of each YAML file
    that `init` and `new` make leads editors to them. Settings of streams that the repository adds
    are among them.
    """
    if (what is None) is not write:
        raise click.UsageError("name one of config, current, streams, or write all with --write.")
    import json

    from jsonschema_tools.authoring.editor import editor_files, editor_schema
    from jsonschema_tools.events import load_streams
    from jsonschema_tools.outputs import require_inside

    settings = {} if what in {"config", "current"} else load_streams(config).extra_settings
    if what is not None:
        schema = editor_schema(what, config, settings)
        click.echo(json.dumps(schema, indent=2, ensure_ascii=False))
    for output in editor_files(config, settings) if write else ():
        require_inside(output.path.parent, [config.root])
        if output.differs():
            output.write(tidy=True)
            click.echo(printable(f"wrote {config.display_path(output.path)}"))
    return EXIT_OK
