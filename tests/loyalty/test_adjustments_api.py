from uuid import uuid4

import pytest

from core.actors import staff_actor
from core.models import AuditRecord, Staff
from core.models.people import Role
from loyalty.models import Account, AdjustmentRequest, Entry, Program
from loyalty.services.adjustment_requests import approve_adjustment
from members.models import Member, MemberStatus
from tests.callers import Caller, problem
from tests.shops import open_shop


@pytest.fixture
def api(shop):
    return Caller(shop.api_key())


def adjust(api, member, points, *, key=None, **change):
    body = {"member": str(member.public_id), "points": points, "reason": "Lost receipt"}
    return send(api, {**body, **change}, key=key)


def send(api, body, *, key=None):
    return api.post("adjustments/", body, key=key)


def test_points_are_given_by_hand_with_a_reason(shop, api, member):
    response = adjust(api, member, 150)

    entry = Entry.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "account": str(shop.account(member).public_id),
        "program": "club",
        "sequence": 1,
        "kind": "adjust",
        "points": 150,
        "balance_after": 150,
        "occurred_at": entry.occurred_at.isoformat().replace("+00:00", "Z"),
        "created_at": entry.created_at.isoformat().replace("+00:00", "Z"),
        "reason": "Lost receipt",
        "cause": "adjustment",
        "why": [],
        "member": str(member.public_id),
        "balance": 150,
        "pending": 0,
    }
    record = AuditRecord.objects.get(verb="adjust")
    assert (record.actor, record.reason) == (entry.actor, "Lost receipt")
    assert entry.actor.startswith("integration:")


def test_points_are_taken_by_hand_as_far_as_they_can_be_spent(shop, api, member):
    shop.buys(member, "40.00")

    taken = adjust(api, member, -15)
    too_many = adjust(api, member, -26)

    assert (taken.status_code, taken.json()["balance"]) == (201, 25)
    assert problem(too_many) == (409, "insufficient_points", "points")
    assert too_many.json()["data"]["balance"] == 25
    assert shop.entries(member) == [("earn", 40, 40), ("adjust", -15, 25)]


@pytest.mark.parametrize("sign", ["id", "card", "phone", "national phone"])
def test_the_member_is_named_by_id_card_or_phone(shop, api, member, sign):
    reference = {
        "id": str(member.public_id).upper(),
        "card": f" {member.cards.get().number} ",
        "phone": "+44 7400 123456",
        "national phone": "07400 123456",
    }[sign]

    response = send(api, {"member": reference, "points": 5, "reason": "Lost receipt"})

    assert (response.status_code, response.json()["member"]) == (201, str(member.public_id))


@pytest.mark.proves("I1", "I2")
def test_the_same_key_moves_points_once_and_answers_the_same(shop, api, member):
    first = adjust(api, member, 10, key="one-and-the-same-key")
    again = adjust(api, member, 10, key="one-and-the-same-key")
    other = adjust(api, member, 11, key="one-and-the-same-key")

    assert (again.status_code, again.content) == (201, first.content)
    assert (again["Idempotency-Replayed"], "Idempotency-Replayed" in first) == ("true", False)
    assert problem(other) == (422, "idempotency_key_reused", "points")
    assert shop.entries(member) == [("adjust", 10, 10)]


@pytest.mark.proves("I4")
def test_a_refusal_is_remembered_under_its_key(shop, api, member):
    refused = adjust(api, member, -5, key="one-and-the-same-key")
    adjust(api, member, 100)
    again = adjust(api, member, -5, key="one-and-the-same-key")

    assert problem(refused) == problem(again) == (409, "insufficient_points", "points")
    assert again.content == refused.content
    assert shop.entries(member) == [("adjust", 100, 100)]


