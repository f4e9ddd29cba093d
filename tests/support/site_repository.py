"""A schema repository for the tests of the site: streams, hostile texts, a broken file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from support.materializing import materialize_all

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE: Final = "<script>alert(1)</script><img src=x onerror=alert(2)>"
_CONFIG: Final = """\
schemaBasePath: ./jsonschema
shouldGenerateExample: true
streamConfigs: streams.yaml
skipSchemaTestCases:
  /shop/order/.*:
    - {check: schema-required-fields, reason: no meta yet, until: 2999-01-31}
"""
_STREAMS: Final = """\
defaults: {topic_prefixes: [eqiad., codfw.]}
streams:
  shop.order: {schema_title: shop/order}
  /^shop\\.job\\..+/: {schema_title: shop/order}
  lost: {schema_title: not/there}
"""
_COMMON: Final = """\
title: fragment/common
description: What every event has.
$id: /fragment/common/{version}
$schema: https://json-schema.org/draft-07/schema#
type: object
required: [$schema]
properties:
  $schema: {{type: string, description: The schema of the event.}}
  meta:
    type: object
    required: [stream]
    properties:
      stream: {{type: string, minLength: 1}}
{more}"""
_ORDER: Final = """\
title: shop/order
description: |
  An **order**. See https://example.org/orders and [this](javascript:alert(3)).

  {hostile} ![picture](https://example.org/x.png)
$id: /shop/order/{version}
$schema: https://json-schema.org/draft-07/schema#
type: object
allOf: [{{$ref: /fragment/common/{common}#}}]
required: [order_id]
properties:
  order_id: {{type: integer, minimum: 1}}
  size: {{type: string, enum: [large, "{hostile}"], default: large}}
  placed_at: {{type: string, format: date-time, maxLength: 64}}
  lines:
    type: array
    items:
      type: object
      properties:
        article: {{type: string}}
{more}"""
_ODD: Final = """\
title: odd/names
description: Deprecated, use shop/order.
$id: /odd/names/1.0.0
$schema: https://json-schema.org/draft-07/schema#
type: object
properties:
  "<b>bold</b> & \\"quoted\\"": {type: string, pattern: "^</script>", maxLength: 99}
  __proto__: {type: integer}
  "a b": {anyOf: [{type: string}, {type: integer, maximum: 5}]}
  words: {type: object, additionalProperties: {type: integer}}
"""


def write(root: Path, name: str, text: str) -> None:
    """Write a file, with its folders."""
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def lay_site_repository(root: Path) -> Path:
    """Lay the repository: `shop/order` in three versions, a fragment in two, and odd ones."""
    write(root, ".jsonschema-tools.yaml", _CONFIG)
    write(root, "streams.yaml", _STREAMS)
    common, order = "jsonschema/fragment/common/current.yaml", "jsonschema/shop/order/current.yaml"
    write(root, common, _COMMON.format(version="1.0.0", more=""))
    _order(root, order, "1.0.0", "1.0.0", "")
    more = "      id: {type: string, format: uuid, maxLength: 45}\n"
    write(root, common, _COMMON.format(version="1.1.0", more=more))
    _order(root, order, "1.1.0", "1.1.0", "  note: {type: string}\n")
    _order(root, order, "2.0.0", "1.0.0", "  note: {type: integer}\n")
    write(root, "jsonschema/odd/names/current.yaml", _ODD)
    materialize_all(root)
    write(root, "jsonschema/broken/thing/1.0.0.yaml", "title: broken/thing\n  type: [\n")
    current = "title: broken/thing\n$id: /broken/thing/1\n"
    write(root, "jsonschema/broken/thing/current.yaml", current)
    return root


def _order(root: Path, path: str, version: str, common: str, more: str) -> None:
    text = _ORDER.format(version=version, common=common, more=more, hostile="HOSTILE")
    write(root, path, text.replace("HOSTILE", HOSTILE))
    materialize_all(root)


def lay_long_history(root: Path, count: int) -> Path:
    """Lay a repository of one schema, to which each of so many versions added a field."""
    write(root, ".jsonschema-tools.yaml", "schemaBasePath: ./jsonschema\n")
    for number in range(count):
        version = f"long/history/1.{number}.0"
        fields = "".join(f"  field_{n}: {{type: string}}\n" for n in range(number + 1))
        head = f"title: long/history\n$id: /{version}\ntype: object\nproperties:\n"
        write(root, f"jsonschema/{version}.yaml", f"{head}{fields}# version {number}\n")
    return root
