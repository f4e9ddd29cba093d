"""`canary`: send the example of each stream's schema through an intake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jsonschema_tools.commands.config_options import pass_config
from jsonschema_tools.commands.console import aligned
from jsonschema_tools.commands.options import (
    config_option,
    refresh_option,
    verbose_option,
)
from jsonschema_tools.errors import EXIT_FAILED, EXIT_OK, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema_tools.config import Config
    from jsonschema_tools.values import Json


@click.command("canary")
@click.argument("names", nargs=-1, metavar="[STREAM]...")
@click.option(
    "--to",
    "url",
    default="http://127.0.0.1:8192",
    show_default=True,
    metavar="URL",
    help="URL of the intake.",
)
@refresh_option
@config_option
@verbose_option
@pass_config
def canary_command(config: Config, names: tuple[str, ...], *, url: str) -> int:
    """Send an example event to each stream, and report what happened.

    The streams are those that are named, or else all for which `canary_events_enabled` is not
    false. The event is the first of `examples` of the stream's schema, with `meta.domain: canary`.
    """
    from jsonschema_tools.intake.client import EventProducer, Limits

    results: list[tuple[str, str]] = []
    with EventProducer(url, limits=Limits(attempts=2, linger=0)) as producer:
        for name, event, problem in _canaries(config, names):
            if event is None:
                results.append((name, problem))
            else:
                error = producer.send(name, event).exception()
                results.append((name, "accepted" if error is None else str(error)))
    click.echo(printable(aligned(results)), nl=False)
    return EXIT_OK if all(said == "accepted" for _, said in results) else EXIT_FAILED


def _canaries(
    config: Config, names: tuple[str, ...]
) -> Iterator[tuple[str, dict[str, Json] | None, str]]:
    """Yield name, event and, where there is none, the reason for each stream."""
    from jsonschema_tools.events.registry import Registry
    from jsonschema_tools.events.schema import UnusableSchemaError
    from jsonschema_tools.events.stream_files import require_streams

    configs = require_streams(config)
    registry = Registry.of(config)
    for name in names or configs.streams:
        stream = configs.find(name)
        if stream is None:
            yield name, None, "stream not found"
            continue
        if not names and (
            stream.pattern is not None or stream.settings.get("canary_events_enabled") is False
        ):
            continue
        try:
            schema = registry.get(f"/{stream.schema_title}/latest")
        except UnusableSchemaError as error:
            yield name, None, error.message
            continue
        examples = schema.data.get("examples") if isinstance(schema.data, dict) else None
        if not isinstance(examples, list) or not examples or not isinstance(examples[0], dict):
            yield name, None, f"the schema {schema.id or schema.title} has no examples"
            continue
        yield name, _canary(examples[0], name), ""


def _canary(example: dict[str, Json], stream: str) -> dict[str, Json]:
    """Return an example as a canary event; the intake gives it its time and id."""
    meta = example.get("meta")
    kept = (
        {k: v for k, v in meta.items() if k not in {"dt", "id"}} if isinstance(meta, dict) else {}
    )
    return {**example, "meta": {**kept, "stream": stream, "domain": "canary"}}
