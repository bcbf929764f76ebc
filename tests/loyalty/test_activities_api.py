"""`POST activities/`: what members did besides buying, told by a shop system."""

import pytest

from core.actors import SYSTEM
from loyalty.models import Activity, Award, StampCard, StampCardVersion
from members.services.blocking import block_member
from tests.callers import Caller, problem
from tests.shops import ALWAYS, assert_audit_is_clean

REVIEW = {
    "trigger": {"type": "activity", "kind": "review"},
    "effect": {"type": "fixed_points", "points": 25},
}


@pytest.fixture
def api(shop):
    return Caller(shop.api_key())


def send(api, somebody, **change):
    body = {"member": str(somebody.public_id), "kind": "review", "external_id": "r-1", **change}
    return api.post("activities/", body)


def test_an_activity_is_recorded_and_explained(shop, api, member):
    rule = shop.add_rule(REVIEW)

    response = send(api, member, data={"stars": "5"})

    activity = Activity.objects.get(kind="review")
    assert response.status_code == 201
    told = response.json()
    assert told == {
        "id": str(activity.public_id),
        "kind": "review",
        "name": None,
        "external_id": "r-1",
        "source": activity.source,
        "member": str(member.public_id),
        "occurred_at": activity.occurred_at.isoformat().replace("+00:00", "Z"),
        "points": [
            {
                "rule": str(rule.public_id),
                "name": rule.name,
                "version": 1,
                "points": 25,
                "desired": 25,
                "why": [
                    {
                        "code": "fixed_points",
                        "text": "25 points for a review",
                        "params": {"points": 25, "activity": "review", "name": ""},
                    }
                ],
            }
        ],
        "points_total": 25,
        "granted": [],
        "not_applied": [],
        "balance": 25,
        "pending": 0,
    }
    assert activity.data == {"stars": "5"}
    assert activity.actor.startswith("integration:")
    assert_audit_is_clean()


def test_what_is_no_points_is_told_in_its_own_unit(shop, api, member):
    card = StampCard.objects.create(
        program=shop.program, code="coffee", name="Coffee", status=StampCard.Status.ACTIVE
    )
    spec = {"size": 10, "gifts": [{"type": "points", "points": 100}], "per_day": 2}
    StampCardVersion.objects.create(
        card=card, number=1, spec=spec, effective_from=ALWAYS, created_by="system"
    )
    effect = {"type": "stamps", "card": "coffee", "stamps": 3}
    shop.add_rule({**REVIEW, "effect": effect})

    told = send(api, member).json()

    [given] = told["granted"]
    assert (given["kind"], given["target"], given["count"], given["desired"]) == (
        "stamps",
        "coffee",
        2,
        3,
    )
    assert [why["text"] for why in given["why"]] == [
        "3 stamps on card coffee for a review",
        "2 stamps left of what the card takes in a day (desired 3)",
    ]
    assert (told["points"], told["points_total"]) == ([], 0)
    assert Award.objects.get().entry is None


def test_the_same_again_is_answered_with_the_original(shop, api, member):
    shop.add_rule(REVIEW)
    first = send(api, member).json()

    again, other = send(api, member), send(api, member, data={"stars": "1"})

    assert problem(again) == (409, "duplicate_activity", "external_id")
    assert again.json()["data"]["activity"] == first
    assert problem(other) == (409, "activity_conflict", "external_id")
    assert shop.balance(member) == 25


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"kind": "dance"}, (400, "invalid_choice", "kind")),
        ({"kind": "custom"}, (400, "activity_name", "name")),
        ({"name": "recycling"}, (400, "activity_name", "name")),
        ({"occurred_at": "2999-01-01T00:00:00Z"}, (400, "future_date", "occurred_at")),
        ({"occurred_at": "2001-01-01T00:00:00Z"}, (400, "too_old", "occurred_at")),
        ({"kind": "joined"}, (409, "counted_once", "kind")),
        ({"stars": 5}, (400, "unknown_field", "stars")),
        ({"member": "+447400999999"}, (400, "member_unknown", "member")),
        ({"data": {"stars": 5}}, (400, "invalid", "data.stars")),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_recorded(shop, api, member, change, expected):
    shop.add_rule(REVIEW)

    answer = send(api, member, **change)

    assert problem(answer) == expected
    assert Activity.objects.exclude(kind="joined").count() == 0


def test_a_blocked_member_and_a_key_without_the_right_are_refused(shop, api, member):
    reader = Caller(shop.api_key("members:read", name="Reader"))

    forbidden = send(reader, member)
    block_member(member_id=member.pk, actor=SYSTEM, reason="Fraud")
    blocked = send(api, member)

    assert forbidden.status_code == 403
    assert problem(blocked)[:2] == (409, "member_blocked")
