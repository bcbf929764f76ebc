"""Draws the pictures in docs/images from the demo: `python -m tests.browser.screenshots`."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import django

os.environ.pop("DATABASE_URL", None)  # pictures are taken of a shop of their own
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
django.setup()

from django.core.management import call_command  # noqa: E402
from playwright.sync_api import Browser, Page, sync_playwright  # noqa: E402

from core.models import Device, Organization  # noqa: E402
from core.services.registers import enroll_device  # noqa: E402
from insights.demo import shop  # noqa: E402
from insights.services.demo import demo_organization, phone_to_try  # noqa: E402
from tests.browser import counter  # noqa: E402
from tests.browser.conftest import CHROMIUM  # noqa: E402
from tests.browser.visiting import come_to_the_club, come_to_the_office, press  # noqa: E402
from tests.server import PROJECT, serving  # noqa: E402

FOLDER = PROJECT / "docs" / "images"
HOUSEHOLDS = 120
DESK = {"width": 1280, "height": 860}
COUNTER = {"width": 1024, "height": 768}
PHONE = {"width": 390, "height": 844}
CASHIER = next(each for each in shop.STAFF if each.pin)


def device_of(organization: Organization) -> Device:
    """Return a device that is the first register of the cashier's store."""
    register = organization.registers.filter(store__code=CASHIER.stores[0]).earliest("pk")
    owner = organization.staff.get(name=shop.OWNER.name)
    return enroll_device(register_id=register.pk, staff_id=owner.pk)


def draw_till(browser: Browser, address: str, device: Device, phone: str) -> None:
    """Draw what a purchase gave, and why."""
    page = counter.stand_at(_context(browser, COUNTER), device, address)
    counter.sign_in(page, CASHIER.name, CASHIER.pin)
    page.locator("#lookup").fill(phone)
    press(page, ".lookup button")
    page.locator("#id_receipt").fill("1042")
    page.locator("[data-lines] summary").click()
    for number, texts in enumerate((("Flat white", "2", "3.40"), ("Granola", "1", "5.20"))):
        for name, text in zip(("item", "quantity", "price"), texts, strict=True):
            page.locator(f"#id_lines-{number}-{name}").fill(text)
    press(page, ".ring-up__done button[type=submit]")
    page.wait_for_timeout(500)  # the stamp comes down
    page.screenshot(path=FOLDER / "till.png")


def draw_portal(browser: Browser, address: str, phone: str) -> None:
    """Draw a member's card, beside the rewards they can have."""
    page = _context(browser, PHONE).new_page()
    come_to_the_club(page, f"{address}/club/{shop.SLUG}/", phone)
    _keep(page, "portal.png")


def draw_office(browser: Browser, address: str) -> None:
    """Draw the first page of the office."""
    page = _context(browser, DESK).new_page()
    office = f"{address}/office/{shop.SLUG}/"
    come_to_the_office(page, office, shop.OWNER.email, shop.PASSWORD)
    _keep(page, "office.png")


def _context(browser: Browser, viewport: dict[str, int]):
    return browser.new_context(viewport=viewport, color_scheme="light", locale="en")


def _keep(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=FOLDER / name)


def main() -> None:
    """Load a small demo on a database of its own, serve it, and draw."""
    call_command("migrate", verbosity=0)
    call_command("compile_catalogs")
    call_command("demo", households=HOUSEHOLDS, quiet=True)
    organization = demo_organization()
    assert organization is not None
    device, phone = device_of(organization), phone_to_try(organization)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (
        TemporaryDirectory() as folder,
        serving(Path(folder, "log")) as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        draw_till(browser, address, device, phone)
        draw_portal(browser, address, phone)
        draw_office(browser, address)
        browser.close()


if __name__ == "__main__":
    main()
