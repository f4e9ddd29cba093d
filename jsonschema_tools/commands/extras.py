"""The extras of the package: what a command needs beyond the core, and how to get it."""

from __future__ import annotations

from importlib.util import find_spec

from jsonschema_tools.errors import ConfigError

#: extra -> the modules that it brings
_MODULES = {
    "serve": ("starlette", "uvicorn", "httptools", "prometheus_client"),
    "kafka": ("confluent_kafka",),
    "lake": ("duckdb", "pyarrow", "deltalake", "pyiceberg"),
    "site": ("jinja2", "pygments", "markdown_it", "linkify_it"),
}


def require(extra: str, what: str) -> None:
    """Check that an extra is installed.

    Args:
        extra: its name.
        what: what needs it, as the message says.

    Raises:
        ConfigError: it is not.
    """
    missing = [name for name in _MODULES[extra] if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"{what} needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} "
            "not installed",
            hint=f"pip install 'jsonschema-tools[{extra}]'",
        )
