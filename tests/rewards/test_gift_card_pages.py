"""Gift cards at the till, in the office and in the portal."""

from uuid import uuid4

import pytest

from core.models import AuditRecord
from core.models.people import Role
from loyalty.models import Purchase
from rewards.gift_card_codes import grouped, masked
from rewards.models import GiftCard, GiftCardBatch, GiftCardTerms
from rewards.services.gift_card_batches import make_due_cards, pin_of
from rewards.voucher_codes import ALPHABET, check
from tests.giftcards import balance_of, blank, decide, entries_of, sold
from tests.offices import keyed, office_of
from tests.shops import open_shop
from tests.tills import errors_on, open_till, shown, text_of

HOME = "/office/high-street/gift-cards/"
NOWHERE = "0123456789ABCDEFP"  # a code of nobody's, rightly typed


@pytest.fixture
def office(shop):
    return office_of(shop.organization, Role.MANAGER)


def sell_form(**typed):
    return {"request_key": uuid4().hex, "amount": "25", "code": "", "pin": "", "email": "", **typed}


# --- the till ---------------------------------------------------------------------------------


def test_a_scan_into_the_one_field_says_what_is_on_a_card(shop, till):
    card = sold(shop)

    page = till.find(grouped(card.code).lower())

    assert "£50.00" in text_of(page)
    assert card.code not in page.content.decode()


@pytest.mark.proves("input 48")
def test_staff_are_told_why_a_card_cannot_be_used_and_guess_no_more_than_others(shop, till):
    card = sold(shop)
    GiftCard.objects.update(status=GiftCard.Status.BLOCKED)
    assert "This gift card is blocked." in text_of(till.find(card.code))

    for _try in range(4):
        till.find(card.code)
    assert till.find(card.code).status_code == 429


def test_a_card_with_a_pin_is_shown_once_the_pin_is_typed(shop, till):
    card = sold(shop, pin="4711")
    assert "£50.00" not in text_of(till.find(card.code))

    form = {"code": card.code, "request_key": "k"}
    wrong = till.client.post("/till/gift-cards/", {**form, "pin": "1111"})
    right = till.client.post("/till/gift-cards/", {**form, "pin": "4711"})

    assert "£50.00" not in text_of(wrong)
    assert "£50.00" in text_of(right)


def test_a_card_is_sold_once_however_often_the_button_is_pressed(shop, till):
    form = sell_form()

    answers = [till.client.post("/till/gift-cards/sell/", form) for _press in range(2)]

    card = GiftCard.objects.get()
    assert [one.status_code for one in answers] == [303, 303]
    page = till.client.get(answers[0].url)
    assert grouped(card.code) in text_of(page)
    assert grouped(card.code) in text_of(till.client.get(f"{answers[0].url}print/"))
    assert card.sold_in == shop.store


def test_the_code_of_a_sold_card_is_for_who_sold_it(shop, till):
    till.client.post("/till/gift-cards/sell/", sell_form())
    url = f"/till/gift-cards/{GiftCard.objects.get().public_id}/"

    assert till.client.get(url).status_code == 200
    assert open_till(shop, name="Eve").client.get(url).status_code == 404


def test_a_blank_card_that_is_scanned_is_offered_for_sale(shop, till):
    card = blank(shop)

    page = till.find(card.code)
    till.client.post("/till/gift-cards/sell/", sell_form(code=card.code))

    assert card.code in page.content.decode()
    assert entries_of(card) == [("load", "25.00", "25.00")]


@pytest.mark.proves("input 48")
def test_who_guesses_cards_neither_sells_nor_finds_a_printed_one_for_a_while(shop, till):
    printed = blank(shop)

    for _try in range(5):
        page = till.client.post("/till/gift-cards/sell/", sell_form(code=NOWHERE))
        assert page.context["selling"].errors.keys() == {"code"}

    sale = till.client.post("/till/gift-cards/sell/", sell_form(code=printed.code))
    assert (sale.status_code, till.find(printed.code).status_code) == (429, 429)
    assert sale.context["selling"]["code"].value() == printed.code
    assert entries_of(printed) == []
    assert till.client.post("/till/gift-cards/sell/", sell_form()).status_code == 303


