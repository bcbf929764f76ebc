"""Takes pictures of every state of the till: `python -m tests.browser.looks FOLDER [LOOK...]`.

They are in every look or in those named (such as fa-narrow-dark), to be looked at before a change
is done.
"""

from __future__ import annotations

import os
import sys
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import django

os.environ.pop("DATABASE_URL", None)  # pictures are taken of a shop of their own
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from django.core.management import call_command  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

from tests.browser import counter  # noqa: E402
from tests.browser.conftest import CHROMIUM  # noqa: E402
from tests.server import serving  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from core.models import Device

SIZES = {"wide": (1024, 768), "narrow": (360, 800)}
THEMES = ("light", "dark")
LANGUAGES = ("en", "fa")


class Photographer:
    """Walks through the till in one look and takes a picture at every stop."""

    def __init__(self, page: Page, folder: Path, look: str) -> None:
        self.page = page
        self.folder = folder
        self.look = look

    def take(self, name: str) -> None:
        """Keep what the screen shows now."""
        self.page.wait_for_load_state("networkidle")
        self.page.screenshot(path=self.folder / f"{name}-{self.look}.png")

    def find(self, text: str) -> None:
        """Look somebody up."""
        self.page.locator("#lookup").fill(text)
        self.send()

    def send(self) -> None:
        """Press Enter, and wait for where it leads."""
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def walk(self, receipt: str, newcomer: str) -> None:
        """Go through a day at the counter."""
        page = self.page
        self.take("01-sign-in")
        counter.sign_in(page)
        self.take("02-start")
        for name, text in (("03-refused", "12"), ("04-several", "3456"), ("05-nobody", newcomer)):
            self.find(text)
            self.take(name)
        self.find("07400 123456")
        self.take("06-member")
        page.locator("#id_receipt").fill(receipt)
        self.type_lines(("LATTE", "2", "3.40"), ("Granola bowl", "1", "14.70"))
        self.take("07-lines")
        page.locator("#id_amount").fill("12,5o")
        self.send()
        self.take("08-wrong")
        page.locator("#id_amount").fill("")
        self.send()
        self.take("09-answer")
        page.locator("[popovertarget=undo]").first.click()
        self.take("10-undo")
        with page.expect_navigation():
            page.locator("#undo button[type=submit]").click()
        self.take("11-undone")
        page.goto(page.url.split("/till/")[0] + "/till/?guest=1")
        self.take("12-guest")
        page.locator("#id_amount").fill("7.20")
        page.locator("#id_receipt").fill(f"{receipt}-G")
        self.send()
        self.take("13-guest-answer")

    def type_lines(self, *lines: tuple[str, str, str]) -> None:
        """Fill in lines, and wait until the page says what they give."""
        self.page.locator("[data-lines] summary").click()
        for number, texts in enumerate(lines):
            for name, text in zip(("item", "quantity", "price"), texts, strict=True):
                self.page.locator(f"#id_lines-{number}-{name}").fill(text)
        self.page.locator(".quote__sum").wait_for()


def for_review(
    browser: Browser, device: Device, address: str, folder: Path, looks: list[str]
) -> None:
    """Draw every state in these looks, or in all there are."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, (language, size, theme) in enumerate(product(LANGUAGES, SIZES, THEMES), start=1001):
        look = f"{language}-{size}-{theme}"
        if looks and look not in looks:
            continue
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, locale=language
        )
        page = counter.stand_at(context, device, address)
        Photographer(page, folder, look).walk(str(number), f"07400 12{number}")
        context.close()


def main(arguments: list[str]) -> None:
    """Open a café on a database of its own, serve it, and draw what was asked for."""
    call_command("migrate", verbosity=0)
    call_command("compile_catalogs")
    shop, device = counter.open_cafe()
    counter.people_with_a_past(shop)
    with (
        TemporaryDirectory() as folder,
        serving(Path(folder, "log")) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for_review(browser, device, address, Path(arguments[0]), arguments[1:])
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
