"""Receipts that gift cards pay for, receipts that sell them, and what comes back of both."""

from itertools import count

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from loyalty.models import Purchase, Return
from loyalty.services.returns import settle
from rewards.gift_card_codes import grouped, masked
from rewards.models import GiftCard, GiftCardTerms
from tests.benefits import percent_off, switch_on
from tests.callers import Caller, problem
from tests.giftcards import balance_of, blank, decide, entries_of, sold

_numbers = count(1)
NOWHERE = "0123456789ABCDEFP"  # a code of nobody's, rightly typed


@pytest.fixture
def caller(shop):
    return Caller(shop.api_key())


def line(amount="30.00", **more):
    return {"sku": "mug", "quantity": "1", "amount": amount, **more}


def card_line(amount="25.00", **more):
    return {"name": "Gift card", "kind": "gift_card", "quantity": "1", "amount": amount, **more}


def paid(card, amount="20.00", **more):
    return {"method": "gift_card", "amount": amount, "gift_card": card.code, **more}


def buy(caller, *lines, payments=(), **more):
    parts = {name: some for name, some in (("lines", lines), ("payments", payments)) if some}
    body = {"external_id": f"r{next(_numbers)}", "store": "1", **parts, **more}
    return caller.post("purchases/", body)


def bring_back(caller, bought, **what):
    path = f"purchases/{bought.json()['id']}/returns/"
    return caller.post(path, {"external_id": f"b{next(_numbers)}", **what})


def test_a_card_pays_a_part_and_that_part_earns_nothing(shop, member, caller):
    card = sold(shop)

    answer = buy(caller, line(), payments=[paid(card)], member=str(member.public_id))

    told = answer.json()
    assert told["points_total"] == 10
    assert [(one["what"], one["amount"], one["code"]) for one in told["gift_cards"]] == [
        ("paid", "20.00", masked(card.code))
    ]
    assert balance_of(card) == "30.00"


@pytest.mark.proves("case 4", "L8")
def test_selling_a_card_earns_nothing(shop, member, caller):
    answer = buy(caller, line("7.00"), card_line(), member=str(member.public_id))

    told = answer.json()
    card = GiftCard.objects.get()
    assert told["points_total"] == 7
    assert told["gift_cards"][0]["code"] == grouped(card.code)
    assert entries_of(card) == [("load", "25.00", "25.00")]


@pytest.mark.proves("R9", "case 4")
def test_a_card_buys_no_card(shop, caller):
    card = sold(shop)

    answer = buy(caller, card_line(), payments=[paid(card)])

    assert problem(answer) == (400, "gift_card_pays_for_gift_card", "payments")
    assert (balance_of(card), GiftCard.objects.count()) == ("50.00", 1)


def test_a_printed_card_is_sold_by_a_line_and_a_live_one_is_loaded(shop, caller):
    printed = blank(shop)

    buy(caller, card_line(gift_card=printed.code))
    buy(caller, card_line("5.00", gift_card=printed.code))

    assert entries_of(printed) == [("load", "25.00", "25.00"), ("load", "5.00", "30.00")]


def test_the_code_of_a_new_card_is_shown_with_the_sale_alone(shop, caller):
    bought = buy(caller, card_line())

    again = caller.get(f"purchases/{bought.json()['id']}/").json()

    card = GiftCard.objects.get()
    assert again["gift_cards"][0]["code"] == masked(card.code)
    assert card.code not in str(again).replace("-", "")


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([card_line(quantity="2")], "gift_card_line_invalid"),
        ([card_line(discount="1.00")], "gift_card_line_invalid"),
        ([line(gift_card="7K2M")], "gift_card_misplaced"),
        ([card_line(gift_card="0000000000000000Z")], "gift_card_mistyped"),
    ],
)
def test_lines_that_sell_no_card_are_refused(shop, caller, lines, code):
    assert problem(buy(caller, *lines))[:2] == (400, code)
    assert not Purchase.objects.exists()


