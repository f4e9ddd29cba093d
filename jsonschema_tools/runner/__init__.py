"""The runner: which checks run on which files, and what came of them."""

from typing import TYPE_CHECKING

from jsonschema_tools.doors import lazy

if TYPE_CHECKING:
    from jsonschema_tools.runner import baseline, waivers
    from jsonschema_tools.runner.check_run import CheckRun, check_files
    from jsonschema_tools.runner.processes import processors, run_beside, run_forked
    from jsonschema_tools.runner.result_cache import ResultCache
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

__all__ = [
    "Case",
    "CheckRun",
    "Checked",
    "Finding",
    "Result",
    "ResultCache",
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
        "result_cache": "ResultCache",
        "results": "Checked",
        "run": "Case Finding Result cases cases_of_no_title context_for run_case",
        "selection": "select_files since",
        "check_run": "CheckRun check_files",
    },
)
