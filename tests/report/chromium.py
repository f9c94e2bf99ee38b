"""A headless Chromium for tests, driven by playwright, which downloads none of its own."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


@dataclass
class Opened:
    """A page in a browser, with all that it complained of and asked for."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def text(self, selector: str) -> str:
        return str(self.page.locator(selector).first.inner_text())

    def texts(self, selector: str) -> list[str]:
        return [str(text) for text in self.page.locator(selector).all_inner_texts()]

    def js(self, expression: str) -> Any:
        return self.page.evaluate(expression)

    def mark(self, name: str) -> float:
        """Return when the page set a performance mark, in milliseconds after it was asked for."""
        return float(self.js(f"performance.getEntriesByName('{name}')[0].startTime"))


@contextlib.contextmanager
def chromium() -> Iterator[Any]:
    """Start a browser; skip where there is none, which `make system` fixes."""
    playwright = pytest.importorskip("playwright.sync_api")
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip("no Chromium is installed: make system")
    with playwright.sync_playwright() as driver:
        # A sandbox of its own needs rights that a container seldom gives.
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextlib.contextmanager
def opened(
    browser: Any, file: Path, *, width: int = 1280, scheme: str = "light"
) -> Iterator[Opened]:
    """Open a report and wait until all of it is there."""
    height = 900 if width > 800 else 844
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    found = Opened(context.new_page())
    found.page.on("console", lambda message: found.complaints.append(message.text))
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    found.page.on("request", lambda request: found.requests.append(request.url))
    found.page.goto(file.as_uri())
    found.page.wait_for_selector("html[data-ready=yes]", timeout=20_000)
    yield found
    context.close()
