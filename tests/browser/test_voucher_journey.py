"""A batch from the office onto paper, and one of its codes at two tills at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from core.models import Register
from core.models.people import Role
from core.services.registers import enroll_device
from rewards.models import Voucher, VoucherBatch, VoucherUse
from rewards.services.voucher_batches import work_on_batches
from rewards.voucher_codes import grouped
from tests.browser import counter
from tests.browser.visiting import check, come_to_the_office, press, watched
from tests.offices import hire
from tests.shops import Shop, assert_audit_is_clean

pytestmark = pytest.mark.browser


@dataclass
class Shelf:
    """A café with an office and two tills."""

    shop: Shop
    office: Page
    tills: list[Page]
    base: str


@pytest.fixture(
    params=[("en", 1280, "light"), ("fa", 360, "dark")], ids=["english-wide", "persian-narrow"]
)
def shelf(
    request: pytest.FixtureRequest, browser: Browser, live_gunicorn: str, catalogs: None
) -> Iterator[Shelf]:
    """Open the café; when the day is over every voucher must be explained."""
    language, width, theme = request.param
    shop, first = counter.open_cafe()
    shop.reward(200, name="Coffee")
    store = {"organization": shop.organization, "store": shop.store}
    another = Register.objects.create(**store, code="3", name="Register 3")
    staff = shop.organization.staff.get(code="ada")
    second = enroll_device(register_id=another.pk, staff_id=staff.pk)
    look = {"viewport": {"width": width, "height": 800}, "locale": language, "color_scheme": theme}
    with watched(browser) as open_browser:
        tills = []
        for device in (first, second):
            till = counter.stand_at(open_browser(**look), device, live_gunicorn)
            counter.sign_in(till)
            tills.append(till)
        office = open_browser(**look).new_page()
        yield Shelf(shop, office, tills, live_gunicorn)
    assert_audit_is_clean()


def order_a_batch(shelf: Shelf) -> VoucherBatch:
    """Order five codes in the office, let a worker make them, and print two."""
    office = shelf.office
    manager = hire(shelf.shop.organization, Role.MANAGER)
    come_to_the_office(office, f"{shelf.base}/office/bean-and-leaf/", manager.user.email)
    office.goto(f"{shelf.base}/office/bean-and-leaf/vouchers/batches/new/")
    check(office)
    office.locator("#id_name").fill("Leaflet")
    office.locator("#id_wanted").fill("5")
    press(office, "form.card button[type=submit]")
    check(office)
    work_on_batches()
    expect(office.locator("#batch progress")).to_have_count(0)
    office.reload()
    check(office)
    return VoucherBatch.objects.get()


def find(till: Page, text: str) -> None:
    """Type a code at a till."""
    till.locator("#lookup").fill(text)
    press(till, ".lookup button")


@pytest.mark.proves("C5", "R10")
def test_a_printed_code_is_good_once_whichever_till_it_comes_to(shelf):
    batch = order_a_batch(shelf)
    code = Voucher.objects.filter(batch=batch).first()
    paper = shelf.office.request.get(
        f"{shelf.base}/office/bean-and-leaf/vouchers/batches/{batch.public_id}/print/"
        "?first=1&count=2&form=sheet"
    )
    here, there = shelf.tills
    for till in shelf.tills:
        find(till, grouped(code.code).lower())
        check(till)

    for till in shelf.tills:
        press(till, "form[action$='/use/'] button[type=submit]")
        check(till)
    here.locator("[popovertarget=undo]").first.click()
    press(here, "#undo button[type=submit]")
    check(here)
    find(there, code.code)
    press(there, "form[action$='/use/'] button[type=submit]")
    expect(there.locator(".slip__word")).to_contain_text("Coffee")

    assert paper.headers["content-type"] == "application/pdf"
    assert paper.body().startswith(b"%PDF")
    uses = VoucherUse.objects.filter(voucher=code)
    assert [use.released_at is None for use in uses.order_by("pk")] == [False, True]
    code.refresh_from_db()
    assert (code.status, code.uses) == ("used", 1)
