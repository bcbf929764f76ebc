"""A challenge that is joined in the portal, reached at the till, and its gift on the phone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from loyalty.services.challenges_audit import disagreements
from members.models import Member
from tests.browser import counter
from tests.browser.visiting import check, come_to_the_club, press, watched
from tests.challenges import badges, challenge, runs
from tests.shops import Shop, assert_audit_is_clean

pytestmark = pytest.mark.browser

MINA = "07400 123456"


@dataclass
class Cafe:
    """A café with a challenge of two visits, its till and Mina's phone."""

    shop: Shop
    club: str
    till: Page
    phone: Page

    def ring_up(self, receipt: str) -> None:
        """Find Mina at the till and ring up."""
        self.till.locator("#lookup").fill(MINA)
        press(self.till, ".lookup button")
        check(self.till)
        self.till.locator("#id_amount").fill("3.40")
        self.till.locator("#id_receipt").fill(receipt)
        with self.till.expect_navigation():
            self.till.keyboard.press("Enter")

    def look(self, page: str = "challenges/") -> None:
        """Open a page on Mina's phone."""
        self.phone.goto(f"{self.club}{page}")
        check(self.phone)


@pytest.fixture(
    params=[("en", 1280, "light"), ("fa", 360, "dark")], ids=["english-wide", "persian-narrow"]
)
def cafe(
    request: pytest.FixtureRequest, browser: Browser, live_gunicorn: str, catalogs: None
) -> Iterator[Cafe]:
    """Open the café; when the day is over every point and every step must be explained."""
    language, width, theme = request.param
    shop, device = counter.open_cafe()
    counter.people_with_a_past(shop)
    challenge(shop, code="two", target={"type": "visits", "number": 2}, joining="opt_in")
    look = {"viewport": {"width": width, "height": 800}, "locale": language, "color_scheme": theme}
    with watched(browser) as open_browser:
        till = counter.stand_at(open_browser(**look), device, live_gunicorn)
        counter.sign_in(till)
        phone = open_browser(**look).new_page()
        yield Cafe(shop, f"{live_gunicorn}/club/bean-and-leaf/", till, phone)
    assert_audit_is_clean()
    assert disagreements(shop.organization.pk) == []


def test_a_challenge_is_joined_reached_and_its_badge_kept(cafe):
    mina = Member.objects.get(phone="+447400123456")
    come_to_the_club(cafe.phone, cafe.club, MINA)
    cafe.look()
    press(cafe.phone, ".quests__open button[type=submit]")
    check(cafe.phone)

    cafe.ring_up("1001")
    cafe.look("")
    expect(cafe.phone.locator(".quest__way")).to_have_attribute("stroke-dasharray", "50 100")
    cafe.ring_up("1002")
    expect(cafe.till.locator(".near")).to_have_count(0)
    cafe.look()
    expect(cafe.phone.locator(".quest--done")).to_have_count(1)
    cafe.look("achievements/")
    expect(cafe.phone.locator(".badges__one")).to_contain_text("Early bird")

    assert runs(cafe.shop, mina) == [("two", 2, True)]
    assert badges(mina) == [("Early bird", "given")]