def test_more_than_there_is_leaves_no_receipt_behind(shop, caller):
    card = sold(shop, "10.00")

    answer = buy(caller, line(), payments=[paid(card)])

    assert problem(answer)[:2] == (409, "insufficient_gift_card_balance")
    assert answer.json()["data"]["balance"] == "10.00"
    assert not Purchase.objects.exists()


def test_what_is_there_is_taken_when_that_is_asked(shop, caller):
    card = sold(shop, "10.00")
    body = {
        "external_id": "the-same",
        "store": "1",
        "occurred_at": timezone.now().isoformat(),
        "lines": [line()],
        "payments": [paid(card, "30.00", at_most=True)],
    }

    first = caller.post("purchases/", body)
    again = caller.post("purchases/", body)

    assert first.json()["gift_cards"][0]["amount"] == "10.00"
    assert problem(again)[:2] == (409, "duplicate_receipt")
    assert balance_of(card) == "0.00"


@pytest.mark.proves("input 48")
@pytest.mark.parametrize("total", ["5.00", "20.00", "80.00"])
@pytest.mark.parametrize("amount", ["1.00", "100.00"])
def test_what_is_on_a_card_is_told_by_no_payment_of_who_may_not_use_it(shop, total, amount):
    blocked, secret, empty = sold(shop), sold(shop, pin="4711"), sold(shop, "0.01", pin="4711")
    GiftCard.objects.filter(pk=blocked.pk).update(status=GiftCard.Status.BLOCKED)
    nowhere = GiftCard(code=NOWHERE)

    told = []
    for number, card in enumerate([blocked, secret, empty, nowhere]):
        other = Caller(shop.api_key(name=f"Shop {number}"))
        sent = {"total": total, "expected_total_due": "0.01"}
        answer = buy(other, payments=[paid(card, amount, at_most=True)], **sent)
        told.append({k: v for k, v in answer.json().items() if k != "request_id"})

    assert all(one == told[0] for one in told)
    assert (told[0]["code"], told[0]["data"]) == ("gift_card_not_usable", {})


@pytest.mark.proves("input 48")
def test_who_tries_cards_by_paying_as_far_as_they_go_has_to_wait(shop, caller):
    secret, good = sold(shop, pin="4711"), sold(shop)

    for _try in range(5):
        answer = buy(caller, total="5.00", payments=[paid(secret, "100.00", at_most=True)])
        assert problem(answer)[:2] == (409, "gift_card_not_usable")

    answer = buy(caller, total="5.00", payments=[paid(good, "100.00", at_most=True)])
    assert problem(answer)[:2] == (429, "tried_too_often")


def test_a_receipt_on_record_is_told_as_such_also_when_its_card_has_ended_since(shop, caller):
    card = sold(shop, "10.00")
    body = {
        "external_id": "the-same",
        "store": "1",
        "occurred_at": timezone.now().isoformat(),
        "lines": [line()],
        "payments": [paid(card, "40.00", at_most=True)],
    }
    first = caller.post("purchases/", body)
    GiftCard.objects.update(status=GiftCard.Status.BLOCKED)

    again = caller.post("purchases/", body)

    assert problem(again)[:2] == (409, "duplicate_receipt")
    assert again.json()["data"]["purchase"]["id"] == first.json()["id"]


def test_one_card_pays_twice_as_far_as_it_goes(shop, caller):
    card = sold(shop, "10.00")
    parts = [paid(card, "6.00", at_most=True), paid(card, "6.00", at_most=True)]

    answer = buy(caller, line(), payments=parts)

    assert [one["amount"] for one in answer.json()["gift_cards"]] == ["6.00", "4.00"]
    assert balance_of(card) == "0.00"


@pytest.mark.proves("R9")
def test_returns_put_the_cards_share_back_and_the_last_one_the_rest(shop, caller):
    card = sold(shop)
    bought = buy(caller, line(), payments=[paid(card)])

    backs = [bring_back(caller, bought, amount=part).json() for part in ("10.00", "9.99", "10.01")]

    assert [one["refund_due"] for one in backs] == ["3.34", "3.33", "3.33"]
    assert [one["gift_cards"][0]["amount"] for one in backs] == ["6.66", "6.66", "6.68"]
    assert balance_of(card) == "50.00"


