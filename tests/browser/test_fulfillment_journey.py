"""A reward that is sent and one that is picked up, from the member's wish to their hands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from core.models.people import Role
from rewards.models import Fulfillment, VoucherUse
from rewards.voucher_codes import grouped
from tests.browser import counter
from tests.browser.visiting import (
    check,
    come_to_the_club,
    come_to_the_office,
    press,
    watched,
)
from tests.offices import hire
from tests.shops import Shop, assert_audit_is_clean

pytestmark = pytest.mark.browser

MINA = "07400 123456"
HOME = {"line1": "12 Rather Long Street", "postal_code": "SW1A 1AA", "city": "London"}


@dataclass
class House:
    """A café with a till, an office and a member at home."""

    shop: Shop
    till: Page
    portal: Page
    office: Page
    base: str

    def take(self, name: str) -> None:
        """Let the member open a reward in the portal."""
        self.portal.goto(f"{self.base}/club/bean-and-leaf/rewards/")
        self.portal.get_by_role("link", name=name, exact=True).click()
        self.portal.wait_for_load_state()
        check(self.portal)

    def open_office(self, name: str = "") -> None:
        """Let the manager open the list, or a part of it."""
        self.office.goto(f"{self.base}/office/bean-and-leaf/fulfillment/{name}")
        check(self.office)

    def tick_and_press(self, selector: str) -> None:
        """Tick every row that is shown, and press a button."""
        self.office.locator("[data-tick-all]").click()
        expect(self.office.locator("[name=pick]:checked")).not_to_have_count(0)
        press(self.office, selector)
        check(self.office)


@pytest.fixture(
    params=[("en", 1280, "light"), ("fa", 360, "dark")], ids=["english-wide", "persian-narrow"]
)
def house(
    request: pytest.FixtureRequest, browser: Browser, live_gunicorn: str, catalogs: None
) -> Iterator[House]:
    """Open the café; when the day is over every voucher and every point must be explained."""
    language, width, theme = request.param
    shop, device = counter.open_cafe()
    counter.people_with_a_past(shop)
    shop.reward(200, name="Mug", delivery="shipping")
    shop.reward(100, name="Tote", delivery="pickup")
    manager = hire(shop.organization, Role.MANAGER)
    look = {"viewport": {"width": width, "height": 800}, "locale": language, "color_scheme": theme}
    with watched(browser) as open_browser:
        till = counter.stand_at(open_browser(**look), device, live_gunicorn)
        counter.sign_in(till)
        portal, office = (open_browser(**look).new_page() for _surface in range(2))
        come_to_the_club(portal, f"{live_gunicorn}/club/bean-and-leaf/", MINA)
        come_to_the_office(office, f"{live_gunicorn}/office/bean-and-leaf/", manager.user.email)
        yield House(shop, till, portal, office, live_gunicorn)
    assert_audit_is_clean()


def label_of(house: House, found: Fulfillment) -> bytes:
    """Print the label of a parcel as its button does."""
    page = house.office
    token = page.locator("[name=csrfmiddlewaretoken]").first.get_attribute("value")
    answer = page.request.post(
        f"{house.base}/office/bean-and-leaf/fulfillment/labels/",
        form={"csrfmiddlewaretoken": token, "form": "parcel", "pick": str(found.public_id)},
        headers={"referer": page.url},
    )
    assert answer.headers["content-type"] == "application/pdf"
    return answer.body()


def test_a_parcel_from_the_wish_to_its_tracking(house):
    house.take("Mug")
    house.portal.locator("#id_line1").fill(HOME["line1"])
    press(house.portal, "form[action$='/get/'] button[type=submit]")
    check(house.portal)
    expect(house.portal.locator("#id_line1")).to_have_value(HOME["line1"])
    for name, text in HOME.items():
        house.portal.locator(f"#id_{name}").fill(text)
    press(house.portal, "form[action$='/get/'] button[type=submit]")
    check(house.portal)
    expect(house.portal.locator(".delivery")).to_contain_text(HOME["line1"])

    found = Fulfillment.objects.get()
    house.open_office()
    assert label_of(house, found).startswith(b"%PDF")
    house.tick_and_press("button[name=to]")
    assert Fulfillment.objects.get().status == "ready"
    house.open_office(f"{found.public_id}/")
    house.office.locator("#id_carrier").fill("Swift Post")
    house.office.locator("#id_tracking").fill("SP 123")
    press(house.office, "form[action$='/to/done/'] button[type=submit]")
    check(house.office)

    house.portal.reload()
    check(house.portal)
    expect(house.portal.locator(".delivery")).to_contain_text("SP 123")
    assert Fulfillment.objects.get().status == "done"


@pytest.mark.proves("C5")
def test_a_pickup_is_handed_over_at_the_till_once(house):
    house.take("Tote")
    house.portal.locator("[name=store]").first.check()
    press(house.portal, "form[action$='/get/'] button[type=submit]")
    check(house.portal)
    house.open_office()
    house.tick_and_press("button[name=to]")
    house.portal.reload()
    check(house.portal)
    expect(house.portal.locator(".delivery")).to_contain_text("High Street")
    expect(house.portal.locator(".bright__qr")).to_be_visible()

    house.till.locator("#lookup").fill(MINA)
    press(house.till, ".lookup button")
    check(house.till)
    press(house.till, ".pickups button")
    check(house.till)
    expect(house.till.locator("#answer")).to_have_text("Tote")
    code = Fulfillment.objects.get().redemption.voucher.code
    house.till.locator("#lookup").fill(grouped(code))
    press(house.till, ".lookup button")
    check(house.till)

    expect(house.till.locator("form[action$='/use/']")).to_have_count(0)
    assert VoucherUse.objects.count() == 1
    assert Fulfillment.objects.get().status == "done"
