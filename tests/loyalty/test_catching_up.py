"""Nobody ran the round for forty days: every end is booked with its own date, and told of once."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import time_machine
from django.db import IntegrityError

from core.actors import SYSTEM
from core.models import OutboxEvent
from loyalty.errors import InsufficientPoints
from loyalty.models import Batch, Entry
from loyalty.services import due
from loyalty.services.due import expire_due_points
from rewards.services.redemptions import cancel_redemption, redeem
from tests.racing import forget_locks, race
from tests.shops import assert_audit_is_clean

STOPPED = datetime(2026, 5, 1, 12, tzinfo=UTC)
STARTED = STOPPED + timedelta(days=40)
# Earned on 11 April, usable for twenty days: gone with the first instant of 2 May, in London.
FIRST_END = datetime(2026, 5, 1, 23, tzinfo=UTC)
ENDS = [FIRST_END + timedelta(days=day) for day in range(40)]


@pytest.fixture
def neglected(shop, member):
    """A member of whose points some end on each of the forty days after the round stopped."""
    shop.settle(expiry={"type": "after", "days": 20})
    for day in range(40):
        with time_machine.travel(STOPPED + timedelta(days=day - 20), tick=False):
            shop.buys(member, f"{day + 1}.00")
    return member


def expired(shop, member):
    rows = Entry.objects.filter(account=shop.account(member), kind="expire").order_by("sequence")
    return list(rows.values_list("points", "occurred_at"))


@pytest.mark.proves("T9")
def test_every_end_that_was_missed_is_booked_with_its_own_date(shop, neglected):
    with time_machine.travel(STARTED, tick=False):
        booked = expire_due_points()
        again = expire_due_points()

    assert (booked, again) == (40, 0)
    assert expired(shop, neglected) == [(-day - 1, end) for day, end in enumerate(ENDS)]


@pytest.mark.proves("T9")
def test_forty_missed_days_are_told_of_once(shop, neglected):
    before = OutboxEvent.objects.latest("pk").pk

    with time_machine.travel(STARTED, tick=False):
        expire_due_points()

    told = OutboxEvent.objects.filter(pk__gt=before)
    told = told.values_list("kind", "payload__entries", "payload__points")
    assert list(told) == [("points.expired", 40, 820)]


@pytest.mark.proves("T9", "case 20")
def test_while_nobody_ran_the_round_nothing_that_had_ended_could_be_spent(shop, neglected):
    reward = shop.reward(100)
    take = partial(redeem, reward_id=reward.pk, member_id=neglected.pk, actor=SYSTEM)

    # Of 820 points, the last three days' lots are left on the 38th day: 38, 39 and 40 of them.
    with time_machine.travel(ENDS[36], tick=False):
        take(request_key="in time")
        with pytest.raises(InsufficientPoints) as refusal:
            take(request_key="too much")
    with time_machine.travel(STARTED, tick=False):
        expire_due_points()

    assert refusal.value.data == {"balance": 17, "needed": 100, "held": 0}
    assert sum(points for points, _end in expired(shop, neglected)) == -720
    assert shop.account(neglected).balance == 0


@pytest.mark.race
@pytest.mark.proves("T9", "F5")
@pytest.mark.django_db(transaction=True)
def test_rounds_that_start_at_once_book_every_end_once(shop, neglected):
    catch_up = partial(expire_due_points, now=STARTED)

    booked = race(*[catch_up] * 4)

    assert sum(booked) == 40
    assert expired(shop, neglected) == [(-day - 1, end) for day, end in enumerate(ENDS)]
    assert Batch.objects.filter(kind="expiry").count() == 1
    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.proves("T9", "F5")
@pytest.mark.django_db(transaction=True)
def test_without_locks_rounds_that_start_at_once_collide(shop, neglected, monkeypatch):
    """The control: were this to fail, the test above would prove nothing."""
    # Without this, who collides tries again, account by account, and finds nothing left to do.
    monkeypatch.setattr(due, "_expire_or_skip", due._expire)
    forget_locks(monkeypatch)

    booked = race(*[partial(expire_due_points, now=STARTED)] * 4)

    assert [one for one in booked if isinstance(one, IntegrityError)] != []


@pytest.mark.proves("T9", "case 26")
def test_what_was_set_aside_through_its_end_is_booked_late_and_with_its_own_date(shop, member):
    shop.settle(expiry={"type": "after", "days": 20})
    reward = shop.reward(30)
    with time_machine.travel(STOPPED - timedelta(days=20), tick=False):
        shop.buys(member, "40.00")
    with time_machine.travel(FIRST_END - timedelta(minutes=1), tick=False):
        held = redeem(
            reward_id=reward.pk,
            member_id=member.pk,
            actor=SYSTEM,
            request_key="hold",
            hold_seconds=3600,
        )

    with time_machine.travel(FIRST_END + timedelta(minutes=1), tick=False):
        at_its_end = expire_due_points()
        cancel_redemption(redemption_id=held.pk, reason="", actor=SYSTEM, request_key="let go")
        let_go = (shop.balance(member), expire_due_points(), expire_due_points())

    assert (at_its_end, let_go) == (1, (0, 1, 0))
    assert expired(shop, member) == [(-10, FIRST_END), (-30, FIRST_END)]
