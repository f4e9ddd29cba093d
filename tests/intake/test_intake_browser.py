"""The pages of the intake in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.event_repository import lay
from support.running_intake import event, running

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")


def test_page_shows_events_and_marks_fields(browser: Browser, tmp_path: Path) -> None:
    with running(lay(tmp_path)) as intake, browser.new_page() as page:
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(intake.url)
        page.get_by_text("connected", exact=True).wait_for(timeout=10_000)
        intake.post([event(1), event("<b>no</b>")])
        refused = page.locator("#events .refused")
        refused.wait_for(timeout=10_000)
        assert page.locator("#events li").count() == 2
        refused.click()
        page.get_by_text("title: thing/seen").wait_for(timeout=10_000)
        assert "<b>no</b>" in page.locator("#detail mark").inner_text()
        page.fill("#filter", "other")
        assert page.locator("#events li:visible").count() == 0
        assert errors == []


def test_the_site_and_its_events(browser: Browser, tmp_path: Path) -> None:
    pytest.importorskip("jinja2", reason="the extra `site` is not installed")
    with running(lay(tmp_path), "--site") as intake, browser.new_page() as page:
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda m: errors.append(m.text) if m.type == "error" else None)
        page.goto(intake.url)
        page.fill("#q", "kept")
        page.get_by_role("link", name="Events").click()
        page.get_by_text("connected", exact=True).wait_for(timeout=10_000)
        intake.post(event(1))
        page.locator("#events li").wait_for(timeout=10_000)
        page.get_by_role("link", name="Catalogue").click()
        page.get_by_role("link", name="Events").wait_for(timeout=10_000)
        assert errors == []
