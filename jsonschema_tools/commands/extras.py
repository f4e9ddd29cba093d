"""Commands that need more than the core: what to install where it is not there."""

from __future__ import annotations

from importlib.util import find_spec

from jsonschema_tools.errors import ConfigError


def require(extra: str, *modules: str) -> None:
    """Make sure that the modules of an extra are installed; imports none of them.

    Args:
        extra: name of the extra, such as `site`.
        modules: top-level modules that it brings.

    Raises:
        ConfigError: one is not there; it says what to install.
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        raise ConfigError(
            f"{', '.join(missing)} not found: this needs the extra `{extra}`",
            hint=f"pip install 'jsonschema-tools[{extra}]'",
        )
