"""Vouchers on paper, read back: what stands on which page, and that nothing is fetched."""

import re
import zlib
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pypdfium2
import pytest
import time_machine
import weasyprint
import zxingcpp
from django.utils import timezone, translation

from core.models import AuditRecord
from core.models.people import Role
from members.card_images import bars
from rewards.paper import FORMS, SHEET, SIGN, SLIPS_MAX, STRIP, NoPango, Slip, document, pdf_of
from rewards.paper.document import laid_out
from rewards.views import voucher_paper
from rewards.voucher_codes import check, clean, grouped, image
from tests.clubs import at, club_of
from tests.offices import keyed, office_of
from tests.shelves import take
from tests.tills import text_of
from tests.vouchers import batch_of, codes_of, shared_code

CODE = "7K2M9QXD4TW0"
SLIP = Slip(
    shop="Bean & Leaf",
    reward="Free <latte>",
    worth="£5.00 off",
    description="Any size",
    terms="Once per visit.",
    code=grouped(CODE),
    qr=image(CODE),
    bars=bars(CODE),
    first_day=None,
    last_day=date(2027, 3, 31),
)
SPOKEN = {
    "en": {"shop": "Bean & Leaf", "reward": "Free latte", "terms": "Once per visit."},
    "fa": {"shop": "قهوه‌خانهٔ باغ", "reward": "یک فنجان قهوه", "terms": "هر بار یک عدد"},
    "am": {"shop": "ቡና ቤት", "reward": "ነፃ ቡና", "terms": "አንድ ጊዜ ብቻ"},
}
SCANNED_AT_DPI = 200
ADDRESS = "/office/high-street/vouchers/batches/"


def words_on(page):
    """Return what stands on a page, box by box."""
    boxes, found = [page._page_box], []
    while boxes:
        box = boxes.pop(0)
        boxes = [*(getattr(box, "children", None) or ()), *boxes]
        if getattr(box, "text", ""):
            found.append(box.text)
    return " ".join(found)


def sheets_in(pdf):
    streams = re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL)
    plain = pdf + b"".join(
        zlib.decompressobj().decompress(one) for one in streams if one[:1] == b"x"
    )
    return len(re.findall(rb"/Type ?/Page\b", plain))


def scanned(pdf):
    """Return what a scanner reads off the first page: which symbol, and what it says."""
    with pypdfium2.PdfDocument(pdf) as paper, closing(paper[0]) as page:
        picture = page.render(scale=SCANNED_AT_DPI / 72).to_pil()
    return [(found.format.name, found.text) for found in zxingcpp.read_barcodes(picture)]


def millimeters(page):
    return round(page.width * 25.4 / 96), round(page.height * 25.4 / 96)


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_paper_says_what_it_is_for_in_the_readers_script(language, form):
    slip = replace(SLIP, **SPOKEN[language])
    with translation.override(language):
        pages = laid_out(form, [slip], title="Vouchers").pages

    text = " ".join(words_on(pages[0]).split())
    assert len(pages) == 1
    for words in (slip.shop, slip.reward, slip.terms, grouped(CODE)):
        assert words in text
    assert ("۲۰۲۷" in text or "۱۴۰۶" in text) == (language == "fa")


@pytest.mark.parametrize(
    ("form", "size"), [(STRIP, (80, 150)), (SHEET, (210, 297)), (SIGN, (148, 210))]
)
def test_each_voucher_has_a_page_of_its_size_and_the_file_is_one(form, size):
    slips = [SLIP, replace(SLIP, reward="Tea"), SLIP]

    pages = laid_out(form, slips, title="Vouchers").pages
    pdf = pdf_of(form, slips, title="Vouchers")

    assert [millimeters(page) for page in pages] == [size] * 3
    assert pdf.startswith(b"%PDF-")
    assert sheets_in(pdf) == 3
    assert "Tea" in words_on(pages[1])


def test_sheets_say_which_page_of_how_many_and_which_code_of_the_batch():
    pages = laid_out(SHEET, [SLIP] * 2, title="Vouchers", first=41).pages

    assert ["1 / 2" in words_on(pages[0]), "2 / 2" in words_on(pages[1])] == [True, True]
    assert ["41" in words_on(pages[0]).split(), "42" in words_on(pages[1]).split()] == [True, True]


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize(
    ("form", "symbols"),
    [(STRIP, ["Code128", "QRCode"]), (SHEET, ["Code128", "QRCode"]), (SIGN, ["QRCode"])],
)
def test_a_scanner_reads_the_code_off_the_paper(form, symbols, language):
    with translation.override(language):
        pdf = pdf_of(form, [replace(SLIP, **SPOKEN[language])], title="Vouchers")

    read = scanned(pdf)

    assert sorted(symbol for symbol, _ in read) == symbols
    assert {clean(text) for _, text in read} == {CODE}


