"""A rule from draft to effect: written, tried, switched on, rung up, changed; the old stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from core.models.people import Role
from loyalty.models import Award, Rule
from tests.browser import counter
from tests.browser.visiting import check, come_to_the_office, press, watched
from tests.offices import hire
from tests.shops import Shop, assert_audit_is_clean

pytestmark = pytest.mark.browser

MINA = "07400 123456"
LOOKS = {
    "english-wide-light": {"locale": "en", "width": 1280, "color_scheme": "light"},
    "persian-narrow-dark": {"locale": "fa", "width": 360, "color_scheme": "dark"},
}


@dataclass
class Cafe:
    """A café with somebody in the office and somebody at the till."""

    shop: Shop
    till: Page
    office: Page

    def ring_up(self, amount: str, receipt: str) -> None:
        """Find Mina at the till and ring up."""
        self.till.locator("#lookup").fill(MINA)
        press(self.till, ".lookup button")
        self.till.locator("#id_amount").fill(amount)
        expect(self.till.locator(".quote details")).to_be_visible()
        self.till.locator(".quote summary").click()
        check(self.till)
        self.till.locator("#id_receipt").fill(receipt)
        with self.till.expect_navigation():
            self.till.keyboard.press("Enter")


@pytest.fixture(params=LOOKS.values(), ids=LOOKS.keys())
def cafe(
    request: pytest.FixtureRequest, browser: Browser, live_gunicorn: str, catalogs: None
) -> Iterator[Cafe]:
    """Open the café in one look; later every balance must be explained."""
    look = dict(request.param)
    look["viewport"] = {"width": look.pop("width"), "height": 800}
    shop, device = counter.open_cafe()
    shop.member("+447400123456", name="Mina Kaplan")
    manager = hire(shop.organization, Role.MANAGER)
    assert manager.user is not None
    with watched(browser) as open_browser:
        till = counter.stand_at(open_browser(**look), device, live_gunicorn)
        counter.sign_in(till)
        office = open_browser(**look).new_page()
        rules = f"{live_gunicorn}/office/bean-and-leaf/program/rules/"
        come_to_the_office(office, rules, manager.user.email)
        yield Cafe(shop, till, office)
    assert_audit_is_clean()


@pytest.mark.proves("R3")
def test_a_rule_from_draft_to_effect(cafe):
    office, till = cafe.office, cafe.till
    draft = _write_a_draft(office)

    _try_it(office)
    before = Award.objects.count()
    office.goto(f"{office.url.split('/program/')[0]}/program/rules/{draft.public_id}/")
    _switch_it_on(office)
    cafe.ring_up("21.50", "1001")
    first = till.url
    _let_it_give_eight(office)
    cafe.ring_up("30.00", "1002")
    till.goto(first)
    check(till)

    given = Award.objects.filter(rule_version__rule=draft).order_by("pk")
    assert before == 0
    assert list(given.values_list("awarded", "rule_version__number")) == [(5, 2), (8, 3)]
    expect(till.locator(".slip")).to_contain_text("Big baskets")
    expect(till.locator(".slip")).to_contain_text(_digits(till, "5"))


def _write_a_draft(office: Page) -> Rule:
    check(office)
    press(office, "a[href*='/rules/new/']")
    office.locator("#id_name").fill("Big baskets")
    office.locator("input[name=effect][value=fixed_points]").check()
    office.locator("[name='effect__fixed_points__points']").fill("5")
    office.locator("input[name='conditions__minimum_amount']").check()
    office.locator("[name='conditions__minimum_amount__amount']").fill("20")
    check(office)
    press(office, "button.btn-primary[value=save]")
    return Rule.objects.get(name="Big baskets")


def _try_it(office: Page) -> None:
    press(office, "a[href*='/program/try/']")
    office.locator("[name='lines-0-amount']").fill("21.50")
    press(office, ".page-head button")
    check(office)
    expect(office.locator("#tried .sentence")).to_contain_text(_digits(office, "26"))
    expect(office.locator("#tried .chip--draft")).to_have_count(1)


def _switch_it_on(office: Page) -> None:
    office.locator("[popovertarget=active]").first.click()
    check(office)
    press(office, "#active button.btn-primary")
    expect(office.locator(".standing .chip--active")).to_be_visible()


def _let_it_give_eight(office: Page) -> None:
    press(office, "a[href$='/edit/']")
    office.locator("[name='effect__fixed_points__points']").fill("8")
    press(office, "button.btn-primary[name=step][value=save]")
    check(office)
    review = office.locator("section[aria-labelledby=review-title]")
    expect(review.locator(".changes__part")).to_have_count(1)
    press(office, "section[aria-labelledby=review-title] button[value=save]")
    check(office)
    expect(office.locator(".promise")).to_have_count(3)


def _digits(page: Page, number: str) -> str:
    """Write a number in the digits of the page's language."""
    if page.locator("html").get_attribute("lang") != "fa":
        return number
    return number.translate(str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹"))
