"""A tier that is set up in the office, reached at the till, and kept when its time is over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from core.models.people import Role
from loyalty.models import Standing
from loyalty.services.tier_lifts import lift_everybody
from loyalty.services.tier_night import look_chunk
from loyalty.services.tiers_audit import disagreements
from members.models import Member
from tests.browser import counter
from tests.browser.visiting import check, come_to_the_club, come_to_the_office, press, watched
from tests.ladders import standing, steps
from tests.offices import hire
from tests.shops import Shop, assert_audit_is_clean

pytestmark = pytest.mark.browser

MINA = "07400 123456"


@dataclass
class Cafe:
    """A café with its office, its till and Mina's phone."""

    shop: Shop
    address: str
    owner: str
    office: Page
    till: Page
    phone: Page

    def ring_up(self, amount: str, receipt: str) -> None:
        """Find Mina at the till and ring up."""
        self.till.locator("#lookup").fill(MINA)
        press(self.till, ".lookup button")
        check(self.till)
        self.till.locator("#id_amount").fill(amount)
        self.till.locator("#id_receipt").fill(receipt)
        with self.till.expect_navigation():
            self.till.keyboard.press("Enter")

    def look(self, page: str = "") -> None:
        """Open a page on Mina's phone."""
        self.phone.goto(f"{self.address}/club/bean-and-leaf/{page}")
        check(self.phone)


@pytest.fixture(
    params=[("en", 1280, "light"), ("fa", 360, "dark")], ids=["english-wide", "persian-narrow"]
)
def cafe(
    request: pytest.FixtureRequest, browser: Browser, live_gunicorn: str, catalogs: None
) -> Iterator[Cafe]:
    """Open the café; when the day is over every point and every tier must be explained."""
    language, width, theme = request.param
    shop, device = counter.open_cafe()
    counter.people_with_a_past(shop)
    owner = hire(shop.organization, Role.OWNER)
    assert owner.user is not None
    look = {"viewport": {"width": width, "height": 800}, "locale": language, "color_scheme": theme}
    with watched(browser) as open_browser:
        till = counter.stand_at(open_browser(**look), device, live_gunicorn)
        counter.sign_in(till)
        office, phone = open_browser(**look).new_page(), open_browser(**look).new_page()
        yield Cafe(shop, live_gunicorn, owner.user.email, office, till, phone)
    assert_audit_is_clean()
    assert disagreements(shop.organization.pk) == []


def set_tiers_up(cafe: Cafe) -> None:
    """Write two tiers in the office: a month each, by what was spent in a year."""
    page, tiers = cafe.office, f"{cafe.address}/office/bean-and-leaf/program/tiers/"
    come_to_the_office(page, tiers, cafe.owner)
    check(page)
    page.goto(f"{tiers}edit/")
    check(page)
    page.locator("#id_window").select_option("rolling")
    page.locator("#id_window_months").fill("12")
    page.locator("#id_months").fill("1")
    page.locator("#id_round_up").select_option("")
    for row, (name, threshold) in enumerate((("Silver", "4000"), ("Gold", "9000"))):
        page.locator(f"#id_name_{row}").fill(name)
        page.locator(f"#id_threshold_{row}").fill(threshold)
    expect(page.locator("#preview .tier").first).to_contain_text("Silver")
    press(page, "button[name=step][value=save]")
    check(page)
    expect(page.locator(".ladder-cards > li")).to_have_count(2)


@pytest.mark.proves("case 41")
def test_a_tier_is_reached_at_the_till_and_kept_when_its_time_is_over(cafe):
    mina = Member.objects.get(phone="+447400123456")
    set_tiers_up(cafe)
    lift_everybody()
    come_to_the_club(cafe.phone, f"{cafe.address}/club/bean-and-leaf/", MINA)
    before = cafe.phone.locator("#tier").count()
    cafe.ring_up("3900.00", "1001")
    check(cafe.till)
    cafe.look()
    expect(cafe.phone.locator(".tier")).to_contain_text("Silver")
    _tier, ends = standing(cafe.shop, mina)

    row = Standing.objects.get(account=cafe.shop.account(mina))
    look_chunk(organization_id=cafe.shop.organization.pk, due=row.due_at)

    cafe.look("tiers/")
    expect(cafe.phone.locator(".ladder__held .tier")).to_contain_text("Silver")
    assert before == 1
    assert steps(cafe.shop, mina) == [("reached", "", "silver"), ("kept", "silver", "silver")]
    assert standing(cafe.shop, mina) > ("silver", ends)
