"""What every journey in a browser needs: a page that is watched, and a judge of what it shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import COMPLAINTS
from tests.offices import PASSWORD

OpenBrowser = Callable[..., BrowserContext]
WIDER_THAN_THE_SCREEN = """() =>
  document.documentElement.scrollWidth - document.documentElement.clientWidth"""


@contextmanager
def watched(browser: Browser) -> Iterator[OpenBrowser]:
    """Open browsers; whatever the console of one of their pages complains about fails the test."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: said.type in COMPLAINTS and complaints.append(said.text))

    def open_browser(**look: Any) -> BrowserContext:
        context = browser.new_context(**look)
        context.on("page", watch)
        contexts.append(context)
        return context

    yield open_browser
    for context in contexts:
        context.close()
    assert complaints == []


def check(page: Page) -> None:
    """Hold that everybody can use what is shown now, on this screen."""
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate(WIDER_THAN_THE_SCREEN) == 0, page.url


def press(page: Page, selector: str) -> None:
    """Press a button that leads somewhere, and wait until it has."""
    with page.expect_navigation():
        page.locator(selector).first.click()


def come_to_the_club(page: Page, club: str, contact: str) -> None:
    """Sign a member in as people do: number, code from the outbox, code."""
    page.goto(club)
    page.locator("#id_contact").fill(contact)
    press(page, "form[action$='sign-in/'] button.btn-primary")
    page.locator("#id_code").fill(_last_code(page))
    press(page, "form[action$='code/'] button.btn-primary")


def come_to_the_office(page: Page, office: str, email: str, password: str = PASSWORD) -> None:
    """Sign staff in as people do, by e-mail address and password."""
    page.goto(office)
    page.locator("#id_login").fill(email)
    page.locator("#id_password").fill(password)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def _last_code(page: Page) -> str:
    """Read the newest code in the outbox, in another tab."""
    outbox = page.context.new_page()
    outbox.goto(f"{page.url.split('/club/')[0]}/outbox/")
    said = outbox.locator("main").inner_text()
    outbox.close()
    found = re.search(r"\b\d{6}\b", said)
    assert found is not None, said
    return str(int(found[0])).zfill(6)
