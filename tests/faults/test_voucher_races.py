"""A shared code over real HTTP, used by many at the same moment."""

import pytest

from rewards.models import Voucher, VoucherUse
from tests.faults.client import fire, tally
from tests.vouchers import shared_code

pytestmark = [pytest.mark.race, pytest.mark.server]

MEMBERS, TRIES = 50, 4


def rush(shop, caller):
    """Let fifty members try a word for three, each four times under keys of their own."""
    shared_code(shop, "RUSH26", uses_max=3, per_member_max=1)
    people = [shop.member(f"+4474001100{number:02d}") for number in range(MEMBERS)]
    return [
        caller("vouchers/use/", {"code": "rush26", "member": str(person.public_id)})
        for _try in range(TRIES)
        for person in people
    ]


def ask_until_answered(base, calls):
    """Make all calls at once; who is told that the shop is too busy asks again by the same key."""
    outcomes = fire(base, calls)
    for _ in range(10):
        pairs = zip(calls, outcomes, strict=True)
        again = iter(fire(base, [call for call, one in pairs if one.code == "unavailable"]))
        outcomes = [next(again) if one.code == "unavailable" else one for one in outcomes]
    return outcomes


@pytest.mark.proves("C5", "case 27")
def test_a_code_for_three_is_used_by_three_of_fifty_members(audited, caller, live_gunicorn):
    outcomes = ask_until_answered(live_gunicorn, rush(audited, caller))

    told = tally(outcomes)
    had = list(VoucherUse.objects.values_list("member", flat=True))
    refused = told.get("voucher_used", 0) + told.get("voucher_limit_reached", 0)
    assert (told["200"], refused) == (3, MEMBERS * TRIES - 3)
    assert (len(had), len(set(had))) == (3, 3)
    assert list(Voucher.objects.values_list("status", "uses")) == [("used", 3)]


@pytest.mark.proves("C5")
def test_without_locks_more_than_three_have_it(shop, caller, broken_server):
    """The control: were this to fail, the test above would prove nothing."""
    outcomes = fire(broken_server("forget_locks"), rush(shop, caller))

    assert tally(outcomes)["200"] > 3
    assert VoucherUse.objects.count() > 3
