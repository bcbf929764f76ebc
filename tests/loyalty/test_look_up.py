"""The one question of a look-up finds whom the plain ones would, and refuses what they refuse."""

import json

import pytest

from members.models import Member, MemberStatus
from tests.callers import Caller, problem


@pytest.fixture
def api(shop):
    return Caller(shop.api_key())


@pytest.mark.proves("input 1")
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("+447400123456", True),
        ("+4407400123456", True),
        ("00447400123456", True),
        ("+44 (0) 7400 123-456", True),
        ("\u0667\u0664\u0660\u0660\u0661\u0662\u0663\u0664\u0665\u0666", True),
        ("+447400654321", False),
    ],
)
def test_a_phone_is_sought_in_any_notation(shop, api, typed, found):
    ada = shop.member("+447400123456")
    ids = [str(ada.public_id)] if found else []

    response = api.get("members/", phone=typed)
    posted = api.send("POST", "members/find/", json.dumps({"phone": typed}), Idempotency_Key="")

    assert [one["id"] for one in response.json()["results"]] == ids
    assert posted.json() == response.json()


@pytest.mark.parametrize(
    "typed", ["+4474001234567", "+4474", "+999123456789", "+44740012345x", "12345", "+"]
)
def test_a_number_that_nobody_can_have_is_refused_on_both_roads(shop, api, typed):
    in_query = api.get("members/", phone=typed)
    in_body = api.send("POST", "members/find/", json.dumps({"phone": typed}), Idempotency_Key="")
    enrolled = api.post("members/", {"phone": typed})

    assert problem(in_query) == problem(in_body) == problem(enrolled)
    assert in_query.json()["errors"] == enrolled.json()["errors"]
    assert not Member.objects.exists()


def test_who_was_merged_is_found_as_who_lives_on(shop, api):
    ada, twin = shop.member("+447400123456"), shop.member("+447400654321")
    shop.buys(ada, "3.00")
    Member.objects.filter(pk=twin.pk).update(status=MemberStatus.MERGED, merged_into=ada)

    response = api.get("members/", phone="+447400654321")

    assert response.json()["results"] == [api.get(f"members/{ada.public_id}/").json()]
