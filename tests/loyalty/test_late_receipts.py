"""Receipts that come late count from their own day: they revive nothing that has ended."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from core.actors import SYSTEM
from loyalty.errors import InsufficientPoints
from loyalty.models import Entry, Lot
from loyalty.services.due import expire_due_points
from rewards.services.redemptions import redeem
from tests.callers import Caller, problem
from tests.shops import days_ago

NOON = datetime(2026, 5, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def noon():
    """Stand still at noon, so that days are counted alike whenever the tests run."""
    with time_machine.travel(NOON, tick=False):
        yield


def lots(shop, member):
    rows = Lot.objects.filter(account=shop.account(member)).order_by("pk")
    return list(rows.values_list("points", "remaining", "expires_at"))


@pytest.mark.proves("T8")
def test_points_of_a_receipt_that_is_too_late_end_with_the_day_they_should_have(shop, member):
    shop.settle(expiry={"type": "after", "days": 10})
    shop.buys(member, "30.00")

    shop.buys(member, "100.00", at=days_ago(20))

    assert shop.entries(member) == [("earn", 30, 30), ("earn", 100, 130), ("expire", -100, 30)]
    # Bought on 30 April, usable until 10 May.
    end = datetime(2026, 5, 10, 23, tzinfo=UTC)
    assert Entry.objects.get(kind="expire").occurred_at == end
    assert lots(shop, member)[-1] == (100, 0, end)


@pytest.mark.proves("T8")
def test_a_late_receipt_brings_no_ended_points_back(shop, member):
    shop.settle(expiry={"type": "after", "days": 10})
    with time_machine.travel(days_ago(12), tick=False):
        shop.buys(member, "80.00")
    expire_due_points()

    shop.buys(member, "5.00", at=days_ago(11))
    shop.buys(member, "7.00", at=days_ago(9))

    assert [(points, left) for points, left, _end in lots(shop, member)] == [
        (80, 0),
        (5, 0),
        (7, 7),
    ]
    assert shop.balance(member) == 7
    with pytest.raises(InsufficientPoints):
        redeem(reward_id=shop.reward(8).pk, member_id=member.pk, actor=SYSTEM, request_key="r")


@pytest.mark.proves("T8")
def test_a_late_receipt_shortens_no_wait_and_lengthens_no_life(shop, member):
    shop.settle(pending_days=7, expiry={"type": "after", "days": 10})

    shop.buys(member, "40.00", at=days_ago(5))
    shop.buys(member, "60.00")

    waits = Lot.objects.order_by("pk").values_list("available_at", "expires_at")
    assert list(waits) == [
        (datetime(2026, 5, 21, 23, tzinfo=UTC), datetime(2026, 6, 1, 23, tzinfo=UTC)),
        (datetime(2026, 5, 26, 23, tzinfo=UTC), datetime(2026, 6, 6, 23, tzinfo=UTC)),
    ]


@pytest.mark.proves("T8")
def test_a_clock_that_is_ahead_gives_no_later_end(shop, member):
    shop.settle(expiry={"type": "after", "days": 10})
    with time_machine.travel(datetime(2026, 5, 20, 22, 58, tzinfo=UTC), tick=False):
        ahead = timezone.now() + timedelta(minutes=4)

        shop.buys(member, "40.00", at=ahead)

        assert shop.balance(member) == 40
        assert lots(shop, member) == [(40, 40, datetime(2026, 5, 30, 23, tzinfo=UTC))]


@pytest.mark.proves("T8")
@pytest.mark.parametrize(
    ("occurred_at", "code"),
    [
        ("2026-05-20T12:06:00Z", "future_date"),
        ("2027-05-20T12:00:00Z", "future_date"),
        ("2026-04-20T11:59:00Z", "too_old"),
        ("2016-05-20T12:00:00Z", "too_old"),
    ],
)
def test_a_receipt_from_the_future_or_a_closed_past_moves_nothing(shop, member, occurred_at, code):
    body = {
        "external_id": "77",
        "store": "1",
        "member": str(member.public_id),
        "total": "50.00",
        "occurred_at": occurred_at,
    }

    answer = Caller(shop.api_key()).post("purchases/", body)

    assert problem(answer)[:2] == (400, code)
    assert not Entry.objects.exists()