def test_lines_that_come_back_put_their_share_back(shop, caller):
    card = sold(shop)
    bought = buy(caller, line("10.00"), line("30.00"), payments=[paid(card)])

    back = bring_back(caller, bought, lines=[{"line": 2, "quantity": "1"}])

    assert back.json()["refund_due"] == "15.00"
    assert balance_of(card) == "45.00"


def test_points_and_a_card_get_their_own_shares_back(shop, member, caller):
    shop.settle(point_value="0.01", pay_with_points={})
    shop.buys(member, "1000.00")
    card = sold(shop)
    more = {"member": str(member.public_id), "points_to_spend": 1000}
    bought = buy(caller, line("40.00"), payments=[paid(card)], **more)

    half = bring_back(caller, bought, amount="20.00").json()
    rest = bring_back(caller, bought, amount="20.00").json()

    assert (half["points_put_back"], rest["points_put_back"]) == (500, 500)
    assert [one["gift_cards"][0]["amount"] for one in (half, rest)] == ["10.00", "10.00"]
    assert [one["refund_due"] for one in (half, rest)] == ["5.00", "5.00"]


def test_two_cards_share_what_comes_back(shop, caller):
    cards = [sold(shop), sold(shop)]
    bought = buy(caller, line(), payments=[paid(cards[0], "10.00"), paid(cards[1], "20.00")])

    bring_back(caller, bought, amount="15.00")
    assert [balance_of(card) for card in cards] == ["45.00", "40.00"]
    bring_back(caller, bought, amount="15.00")
    assert [balance_of(card) for card in cards] == ["50.00", "50.00"]


@pytest.mark.proves("R9")
def test_what_was_refunded_by_hand_is_not_put_back_twice(shop, caller):
    card = sold(shop)
    bought = buy(caller, line(), payments=[paid(card)])
    body = {"code": card.code, "amount": "15.00", "currency": "GBP"}
    caller.post("gift-cards/refund/", {**body, "purchase": bought.json()["id"]})

    back = bring_back(caller, bought, amount="30.00")

    assert back.json()["refund_due"] == "25.00"
    assert balance_of(card) == "50.00"


def test_a_sold_card_is_taken_back_while_it_is_unspent(shop, caller):
    bought = buy(caller, card_line())

    back = bring_back(caller, bought, lines=[{"line": 1, "quantity": "1"}])

    card = GiftCard.objects.get()
    assert back.json()["refund_due"] == "25.00"
    assert (card.status, balance_of(card)) == ("blocked", "0.00")


@pytest.mark.proves("R9")
@pytest.mark.parametrize(
    ("off", "paid_back", "left"),
    [(10, ["45.00", "45.00"], ["50.00", "0.00"]), (100, ["0.00", "0.00"], ["50.00", "0.00"])],
)
def test_what_is_on_a_card_that_was_sold_for_less_goes_with_it(
    shop, member, caller, off, paid_back, left
):
    switch_on(shop, percent_off(off, kinds=["gift_card"]))
    bought = buy(caller, card_line("100.00"), member=str(member.public_id))
    card = GiftCard.objects.get()

    half = [{"line": 1, "quantity": "0.5"}]
    seen = [
        (bring_back(caller, bought, lines=half).json()["refund_due"], balance_of(card))
        for _time in range(2)
    ]

    assert seen == list(zip(paid_back, left, strict=True))
    assert (card.status, card.loaded) == ("blocked", 100)


@pytest.mark.proves("R9")
def test_an_amount_that_comes_back_takes_its_share_of_what_was_loaded(shop, member, caller):
    switch_on(shop, percent_off(10, kinds=["gift_card"]))
    bought = buy(caller, card_line("100.00"), member=str(member.public_id))
    card = GiftCard.objects.get()

    left = []
    for part in ("30.00", "30.00", "30.00"):
        bring_back(caller, bought, amount=part)
        left.append(balance_of(card))

    assert left == ["66.67", "33.34", "0.00"]