@pytest.mark.parametrize(
    "wrong", [{"amount": ""}, {"amount": "0"}, {"amount": "2000"}, {"code": "7K2M"}, {"pin": "1"}]
)
def test_what_is_wrong_on_a_sale_is_said_beside_its_field(shop, till, wrong):
    page = till.client.post("/till/gift-cards/sell/", sell_form(**wrong))

    assert page.context["selling"].errors.keys() == wrong.keys()
    assert not GiftCard.objects.exists()


def test_a_card_pays_while_ringing_up_as_far_as_there_is_something_on_it(shop, till, member):
    card = sold(shop, "10.00")

    page = shown(till, till.rings_up(member, amount="12.50", gift_card=card.code))

    assert balance_of(card) == "0.00"
    assert "Paid with a gift card" in text_of(page)
    assert masked(card.code) in text_of(page)
    assert shop.balance(member) == 2


@pytest.mark.proves("C3")
def test_one_form_charges_once(shop, till):
    card = sold(shop)
    form = till.filled_in(amount="12.50", gift_card=card.code)

    for _press in range(2):
        assert till.client.post("/till/purchases/", form).status_code == 303

    assert balance_of(card) == "37.50"


def test_undo_puts_the_money_back_on_the_card(shop, till):
    card = sold(shop)
    page = shown(till, till.rings_up(amount="12.50", gift_card=card.code))
    undo = page.context["undo"]

    back = till.client.post(undo["url"], {"request_key": undo["key"]}, follow=True)

    assert balance_of(card) == "50.00"
    assert "Put back on the gift card" in text_of(back)
    assert back.context["answer"].taken_back.refund == 0


def test_points_pay_first_and_the_card_the_rest(shop, till, member):
    shop.settle(point_value="0.01", pay_with_points={})
    shop.buys(member, "500.00")
    card = sold(shop)

    till.rings_up(member, amount="12.50", points="500", gift_card=card.code)

    assert balance_of(card) == "42.50"


@pytest.mark.proves("input 49")
def test_a_code_in_the_wrong_box_is_told_by_its_looks_alone(shop, till):
    nobodys = "7K2M9QXD4TV"
    voucher = next(nobodys + one for one in ALPHABET if check(nobodys + one))

    page = till.rings_up(gift_card=voucher)

    assert errors_on(page)["gift_card"] == [
        "This looks like a voucher. Type its code into the field at the top."
    ]


def test_an_empty_card_is_told_beside_its_field_and_leaves_no_receipt(shop, till):
    card = sold(shop, "12.50")
    till.rings_up(amount="12.50", gift_card=card.code)

    page = till.rings_up(amount="5.00", receipt="1002", gift_card=card.code)

    assert errors_on(page) == {"gift_card": ["There is nothing left on this gift card."]}
    assert Purchase.objects.count() == 1


# --- the office -------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_asks_a_fixed_number_of_questions(shop, office, count, django_assert_num_queries):
    for number in range(count):
        sold(shop, member_id=shop.member(f"+4474001234{number:02}").pk)

    with django_assert_num_queries(8):
        page = office.get(HOME)

    assert page.status_code == 200


def test_the_list_says_what_is_owed_and_finds_a_card_by_its_end(shop, office):
    cards = [sold(shop), sold(shop, "20.00")]
    end = cards[0].ending

    page = text_of(office.get(HOME))
    found = office.get(HOME, {"q": end.lower()})

    assert "£70.00" in page
    assert [row.ending for row in found.context["rows"]] == [masked(cards[0].code)]
    assert "No card was found" in text_of(office.get(HOME, {"q": "####"}))


@pytest.mark.parametrize("count", [1, 3])
def test_a_card_with_its_ledger_asks_a_fixed_number_of_questions(
    shop, office, count, django_assert_num_queries
):
    card = sold(shop)
    for number in range(count):
        office.post(f"{HOME}{card.public_id}/load/", keyed(amount=f"{number + 1}"))

    with django_assert_num_queries(6):
        page = office.get(f"{HOME}{card.public_id}/")

    assert len(page.context["moves"]) == count + 1
    assert card.code not in page.content.decode()