def test_long_words_stay_on_their_page():
    endless = replace(SLIP, reward="Wine" * 40, terms="https://example.com/" + "x" * 300)

    assert len(laid_out(STRIP, [replace(endless, reward="W" * 120)], title="V").pages) <= 3


@pytest.mark.parametrize(
    "address", ["https://example.com/a.png", "file:///etc/hostname", "ftp://example.com/a.png"]
)
def test_paper_fetches_nothing(address):
    fetch = document.only_data(weasyprint)

    with pytest.raises(ValueError, match="disallowed protocol"):
        fetch(address)
    assert fetch(SLIP.qr).read().startswith(b"<svg")
    assert pdf_of(STRIP, [replace(SLIP, picture=address)], title="V").startswith(b"%PDF")


def test_a_picture_in_the_address_itself_is_shown():
    assert pdf_of(SHEET, [replace(SLIP, picture=SLIP.qr)], title="Vouchers").startswith(b"%PDF")


# --- from the office and the portal --------------------------------------------------------------


@pytest.fixture
def office(shop):
    return office_of(shop.organization, Role.MANAGER)


@pytest.fixture
def batch(shop):
    return batch_of(shop, 5, reward=shop.reward(40, name="Coffee"))


def printed(office, batch, **asked):
    known = {"first": 2, "count": 3, "form": "strip"}
    return office.get(f"{ADDRESS}{batch.public_id}/print/", known | asked)


def test_a_range_of_a_batch_is_printed_and_noted(office, batch):
    answer = printed(office, batch)
    pdf = b"".join(answer.streaming_content)

    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'inline; filename="vouchers-2-4.pdf"'
    assert sheets_in(pdf) == 3
    [noted] = AuditRecord.objects.filter(verb="printed")
    assert noted.reason == "2–4"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"count": SLIPS_MAX + 1}, "less than or equal to 200"),
        ({"first": 0}, "greater than or equal to 1"),
        ({"first": 6}, "still being made"),
        ({"form": "wall"}, "not one of the available choices"),
        ({"count": "x"}, "whole number"),
    ],
)
def test_what_cannot_be_printed_is_told(office, batch, asked, said):
    page = office.get(printed(office, batch, **asked).url)

    assert said in text_of(page)
    assert not AuditRecord.objects.filter(verb="printed").exists()


def test_nothing_is_printed_of_a_stopped_batch(office, batch):
    office.post(f"{ADDRESS}{batch.public_id}/stop/", keyed())

    assert "was stopped" in text_of(office.get(printed(office, batch).url))


@pytest.mark.parametrize("form", FORMS)
def test_without_pango_the_browser_prints_and_the_page_says_what_is_missing(
    office, batch, monkeypatch, form
):
    def no_engine():
        raise NoPango

    monkeypatch.setattr(document, "_engine", no_engine)
    page = printed(office, batch, form=form)

    assert page.status_code == 200
    assert "apt install libpango-1.0-0" in text_of(page)
    assert page.content.decode().count('class="slip"') == 3
    assert "<style" not in page.content.decode()


def test_a_machine_without_pango_is_recognized(monkeypatch):
    def bring_in(_name):
        raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.setattr(document, "import_module", bring_in)

    with pytest.raises(NoPango):
        pdf_of(SHEET, [SLIP], title="Vouchers")


def test_a_shared_code_is_a_sign_for_a_table(shop, office):
    code = shared_code(shop)

    answer = office.get(f"/office/high-street/vouchers/codes/{code.public_id}/print/")

    assert sheets_in(b"".join(answer.streaming_content)) == 1
    assert answer["Content-Disposition"] == 'inline; filename="voucher.pdf"'


def test_a_member_prints_a_few_times_an_hour_and_then_waits(shop, monkeypatch):
    laid = []
    monkeypatch.setattr(voucher_paper, "pdf_of", lambda *_, **__: laid.append(1) or b"%PDF-")
    reward, clubs = shop.reward(40), []
    for phone in ("+447400123456", "+447400220000"):
        member = shop.member(phone)
        shop.buys(member, "100.00")
        took = take(member, reward)
        page = at(shop.organization, f"vouchers/{took.public_id}/print/")
        clubs.append(partial(club_of(member).get, page))
    mine, theirs = clubs
    with time_machine.travel(timezone.now(), tick=False) as clock:
        printed = [mine().status_code for _ in range(10)]
        late, another = mine(), theirs()
        clock.shift(timedelta(hours=1))
        again = mine()

    assert printed == [200] * 10
    assert (late.status_code, late["Retry-After"]) == (429, "3600")
    assert "Too many tries" in text_of(late)
    assert (another.status_code, again.status_code, len(laid)) == (200, 200, 12)


def test_every_printed_code_is_one_of_the_batch(shop, batch):
    codes = {one.code for one in codes_of(batch)}

    assert {check(code) for code in codes} == {True}
    assert len(codes) == 5
