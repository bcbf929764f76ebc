"""Goods come back although program, member or store came to their end in the meantime."""

from datetime import timedelta

import pytest
import time_machine
from django.db.models import ProtectedError
from django.utils import timezone

from core.actors import SYSTEM
from core.models import Register, Store
from loyalty.models import Entry, Program, Return, Rule
from loyalty.services.due import expire_due_points
from members.models import Member
from members.services.blocking import block_member
from rewards.services.redemptions import redeem
from tests.callers import Caller

NAMELESS = {"phone": None, "email": None, "email_key": None, "external_id": None, "name": ""}


@pytest.fixture
def api(shop):
    return Caller(shop.api_key())


def nothing(shop, member):
    """Change nothing: what comes back must come back alike."""


def program_ends(shop, member):
    Program.objects.update(status=Program.Status.ENDED)
    Rule.objects.update(status=Rule.Status.ENDED)


def program_pauses(shop, member):
    Program.objects.update(status=Program.Status.PAUSED)


def member_is_blocked(shop, member):
    block_member(member_id=member.pk, reason="card lost", actor=SYSTEM)


def member_is_erased(shop, member):
    Member.objects.filter(pk=member.pk).update(status="erased", **NAMELESS)


def store_closes(shop, member):
    Register.objects.filter(store=shop.store).update(is_active=False)
    Store.objects.filter(pk=shop.store.pk).update(name="Closed")


ENDS = [
    nothing,
    program_ends,
    program_pauses,
    member_is_blocked,
    member_is_erased,
    store_closes,
]


def sells(api, member, *, number="A", total="50.00"):
    body = {
        "external_id": number,
        "store": "1",
        "member": str(member.public_id),
        "total": total,
    }
    return api.post("purchases/", body)


def takes_back(api, *, number="R", sale="A", amount="20.00"):
    body = {"external_id": number, "purchase": {"external_id": sale}, "amount": amount}
    return api.post("returns/", body)


@pytest.mark.proves("R11")
@pytest.mark.parametrize("end", ENDS)
def test_a_return_after_the_end_takes_what_was_earned(shop, member, api, end):
    sold = sells(api, member).json()
    end(shop, member)

    part = takes_back(api, number="R1", amount="20.00")
    rest = takes_back(api, number="R2", amount="30.00")
    shown = api.get(f"purchases/{sold['id']}/")

    assert [(done.status_code, done.json()["points_reversed"]) for done in (part, rest)] == [
        (201, 20),
        (201, 30),
    ]
    assert (shown.status_code, shown.json()["id"]) == (200, sold["id"])
    assert shop.entries(member) == [("earn", 50, 50), ("return", -20, 30), ("return", -30, 0)]
    assert list(Return.objects.values_list("member", "store").distinct()) == [
        (member.pk, shop.store.pk)
    ]


@pytest.mark.proves("R11")
@pytest.mark.parametrize("end", ENDS)
def test_a_return_after_the_end_leaves_as_debt_what_was_spent(shop, member, api, end):
    sells(api, member)
    redeem(reward_id=shop.reward(45).pk, member_id=member.pk, actor=SYSTEM, request_key="spend")
    end(shop, member)

    done = takes_back(api, amount="50.00")

    answer = done.json()
    assert (done.status_code, answer["points_reversed"], answer["debt"]) == (201, 50, 45)
    assert (shop.account(member).balance, shop.account(member).debt) == (-45, 45)


@pytest.mark.proves("R11")
@pytest.mark.parametrize("end", ENDS)
def test_points_that_are_left_after_the_end_still_expire_on_their_day(shop, member, api, end):
    shop.settle(expiry={"type": "after", "days": 10})
    sells(api, member)
    end(shop, member)
    takes_back(api, amount="20.00")

    expired = expire_due_points(now=timezone.now() + timedelta(days=12))

    assert expired == 1
    assert shop.entries(member)[-1] == ("expire", -30, 0)


@pytest.mark.proves("R11")
def test_what_expired_before_it_came_back_is_not_taken_twice(shop, member, api):
    shop.settle(expiry={"type": "after", "days": 10})
    sells(api, member)
    program_ends(shop, member)
    with time_machine.travel(timezone.now() + timedelta(days=12)):
        expire_due_points()

        done = takes_back(api, amount="50.00")

    answer = done.json()
    assert (done.status_code, answer["points_reversed"], answer["debt"]) == (201, 0, 0)
    assert shop.entries(member) == [("earn", 50, 50), ("expire", -50, 0)]


@pytest.mark.proves("R11", "case 13")
def test_a_return_that_waited_for_a_sale_after_the_end_takes_nothing(shop, member, api):
    early = takes_back(api)
    program_ends(shop, member)

    late = sells(api, member)

    assert (early.status_code, late.status_code) == (202, 201)
    assert Return.objects.get().status == Return.Status.DONE
    assert not Entry.objects.exists()


@pytest.mark.proves("R11")
def test_a_store_that_sold_something_cannot_be_deleted(shop, member, api):
    sells(api, member)

    with pytest.raises(ProtectedError):
        shop.store.delete()

    assert takes_back(api).status_code == 201
