"""The functions of commands: what click parses is what they take, by name."""

from __future__ import annotations

from dataclasses import fields
from inspect import Parameter, signature, unwrap

import click
import pytest

from jsonschema_tools.cli import COMMANDS, cli
from jsonschema_tools.commands.config_options import ConfigOptions

_SETTINGS = {field.name for field in fields(ConfigOptions)}


@pytest.mark.parametrize("name", COMMANDS)
def test_options_and_arguments_are_the_parameters_of_the_function(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    assert command.callback is not None
    parameters = signature(unwrap(command.callback)).parameters
    assert not any(p.kind is Parameter.VAR_KEYWORD for p in parameters.values())
    parsed = {parameter.name for parameter in command.params}
    takes_settings = parameters.keys() & {"config", "options"} != set()
    assert parameters.keys() - parsed <= {"config", "options"}
    assert parsed - parameters.keys() <= (_SETTINGS if takes_settings else set())
