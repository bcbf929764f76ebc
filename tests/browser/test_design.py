"""Every page of the gallery, in a real browser: readable, reachable, and still by keyboard."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser import gallery

pytestmark = pytest.mark.browser

PAGES = sorted(set(gallery.pages()) - {"quote"})
LOOKS = [(1024, "light", "en"), (360, "dark", "fa")]
TARGETS = "button:not([aria-hidden]), .btn, .choice, summary, input, select"
SMALL_TARGETS = """(targets) => [...document.querySelectorAll(targets)]
  .filter((it) => it.checkVisibility() && it.type !== "hidden" && it.type !== "radio")
  .map((it) => it.type === "checkbox" ? it.labels[0] : it)
  .filter((it) => it.getBoundingClientRect().height < 44)
  .map((it) => it.outerHTML)"""
WIDER_THAN_THE_SCREEN = """() =>
  document.documentElement.scrollWidth - document.documentElement.clientWidth"""


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_in_any_look_of_a_page(stage, name):
    for width, theme, language in LOOKS:
        page = stage(name, width=width, theme=theme, language=language)

        found = Axe().run(page, options={"resultTypes": ["violations"]})

        assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize(
    ("name", "opener"),
    [("till-start", "till-menu"), ("till-answer", "undo"), ("office-stores", "office-menu")],
)
def test_axe_finds_nothing_in_an_open_menu_or_sheet(stage, name, opener):
    page = stage(name, theme="dark")
    page.locator(f"[popovertarget={opener}]").first.click()

    found = Axe().run(page, options={"resultTypes": ["violations"]})

    assert found.violations_count == 0, found.generate_report()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_its_screen_and_every_target_fits_a_thumb(stage, name):
    page = stage(name, width=320)

    assert page.evaluate(WIDER_THAN_THE_SCREEN) == 0
    assert page.evaluate(SMALL_TARGETS, TARGETS) == []


@pytest.mark.parametrize(
    ("name", "focused"),
    [
        ("till-start", "#lookup"),
        ("till-refused", "#lookup"),
        ("till-choices", "#lookup"),
        ("till-enroll", "form[action$='members/'] button"),
        ("till-member", "#id_amount"),
        ("till-answer", "#lookup"),
        ("sign-in-pin", "#id_staff_0"),
        ("sign-in-password", "#id_email"),
    ],
)
def test_the_next_field_has_the_focus(stage, name, focused):
    page = stage(name)

    expect(page.locator(focused)).to_be_focused()


def test_slash_goes_to_the_field_and_escape_clears_it(stage):
    page = stage("till-choices")
    field = page.locator("#lookup")

    page.locator(".choice").first.focus()
    page.keyboard.press("/")
    expect(field).to_be_focused()
    expect(field).to_have_value("3456")
    page.keyboard.press("Escape")

    expect(field).to_have_value("")


def test_arrows_walk_from_the_field_through_the_choices(stage):
    page = stage("till-choices")

    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".choice").nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")

    expect(page.locator(".choice").nth(0)).to_be_focused()


def test_lines_grow_as_they_are_filled_and_go_when_they_are_removed(stage):
    page = stage("till-member")
    page.locator("[data-lines] summary").click()

    page.locator("#id_lines-1-item").fill("Beans")
    expect(page.locator("[data-line]")).to_have_count(3)
    page.get_by_role("button", name="Add line").click()
    expect(page.locator("#id_lines-3-item")).to_be_focused()
    expect(page.locator("[name=lines-TOTAL_FORMS]")).to_have_value("4")
    page.get_by_role("button", name="Remove line").last.click()

    expect(page.locator("[data-line]")).to_have_count(3)


def test_enter_in_the_amount_rings_up_and_adds_no_line(stage):
    page = stage("till-member")

    page.locator("#id_amount").fill("21.50")
    with page.expect_request("**/till/purchases/") as sent:
        page.keyboard.press("Enter")

    assert sent.value.method == "POST"
    assert "more=" not in sent.value.post_data


def test_what_a_purchase_earns_shows_while_it_is_typed(stage):
    page = stage("till-member")

    page.locator("#id_amount").fill("21.50")

    expect(page.locator(".quote")).to_contain_text("33 points")


def test_a_voucher_is_asked_for_when_its_code_is_whole(stage):
    page, asked = stage("till-member"), []
    page.on("request", lambda one: asked.append(one.post_data) if "/quote/" in one.url else None)
    field = page.locator("#id_receipt")
    field.evaluate("field => { field.name = 'vouchers' }")

    field.press_sequentially("SUMM")
    page.wait_for_timeout(900)
    half = list(asked)
    field.press_sequentially("ER26")
    field.blur()
    expect(page.locator(".quote")).to_contain_text("33 points")

    assert half == []
    assert ["vouchers=SUMMER26" in sent for sent in asked] == [True]


def test_a_chosen_theme_shows_at_once_and_is_remembered(stage):
    page = stage("till-start", theme="auto")
    page.locator("[popovertarget=till-menu]").click()

    page.locator("button[name=theme][value=dark]").click()

    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    assert page.evaluate("document.cookie") == "theme=dark"


def test_without_scripts_menus_and_sheets_still_open(browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_content(gallery.drawn("till-answer", theme="light", language="en"))
    page.locator("[popovertarget=undo]").first.click()

    expect(page.locator("#undo")).to_be_visible()
    expect(page.get_by_role("button", name="Keep")).to_be_focused()
    context.close()


def test_persian_reads_from_right_to_left_in_its_own_words_and_digits(stage):
    page = stage("till-member", language="fa")

    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("#ring-up-title")).to_have_text("ثبت خرید")
    expect(page.locator(".hero__balance")).to_have_text("۱٬۲۴۰ امتیاز")
    member, ring_up = page.locator(".panel--card"), page.locator("section:has(> .ring-up)")
    assert member.bounding_box()["x"] > ring_up.bounding_box()["x"]
