"""Keep a git repository of versioned JSON Schemas.

The public API is documented in docs/reference/api.md. Its names are loaded when they are first
used, since the command line needs few of them.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from jsonschema_tools._version import __version__

if TYPE_CHECKING:
    from jsonschema_tools.api.authoring import Bumped, Graph, Pins, bump, graph, outdated
    from jsonschema_tools.api.checking import check, format_report
    from jsonschema_tools.api.comparing import Comparison, compare, diff, diff_since
    from jsonschema_tools.api.materializing import dereference, materialize
    from jsonschema_tools.api.validating import validate, validate_file
    from jsonschema_tools.authoring.dependencies import Dependency, Dependent
    from jsonschema_tools.authoring.diff import Added, VersionDiff
    from jsonschema_tools.authoring.outdated import Outdated
    from jsonschema_tools.catalog import SchemaFolder
    from jsonschema_tools.comparison import Change
    from jsonschema_tools.config import Config, load_config
    from jsonschema_tools.documents import Document, parse, parse_document, read_document
    from jsonschema_tools.errors import Location, Problem, SchemaToolsError
    from jsonschema_tools.events import Stream, StreamConfigs, Verdict, load_streams
    from jsonschema_tools.events.problems import EventProblem
    from jsonschema_tools.materialization import Materialized, Materializer, Source
    from jsonschema_tools.outputs import Output
    from jsonschema_tools.reports import Report
    from jsonschema_tools.repository import Repository, SchemaFile, Title, scan
    from jsonschema_tools.runner import Finding, Result
    from jsonschema_tools.serialization import serialize
    from jsonschema_tools.versions import Version

__all__ = [
    "Added",
    "Bumped",
    "Change",
    "Comparison",
    "Config",
    "Dependency",
    "Dependent",
    "Document",
    "EventProblem",
    "Finding",
    "Graph",
    "Location",
    "Materialized",
    "Materializer",
    "Outdated",
    "Output",
    "Pins",
    "Problem",
    "Report",
    "Repository",
    "Result",
    "SchemaFile",
    "SchemaFolder",
    "SchemaToolsError",
    "Source",
    "Stream",
    "StreamConfigs",
    "Title",
    "Verdict",
    "Version",
    "VersionDiff",
    "__version__",
    "bump",
    "check",
    "compare",
    "dereference",
    "diff",
    "diff_since",
    "format_report",
    "graph",
    "load_config",
    "load_streams",
    "materialize",
    "outdated",
    "parse",
    "parse_document",
    "read_document",
    "scan",
    "serialize",
    "validate",
    "validate_file",
]

_MODULES = {
    "api.authoring": ("Bumped", "Graph", "Pins", "bump", "graph", "outdated"),
    "api.checking": ("check", "format_report"),
    "api.comparing": ("Comparison", "compare", "diff", "diff_since"),
    "api.materializing": ("dereference", "materialize"),
    "api.validating": ("validate", "validate_file"),
    "authoring.dependencies": ("Dependent", "Dependency"),
    "authoring.diff": ("Added", "VersionDiff"),
    "authoring.outdated": ("Outdated",),
    "catalog": ("SchemaFolder",),
    "comparison.change": ("Change",),
    "config": ("Config", "load_config"),
    "documents.document": ("Document", "parse", "parse_document", "read_document"),
    "errors": ("Location", "Problem", "SchemaToolsError"),
    "events": ("Stream", "StreamConfigs", "Verdict", "load_streams"),
    "events.problems": ("EventProblem",),
    "materialization": ("Materialized", "Materializer", "Source"),
    "outputs": ("Output",),
    "reports": ("Report",),
    "repository": ("Repository", "SchemaFile", "Title", "scan"),
    "runner.run": ("Finding", "Result"),
    "serialization.serializer": ("serialize",),
    "versions": ("Version",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
