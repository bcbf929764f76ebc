"""A Chromium for the browser tests, and a stage on which any page of the gallery is shown."""

from __future__ import annotations

import mimetypes
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from csp.utils import build_policy
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Route, expect

from tests.browser import gallery
from tests.browser.gallery_catalog import picture_at

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
COMPLAINTS = ("error", "warning")
HOST = "http://regulars.test"
Stage = Callable[..., Page]
# A page is waited for as long as a machine that is busy with other tests may take.
PATIENCE_MS = 30_000
DRAWING_MS = 120_000
expect.set_options(timeout=PATIENCE_MS)

# Playwright keeps an event loop in this thread, at which Django would refuse to ask the database
# in every test that comes after.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


@pytest.fixture(scope="session")
def base_url() -> None:
    """Answer for a plugin whose own fixture pytest warns about; pages say where they are."""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the system's Chromium; without one the tests are skipped, unless they are required."""
    if CHROMIUM is None and os.environ.get("BROWSER") != "required":
        pytest.skip("no chromium on this machine")
    return browser_type_launch_args | {"executable_path": CHROMIUM, "args": ["--no-sandbox"]}


@pytest.fixture(scope="session")
def catalogs() -> None:
    """Have the languages compiled before a page is drawn."""
    call_command("compile_catalogs")


@dataclass
class Canvas:
    """The one page on which all pages of the gallery are drawn, and what it shows."""

    page: Page
    name: str = ""
    looks: dict[str, str] = field(default_factory=dict)

    def answer(self, route: Route) -> None:
        """Serve a file or the page that is shown, under the product's own security policy."""
        path = route.request.url.removeprefix(HOST).split("?")[0]
        if path.startswith(settings.STATIC_URL):
            file = finders.find(path.removeprefix(settings.STATIC_URL))
            kind = mimetypes.guess_type(path)[0]
            route.fulfill(path=file, content_type=kind) if file else route.fulfill(status=404)
        elif path.startswith("/media/"):
            route.fulfill(body=picture_at(path), content_type="image/webp")
        else:
            name = "quote" if path == "/till/quote/" else self.name
            policy = {"Content-Security-Policy": build_policy(), "Content-Type": "text/html"}
            route.fulfill(body=gallery.drawn(name, **self.looks), headers=policy)


@pytest.fixture(scope="session")
def canvas(browser: Browser, catalogs: None) -> Iterator[Canvas]:
    """Open one page for all pages of the gallery, because opening one takes longer than drawing."""
    context = browser.new_context()
    context.set_default_timeout(DRAWING_MS)
    drawn_on = Canvas(context.new_page())
    drawn_on.page.route("**/*", drawn_on.answer)
    yield drawn_on
    context.close()


@pytest.fixture
def stage(canvas: Canvas) -> Iterator[Stage]:
    """Show a page of the gallery; what it complains of raises."""
    page = canvas.page

    def show(name: str, *, width: int = 1024, theme: str = "light", language: str = "en") -> Page:
        canvas.name, canvas.looks = name, {"theme": theme, "language": language}
        page.set_viewport_size({"width": width, "height": 768})
        page.goto(f"{HOST}/till/")
        assert complaints == []
        return page

    page.context.clear_cookies()
    with _listening(page) as complaints:
        yield show


@contextmanager
def _listening(page: Page) -> Iterator[list[str]]:
    """Write down what the page complains of meanwhile."""
    complaints: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type in COMPLAINTS:
            complaints.append(said.text)

    def see(error: Error) -> None:
        complaints.append(str(error))

    page.on("console", hear)
    page.on("pageerror", see)
    yield complaints
    page.remove_listener("console", hear)
    page.remove_listener("pageerror", see)
