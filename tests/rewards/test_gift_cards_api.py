"""Gift cards as shop systems sell, load, charge and refund them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from core.models import IdempotentRequest
from rewards.gift_card_codes import grouped
from rewards.models import GiftCard, GiftCardTerms
from tests.callers import Caller, problem
from tests.giftcards import balance_of, blank, decide, entries_of, sold
from tests.shops import open_shop

NOWHERE = "0123456789ABCDEFP"  # a code of nobody's, rightly typed


@pytest.fixture
def caller(shop):
    return Caller(shop.api_key())


def move(caller, step, card, amount="20.00", **more):
    body = {"code": card.code, "amount": amount, "currency": "GBP", **more}
    return caller.post(f"gift-cards/{step}/", body)


def test_a_new_card_is_sold_and_its_code_is_told(shop, caller):
    answer = caller.post("gift-cards/", {"amount": "50.00", "currency": "GBP"})

    told = answer.json()
    card = GiftCard.objects.get()
    assert answer.status_code == 201
    assert told == {
        "code": grouped(card.code),
        "balance": "50.00",
        "currency": "GBP",
        "valid_until": None,
    }
    assert entries_of(card) == [("load", "50.00", "50.00")]


def test_the_same_key_sells_once(shop, caller):
    body = {"amount": "50.00", "currency": "GBP"}
    first = caller.post("gift-cards/", body, key="the-same-key-of-two")
    again = caller.post("gift-cards/", body, key="the-same-key-of-two")

    assert first.json() == again.json()
    assert GiftCard.objects.count() == 1


def test_a_printed_card_is_activated_when_it_is_sold(shop, caller):
    card = blank(shop)

    answer = caller.post("gift-cards/", {"amount": "25", "currency": "GBP", "code": card.code})
    twice = caller.post("gift-cards/", {"amount": "25", "currency": "GBP", "code": card.code})

    assert answer.json()["balance"] == "25.00"
    assert problem(twice) == (409, "gift_card_not_usable", "code")
    assert balance_of(card) == "25.00"


def test_a_card_is_loaded_charged_and_given_back(shop, caller):
    card = sold(shop)

    assert move(caller, "charge", card, "20.00", external_id="o-1").json()["balance"] == "30.00"
    assert move(caller, "load", card, "5.00").json()["balance"] == "35.00"
    assert move(caller, "refund", card, "12.00", external_id="o-1").json()["balance"] == "47.00"
    assert move(caller, "refund", card, "8.00", external_id="o-1").json()["balance"] == "55.00"
    assert problem(move(caller, "refund", card, "0.01", external_id="o-1")) == (
        409,
        "gift_card_refund_too_large",
        "amount",
    )


def test_more_than_there_is_is_refused_with_the_balance(shop, caller):
    card = sold(shop)

    answer = move(caller, "charge", card, "50.01")

    assert problem(answer) == (409, "insufficient_gift_card_balance", "amount")
    assert answer.json()["data"] == {"balance": "50.00", "needed": "50.01"}
    assert balance_of(card) == "50.00"


@pytest.mark.proves("R9")
@pytest.mark.parametrize("step", ["load", "charge", "refund"])
def test_money_of_another_currency_is_refused(shop, caller, step):
    card = sold(shop)
    move(caller, "charge", card, "1.00", external_id="o-1")

    body = {"code": card.code, "amount": "1.00", "currency": "EUR", "external_id": "o-1"}
    answer = caller.post(f"gift-cards/{step}/", body)

    assert problem(answer) == (400, "currency_mismatch", "currency")


@pytest.mark.proves("R9")
def test_a_card_holds_no_more_than_its_limit(shop, caller):
    decide(shop, balance_max=100, load_max=60)
    card = sold(shop)

    assert problem(move(caller, "load", card, "60.01"))[:2] == (409, "gift_card_limit")
    assert problem(move(caller, "load", card, "50.01"))[:2] == (409, "gift_card_limit")
    assert move(caller, "load", card, "50.00").json()["balance"] == "100.00"


@pytest.mark.proves("R9")
def test_a_refund_to_an_ended_card_comes_on_a_new_one(shop, caller):
    card = sold(shop)
    move(caller, "charge", card, "20.00", external_id="o-1")
    GiftCard.objects.update(status=GiftCard.Status.BLOCKED)

    answer = move(caller, "refund", card, "20.00", external_id="o-1")

    new = GiftCard.objects.get(replaces=card)
    assert answer.json()["code"] == grouped(new.code)
    assert answer.json()["balance"] == "20.00"
    assert balance_of(card) == "30.00"


@pytest.mark.proves("R9")
def test_a_refund_to_an_ended_card_is_refused_where_the_shop_wants_that(shop, caller):
    decide(shop, refund_to_ended=GiftCardTerms.ToEnded.REFUSE)
    card = sold(shop)
    move(caller, "charge", card, "20.00", external_id="o-1")
    GiftCard.objects.update(valid_until=timezone.now() - timedelta(seconds=1))

    answer = move(caller, "refund", card, "20.00", external_id="o-1")

    assert problem(answer)[:2] == (409, "gift_card_not_usable")
    assert balance_of(card) == "30.00"


@pytest.mark.proves("input 48")
@pytest.mark.parametrize("step", ["balance", "charge", "load", "refund"])
def test_cards_that_cannot_be_used_are_told_apart_by_nobody_outside(shop, caller, step):
    stranger = open_shop("low-street")
    blocked, expired, foreign = sold(shop), sold(shop), sold(stranger)
    secret, unsold = sold(shop, pin="4711"), blank(shop)
    GiftCard.objects.filter(pk=blocked.pk).update(status=GiftCard.Status.BLOCKED)
    GiftCard.objects.filter(pk=expired.pk).update(valid_until=timezone.now())
    nowhere = GiftCard(code=NOWHERE)

    told = []
    for number, card in enumerate([blocked, expired, foreign, secret, unsold, nowhere]):
        body = {"code": card.code} if step == "balance" else None
        other = Caller(shop.api_key(name=f"Shop {number}"))
        answer = other.post("gift-cards/balance/", body) if body else move(other, step, card)
        told.append({k: v for k, v in answer.json().items() if k != "request_id"})

    assert all(one == told[0] for one in told)
    assert told[0]["code"] == "gift_card_not_usable"
    assert told[0]["data"] == {}


@pytest.mark.proves("input 48")
def test_the_balance_of_a_card_with_a_pin_is_for_its_pin(shop, member, caller):
    card = sold(shop, pin="4711", member_id=member.pk)

    def ask(**more):
        return caller.post("gift-cards/balance/", {"code": card.code, **more})

    assert problem(ask())[1] == "gift_card_not_usable"
    assert problem(ask(pin="4712"))[1] == "gift_card_not_usable"
    assert ask(pin="۴۷۱۱").json()["balance"] == "50.00"


@pytest.mark.proves("input 48")
def test_a_phone_number_replaces_no_pin(shop, member, caller):
    card = sold(shop, pin="4711", member_id=member.pk)

    for step in ("charge", "load"):
        answer = move(caller, step, card, member=str(member.phone))
        assert problem(answer)[2] == "member"  # a card is proved to be one's own by its PIN alone
        assert problem(move(caller, step, card))[1] == "gift_card_not_usable"

    assert balance_of(card) == "50.00"


@pytest.mark.proves("input 48")
def test_who_tries_codes_has_to_wait(shop, caller):
    good = sold(shop)
    for _try in range(5):
        answer = caller.post("gift-cards/balance/", {"code": NOWHERE})
        assert problem(answer)[:2] == (409, "gift_card_not_usable")

    for code in (NOWHERE, good.code):
        answer = caller.post("gift-cards/balance/", {"code": code})
        assert problem(answer)[:2] == (429, "tried_too_often")
        assert answer["Retry-After"] == "60"


@pytest.mark.proves("input 48")
def test_pins_are_counted_card_by_card_whoever_tries(shop):
    card = sold(shop, pin="4711")
    for number in range(5):
        caller = Caller(shop.api_key(name=f"Shop {number}"))
        answer = caller.post("gift-cards/balance/", {"code": card.code, "pin": "1234"})
        assert problem(answer)[:2] == (409, "gift_card_not_usable")

    last = Caller(shop.api_key(name="Last"))
    answer = last.post("gift-cards/balance/", {"code": card.code, "pin": "4711"})

    assert problem(answer)[:2] == (429, "tried_too_often")


@pytest.mark.proves("input 47")
@pytest.mark.parametrize(
    "spell",
    [
        str.lower,
        grouped,
        lambda code: f"  {code[:4]} {code[4:]}\u200b ",
        lambda code: code.replace("0", "O").replace("1", "l"),
        lambda code: code.translate({ord("0") + n: ord("۰") + n for n in range(10)}),
        lambda code: "‒".join([code[:8], code[8:]]),
    ],
)
def test_a_code_is_known_however_it_is_spelled(shop, caller, spell):
    card = sold(shop)

    answer = caller.post("gift-cards/balance/", {"code": spell(card.code)})

    assert answer.json()["code"] == grouped(card.code)


@pytest.mark.proves("input 47")
def test_a_slip_of_the_finger_is_told_before_anything_is_looked_up(
    shop, caller, django_assert_num_queries
):
    card = sold(shop)
    other = "Z" if card.code[3] != "Z" else "Y"
    slip = card.code[:3] + other + card.code[4:]

    for _try in range(7):  # and so is no guess
        answer = caller.post("gift-cards/balance/", {"code": slip})
        assert problem(answer) == (400, "gift_card_mistyped", "code")


def test_a_pin_is_kept_nowhere_as_it_was_sent(shop, caller):
    caller.post("gift-cards/", {"amount": "5.00", "currency": "GBP", "pin": "83914"})

    kept = IdempotentRequest.objects.get()
    assert "83914" not in str(kept.body) + kept.answer
    assert bytes(GiftCard.objects.get().pin_digest) != b"83914"


def test_a_pin_is_asked_for_where_the_shop_wants_one(shop, caller):
    decide(shop, asks_pin=True)
    body = {"amount": "5.00", "currency": "GBP"}

    assert problem(caller.post("gift-cards/", body)) == (400, "gift_card_pin_needed", "pin")
    assert problem(caller.post("gift-cards/", {**body, "pin": "12"}))[1] == "gift_card_pin_needed"
    assert caller.post("gift-cards/", {**body, "pin": "1234"}).status_code == 201


def test_a_sold_card_is_valid_to_the_end_of_a_local_day(shop, caller):
    decide(shop, valid_months=12)

    told = caller.post("gift-cards/", {"amount": "5.00", "currency": "GBP"}).json()

    card = GiftCard.objects.get()
    local = card.valid_until.astimezone(shop.organization.zone)
    assert (local.hour, local.minute) == (0, 0)
    assert told["valid_until"] is not None
    assert 364 <= (card.valid_until - timezone.now()).days <= 367


def test_a_purchase_of_another_shop_is_not_there(shop, caller):
    other = open_shop("low-street").buys(None, "5.00").purchase

    answer = move(caller, "charge", sold(shop), purchase=str(other.public_id))

    assert problem(answer)[:2] == (404, "not_found")


def test_a_key_without_the_scope_is_refused(shop):
    caller = Caller(shop.api_key("rewards:write"))

    answer = caller.post("gift-cards/", {"amount": "5.00", "currency": "GBP"})

    assert answer.status_code == 403


@pytest.mark.proves("X4")
@pytest.mark.parametrize("path", ["purchases/", "quotes/"])
def test_a_receipt_asks_for_the_scopes_of_what_it_does_besides(shop, member, path):
    caller = Caller(shop.api_key("purchases:write"))
    card = sold(shop)
    sold_line = {"name": "Gift card", "kind": "gift_card", "quantity": "1", "amount": "5.00"}
    mug = {"sku": "mug", "quantity": "1", "amount": "5.00"}
    reward = shop.reward(points=1)
    paid = {"method": "gift_card", "amount": "5.00", "gift_card": card.code}
    wishes = [
        ({"lines": [sold_line]}, "gift-cards:write"),
        ({"lines": [mug], "rewards": [str(reward.public_id)]}, "rewards:write"),
        *([({"lines": [mug], "payments": [paid]}, "gift-cards:write")] * (path == "purchases/")),
    ]

    for number, (wish, scope) in enumerate(wishes):
        more = {"external_id": f"r{number}"} if path == "purchases/" else {}
        body = {"store": "1", "member": str(member.public_id), **wish, **more}
        answer = caller.post(path, body)
        assert problem(answer)[:2] == (403, "scope_missing")
        assert answer.json()["data"] == {"scope": scope}
        named = Caller(shop.api_key("purchases:write", scope, name=f"{scope} {number}"))
        assert named.post(path, body).status_code != 403
    other = {"external_id": "other"} if path == "purchases/" else {}
    assert caller.post(path, {"store": "1", "lines": [mug], **other}).status_code in {200, 201}
