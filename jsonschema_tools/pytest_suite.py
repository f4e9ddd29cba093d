"""Makes the checks of a repository tests of pytest, below suite and title.

A module that says `pytest_plugins = ["jsonschema_tools.pytest_suite"]` and has a function called
`test_schema_repository` gets all checks of its repository in the place of that function;
`generate-tests` writes such a module. PYTEST_DONT_REWRITE: nothing is asserted in here.
"""

from __future__ import annotations

import gc
import os.path
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from jsonschema_tools.checks import DEFAULT_CHECKS
from jsonschema_tools.checks.base import SUITES
from jsonschema_tools.config import load_config
from jsonschema_tools.config_file import CONFIG_NAME
from jsonschema_tools.errors import SchemaToolsError
from jsonschema_tools.found_files import find_files
from jsonschema_tools.messages import one_line
from jsonschema_tools.pytest_items import (
    CheckItem,
    pytest_runtest_makereport,
    pytest_runtest_protocol,
)
from jsonschema_tools.repository import scan
from jsonschema_tools.runner import cases, cases_of_no_title, context_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from jsonschema_tools.checks.base import Context
    from jsonschema_tools.found_files import FoundFile
    from jsonschema_tools.runner import Case

__all__ = [
    "collect_schema_file",
    "pytest_collection_finish",
    "pytest_pycollect_makeitem",
    "pytest_runtest_makereport",
    "pytest_runtest_protocol",
]

_PLACEHOLDER = "test_schema_repository"


class SchemaRepository:
    """A repository whose checks become tests.

    Raises:
        SchemaToolsError: its configuration is wrong.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._config = load_config(root)
        self._by_file: dict[Path, dict[Path, list[Case]]] = {}
        self.context = context_for(self._config, today=date.today())

    def cases(self, files: Iterable[FoundFile] | None = None) -> Iterator[Case]:
        """Yield what there is to check, in all files or in some."""
        for title in scan(self._config, files).titles:
            yield from cases(title, DEFAULT_CHECKS, self.context)

    def has(self, path: Path) -> bool:
        """Tell whether a file is one of its schema files."""
        path = self._resolved(path)
        return any(file.path == path for file in self._folders.get(path.parent, ()))

    def cases_of(self, path: Path) -> Sequence[Case]:
        """Return what there is to check in one of its files.

        What is about a file that is missing belongs to the last file of the title, which is the
        current file where there is one.
        """
        path = self._resolved(path)
        if path.parent not in self._by_file:
            by_file = self._by_file[path.parent] = {}
            for case in self.cases(self._folders[path.parent]):
                files = {file.display_path: file.path for file in case.title.files}
                place = files.get(case.target.subject.path, case.title.files[-1].path)
                by_file.setdefault(place, []).append(case)
        return self._by_file[path.parent].get(path, ())

    def _resolved(self, path: Path) -> Path:
        """Return a path as the configuration has it, without links above the repository."""
        return self._config.root / path.relative_to(self._root)

    @cached_property
    def _folders(self) -> Mapping[Path, Sequence[FoundFile]]:
        folders: dict[Path, list[FoundFile]] = {}
        for file in find_files(self._config):
            folders.setdefault(file.path.parent, []).append(file)
        return folders


_REPOSITORIES = pytest.StashKey[dict["Path", SchemaRepository]]()


def _repository(root: Path, collector: pytest.Collector) -> SchemaRepository:
    """Return a repository; the same one all through the session."""
    known = collector.config.stash.setdefault(_REPOSITORIES, {})
    if root not in known:
        try:
            known[root] = SchemaRepository(root)
        except SchemaToolsError as error:
            raise collector.CollectError(one_line(error)) from None
    return known[root]


# ------------------------------------------------------------------------------------------ hooks


def pytest_pycollect_makeitem(collector: pytest.Collector, name: str) -> list[SuiteNode] | None:
    """Put the checks of the repository in the place of the function that stands for them."""
    module = getattr(collector, "obj", None)
    if name != _PLACEHOLDER or __name__ not in getattr(module, "pytest_plugins", ()):
        return None
    repository = _repository(_root_above(collector.path), collector)
    try:
        streams = list(cases_of_no_title(DEFAULT_CHECKS, repository.context))
    except SchemaToolsError as error:
        raise collector.CollectError(one_line(error)) from None
    return _suites(collector, [*repository.cases(), *streams], repository.context)


def _root_above(path: Path) -> Path:
    """Return the nearest folder that has a configuration of ours, or is a git repository."""
    for folder in path.parents:
        if (folder / CONFIG_NAME).exists() or (folder / ".git").exists():
            return folder
    return path.parent


def collect_schema_file(
    path: Path, root: Path, parent: pytest.Collector
) -> pytest.Collector | None:
    """Return the collector of a file, or None if it is not a schema file of the repository."""
    repository = _repository(root, parent)
    if not repository.has(path):
        return None
    ids: dict[str, Any] = {}
    if _name(str(path)) != str(path):  # pytest prints ids as they are
        ids["nodeid"] = _name(os.path.relpath(path, parent.config.rootpath))
    return SchemaFileNode.from_parent(parent, path=path, repository=repository, **ids)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep the garbage collector from going through all schemas again and again."""
    if _REPOSITORIES in session.config.stash:
        gc.freeze()


