"""Receipts may arrive in any order: the balance, and what ends when, come out the same."""

import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from loyalty.models import Entry, Lot
from loyalty.services.due import expire_due_points

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
# Days before today and whole pounds; several on one day, some so old that their points have ended.
RECEIPTS = [
    (0, 17),
    (0, 3),
    (1, 40),
    (2, 8),
    (2, 8),
    (2, 90),
    (5, 1),
    (9, 55),
    (10, 21),
    (11, 34),
    (15, 13),
    (15, 144),
    (19, 2),
    (20, 77),
    (20, 6),
]
LASTS = 10
A_DAY_GIVES_AT_MOST = 100


def expected_ends():
    """Work out from the table how many points end after which day."""
    given = Counter()
    for days_before, pounds in RECEIPTS:
        given[days_before] += pounds
    last_days = {days: date(2026, 5, 20) - timedelta(days=days - LASTS) for days in given}
    return {last_days[days]: min(points, A_DAY_GIVES_AT_MOST) for days, points in given.items()}


def ends_of(shop, member):
    """Add up per last day what ended already and what will end."""
    account = shop.account(member)
    booked = Entry.objects.filter(account=account, kind="expire").values_list(
        "occurred_at", "points"
    )
    waiting = Lot.objects.filter(account=account, remaining__gt=0).values_list(
        "expires_at", "remaining"
    )
    ends = Counter()
    for at, points in [*booked, *waiting]:
        ends[(at - timedelta(seconds=1)).astimezone(shop.organization.zone).date()] += abs(points)
    return dict(ends)


@pytest.mark.proves("L4")
@pytest.mark.parametrize("seed", range(6))
def test_in_any_order_the_same_points_are_there_and_end_on_the_same_days(shop, member, seed):
    shop.settle(expiry={"type": "after", "days": LASTS})
    per_pound = {
        "trigger": {"type": "purchase"},
        "effect": {"type": "points_per_amount", "points": 1, "per": "1"},
        "limits": {"per_member": {"day": A_DAY_GIVES_AT_MOST}},
    }
    shop.add_version(shop.rule, per_pound, since=datetime(2001, 1, 1, tzinfo=UTC))
    shuffled = random.Random(seed).sample(RECEIPTS, len(RECEIPTS))

    with time_machine.travel(NOW, tick=False):
        for days, pounds in shuffled:
            shop.buys(member, f"{pounds}.00", at=NOW - timedelta(days=days))
        balance, ends = shop.balance(member), ends_of(shop, member)
    expire_due_points(now=NOW + timedelta(days=30))

    # 20 of today, 40, 100 of 106, 1, 55 and 21: the older ones are over.
    assert balance == 237
    assert ends == ends_of(shop, member) == expected_ends()
    assert shop.account(member).balance == 0
