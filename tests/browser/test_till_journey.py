"""A day at the till, in a real browser on a real server: with scripts, without, and in Persian."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from core.models import Device
from loyalty.models import Purchase
from members.models import Member
from tests.browser import counter
from tests.browser.conftest import COMPLAINTS
from tests.shops import Shop, assert_audit_is_clean

pytestmark = pytest.mark.browser

PHONE_IN_PERSIAN_DIGITS = "۰۷۴۰۰ ۱۲۳۴۵۶"
ComeIn = Callable[..., Page]
SIZES = {"wide": {"width": 1024, "height": 768}, "narrow": {"width": 360, "height": 800}}
WIDER_THAN_THE_SCREEN = """() =>
  document.documentElement.scrollWidth - document.documentElement.clientWidth"""


@pytest.fixture
def cafe(live_gunicorn: str, catalogs: None) -> Iterator[tuple[Shop, Device]]:
    """A café with a past; after the day every balance must be explained."""
    shop, device = counter.open_cafe()
    counter.people_with_a_past(shop)
    yield shop, device
    assert_audit_is_clean()


@pytest.fixture
def come_in(browser: Browser, cafe: tuple[Shop, Device], live_gunicorn: str) -> Iterator[ComeIn]:
    """Stand at the counter; whatever the console complains about fails the test."""
    complaints: list[str] = []
    contexts = []

    def open_page(**look: object) -> Page:
        contexts.append(browser.new_context(**look))
        page = counter.stand_at(contexts[-1], cafe[1], live_gunicorn)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: said.type in COMPLAINTS and complaints.append(said.text))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def check(page: Page) -> None:
    """Hold that everybody can use what is shown now, on this screen."""
    found = Axe().run(page, options={"resultTypes": ["violations"]})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate(WIDER_THAN_THE_SCREEN) == 0


def find(page: Page, text: str) -> None:
    """Type into the one field and press Enter."""
    page.locator("#lookup").fill(text)
    send(page)


def send(page: Page) -> None:
    """Press Enter, and wait for where it leads."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def ring_up(page: Page, amount: str, receipt: str) -> None:
    """Type an amount and a receipt number, and press Enter."""
    page.locator("#id_amount").fill(amount)
    page.locator("#id_receipt").fill(receipt)
    send(page)


def fill_in_line(page: Page, number: int, *texts: str) -> None:
    """Fill in what, how many, and for how much each."""
    for name, text in zip(("item", "quantity", "price"), texts, strict=True):
        page.locator(f"#id_lines-{number}-{name}").fill(text)


@pytest.mark.parametrize(
    ("language", "size", "direction", "given", "balance", "after_undo"),
    [
        ("en", "wide", "ltr", "+27 points", "1,241 points", "1,214 points"),
        ("fa", "narrow", "rtl", "+۲۷ امتیاز", "۱٬۲۴۱ امتیاز", "۱٬۲۱۴ امتیاز"),
    ],
)
def test_a_member_is_found_and_rung_up_and_the_purchase_undone(
    come_in, language, size, direction, given, balance, after_undo
):
    page = come_in(viewport=SIZES[size], locale=language)
    expect(page.locator("html")).to_have_attribute("dir", direction)
    check(page)
    counter.sign_in(page)
    expect(page.locator("#lookup")).to_be_focused()
    check(page)

    find(page, PHONE_IN_PERSIAN_DIGITS)
    expect(page.locator("#member-name")).to_have_text("Mina K.")
    expect(page.locator("#id_amount")).to_be_focused()
    check(page)
    page.locator("#id_receipt").fill("1001")
    page.locator("[data-lines] summary").click()
    fill_in_line(page, 0, "LATTE", "2", "3.40")
    fill_in_line(page, 1, "Granola", "1", "۱۴٫۷")
    expect(page.locator(".quote__sum")).to_be_visible()
    check(page)
    send(page)
    expect(page.locator("#answer")).to_have_text(given)
    expect(page.locator(".slip")).to_contain_text("Double on coffee")
    expect(page.locator(".slip dl")).to_contain_text(balance)
    expect(page.locator("#lookup")).to_be_focused()
    check(page)

    page.locator("[popovertarget=undo]").first.click()
    check(page)
    with page.expect_navigation():
        page.locator("#undo button[type=submit]").click()
    expect(page.locator(".slip dl")).to_contain_text(after_undo)
    expect(page.locator("[popovertarget=undo]")).to_have_count(0)
    check(page)


@pytest.mark.parametrize(
    ("language", "size", "nothing_yet", "given"),
    [("en", "wide", "0 points", "+12 points"), ("fa", "narrow", "۰ امتیاز", "+۱۲ امتیاز")],
)
def test_a_newcomer_is_added_in_one_step_and_rung_up(come_in, language, size, nothing_yet, given):
    page = come_in(viewport=SIZES[size], locale=language)
    counter.sign_in(page)

    find(page, "07400 999111")
    expect(page.locator("form[action$='members/'] button")).to_be_focused()
    check(page)
    send(page)
    expect(page.locator(".hero__balance")).to_have_text(nothing_yet)
    check(page)
    ring_up(page, "12,5", "1002")

    expect(page.locator("#answer")).to_have_text(given)
    check(page)
    receipt = page.url
    page.reload()
    assert page.url == receipt
    [newcomer] = Member.objects.filter(phone="+447400999111")
    assert [one.total for one in Purchase.objects.filter(member=newcomer)] == [Decimal("12.50")]


