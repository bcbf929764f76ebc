"""A gift card in a browser: sold at the till, printed, spent in part; and nobody's code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, expect

from rewards.gift_card_codes import grouped
from rewards.models import GiftCard
from tests.browser import counter
from tests.browser.visiting import check, press, watched
from tests.giftcards import balance_of
from tests.shops import assert_audit_is_clean

pytestmark = pytest.mark.browser

NOBODYS = "0123456789ABCDEFP"  # rightly typed
PHONE = "07400 123456"


@dataclass
class Counter:
    """A till, and every address that it asked for or said it came from."""

    till: Page
    base: str
    addresses: list[str] = field(default_factory=list)

    def find(self, text: str) -> None:
        """Type something into the one field."""
        self.till.locator("#lookup").fill(text)
        press(self.till, ".lookup button")
        check(self.till)


@pytest.fixture(
    params=[("en", 1024, "light"), ("fa", 360, "dark")], ids=["english-wide", "persian-narrow"]
)
def shop_counter(
    request: pytest.FixtureRequest, browser: Browser, live_gunicorn: str, catalogs: None
) -> Iterator[Counter]:
    """Open a café with one till; when the day is over every card must be explained."""
    language, width, theme = request.param
    shop, device = counter.open_cafe()
    counter.people_with_a_past(shop)
    look = {"viewport": {"width": width, "height": 800}, "locale": language, "color_scheme": theme}
    with watched(browser) as open_browser:
        till = counter.stand_at(open_browser(**look), device, live_gunicorn)
        counter.sign_in(till)
        stood = Counter(till, live_gunicorn)
        till.on(
            "request",
            lambda one: stood.addresses.extend((one.url, one.headers.get("referer", ""))),
        )
        yield stood
    assert_audit_is_clean()


def sell(shop_counter: Counter) -> GiftCard:
    """Sell a card of £25, and look at it as it is printed."""
    till = shop_counter.till
    till.goto(f"{shop_counter.base}/till/gift-cards/sell/")
    check(till)
    till.locator("#id_amount").fill("25")
    press(till, "form[action$='/sell/'] button[type=submit]")
    check(till)
    press(till, "a[href$='/print/']")
    check(till)
    card = GiftCard.objects.get()
    expect(till.locator(".gift-card__paper")).to_contain_text(grouped(card.code))
    till.goto(f"{shop_counter.base}/till/")
    return card


def pay_with(shop_counter: Counter, card: GiftCard) -> None:
    """Pay £10 as a guest, and see before it is recorded what the card pays."""
    till = shop_counter.till
    till.goto(f"{shop_counter.base}/till/?guest=1")
    till.locator("#id_amount").fill("10")
    till.locator("#id_receipt").fill("1001")
    till.locator("details:has(#id_gift_card) summary").click()
    till.locator("#id_gift_card").fill(card.code)
    till.locator("#id_gift_card").blur()
    expect(till.locator(".quote dl")).to_be_visible()
    check(till)
    press(till, ".ring-up__done button[type=submit]")
    check(till)


@pytest.mark.proves("C3", "input 48")
def test_a_gift_card_is_sold_printed_and_spent_and_no_address_names_it(shop_counter):
    till = shop_counter.till
    card = sell(shop_counter)
    shop_counter.find(card.code)
    till.reload()
    expect(till.locator("#gift-card-title")).to_be_visible()
    pay_with(shop_counter, card)

    shop_counter.find(PHONE)
    shop_counter.find(NOBODYS)
    expect(till.locator("#lookup-refusal")).to_be_visible()
    till.go_back()
    expect(till.locator("#member-name")).to_be_visible()
    till.keyboard.press("Escape")
    expect(till.locator("#lookup")).to_be_focused()
    assert balance_of(card) == "15.00"
    secrets = (card.code, card.code[:8], NOBODYS, "7400123456", "7400+123456", "7400%20123456")
    assert shop_counter.addresses
    assert [one for one in shop_counter.addresses if any(each in one for each in secrets)] == []
