from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from core.services.audit_ledger import violations
from loyalty.models import Purchase, PurchaseLine
from members.models import Member, Source
from members.services.enrollment import enroll
from tests.faults.client import Call, fire, new_key, one, tally

pytestmark = [pytest.mark.race, pytest.mark.server]

PHONES = ["+447400123456", "07400 123456", "0044 7400-123456", "٠٧٤٠٠١٢٣٤٥٦"]


def receipt(member, *, number="77", lines=None):
    return {
        "external_id": number,
        "store": "1",
        "member": str(member.public_id),
        "lines": lines or [{"sku": "mug", "quantity": "3", "amount": "30.00"}],
    }


def enrollments(shop):
    """Compose the same person's enrollment from three shop systems, in several notations."""
    secrets = [shop.api_key(name=f"system {turn}") for turn in range(3)]
    return [
        Call(path="members/", body={"phone": phone}, key=new_key(), secret=secret)
        for secret in secrets
        for phone in PHONES
    ]


def join_by_import(shop):
    """Enroll the person in another thread, on a connection of its own."""
    try:
        return enroll(organization_id=shop.organization.pk, source=Source.IMPORT, phone=PHONES[1])
    finally:
        connection.close()


@pytest.mark.proves("C11", "case 12", "input 12")
def test_one_phone_enrolled_everywhere_at_once_makes_one_member(audited, live_gunicorn):
    calls = enrollments(audited)
    with ThreadPoolExecutor() as threads:
        imported = threads.submit(join_by_import, audited)

        outcomes = fire(live_gunicorn, calls)

    member = Member.objects.get()
    assert {outcome.status for outcome in outcomes} <= {200, 201}
    assert sum(outcome.status == 201 for outcome in outcomes) + imported.result().created == 1
    assert all(str(member.public_id) in outcome.text for outcome in outcomes)


@pytest.mark.proves("C11")
def test_enrolling_without_care_does_collide(shop, broken_server):
    """The control: were this to fail, the test above would prove nothing."""
    outcomes = fire(broken_server("enroll_without_care"), enrollments(shop))

    assert any(outcome.status == 500 for outcome in outcomes)


@pytest.mark.proves("R1")
def test_a_full_return_before_spending_takes_exactly_what_was_earned(
    audited, member, caller, live_gunicorn
):
    bought = one(live_gunicorn, caller("purchases/", receipt(member)))
    back = {"external_id": "B1", "purchase": {"external_id": "77"}, "amount": "30.00"}

    returned = one(live_gunicorn, caller("returns/", back))

    assert (bought.status, returned.status) == (201, 201)
    assert audited.entries(member) == [("earn", 30, 30), ("return", -30, 0)]


def returning(member, caller, base, *, times):
    """Sell three of a kind, and compose returns of one piece each, all at once."""
    one(base, caller("purchases/", receipt(member)))
    purchase = Purchase.objects.get()
    return [
        caller(
            f"purchases/{purchase.public_id}/returns/",
            {"external_id": f"B{turn}", "lines": [{"line": 1, "quantity": "1"}]},
        )
        for turn in range(times)
    ]


@pytest.mark.proves("R3", "case 36")
def test_of_three_pieces_three_come_back_however_many_ask_at_once(
    audited, member, caller, live_gunicorn
):
    outcomes = fire(live_gunicorn, returning(member, caller, live_gunicorn, times=12))

    assert tally(outcomes) == {"201": 3, "already_returned": 9}
    assert PurchaseLine.objects.get().returned_quantity == 3
    assert audited.balance(member) == 0


@pytest.mark.proves("R3")
def test_without_locks_more_comes_back_than_was_sold(shop, member, caller, broken_server):
    """The control: were this to fail, the test above would prove nothing."""
    base = broken_server("forget_locks")

    outcomes = fire(base, returning(member, caller, base, times=12))

    assert tally(outcomes).get("201", 0) != 3 or violations()


@pytest.mark.proves("case 11", "input 30")
def test_one_receipt_posted_under_many_keys_at_once_is_recorded_once(
    audited, member, caller, live_gunicorn
):
    body = {**receipt(member), "occurred_at": "2026-11-20T10:00:00+00:00"}

    outcomes = fire(live_gunicorn, [caller("purchases/", body) for _ in range(20)])

    assert tally(outcomes) == {"201": 1, "duplicate_receipt": 19}
    assert audited.entries(member) == [("earn", 30, 30)]