@pytest.mark.proves("R9")
def test_a_sold_card_that_was_spent_stays_sold(shop, caller):
    bought = buy(caller, line("3.00"), card_line())
    card = GiftCard.objects.get()
    buy(caller, line("5.00"), payments=[paid(card, "5.00")])

    back = bring_back(caller, bought, lines=[{"line": 2, "quantity": "1"}])
    other = bring_back(caller, bought, lines=[{"line": 1, "quantity": "1"}])

    assert problem(back)[:2] == (409, "gift_card_spent")
    assert other.status_code == 201
    assert balance_of(card) == "20.00"


@pytest.mark.proves("R9")
@pytest.mark.parametrize("policy", GiftCardTerms.ToEnded.values)
def test_a_return_to_a_card_that_has_ended_follows_the_policy(shop, caller, policy):
    decide(shop, refund_to_ended=policy)
    card = sold(shop)
    bought = buy(caller, line(), payments=[paid(card)])
    GiftCard.objects.update(valid_until=timezone.now())

    back = bring_back(caller, bought, amount="30.00")

    if policy == GiftCardTerms.ToEnded.REFUSE:
        assert problem(back)[:2] == (409, "gift_card_not_usable")
        return
    new = GiftCard.objects.get(replaces=card)
    told = {one["what"]: one["code"] for one in back.json()["gift_cards"]}
    assert told == {"put_back": masked(card.code), "new_card": grouped(new.code)}
    assert (balance_of(card), balance_of(new)) == ("30.00", "20.00")


def test_a_return_that_came_first_meets_its_card(shop, caller):
    card = sold(shop)
    first = {"external_id": "b-early", "purchase": {"external_id": "late"}, "amount": "15.00"}
    assert caller.post("returns/", first).status_code == 202

    body = {"external_id": "late", "store": "1", "lines": [line()], "payments": [paid(card)]}
    assert caller.post("purchases/", body).status_code == 201

    assert balance_of(card) == "40.00"


def test_a_pin_is_needed_at_the_checkout_too_and_kept_nowhere(shop, caller):
    card = sold(shop, pin="4711")

    refused = buy(caller, line(), payments=[paid(card)])
    taken = buy(caller, line(), payments=[paid(card, gift_card_pin="4711")])

    assert problem(refused)[:2] == (409, "gift_card_not_usable")
    assert taken.status_code == 201
    assert balance_of(card) == "30.00"


@pytest.mark.proves("input 48")
@pytest.mark.parametrize("more", [{}, {"at_most": True}])
def test_a_receipt_that_names_the_holder_needs_the_pin_all_the_same(shop, member, caller, more):
    card = sold(shop, pin="4711", member_id=member.pk)

    refused = buy(caller, line(), payments=[paid(card, **more)], member=str(member.phone))

    assert problem(refused)[:2] == (409, "gift_card_not_usable")
    assert balance_of(card) == "50.00"


@pytest.mark.proves("R9")
def test_a_parked_return_that_a_card_refuses_is_put_aside_and_changes_nothing(shop, caller):
    buy(caller, card_line(), external_id="sale")
    card, sale = GiftCard.objects.get(), Purchase.objects.get()
    buy(caller, line("5.00"), payments=[paid(card, "5.00")])
    parked = Return.objects.create(
        organization=shop.organization,
        source=sale.source,
        external_id="b-parked",
        status=Return.Status.PARKED,
        sale_source=sale.source,
        sale_external_id="sale",
        wish={"quantities": {"1": "1"}, "amount": None},
        request_key="parked",
        actor="system",
        occurred_at=timezone.now(),
    )

    settle(row=parked, purchase_id=sale.pk, actor=SYSTEM)

    parked.refresh_from_db()
    sale.refresh_from_db()
    assert (parked.status, parked.problem) == ("unmatched", "gift_card_spent")
    assert (sale.returned, balance_of(card)) == (0, "20.00")