def test_what_is_wrong_is_told_where_it_is_and_the_cursor_goes_there(come_in):
    page = come_in(viewport=SIZES["wide"])
    counter.sign_in(page)

    find(page, "12")
    expect(page.locator("#lookup-refusal")).to_be_visible()
    check(page)
    find(page, "3456")
    expect(page.locator(".choice")).to_have_count(2)
    check(page)
    page.keyboard.press("ArrowDown")
    send(page)
    ring_up(page, "12,5o", "1001")

    expect(page.locator("#id_amount")).to_be_focused()
    expect(page.locator("#id_amount")).to_have_value("12,5o")
    expect(page.locator("#id_receipt")).to_have_value("1001")
    check(page)


@pytest.mark.proves("I8")
def test_going_back_and_sending_the_same_receipt_again_shows_the_original(come_in, cafe):
    shop, _device = cafe
    page = come_in(viewport=SIZES["wide"])
    counter.sign_in(page)
    find(page, "07400123456")
    form = page.url
    ring_up(page, "12.50", "1001")
    receipt = page.url

    page.go_back()
    assert page.url == form
    ring_up(page, "12,5", "1001")
    expect(page.locator("[data-notice]")).to_contain_text("rung up already")
    assert page.url == receipt
    page.go_back()
    ring_up(page, "6", "1001")

    expect(page.locator("#id_receipt")).to_be_focused()
    expect(page.locator("#id_receipt")).to_have_value("1001")
    expect(page.locator(".ring-up")).to_contain_text("another purchase, of £12.50")
    check(page)
    assert shop.balance(Member.objects.get(phone="+447400123456")) == 1226


def test_all_of_it_works_without_scripts(come_in, cafe):
    shop, _device = cafe
    page = come_in(java_script_enabled=False)
    counter.sign_in(page)

    find(page, "07400123456")
    page.locator("[data-lines] summary").click()
    fill_in_line(page, 0, "LATTE", "2", "3.40")
    fill_in_line(page, 1, "Granola", "1", "14.70")
    with page.expect_navigation():
        page.get_by_role("button", name="Add line").click()
    fill_in_line(page, 2, "Tea", "1", "2.50")
    page.locator("#id_receipt").fill("1001")
    send(page)
    expect(page.locator("#answer")).to_have_text("+30 points")
    page.locator("[popovertarget=undo]").first.click()
    with page.expect_navigation():
        page.locator("#undo button[type=submit]").click()

    expect(page.locator(".slip dl")).to_contain_text("1,214 points")
    assert shop.balance(Member.objects.get(phone="+447400123456")) == 1214


def test_who_was_left_alone_too_long_signs_in_and_goes_on(come_in, cafe):
    shop, _device = cafe
    page = come_in()
    counter.sign_in(page)
    find(page, "07400123456")
    page.locator("#id_amount").fill("12.50")
    page.locator("#id_receipt").fill("1001")
    shop.organization.registers.get().sessions.update(ended_at="2026-01-01T00:00:00Z")

    send(page)
    expect(page.locator("[data-notice]")).to_contain_text("You were signed out")
    check(page)
    counter.sign_in(page)

    expect(page.locator("#id_amount")).to_have_value("12.50")
    expect(page.locator("#id_receipt")).to_have_value("1001")
    page.locator("#id_receipt").focus()
    send(page)
    expect(page.locator("#answer")).to_have_text("+12 points")


@pytest.mark.proves("case 28")
@pytest.mark.parametrize("size", SIZES)
def test_points_pay_with_one_touch_and_are_put_back_by_undo(come_in, cafe, size):
    shop, _device = cafe
    shop.settle(point_value="0.05", pay_with_points={})
    page = come_in(viewport=SIZES[size])
    counter.sign_in(page)
    find(page, "07400123456")
    expect(page.locator(".hero__facts")).to_contain_text("worth £60.70")
    page.locator("#id_amount").fill("21.50")
    page.locator("#id_receipt").fill("1001")

    page.get_by_role("button", name="Pay £21.50 with 430 points").click()
    expect(page.locator("#id_points")).to_have_value("430")
    expect(page.locator(".quote")).to_contain_text("To pay £0.00")
    check(page)
    send(page)

    expect(page.locator(".slip dl")).to_contain_text("784 points")
    page.locator("[popovertarget=undo]").first.click()
    with page.expect_navigation():
        page.locator("#undo button[type=submit]").click()
    expect(page.locator(".slip dl")).to_contain_text("1,214 points")
    check(page)
    assert shop.balance(Member.objects.get(phone="+447400123456")) == 1214
