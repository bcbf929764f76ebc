from datetime import timedelta
from decimal import Decimal
from functools import partial
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from core.actors import SYSTEM
from loyalty.models import Purchase, Return
from loyalty.services.returns import ReturnWish, record_return
from tests.racing import race
from tests.shops import assert_audit_is_clean, open_shop
from tests.tills import errors_on, key_on, open_till, recorded, shown, text_of


@pytest.mark.proves("I8")
def test_a_double_click_records_once_and_both_answers_show_the_same_receipt(shop, member, till):
    sent = till.filled_in(member)

    answers = [till.client.post("/till/purchases/", sent) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].url == answers[1].url
    assert (recorded(), shop.balance(member)) == ([("1001", "12.50")], 12)


@pytest.mark.proves("I8")
def test_two_tabs_with_the_same_receipt_record_it_once(shop, member, till):
    first = till.rings_up(member, amount="12.50")

    second = till.rings_up(member, amount="12,5")
    page = shown(till, second)

    assert first.url == second.url
    assert "This receipt was rung up already. Here it is." in text_of(page)
    assert shop.balance(member) == 12


@pytest.mark.proves("I8")
def test_going_back_to_change_the_amount_asks_to_send_again_under_a_new_key(shop, member, till):
    sent = till.filled_in(member, receipt="1001")
    till.client.post("/till/purchases/", sent)

    again = till.client.post("/till/purchases/", sent | {"receipt": "1002"})
    after = till.client.post(
        "/till/purchases/", sent | {"receipt": "1002", "request_key": key_on(again)}
    )

    assert (again.status_code, after.status_code) == (200, 303)
    assert "was sent before with other contents" in errors_on(again)["__all__"][0]
    assert key_on(again) != sent["request_key"]
    assert [number for number, _total in recorded()] == ["1001", "1002"]


@pytest.mark.proves("input 30")
def test_the_same_receipt_later_shows_the_original(member, till):
    first = till.rings_up(member)
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        second = till.rings_up(member)

    assert (first.url, recorded()) == (second.url, [("1001", "12.50")])


@pytest.mark.proves("input 31")
@pytest.mark.parametrize(
    ("why", "amount", "is_guest"),
    [("another amount", "8", False), ("somebody else", "12.50", True)],
)
def test_a_receipt_number_in_use_is_told_beside_the_field_and_nothing_typed_is_lost(
    shop, member, till, why, amount, is_guest
):
    till.rings_up(member)

    page = till.rings_up(None if is_guest else member, amount=amount)

    assert errors_on(page) == {
        "receipt": ["This receipt number was used today for another purchase, of £12.50."]
    }
    assert page.context["purchase"]["receipt"].value() == "1001"
    assert (len(recorded()), shop.balance(member)) == (1, 12)
    corrected = till.rings_up(member, amount="8", receipt="1002", request_key=key_on(page))
    assert (corrected.status_code, len(recorded())) == (303, 2)


def test_two_registers_and_two_days_may_use_the_same_number(shop, member, till):
    other = open_till(shop, name="Zoë")

    till.rings_up(member)
    other.rings_up(member)
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        tomorrow = open_till(shop, name="Bo")
        tomorrow.register.code, tomorrow.register.store = "9", shop.store
        answer = tomorrow.rings_up(member)

    assert (answer.status_code, len(recorded())) == (303, 3)


@pytest.mark.race
@pytest.mark.proves("I8")
@pytest.mark.parametrize(
    ("forms", "receipts", "balance"), [("two forms", 2, 24), ("one form", 1, 12)]
)
def test_a_click_and_its_twin_at_the_same_moment_are_one(
    transactional_db, forms, receipts, balance
):
    """Two forms are the control: they show that both clicks do get through at once."""
    shop = open_shop()
    member, till = shop.member(), open_till(shop)
    first = till.filled_in(member)
    second = first if forms == "one form" else till.filled_in(member, receipt="1002")

    answers = race(*[partial(till.another_click, sent) for sent in (first, second)])

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len({answer.url for answer in answers}) == len(recorded()) == receipts
    assert shop.balance(member) == balance
    assert_audit_is_clean()


