"""Write `settings.md` from the schema of the configuration: `python3 docs/settings.py`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PAGE = HERE / "settings.md"
SCHEMA = HERE.parent / "jsonschema_tools/config.schema.json"

TOP = """\
# Settings

`.jsonschema-tools.yaml` in the working directory; `-C FILE` reads another file, and several files
are read in order, the later ones winning. Options of the command line win over all of them. A key
that is not known, or a value of the wrong type, is an error that names the file, the line and what
was expected.

`jsonschema-tools schema config` prints the JSON Schema from which this page is made.

"""
WAIVERS = """
## An entry of `skipSchemaTestCases`

The id of a check, or a mapping:

"""
INTAKE = """
## `intake`

Settings of the [intake](intake.md), which are also those of `produce`, `consume` and `canary`.

"""


def page() -> str:
    """Return the page of the settings."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    settings = schema["properties"]
    waiver = schema["definitions"]["waiver"]["properties"]
    intake = settings["intake"]["properties"]
    return TOP + table(settings) + WAIVERS + table(waiver) + INTAKE + table(intake)


def table(settings: dict[str, Any]) -> str:
    """Return a table of settings: key, default where settings have one, and meaning."""
    with_default = any("default" in setting for setting in settings.values())
    rows = [("key", *(["default"] * with_default), "meaning")]
    rows.append(("---",) * len(rows[0]))
    for key, setting in settings.items():
        meaning = setting["description"]
        if "enum" in setting:
            meaning += f" One of {', '.join(f'`{value}`' for value in setting['enum'])}."
        rows.append((f"`{key}`", *([default(setting)] * with_default), meaning))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def default(setting: dict[str, Any]) -> str:
    """Return the default of a setting as YAML has it on one line."""
    if "default" not in setting or setting["default"] in (None, ""):
        return ""
    value = setting["default"]
    if isinstance(value, list):
        return f"`[{', '.join(str(item) for item in value)}]`"
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