# ------------------------------------------------------------------------------------------ nodes


class SchemaFileNode(pytest.File):
    """A schema file that was asked for: the checks whose result is about it."""

    def __init__(self, *, repository: SchemaRepository, **node: Any) -> None:
        super().__init__(**node)
        self._repository = repository

    def collect(self) -> list[SuiteNode]:
        """Return the suites that have checks for it."""
        return _suites(self, self._repository.cases_of(self.path), self._repository.context)


class SuiteNode(pytest.Collector):
    """A suite of checks: structure, robustness or compatibility."""

    def __init__(self, *, cases: Iterable[Case], context: Context, **node: Any) -> None:
        super().__init__(**node)
        self._cases = cases
        self._context = context

    def collect(self) -> Iterator[TitleNode]:
        """Yield the titles that it has checks for."""
        by_title: dict[str, list[Case]] = {}
        for case in self._cases:
            by_title.setdefault(case.title.name, []).append(case)
        for title, its_cases in by_title.items():
            yield TitleNode.from_parent(
                self, name=_name(title), cases=its_cases, context=self._context
            )


class TitleNode(pytest.Collector):
    """The checks that a suite has for one title."""

    def __init__(self, *, cases: Iterable[Case], context: Context, **node: Any) -> None:
        super().__init__(**node)
        self._cases = cases
        self._context = context

    def collect(self) -> Iterator[CheckItem]:
        """Yield the checks, each under a name of its own."""
        counts: dict[tuple[str, str], int] = {}
        for case in self._cases:
            check, label = case.check.id, case.target.subject.label
            count = counts[check, label] = counts.get((check, label), 0) + 1
            if count > 1:  # files of one title may be in several folders
                label = f"{label}#{count}"
            name = f"{check}:{label}" if label else check
            yield CheckItem.from_parent(self, name=one_line(name), case=case, context=self._context)


def _name(title: str) -> str:
    """Return a title or path for ids, in which pytest gives :: and [ a meaning."""
    return one_line(title).replace("::", ":").replace("[", "(").replace("]", ")")


def _suites(parent: pytest.Collector, found: Iterable[Case], context: Context) -> list[SuiteNode]:
    by_suite: dict[str, list[Case]] = {suite: [] for suite in SUITES}
    for case in found:
        by_suite[case.check.suite].append(case)
    return [
        SuiteNode.from_parent(parent, name=suite, cases=its_cases, context=context)
        for suite, its_cases in by_suite.items()
        if its_cases
    ]
