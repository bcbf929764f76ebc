"""A cashier, a member and a manager, each in their own browser, in one shop at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from core.models.people import Role
from members.models import Member
from tests.browser import counter
from tests.browser.visiting import (
    OpenBrowser,
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
POINTS_PER_POUND = "[name='effect__points_per_amount__points']"
LOOKS = {
    "english-wide-light": ("en", 1280, "light"),
    "persian-narrow-dark": ("fa", 360, "dark"),
}
AREAS = ("members", "program", "program/rules", "rewards", "stores", "staff", "imports", "log")


@dataclass
class Town:
    """A café that is open, and the ways into it."""

    shop: Shop
    address: str
    till: Page
    portal: Page
    office: Page
    owner: str

    @property
    def club(self) -> str:
        """Return the address of the members' pages."""
        return f"{self.address}/club/bean-and-leaf/"

    def page_of_office(self, name: str = "") -> str:
        """Return the address of a page of the office."""
        return f"{self.address}/office/bean-and-leaf/{name}"

    def ring_up(self, amount: str, receipt: str) -> None:
        """Find Mina at the till and ring up."""
        self.till.locator("#lookup").fill(MINA)
        press(self.till, ".lookup button")
        check(self.till)
        self.till.locator("#id_amount").fill(amount)
        self.till.locator("#id_receipt").fill(receipt)
        with self.till.expect_navigation():
            self.till.keyboard.press("Enter")


def seen(*looks: str) -> pytest.MarkDecorator:
    """Let a journey be made in these looks."""
    chosen = [LOOKS[look] for look in looks]
    return pytest.mark.parametrize("town", chosen, ids=looks, indirect=True)


@pytest.fixture
def town(
    request: pytest.FixtureRequest, browser: Browser, live_gunicorn: str, catalogs: None
) -> Iterator[Town]:
    """Open the café with three browsers in one look; later every balance must be explained."""
    language, width, theme = request.param
    shop, device = counter.open_cafe()
    counter.people_with_a_past(shop)
    owner = hire(shop.organization, Role.OWNER)
    look = {
        "viewport": {"width": width, "height": 800},
        "locale": language,
        "color_scheme": theme,
    }
    with watched(browser) as open_browser:
        till = counter.stand_at(open_browser(**look), device, live_gunicorn)
        counter.sign_in(till)
        portal, office = (_new_page(open_browser, look) for _surface in range(2))
        assert owner.user is not None
        yield Town(shop, live_gunicorn, till, portal, office, owner.user.email)
    assert_audit_is_clean()


def _new_page(open_browser: OpenBrowser, look: dict[str, object]) -> Page:
    return open_browser(**look).new_page()


@seen("english-wide-light", "persian-narrow-dark")
@pytest.mark.proves("case 35", "R3")
def test_a_changed_rule_counts_for_the_next_purchase_and_a_return_takes_what_was_given(town):
    town.ring_up("21.50", "1001")
    first = town.till.url
    check(town.till)

    come_to_the_club(town.portal, town.club, MINA)
    check(town.portal)
    newest = town.portal.locator("details.why").first
    newest.locator("summary").click()
    expect(newest).to_contain_text("Every purchase")
    check(town.portal)

    come_to_the_office(town.office, town.page_of_office("program/rules/"), town.owner)
    check(town.office)
    town.office.get_by_role("link", name="Every purchase").click()
    press(town.office, "a[href$='/edit/']")
    check(town.office)
    town.office.locator(POINTS_PER_POUND).fill("3")
    press(town.office, "button.btn-primary[name=step][value=save]")
    check(town.office)
    press(town.office, "section[aria-labelledby=review-title] button[value=save]")
    check(town.office)
    expect(town.office.locator(".promise")).to_have_count(2)

    town.ring_up("10.00", "1002")
    town.till.goto(first)
    town.till.locator("[popovertarget=undo]").first.click()
    press(town.till, "#undo button[type=submit]")
    check(town.till)
    town.portal.reload()

    mina = Member.objects.get(phone="+447400123456")
    assert [points for _kind, points, _after in town.shop.entries(mina)[-3:]] == [21, 30, -21]
    expect(town.portal.locator("details.why")).to_have_count(5)
    check(town.portal)


@seen("persian-narrow-dark")
def test_a_reward_is_handed_over_in_two_touches_and_taken_back(town):
    town.shop.reward(200, name="Brunch", stock=1)
    town.till.locator("#lookup").fill(MINA)
    press(town.till, ".lookup button")

    town.till.locator(".give").first.click()
    check(town.till)
    press(town.till, ".sheet:popover-open button[type=submit]")
    expect(town.till.locator("#answer")).to_have_text("Brunch")
    check(town.till)
    town.till.locator("[popovertarget=undo]").first.click()
    press(town.till, "#undo button[type=submit]")
    check(town.till)

    mina = Member.objects.get(phone="+447400123456")
    moves = [(kind, points) for kind, points, _after in town.shop.entries(mina)[-2:]]
    assert moves == [("redeem", -200), ("release", 200)]


@seen("english-wide-light")
def test_a_member_gets_a_voucher_and_the_cashier_takes_it_once(town):
    town.shop.reward(200, name="Brunch", stock=1)
    come_to_the_club(town.portal, town.club, MINA)
    town.portal.goto(f"{town.club}rewards/")
    check(town.portal)

    town.portal.locator(".shelf-card__do[popovertarget]").first.click()
    check(town.portal)
    press(town.portal, ".sheet:popover-open button[type=submit]")
    check(town.portal)
    code = town.portal.locator(".bright__number bdi").inner_text()
    town.till.locator("#lookup").fill(code)
    press(town.till, ".lookup button")
    check(town.till)
    press(town.till, "form[action$='/use/'] button[type=submit]")
    check(town.till)
    town.till.locator("#lookup").fill(code)
    press(town.till, ".lookup button")

    expect(town.till.locator("form[action$='/use/']")).to_have_count(0)
    expect(town.till.locator(".chip--used")).to_be_visible()
    check(town.till)


@seen("persian-narrow-dark")
def test_a_manager_walks_through_every_area_of_the_office(town):
    come_to_the_office(town.office, town.page_of_office(), town.owner)
    check(town.office)

    for area in AREAS:
        town.office.goto(town.page_of_office(f"{area}/"))
        check(town.office)
    town.office.goto(town.page_of_office("members/"))
    press(town.office, ".list tbody th a")
    check(town.office)
    for tab in range(town.office.locator(".tabs a").count()):
        press(town.office, f".tabs a >> nth={tab}")
        check(town.office)
    press(town.office, "a[href$='/adjust/']")
    check(town.office)
    town.office.locator("#id_points").fill("50")
    town.office.locator("#id_reason").fill("Waited too long")
    press(town.office, "form button.btn-primary")
    check(town.office)
    press(town.office, "form button.btn-primary")

    check(town.office)
    assert "adjust" in {
        kind for member in Member.objects.all() for kind in kinds_of(town.shop, member)
    }


def kinds_of(shop: Shop, member: Member) -> list[str]:
    held = member.holdings.filter(program=shop.program).exists()
    return [kind for kind, _points, _after in shop.entries(member)] if held else []
