"""The runner: which checks run on which files, and what came of them."""

from typing import TYPE_CHECKING

from jsonschema_tools.doors import lazy

if TYPE_CHECKING:
    from jsonschema_tools.runner import baseline, waivers
    from jsonschema_tools.runner.processes import processors, run_beside, run_forked
    from jsonschema_tools.runner.result_cache import Memory
    from jsonschema_tools.runner.results import Checked
    from jsonschema_tools.runner.run import (
        Case,
        Finding,
        Result,
        cases,
        cases_of_no_title,
        context_for,
        run_case,
    )
    from jsonschema_tools.runner.selection import select_files, since
    from jsonschema_tools.runner.session import Session, check_files

__all__ = [
    "Case",
    "Checked",
    "Finding",
    "Memory",
    "Result",
    "Session",
    "baseline",
    "cases",
    "cases_of_no_title",
    "check_files",
    "context_for",
    "processors",
    "run_beside",
    "run_case",
    "run_forked",
    "select_files",
    "since",
    "waivers",
]

__getattr__ = lazy(
    __name__,
    {
        "": "baseline waivers",
        "processes": "processors run_beside run_forked",
        "result_cache": "Memory",
        "results": "Checked",
        "run": "Case Finding Result cases cases_of_no_title context_for run_case",
        "selection": "select_files since",
        "session": "Session check_files",
    },
)
