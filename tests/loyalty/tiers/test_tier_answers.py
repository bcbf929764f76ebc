"""What shop systems are told about tiers."""

from datetime import UTC, datetime

import pytest
import time_machine

from tests.callers import Caller
from tests.ladders import put_up, tiers
from tests.shops import open_shop

pytestmark = pytest.mark.django_db

JUNE = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.fixture
def shop():
    with time_machine.travel(JUNE, tick=False):
        yield open_shop()


@pytest.fixture
def caller(shop):
    return Caller(shop.api_key())


def account(caller, member):
    [found] = caller.get(f"members/{member.public_id}/").json()["accounts"]
    return found


def test_an_account_says_its_tier_and_what_is_missing(shop, caller):
    put_up(shop)
    member = shop.member()
    shop.buys(member, "120")

    told = account(caller, member)

    assert told["tier"] == "Silver"
    assert told["progress"] == [
        {
            "kind": "tier_reach",
            "tier": "gold",
            "name": "Gold",
            "basis": "spend",
            "have": "120",
            "needed": "500",
            "missing": "380",
            "by": "2026-12-31",
            "text": "£380",
        },
        {
            "kind": "tier_stay",
            "tier": "silver",
            "name": "Silver",
            "basis": "spend",
            "have": "0",
            "needed": "100",
            "missing": "100",
            "by": "2027-12-31",
            "text": "£100",
        },
    ]


def test_who_is_below_the_first_tier_is_told_of_the_first(shop, caller):
    put_up(shop)
    member = shop.member()
    shop.buys(member, "20")

    told = account(caller, member)

    assert told["tier"] is None
    assert [(one["kind"], one["text"]) for one in told["progress"]] == [("tier_reach", "£80")]


def test_where_there_are_no_tiers_nothing_is_asked_about_them(
    shop, caller, django_assert_num_queries
):
    member = shop.member()
    shop.buys(member, "20")
    account(caller, member)  # what is learned once

    with django_assert_num_queries(4):
        told = account(caller, member)

    assert (told["tier"], told["progress"]) == (None, [])


def test_a_look_up_asks_the_same_for_whatever_history(shop, caller, django_assert_num_queries):
    put_up(shop)
    member = shop.member()
    for _ in range(3):
        shop.buys(member, "20")
    account(caller, member)

    with django_assert_num_queries(9):
        account(caller, member)


def test_a_purchase_says_which_tier_it_led_to(shop, caller):
    put_up(shop)
    member = shop.member()
    receipt = {
        "source": "shop",
        "external_id": "7",
        "store": "1",
        "occurred_at": "2026-06-10T12:00:00Z",
        "member": str(member.public_id),
        "lines": [{"sku": "tea", "quantity": "1", "unit_price": "100.00"}],
    }

    bought = caller.post("purchases/", receipt).json()
    found = caller.get(f"purchases/{bought['id']}/").json()
    again = caller.post("purchases/", {**receipt, "external_id": "8"}).json()

    assert bought["tier"] == {"name": "Silver", "changed": True}
    assert "You are Silver now." in bought["receipt_text"]
    assert found["tier"] == {"name": "Silver", "changed": True}
    assert again["tier"] == {"name": "Silver", "changed": False}


def test_the_program_tells_its_tiers(shop, caller):
    benefits = {"multiplier": "1.5", "service": ["A table by the window"], "percent_off": "10"}
    put_up(shop, tiers=tiers(silver=benefits))

    told = caller.get("program/").json()["tiers"]

    assert told["text"][0] == "A tier is reached by what is spent in the calendar year."
    assert told["tiers"][0] == {
        "code": "silver",
        "name": "Silver",
        "kind": "earned",
        "threshold": "100",
        "basis": "spend",
        "text": "from £100 on",
        "benefits": ["1.5 times the points", "10% off every purchase", "A table by the window"],
    }


def test_a_program_without_tiers_tells_of_none(shop, caller):
    assert caller.get("program/").json()["tiers"] is None
