"""A real Chromium (Debian's) against a live server. A 404, a console error or an axe violation fails the test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

CHROMIUM = (
    os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
)
# Playwright's own loop makes Django believe that it is called from asynchronous code.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
SHOTS = (
    Path("var") / "screenshots"
)  # not test-results: playwright empties that folder at every start


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    if CHROMIUM is None:
        reason = "There is no chromium on this machine: install the package chromium to run browser tests."
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": flags}


@pytest.fixture(autouse=True)
def nothing_is_missing_and_nothing_complains(page: Page) -> Iterator[None]:
    """Collect what a person would not see: missing files, script and policy errors."""
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "response",
        lambda r: (
            complaints.append(f"{r.status} {r.url}")
            if r.status >= 500 or (r.status == 404 and "/static/" in r.url)
            else None
        ),
    )
    yield
    # pages that refuse on purpose, and what was taken back
    expected = ("the server responded with a status of 40", "a status of 410 (Gone)")
    assert [c for c in complaints if not any(e in c for e in expected)] == []


@pytest.fixture
def look(page: Page):
    """Take a picture at both widths and themes, and let axe read the page in both themes."""

    def run(name: str) -> None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 900})
                page.screenshot(path=SHOTS / f"{name}-{scheme}-{width}.png", full_page=True)
            found = Axe().run(page)
            assert found.violations_count == 0, found.generate_report()
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 900})

    return run