# --- undoing -------------------------------------------------------------------------------------


def undo(till, page, **sent):
    return till.client.post(page.context["undo"]["url"], {"request_key": uuid4().hex, **sent})


def test_what_was_just_rung_up_is_undone_and_says_what_went_back(shop, member, till):
    shop.buys(member, "100.00")
    page = shown(till, till.rings_up(member))

    undone = shown(till, undo(till, page, request_key=page.context["undo"]["key"]))

    slip = undone.context["answer"]
    assert (slip.taken_back.points, f"{slip.taken_back.amount:.2f}", slip.balance) == (
        -12,
        "12.50",
        100,
    )
    assert not undone.context.get("undo")
    number = Purchase.objects.get(source="till", external_id__endswith="/1001").external_id
    assert [(row.source, row.external_id) for row in Return.objects.all()] == [
        ("till", f"undo/{number}")
    ]
    assert shop.entries(member) == [("earn", 100, 100), ("earn", 12, 112), ("return", -12, 100)]


@pytest.mark.parametrize("amount", ["8", "12.50"])
def test_what_was_undone_is_rung_up_rightly_under_a_number_that_is_told(shop, member, till, amount):
    undo(till, shown(till, till.rings_up(member)))

    refused = till.rings_up(member, amount=amount)

    assert errors_on(refused) == {
        "receipt": ["This receipt was taken back today. Ring it up again as 1001-2."]
    }
    assert (len(recorded()), shop.balance(member)) == (1, 0)
    corrected = till.rings_up(member, amount="8", receipt="1001-2", request_key=key_on(refused))
    assert (corrected.status_code, shop.balance(member)) == (303, 8)


@pytest.mark.proves("I8")
@pytest.mark.parametrize("key", ["the same key", "a key of its own"])
def test_a_second_undo_gets_the_same_answer(shop, member, till, key):
    page = shown(till, till.rings_up(member))
    own = {"request_key": page.context["undo"]["key"]} if key == "the same key" else {}

    answers = [undo(till, page, **own) for _ in range(2)]

    assert answers[0].url == answers[1].url
    assert "no longer" not in text_of(shown(till, answers[1]))
    assert (Return.objects.count(), shop.balance(member)) == (1, 0)


def in_another_session(till):
    return open_till(till.shop, name="Zoë")


def after_signing_in_again(till):
    till.session.started_at = timezone.now() + timedelta(seconds=1)
    till.session.save(update_fields=["started_at"])
    return till


@pytest.mark.parametrize("by", [in_another_session, after_signing_in_again])
def test_what_somebody_else_rang_up_is_not_undone_here(shop, member, till, by):
    page = shown(till, till.rings_up(member))

    other = by(till)
    refused = shown(other, undo(other, page))

    assert not refused.context.get("undo")
    assert "can no longer be undone here" in text_of(refused)
    assert (Return.objects.count(), shop.balance(member)) == (0, 12)


def test_what_was_rung_up_a_while_ago_is_not_undone_here(shop, member, till):
    page = shown(till, till.rings_up(member))

    with time_machine.travel(timezone.now() + timedelta(minutes=14)) as clock:
        still = till.client.get(page.request["PATH_INFO"])
        clock.shift(timedelta(minutes=2))
        refused = shown(till, undo(till, page))

    assert (bool(still.context["undo"]), bool(refused.context.get("undo"))) == (True, False)
    assert "can no longer be undone here" in text_of(refused)
    assert (Return.objects.count(), shop.balance(member)) == (0, 12)


def test_what_partly_came_back_is_not_undone_here(shop, member, till):
    page = shown(till, till.rings_up(member))
    sale = Purchase.objects.get()
    some = ReturnWish(
        source="office",
        external_id="1",
        sale_source=sale.source,
        sale_external_id=sale.external_id,
        occurred_at=timezone.now(),
        request_key="return-1",
        amount=Decimal("2.00"),
    )
    record_return(organization_id=shop.organization.pk, wish=some, actor=SYSTEM)

    refused = shown(till, undo(till, page))

    assert "can no longer be undone here" in text_of(refused)
    assert (Return.objects.count(), shop.balance(member)) == (1, 11)
