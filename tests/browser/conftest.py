"""A Chromium for the browser tests, and a stage on which any page of the gallery is shown."""

from __future__ import annotations

import mimetypes
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from csp.utils import build_policy
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Route

from tests.browser import gallery

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
COMPLAINTS = ("error", "warning")
HOST = "http://regulars.test"
Stage = Callable[..., Page]


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


@pytest.fixture(scope="session")
def canvas(browser: Browser) -> Iterator[Page]:
    """Open one page for all pages of the gallery, because opening one takes longer than drawing."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def stage(canvas: Page, catalogs: None) -> Iterator[Stage]:
    """Show a page of the gallery under the product's own security policy; complaints raise."""
    shown = {"page": ""}

    def answer(route: Route) -> None:
        path = route.request.url.removeprefix(HOST).split("?")[0]
        if path.startswith(settings.STATIC_URL):
            file = finders.find(path.removeprefix(settings.STATIC_URL))
            kind = mimetypes.guess_type(path)[0]
            route.fulfill(path=file, content_type=kind) if file else route.fulfill(status=404)
        else:
            name = "quote" if path == "/till/quote/" else shown["page"]
            policy = {"Content-Security-Policy": build_policy(), "Content-Type": "text/html"}
            route.fulfill(body=gallery.drawn(name, **appearance), headers=policy)

    appearance: dict[str, str] = {}

    def show(name: str, *, width: int = 1024, theme: str = "light", language: str = "en") -> Page:
        shown["page"] = name
        appearance.update(theme=theme, language=language)
        canvas.set_viewport_size({"width": width, "height": 768})
        canvas.goto(f"{HOST}/till/")
        assert complaints == []
        return canvas

    canvas.context.clear_cookies()
    canvas.route("**/*", answer)
    with _listening(canvas) as complaints:
        yield show
    canvas.unroute("**/*")


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
