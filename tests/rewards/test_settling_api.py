"""A shop system settles a purchase when what its points waited for has come."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from core.models.access import Scope
from loyalty.models import Purchase
from tests.callers import Caller, problem
from tests.shops import open_shop

EVENT = {"type": "event", "deadline_days": 14}


@pytest.fixture
def waiting(shop):
    shop.settle(waits_for=EVENT, expiry={"type": "after", "months": 12})
    return shop


@pytest.fixture
def api(waiting):
    return Caller(waiting.api_key())


def sells(api, member, number="77"):
    body = {"external_id": number, "store": "1", "total": "40.00", "member": str(member.public_id)}
    return api.post("purchases/", body).json()


def settles(api, purchase_id, **options):
    return api.post(f"purchases/{purchase_id}/settle/", {}, **options)


def test_a_settled_purchase_is_answered_with_what_can_be_spent_now(api, member):
    sold = sells(api, member)

    answer = settles(api, sold["id"])

    told = answer.json()
    assert answer.status_code == 200
    assert (sold["settled_at"], sold["balance"], sold["pending"]) == (None, 0, 40)
    assert (told["balance"], told["pending"], told["entries"]) == (40, 0, sold["entries"])
    assert told == api.get(f"purchases/{sold['id']}/").json()
    assert told["settled_at"] is not None


@pytest.mark.proves("C7")
def test_the_same_call_again_is_answered_alike_and_settles_nothing_more(api, member):
    sold = sells(api, member)
    first = settles(api, sold["id"], key="settling-of-77-once")
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        again = settles(api, sold["id"], key="settling-of-77-once")

    assert (again.status_code, again.content) == (200, first.content)
    assert again["Idempotency-Replayed"] == "true"


def test_a_second_call_is_told_when_it_was_settled(api, member):
    sold = sells(api, member)
    settled_at = settles(api, sold["id"]).json()["settled_at"]

    again = settles(api, sold["id"])

    assert problem(again) == (409, "already_settled", None)
    assert again.json()["data"] == {"settled_at": settled_at}


@pytest.mark.proves("case 15")
def test_after_the_deadline_a_purchase_is_not_settled(api, member):
    sold = sells(api, member)

    with time_machine.travel(timezone.now() + timedelta(days=15)):
        late = settles(api, sold["id"])
        shown = api.get(f"purchases/{sold['id']}/").json()

    assert problem(late) == (409, "settled_too_late", None)
    assert (shown["balance"], shown["pending"], shown["settled_at"]) == (0, 0, None)


def test_a_guest_s_purchase_has_nothing_to_settle(api, waiting):
    sold = api.post("purchases/", {"external_id": "78", "store": "1", "total": "40.00"}).json()

    assert problem(settles(api, sold["id"])) == (409, "nothing_waits", None)
    assert Purchase.objects.get().settled_at is None


def test_a_purchase_of_another_organization_does_not_exist(api, member):
    sold = sells(api, member)
    stranger = Caller(open_shop("low-road").api_key())

    assert settles(stranger, sold["id"]).status_code == 404
    assert Purchase.objects.get().settled_at is None


def test_who_may_only_read_settles_nothing(api, waiting, member):
    sold = sells(api, member)
    reader = Caller(waiting.api_key(Scope.PURCHASES_READ, name="Reader"))

    assert problem(settles(reader, sold["id"]))[:2] == (403, "scope_missing")
    assert Purchase.objects.get().settled_at is None


def test_settling_takes_a_key_and_an_empty_body(api, member):
    path = f"purchases/{sells(api, member)['id']}/settle/"

    assert problem(api.send("POST", path, "{}"))[:2] == (400, "idempotency_key_required")
    assert problem(api.post(path, {"now": True}))[:2] == (400, "unknown_field")
    assert Purchase.objects.get().settled_at is None