@pytest.mark.proves("X8")
def test_more_than_one_person_may_decide_alone_waits_for_another(shop, api, member):
    shop.settle(adjustment_points_max=1000)

    response = adjust(api, member, 1001, key="one-and-the-same-key")
    again = adjust(api, member, 1001, key="one-and-the-same-key")

    asked = AdjustmentRequest.objects.get()
    assert (response.status_code, again.content) == (202, response.content)
    assert response.json() == {
        "id": str(asked.public_id),
        "status": "pending_approval",
        "program": "club",
        "member": str(member.public_id),
        "points": 1001,
        "reason": "Lost receipt",
        "created_at": asked.created_at.isoformat().replace("+00:00", "Z"),
        "decided_at": None,
        "decided_because": "",
        "sequence": None,
    }
    assert Entry.objects.count() == 0
    assert adjust(api, member, 1000).status_code == 201
    assert shop.entries(member) == [("adjust", 1000, 1000)]


@pytest.mark.proves("L5")
@pytest.mark.parametrize(
    ("points", "refused"),
    [
        (2**53 - 1, (400, "limit_exceeded", "points")),
        (-(2**53 - 1), (409, "insufficient_points", "points")),
    ],
)
def test_what_no_second_person_could_approve_is_not_asked_for(shop, api, member, points, refused):
    shop.buys(member, "5")

    assert problem(adjust(api, member, points)) == refused
    assert AdjustmentRequest.objects.count() == 0


@pytest.mark.proves("X8")
def test_what_became_of_it_can_be_asked_and_it_can_be_withdrawn(shop, api, member):
    first, second = (adjust(api, member, 20_000).json()["id"] for _ in range(2))
    owner = Staff.objects.create(
        organization=shop.organization, code="o", name="Olu", role=Role.OWNER
    )
    decided = AdjustmentRequest.objects.get(public_id=first)
    approve_adjustment(request_id=decided.pk, actor=staff_actor(owner.pk))

    shown = api.get(f"adjustments/{first}/").json()
    too_late = api.post(f"adjustments/{first}/withdraw/", {})
    withdrawn = api.post(f"adjustments/{second}/withdraw/", {})

    assert (shown["status"], shown["sequence"]) == ("approved", 1)
    assert problem(too_late) == (409, "already_decided", None)
    assert (withdrawn.status_code, withdrawn.json()["status"]) == (200, "withdrawn")
    assert shop.entries(member) == [("adjust", 20_000, 20_000)]


@pytest.mark.proves("X2", "X8", "input 82", "input 83")
def test_what_others_asked_for_is_withdrawn_by_nobody_else(shop, api, member):
    asked = adjust(api, member, 20_000).json()["id"]
    beside = Caller(shop.api_key("admin", name="beside"))
    elsewhere = Caller(open_shop("elsewhere").api_key("admin"))

    answers = [
        beside.post(f"adjustments/{asked}/withdraw/", {}),
        elsewhere.post(f"adjustments/{asked}/withdraw/", {}),
        elsewhere.get(f"adjustments/{asked}/"),
        api.get(f"adjustments/{uuid4()}/"),
        api.post(f"adjustments/{asked}/approve/", {}),
        api.post(f"adjustments/{asked}/withdraw/", {"status": "approved"}),
    ]

    assert [problem(answer)[:2] for answer in answers] == [
        (403, "not_asked_by_you"),
        *[(404, "not_found")] * 4,
        (400, "unknown_field"),
    ]
    assert AdjustmentRequest.objects.get().status == "asked"


