"""The documentation is true: its examples are run, its links lead somewhere."""

from __future__ import annotations

import ast
import doctest
import importlib.util
import re
import textwrap
from pathlib import Path

import pytest

import jsonschema_tools
from support import console_pages
from support.console_pages import ROOT, Page

PAGES = [page.path for page in console_pages.PAGES]
LINK = re.compile(r"\]\((?!https?://|#)([^)#]+)")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A copy of this project's own schema repository, in git."""
    Page(ROOT / "docs/reference/api.md").start(tmp_path / "repository")
    return tmp_path / "repository"


def test_api_page(repository: Path) -> None:
    failed, tried = doctest.testfile(
        str(ROOT / "docs/reference/api.md"),
        module_relative=False,
        globs={"repository": repository},
        optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS,
        encoding="utf-8",
    )
    assert tried > 10
    assert failed == 0


@pytest.mark.parametrize("page", console_pages.PAGES, ids=lambda page: page.name)
def test_console_blocks_show_real_output(page: Page, tmp_path: Path) -> None:
    for module in page.needs:
        pytest.importorskip(module, reason="the page shows an extra")
    commands = page.commands()
    if not commands:
        pytest.skip("the page has no commands to run")
    with page.running(tmp_path / "repository") as run:
        for command in commands:
            output = run(command)
            if command.output is not None:
                assert output == console_pages.normal(command.output), command.line


def test_pages_with_commands_are_found() -> None:
    ran = {page.name: len(page.commands()) for page in console_pages.PAGES}
    assert ran["README.md"] > 3
    assert ran["docs/guides/ci.md"] > 2
    assert sum(ran.values()) > 80


def test_blocks_that_are_not_run_say_why(tmp_path: Path) -> None:
    page = Page(tmp_path / "page.md")
    page.path.write_text("```console\n$ true\n```\n<!-- not run: slow -->\n```sh\nx\n```\n")
    assert [command.line for command in page.commands()] == ["true"]
    page.path.write_text("```sh\n$ true\n```\n")
    with pytest.raises(ValueError, match="not a console block"):
        page.commands()
    page.path.write_text("```text\n$ true\n```\n")
    with pytest.raises(ValueError, match="not in a console block"):
        page.commands()


@pytest.mark.parametrize("page", console_pages.PAGES, ids=lambda page: page.name)
def test_python_blocks_import_what_exists(page: Page) -> None:
    for block in re.findall(r"^ *```python\n(.*?)^ *```$", page.text, re.DOTALL | re.MULTILINE):
        if ">>>" in block:
            continue  # a doctest
        for statement in ast.walk(ast.parse(textwrap.dedent(block))):
            if isinstance(statement, ast.ImportFrom) and statement.module:
                module = pytest.importorskip(statement.module, exc_type=ImportError)
                for name in statement.names:
                    path = f"{statement.module}.{name.name}"
                    assert hasattr(module, name.name) or importlib.util.find_spec(path), path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_public_names_are_no_modules() -> None:
    # a module of the same name would take the name's place once it is imported
    for name in jsonschema_tools.__all__:
        assert not (Path(jsonschema_tools.__file__).parent / f"{name}.py").exists()
        assert getattr(jsonschema_tools, name) is not None
