"""A newcomer sets a program up, step by step, and the first purchase counts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from core.models.people import Role
from loyalty.models import Program, Rule
from tests.browser.visiting import check, come_to_the_office, press, watched
from tests.offices import hire
from tests.shops import Shop, assert_audit_is_clean, open_shop

pytestmark = pytest.mark.browser

GO_ON = "form button.btn-primary"
LOOKS = {"english-wide-light": ("en", 1280, "light"), "persian-narrow-dark": ("fa", 360, "dark")}


@pytest.fixture
def empty_shop(live_gunicorn: str) -> Shop:
    """A shop whose program gives nothing yet."""
    shop = open_shop("high-street")
    Rule.objects.update(status=Rule.Status.PAUSED)
    Program.objects.update(status=Program.Status.DRAFT)
    return shop


@pytest.fixture(params=LOOKS.values(), ids=LOOKS)
def assistant(
    request: pytest.FixtureRequest,
    browser: Browser,
    live_gunicorn: str,
    empty_shop: Shop,
    catalogs: None,
) -> Iterator[Page]:
    """The first page of the assistant, open in the owner's browser."""
    language, width, scheme = request.param
    owner = hire(empty_shop.organization, Role.OWNER)
    assert owner.user is not None
    office = f"{live_gunicorn}/office/{empty_shop.organization.slug}/program/start/"
    with watched(browser) as open_browser:
        page = open_browser(
            locale=language,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
        ).new_page()
        come_to_the_office(page, office, owner.user.email)
        page.goto(office)
        yield page


def test_a_newcomer_has_a_program_that_counts_the_first_purchase(
    assistant: Page, empty_shop: Shop
) -> None:
    check(assistant)
    press(assistant, "button[value='grocery']")

    assistant.locator("#id_name").fill("Bean Club")
    check(assistant)
    press(assistant, GO_ON)
    assistant.locator("#id_points").fill("3")
    three = "۳" if is_right_to_left(assistant) else "3"
    expect(assistant.locator("#in-words")).to_contain_text(three)
    check(assistant)
    for _step in ("earning", "tiers", "stamps", "reward"):
        press(assistant, GO_ON)
        check(assistant)
    press(assistant, "button[value='open']")
    check(assistant)

    expect(assistant.locator("h1")).to_contain_text("Bean Club")
    member = empty_shop.member()
    assert empty_shop.buys(member, "10.00").points == 30
    assert_audit_is_clean()


def is_right_to_left(page: Page) -> bool:
    """Say whether the page runs from right to left."""
    return page.locator("html").get_attribute("dir") == "rtl"