@pytest.mark.proves("input 29", "input 25", "input 83", "input 81", "input 72")
@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"points": 0}, (400, "nothing_adjusted", "points")),
        ({"points": 1.5}, (400, "invalid", "points")),
        ({"points": "5"}, (400, "invalid", "points")),
        ({"points": True}, (400, "invalid", "points")),
        ({"points": None}, (400, "null", "points")),
        ({"points": [1]}, (400, "invalid", "points")),
        ({"points": 2**53}, (400, "max_value", "points")),
        ({"points": int("9" * 25)}, (400, "max_value", "points")),
        ({"points": int("9" * 40)}, (400, "number_too_large", None)),
        ({"reason": ""}, (400, "blank", "reason")),
        ({"reason": " \u200b "}, (400, "blank", "reason")),
        ({"reason": "x" * 201}, (400, "text_too_long", "reason")),
        ({"reason": "a\0b"}, (400, "control_characters", "reason")),
        ({"program": "nowhere"}, (400, "program_unknown", "program")),
        ({"program": "club'; --"}, (400, "program_unknown", "program")),
        ({"member": "+447400999999"}, (400, "member_unknown", "member")),
        ({"member": "00000000-0000-4000-8000-000000000000"}, (400, "member_unknown", "member")),
        ({"member": "2900000000001"}, (400, "member_unknown", "member")),
        ({"member": "2900000000002"}, (400, "card_invalid", "member")),
        ({"member": "0"}, (400, "phone_invalid", "member")),
        ({"member": "9" * 40}, (400, "phone_invalid", "member")),
        ({"member": "' OR 1=1--"}, (400, "phone_letters", "member")),
        ({"member": 5}, (400, "invalid", "member")),
        ({"member": None}, (400, "null", "member")),
        ({"balance": 10**6}, (400, "unknown_field", "balance")),
        ({"organization": 1}, (400, "unknown_field", "organization")),
        ({"actor": "system"}, (400, "unknown_field", "actor")),
        ({"request_key": "x"}, (400, "unknown_field", "request_key")),
    ],
)
def test_what_is_no_adjustment_moves_nothing(shop, api, member, change, refused):
    body = {"member": str(member.public_id), "points": 5, "reason": "Lost receipt", **change}

    assert problem(send(api, body)) == refused
    assert Entry.objects.count() == 0
    assert Account.objects.count() == 0


@pytest.mark.proves("input 82", "X2")
def test_neither_member_nor_program_of_another_organization_can_be_named(shop, api, member):
    other = open_shop("low-road")
    theirs = other.member("+447400654321")
    Program.objects.filter(pk=other.program.pk).update(slug="theirs")

    assert problem(adjust(api, theirs, 5)) == (400, "member_unknown", "member")
    assert problem(adjust(api, member, 5, program="theirs")) == (400, "program_unknown", "program")
    assert Entry.objects.count() == 0


def test_a_named_program_is_adjusted_whether_or_not_it_is_live(shop, api, member):
    ended = Program.objects.create(
        organization=shop.organization, slug="old", name="Old", status="ended"
    )

    response = adjust(api, member, 5, program="old")

    assert (response.status_code, response.json()["program"]) == (201, ended.slug)


def test_without_a_live_program_there_is_nothing_to_adjust(shop, api, member):
    Program.objects.update(status="paused")

    assert problem(adjust(api, member, 5)) == (409, "no_program", "program")
    assert Entry.objects.count() == 0


def test_an_erased_member_has_nothing_to_adjust_and_a_blocked_one_has(shop, api, member):
    Member.objects.filter(pk=member.pk).update(status=MemberStatus.BLOCKED)
    blocked = adjust(api, member, 5)
    Member.objects.filter(pk=member.pk).update(
        status=MemberStatus.ERASED, phone=None, email=None, email_key=None, name=""
    )
    erased = adjust(api, member, 5)

    assert blocked.status_code == 201
    assert problem(erased) == (409, "member_closed", None)
    assert shop.entries(member) == [("adjust", 5, 5)]


@pytest.mark.proves("X6", "input 70")
def test_adjusting_needs_the_scope_and_a_key(shop, member):
    till = Caller(shop.api_key("members:write", "purchases:write", "rewards:write", name="till"))
    admin = Caller(shop.api_key("admin", name="admin"))
    body = '{"member": "+447400123456", "points": 5, "reason": "x"}'

    assert problem(adjust(till, member, 5))[:2] == (403, "scope_missing")
    assert problem(admin.send("POST", "adjustments/", body)) == (
        400,
        "idempotency_key_required",
        "Idempotency-Key",
    )
    assert problem(admin.get("adjustments/"))[:2] == (405, "method_not_allowed")
    assert admin.send("HEAD", "adjustments/").status_code == 405
    assert admin.send("TRACE", "adjustments/").status_code == 405
    assert Entry.objects.count() == 0
    assert adjust(admin, member, 5).status_code == 201
