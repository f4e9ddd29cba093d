"""A schema repository with events, for the tests of this folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = """\
title: thing/seen
$id: /thing/seen/1.0.0
$schema: https://json-schema.org/draft-07/schema#
type: object
required: [$schema, meta, dt]
additionalProperties: false
properties:
  $schema: {type: string}
  meta:
    type: object
    required: [stream]
    properties:
      stream: {type: string}
      id: {type: string}
      domain: {type: string}
  dt: {type: string, format: date-time, maxLength: 128}
  thing_id: {type: integer}
  kind: {type: string, enum: [large, small]}
"""
WITH_DEFAULTS = """\
title: thing/kept
$id: /thing/kept/1.0.0
$schema: https://json-schema.org/draft-07/schema#
type: object
properties:
  $schema: {type: string}
  meta: {type: object}
  place: {type: object, default: {}, properties: {shelf: {type: integer, default: 3}}}
"""


def lay(tmp_path: Path) -> Path:
    """Lay a repository with `thing/seen` and `thing/kept`, each in version 1.0.0."""
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / ".jsonschema-tools.yaml").write_text(
        "schemaBasePath: ./schemas\nstreamConfigs: streams.yaml\n"
    )
    (tmp_path / "streams.yaml").write_text(
        "streams:\n"
        "  thing.seen: {schema_title: thing/seen}\n"
        "  thing.kept: {schema_title: thing/kept}\n"
    )
    for title, text in (("seen", SCHEMA), ("kept", WITH_DEFAULTS)):
        folder = tmp_path / "schemas/thing" / title
        folder.mkdir(parents=True)
        (folder / "1.0.0.yaml").write_text(text)
        (folder / "1.0.0").symlink_to("1.0.0.yaml")
        (folder / "latest").symlink_to("1.0.0.yaml")
        (folder / "current.yaml").write_text(text)
    return tmp_path
