"""A Sphinx extension: pages show what the code declares, so that nothing is copied by hand.

A line `<!-- generated: NAME -->` of a page becomes the Markdown that the function of that name in
`PARTS` returns.
"""

from __future__ import annotations

import json
import re
from inspect import cleandoc
from typing import TYPE_CHECKING, Any

import jsonschema_tools
import jsonschema_tools.errors as error_module
from jsonschema_tools.checks import manual
from jsonschema_tools.cli import COMMANDS
from jsonschema_tools.config_schema import config_schema, properties
from jsonschema_tools.errors import SchemaToolsError
from jsonschema_tools.pointers import follow
from jsonschema_tools.reports import REPORTS
from jsonschema_tools.values import as_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sphinx.application import Sphinx

_MARK = re.compile(r"^<!-- generated: ([a-z]+) -->$", re.MULTILINE)
#: a code span, and whether a letter follows
_CODE = re.compile(r"(?<!`)`([^`]+)`(?!`)(?=(\w)?)")


def checks() -> str:
    """Return the manual of all checks, by suite."""
    return manual.sections()


def commands() -> str:
    """Return the help of all commands, in the groups of `--help`."""
    lines = []
    for group in dict.fromkeys(entry.group for entry in COMMANDS.values()):
        lines.append(f"## {group}\n")
        for name, entry in COMMANDS.items():
            if entry.group == group:
                function = f"{name.replace('-', '_')}_command"
                lines.append(
                    # sphinx-click writes reStructuredText
                    f"```{{eval-rst}}\n"
                    f".. click:: jsonschema_tools.commands.{entry.module}:{function}\n"
                    f"   :prog: jsonschema-tools {name}\n   :nested: full\n```\n"
                )
    return "\n".join(lines)


def settings() -> str:
    """Return a table of all settings."""
    return _settings(properties())


def intake() -> str:
    """Return a table of the settings of the section `intake`."""
    return _settings(properties("intake"))


def waiver() -> str:
    """Return a table of the keys of a waiver."""
    return _settings(as_object(follow(config_schema(), "/definitions/waiver/properties")))


def _settings(declared: Mapping[str, Any]) -> str:
    """Return a table of settings: key, default if any has one, and meaning."""
    with_defaults = any("default" in setting for setting in declared.values())
    rows = [("key", *(["default"] * with_defaults), "meaning")]
    rows.append(("---",) * len(rows[0]))
    for key, setting in declared.items():
        meaning = setting["description"]
        if "enum" in setting:
            meaning += f" One of {', '.join(f'`{value}`' for value in setting['enum'])}."
        rows.append((f"`{key}`", *([default_of(setting)] * with_defaults), meaning))
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def default_of(setting: Mapping[str, Any]) -> str:
    """Return the default of a setting, as YAML has it on one line; "" where there is none."""
    default = setting.get("default")
    if default in (None, ""):
        return ""
    if isinstance(default, list):
        return f"`[{', '.join(map(str, default))}]`"
    return f"`{default if isinstance(default, str) else json.dumps(default)}`"


def reports() -> str:
    """Return a table of the formats of `check --format`."""
    rows = [f"| `{name}` | {_first_line(report)} |" for name, report in REPORTS.items()]
    return "\n".join(["| format | |", "| --- | --- |", *rows])


def errors() -> str:
    """Return a table of the codes of errors."""
    kinds = [kind for kind in vars(error_module).values() if _is_error(kind)]
    rows = [f"| `{k.code}` | {_first_line(k)} | {k.exit_status} |" for k in kinds]
    return "\n".join(["| code | meaning | exit status |", "| --- | --- | --- |", *rows])


def _is_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, SchemaToolsError) and "code" in vars(value)


def _first_line(value: object) -> str:
    return cleandoc(value.__doc__ or "").partition("\n")[0]


def api() -> str:
    """Return directives that document every public name."""
    names = [name for name in jsonschema_tools.__all__ if not name.startswith("_")]
    lines = [_directive(name, getattr(jsonschema_tools, name)) for name in names]
    return "```{eval-rst}\n" + "\n".join(lines) + "```"


def _directive(name: str, value: object) -> str:
    kind, options = "function", ""
    if isinstance(value, type):
        # the docstring of a named tuple lists its fields, which are members as well
        kind, options = "class", "" if issubclass(value, tuple) else "   :members:\n"
    return f".. auto{kind}:: jsonschema_tools.{name}\n{options}"


PARTS: Mapping[str, Callable[[], str]] = {
    "api": api,
    "checks": checks,
    "commands": commands,
    "errors": errors,
    "intake": intake,
    "reports": reports,
    "settings": settings,
    "waiver": waiver,
}


def filled(text: str) -> str:
    """Return a page with its marks replaced by what they name."""
    return _MARK.sub(lambda mark: PARTS[mark[1]](), text)


def _fill(_app: Sphinx, _page: str, source: list[str]) -> None:
    source[0] = filled(source[0])


def as_literals(text: str) -> str:
    """Return a docstring's Markdown code spans as reStructuredText literals."""
    return _CODE.sub(lambda span: f"``{span[1]}``" + ("\\ " if span[2] else ""), text)


def _docstring(_app: Sphinx, *arguments: Any) -> None:
    lines: list[str] = arguments[-1]  # of both events, to be changed in place
    lines[:] = as_literals("\n".join(lines)).split("\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the extension to Sphinx."""
    app.connect("source-read", _fill)
    app.connect("autodoc-process-docstring", _docstring)
    for part in ("description", "options"):
        app.connect(f"sphinx-click-process-{part}", _docstring)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
