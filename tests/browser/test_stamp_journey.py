"""A stamp card from its first stamp to a free coffee, and what a return makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from loyalty.services.stamps_audit import disagreements
from members.models import Member
from rewards.models import Voucher
from tests.browser import counter
from tests.browser.visiting import check, come_to_the_club, press, watched
from tests.shops import Shop, assert_audit_is_clean
from tests.stampcards import card_of, sheets_of, stamps_by

pytestmark = pytest.mark.browser

MINA = "07400 123456"


@dataclass
class Bar:
    """A café with a card of three stamps, its till and Mina's phone."""

    shop: Shop
    club: str
    till: Page
    phone: Page

    def find(self, text: str) -> None:
        """Look somebody or something up at the till."""
        self.till.locator("#lookup").fill(text)
        press(self.till, ".lookup button")

    def ring_up(self, receipt: str) -> None:
        """Find Mina at the till and ring up."""
        self.find(MINA)
        check(self.till)
        self.till.locator("#id_amount").fill("3.40")
        self.till.locator("#id_receipt").fill(receipt)
        with self.till.expect_navigation():
            self.till.keyboard.press("Enter")

    def look(self, page: str = "stamps/") -> None:
        """Open a page on Mina's phone."""
        self.phone.goto(f"{self.club}{page}")
        check(self.phone)


@pytest.fixture(
    params=[("en", 1280, "light"), ("fa", 360, "dark")], ids=["english-wide", "persian-narrow"]
)
def bar(
    request: pytest.FixtureRequest, browser: Browser, live_gunicorn: str, catalogs: None
) -> Iterator[Bar]:
    """Open the café; when the day is over every point and every stamp must be explained."""
    language, width, theme = request.param
    shop, device = counter.open_cafe()
    counter.people_with_a_past(shop)
    card_of(shop, 3)
    stamps_by(shop)
    look = {"viewport": {"width": width, "height": 800}, "locale": language, "color_scheme": theme}
    with watched(browser) as open_browser:
        till = counter.stand_at(open_browser(**look), device, live_gunicorn)
        counter.sign_in(till)
        phone = open_browser(**look).new_page()
        yield Bar(shop, f"{live_gunicorn}/club/bean-and-leaf/", till, phone)
    assert_audit_is_clean()
    assert disagreements(shop.organization.pk) == []


def fill_the_card(bar: Bar) -> str:
    """Bring three stamps onto the card, and return where the last purchase is shown."""
    filled = bar.phone.locator(".punch__place--filled")
    bar.look()
    expect(bar.phone.locator(".punch__place")).to_have_count(3)
    expect(filled).to_have_count(0)
    for receipt in ("1001", "1002"):
        bar.ring_up(receipt)
        check(bar.till)
    for page in ("stamps/", ""):
        bar.look(page)
        expect(filled).to_have_count(2)
    bar.ring_up("1003")
    return bar.till.url


def use_the_voucher(bar: Bar) -> None:
    """Hand the coffee over that the card gave."""
    bar.look("rewards/")
    expect(bar.phone.locator("body")).to_contain_text("Coffee")
    bar.find(Voucher.objects.get().code)
    check(bar.till)
    press(bar.till, "form[action$='/use/'] button[type=submit]")
    check(bar.till)


@pytest.mark.proves("case 39")
def test_from_the_first_stamp_to_a_free_coffee_and_back_after_a_return(bar):
    mina = Member.objects.get(phone="+447400123456")
    come_to_the_club(bar.phone, bar.club, MINA)
    last = fill_the_card(bar)
    use_the_voucher(bar)

    bar.till.goto(last)
    bar.till.locator("[popovertarget=undo]").first.click()
    press(bar.till, "#undo button[type=submit]")
    check(bar.till)
    owing = sheets_of(bar.shop, mina)
    bar.look()
    for receipt in ("1004", "1005"):
        bar.ring_up(receipt)
    bar.look()

    assert list(Voucher.objects.values_list("status", flat=True)) == ["used"]
    assert owing == [(3, "full"), (-1, "open")]
    assert sheets_of(bar.shop, mina) == [(3, "full"), (1, "open")]
    expect(bar.phone.locator(".punch__place--filled")).to_have_count(1)
    expect(bar.phone.locator(".past-card")).to_have_count(1)
