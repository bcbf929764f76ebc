"""Labels and lists to pick by, read back: what stands on them, and what does not."""

from dataclasses import replace

import pytest
from django.utils import timezone, translation

from core.models.people import Role
from members.card_images import bars
from rewards.models import Fulfillment
from rewards.paper import (
    LABEL_FORMS,
    LABEL_SHEET,
    PARCEL,
    Label,
    NoPango,
    Pick,
    PickList,
    document,
    label_context,
    labels_pdf,
    pick_context,
    picks_pdf,
)
from rewards.paper.document import pages_of
from rewards.voucher_codes import clean, grouped, image
from tests.deliveries import done, placed, ready, taken
from tests.offices import keyed, office_of
from tests.rewards.test_voucher_paper import millimeters, scanned, sheets_in, words_on
from tests.tills import text_of

CODE = "7K2M9QXD4TW0"
HOME = "/office/high-street/fulfillment/"
LABEL = Label(
    shop="Bean & Leaf",
    name="Mina <K>",
    lines=["1 High Street", "N1 1AA London", "United Kingdom"],
    code=grouped(CODE),
    qr=image(CODE),
    bars=bars(CODE),
)
SPOKEN = {
    "en": {"name": "Mina Kaplan", "lines": ["1 High Street", "London", "United Kingdom"]},
    "fa": {"name": "مینا کریمی", "lines": ["خیابان ولیعصر، پلاک ۱۲", "تهران 1966733411", "ایران"]},
    "am": {"name": "ሚና ካፕላን", "lines": ["ቦሌ መንገድ 12", "አዲስ አበባ", "ኢትዮጵያ"]},
}


def said_on(page):
    return " ".join(words_on(page).split())


def labels(form, count, *, first=1, **changes):
    context = label_context(form, [replace(LABEL, **changes)] * count, first=first)
    return pages_of("paper/labels.html", context).pages


@pytest.mark.parametrize("language", SPOKEN)
@pytest.mark.parametrize("form", LABEL_FORMS.values(), ids=list(LABEL_FORMS))
def test_a_label_says_who_it_goes_to_in_any_script_and_a_scanner_reads_its_code(form, language):
    label = replace(LABEL, **SPOKEN[language])
    with translation.override(language):
        [page] = labels(form, 1, **SPOKEN[language])
        read = scanned(labels_pdf(form, [label]))

    for words in (label.shop, label.name, *label.lines, grouped(CODE)):
        assert words in said_on(page)
    assert sorted(symbol for symbol, _text in read) == ["Code128", "QRCode"]
    assert {clean(text) for _symbol, text in read} == {CODE}


@pytest.mark.parametrize(
    ("form", "count", "first", "pages", "size"),
    [
        (LABEL_SHEET, 1, 1, 1, (210, 297)),
        (LABEL_SHEET, 8, 1, 1, (210, 297)),
        (LABEL_SHEET, 8, 2, 2, (210, 297)),
        (LABEL_SHEET, 1, 8, 1, (210, 297)),
        (PARCEL, 3, 5, 3, (100, 150)),
    ],
)
def test_labels_fill_their_sheets_from_the_first_free_one_on(form, count, first, pages, size):
    laid = labels(form, count, first=first)
    pdf = labels_pdf(form, [LABEL] * count, first=first)

    assert [millimeters(page) for page in laid] == [size] * pages
    assert sum(said_on(page).count(grouped(CODE)) for page in laid) == count
    assert sheets_in(pdf) == pages


@pytest.mark.parametrize("form", LABEL_FORMS.values(), ids=list(LABEL_FORMS))
def test_an_endless_address_moves_no_other_label(form):
    endless = {"name": "W" * 120, "lines": ["X" * 160] * 5}

    laid = labels(form, 2, **endless)

    assert len(laid) == (1 if form is LABEL_SHEET else 2)
    assert sum(said_on(page).count(grouped(CODE)) for page in laid) == 2