def test_a_card_is_loaded_corrected_blocked_and_unblocked_with_a_reason(shop, office):
    card = sold(shop)
    url = f"{HOME}{card.public_id}/"

    office.post(f"{url}load/", keyed(amount="5"))
    correction = keyed(direction="down", amount="15", reason="Loaded twice")
    for _press in range(2):
        office.post(f"{url}adjust/", correction)
    assert balance_of(card) == "40.00"
    office.post(f"{url}block/", keyed(reason="Lost"))
    assert "Blocked" in text_of(office.get(url))
    office.post(f"{url}unblock/", keyed())

    told = AuditRecord.objects.filter(subject="rewards.giftcard").order_by("pk")
    assert list(told.values_list("verb", "reason")) == [
        ("adjusted", "Loaded twice"),
        ("blocked", "Lost"),
        ("unblocked", ""),
    ]


def test_the_log_says_what_was_done_to_cards(shop, office):
    card = sold(shop)
    office.post(f"{HOME}{card.public_id}/block/", keyed(reason="Lost"))

    assert f"blocked the gift card {masked(card.code)}" in text_of(
        office.get("/office/high-street/log/")
    )


def test_the_code_of_a_card_sold_in_the_office_is_shown_once(shop, office):
    page = office.post(f"{HOME}sell/", sell_form(), follow=True)

    card = GiftCard.objects.get()
    assert grouped(card.code) in text_of(page)
    assert grouped(card.code) not in text_of(office.get(f"{HOME}{card.public_id}/"))


def test_analysts_read_and_do_not_change(shop):
    analyst, card = office_of(shop.organization, Role.ANALYST), sold(shop)

    assert analyst.get(HOME).status_code == 200
    assert analyst.get(f"{HOME}{card.public_id}/").status_code == 200
    assert analyst.get(f"{HOME}settings/").status_code == 200
    assert analyst.post(f"{HOME}{card.public_id}/load/", keyed(amount="5")).status_code == 403
    assert analyst.get(f"{HOME}sell/").status_code == 403


@pytest.mark.proves("X4")
def test_another_shops_card_is_not_there(shop, office):
    card = sold(open_shop("low-street"))

    assert office.get(f"{HOME}{card.public_id}/").status_code == 404


def test_blank_cards_are_made_in_the_background_and_their_codes_leave_once(shop, office):
    decide(shop, asks_pin=True)
    office.post(f"{HOME}batches/", keyed(name="Christmas", size="5"))
    batch = GiftCardBatch.objects.get()
    url = f"{HOME}batches/{batch.public_id}/codes/"

    assert make_due_cards(chunk=2, chunks_max=1) == 2
    assert "2 of 5" in text_of(office.get(f"{HOME}batches/rows/"))
    assert "being made still" in text_of(office.post(url, follow=True))
    assert make_due_cards(chunk=2) == 3

    codes = office.post(url).content.decode().splitlines()
    assert len(codes) == 6
    card = GiftCard.objects.order_by("pk").first()
    assert codes[1] == f"{grouped(card.code)},{card.code},{pin_of(card)}"
    assert "were downloaded before" in text_of(office.post(url, follow=True))


def test_a_printed_pin_opens_its_card(shop, office, till):
    decide(shop, asks_pin=True)
    office.post(f"{HOME}batches/", keyed(name="Christmas", size="1"))
    make_due_cards()
    card = GiftCard.objects.get()
    till.client.post("/till/gift-cards/sell/", sell_form(code=card.code))

    form = {"code": card.code, "request_key": "k", "pin": pin_of(card)}

    assert "£25.00" in text_of(till.client.post("/till/gift-cards/", form))


@pytest.mark.parametrize("count", [1, 3])
def test_the_batches_ask_a_fixed_number_of_questions(
    shop, office, count, django_assert_num_queries
):
    for number in range(count):
        GiftCardBatch.objects.create(
            organization=shop.organization, name=f"{number}", size=2, created_by="system"
        )

    with django_assert_num_queries(7):
        office.get(f"{HOME}batches/")


def test_settings_are_decided_and_written_down(shop, office):
    told = {"valid_months": "24", "asks_pin": "on", "balance_max": "300", "load_max": "200"}
    form = keyed(**told, refund_to_ended="refuse")

    page = office.post(f"{HOME}settings/", form, follow=True)
    wrong = office.post(
        f"{HOME}settings/", keyed(**told | {"load_max": "301"}, refund_to_ended="refuse")
    )

    assert "Saved." in text_of(page)
    terms = GiftCardTerms.objects.get()
    assert (terms.valid_months, terms.asks_pin, terms.load_max) == (24, True, 200)
    assert "load_max" in wrong.context["form"].errors
    assert AuditRecord.objects.filter(subject="rewards.giftcardterms").count() == 1
