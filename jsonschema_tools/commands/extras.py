"""Extras: parts of the program whose libraries are installed only where they are asked for."""

from __future__ import annotations

from importlib.util import find_spec

from jsonschema_tools.errors import ConfigError


def require(extra: str, *modules: str) -> None:
    """Make sure that the libraries of an extra are installed, before they are imported.

    Args:
        extra: its name in pyproject.toml, such as `lake`.
        modules: top-level modules that the command needs of it.

    Raises:
        ConfigError: one is missing; the message says how to install them.
    """
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise ConfigError(
            f"this needs {', '.join(missing)}, which {verb} not installed",
            hint=f"pip install 'jsonschema-tools[{extra}]'",
        )