@pytest.mark.parametrize("language", ["en", "fa", "am"])
def test_the_list_to_pick_by_has_sums_and_pieces(language):
    picks = [Pick(CODE, "Mug", "No. 4 of 50", "High Street", "Mina")] * 60
    listed = PickList("Bean & Leaf", timezone.now(), [("Mug", 60)], picks)
    with translation.override(language):
        pages = pages_of("paper/picks.html", pick_context(listed)).pages
        pdf = picks_pdf(listed)

    text = said_on(pages[0])
    assert [millimeters(page) for page in pages] == [(210, 297)] * 3
    assert ("60" in text, "۶۰" in text) == (language != "fa", language == "fa")
    for words in ("Mug", "No. 4 of 50", "High Street", "Mina"):
        assert words in text
    assert sheets_in(pdf) == 3


# --- from the office ----------------------------------------------------------------------------


@pytest.fixture
def member(shop):
    mina = shop.member(name="Mina Kaplan")
    shop.buys(mina, "500.00")
    return mina


@pytest.fixture
def office(shop):
    return office_of(shop.organization, Role.MANAGER)


@pytest.fixture
def on_paper(monkeypatch):
    """Let pages be read as the browser's printer gets them."""

    def no_engine():
        raise NoPango

    monkeypatch.setattr(document, "_engine", no_engine)


def printed(office, name, *rows, **sent):
    form = keyed(pick=[row.public_id for row in rows], **sent)
    return office.post(f"{HOME}{name}/", form, follow=True)


def test_labels_of_what_is_sent_come_as_one_file(shop, member, office):
    rows = [placed(shop, member), placed(shop, member, "pickup"), ready(shop, member)]

    answer = printed(office, "labels", *rows, form="parcel")
    pdf = b"".join(answer.streaming_content)

    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == 'inline; filename="labels.pdf"'
    assert sheets_in(pdf) == 2


def test_a_label_has_name_address_and_code_and_nothing_more(shop, member, office, on_paper):
    found = placed(shop, member)
    Fulfillment.objects.filter(pk=found.pk).update(phone="+447400123456", note="Ring twice")

    text = text_of(printed(office, "labels", found, form="labels"))

    for words in ("Mina K", "1 High Street", "N1 1AA London", "United Kingdom"):
        assert words in text
    assert grouped(found.redemption.voucher.code) in text
    assert "apt install libpango" in text
    for words in ("+447400123456", "Ring twice", "Mug"):
        assert words not in text


def test_the_list_to_pick_by_names_only_who_comes_for_it(shop, member, office, on_paper):
    parcel, pickup = placed(shop, member), placed(shop, member, "pickup")

    both = text_of(printed(office, "to-pick", parcel, pickup))
    one = text_of(printed(office, "to-pick", parcel))

    assert "2 × Mug" in both
    assert "London, United Kingdom" in both
    assert shop.store.name in both
    assert both.count("Mina Kaplan") == 1
    assert "Mina" not in one


def test_the_list_to_pick_by_is_a_file(shop, member, office):
    answer = printed(office, "to-pick", placed(shop, member))

    assert answer["Content-Disposition"] == 'inline; filename="to-pick.pdf"'
    assert sheets_in(b"".join(answer.streaming_content)) == 1


@pytest.mark.parametrize(
    ("name", "step", "delivery", "sent", "said"),
    [
        ("labels", placed, "pickup", {"form": "parcel"}, "Tick something that is sent"),
        ("labels", taken, "shipping", {"form": "parcel"}, "Tick something that is sent"),
        ("labels", placed, "shipping", {"form": "wall"}, "not one of the available choices"),
        ("labels", placed, "shipping", {"form": "labels", "first": 9}, "less than or equal to 8"),
        ("labels", placed, "shipping", {}, "This field is required."),
    ],
)
def test_what_cannot_be_printed_is_told(shop, member, office, name, step, delivery, sent, said):
    page = printed(office, name, step(shop, member, delivery), **sent)

    assert said in text_of(page)


@pytest.mark.parametrize("name", ["labels", "to-pick"])
def test_nothing_ticked_prints_nothing(office, name):
    assert "Tick" in text_of(printed(office, name, form="parcel"))


def test_a_forgotten_address_is_not_printed(shop, member, office):
    found = done(shop, member)
    nothing = dict.fromkeys(("name", "line1", "postal_code", "city", "country"), "")
    Fulfillment.objects.filter(pk=found.pk).update(**nothing, forgotten_at=timezone.now())

    page = printed(office, "labels", found, form="parcel")

    assert "Tick something that is sent" in text_of(page)
    assert "The address is not kept any more." in text_of(office.get(f"{HOME}{found.public_id}/"))
