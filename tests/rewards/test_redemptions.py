import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone

from core.actors import SYSTEM
from loyalty.errors import AlreadyReversed, HoldAlreadyCaptured, InsufficientPoints
from members.errors import MemberBlocked
from rewards.errors import RewardNotOffered, SoldOut
from rewards.models import Redemption, Reward
from rewards.services.redemptions import (
    cancel_redemption,
    capture_redemption,
    end_overdue_redemptions,
    redeem,
)


def take(shop, member, reward, *, key="take", **options):
    return redeem(
        reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key=key, **options
    )


def test_a_reward_is_paid_for_and_taken_from_stock_in_one_step(shop, member):
    shop.buys(member, "100.00")
    reward = shop.reward(40, stock=3)

    redemption = take(shop, member, reward)

    reward.refresh_from_db()
    assert (redemption.status, redemption.entry.points) == ("issued", -40)
    assert (shop.balance(member), reward.stock) == (60, 2)


def test_a_reward_set_aside_is_spent_when_it_is_handed_over(shop, member):
    shop.buys(member, "100.00")

    held = take(shop, member, shop.reward(40), hold_seconds=60)
    before = shop.entries(member)
    captured = capture_redemption(redemption_id=held.pk, actor=SYSTEM, request_key="hand")

    assert (held.status, before) == ("held", [("earn", 100, 100)])
    assert (captured.status, shop.balance(member)) == ("issued", 60)


@pytest.mark.parametrize(
    ("why", "points", "stock", "status", "refusal"),
    [
        ("too dear", 101, None, "active", InsufficientPoints),
        ("nothing left", 40, 0, "active", SoldOut),
        ("not switched on", 40, 5, "paused", RewardNotOffered),
    ],
)
def test_a_reward_that_cannot_be_had_is_refused_and_nothing_changes(
    shop, member, why, points, stock, status, refusal
):
    shop.buys(member, "100.00")
    reward = shop.reward(points, stock=stock)
    Reward.objects.update(status=status)

    with pytest.raises(refusal):
        take(shop, member, reward)

    assert (shop.balance(member), list(Redemption.objects.all())) == (100, [])


def test_a_blocked_member_takes_nothing(shop, member):
    shop.buys(member, "100.00")
    member.status = "blocked"
    member.save(update_fields=["status"])

    with pytest.raises(MemberBlocked):
        take(shop, member, shop.reward(40))

    assert shop.balance(member) == 100


def test_an_undone_redemption_gives_points_and_stock_back_once(shop, member):
    shop.buys(member, "100.00")
    reward = shop.reward(40, stock=1)
    taken = take(shop, member, reward)

    undone = cancel_redemption(
        redemption_id=taken.pk, reason="wrong one", actor=SYSTEM, request_key="undo"
    )

    reward.refresh_from_db()
    assert (undone.status, shop.balance(member), reward.stock) == ("canceled", 100, 1)
    with pytest.raises(AlreadyReversed):
        cancel_redemption(redemption_id=taken.pk, reason="", actor=SYSTEM, request_key="again")
    reward.refresh_from_db()
    assert (shop.balance(member), reward.stock) == (100, 1)


def wait_until_somebody_waits():
    deadline = time.monotonic() + 1.5  # less than anybody waits for a lock
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)


@pytest.mark.proves("C10")
@pytest.mark.django_db(transaction=True)
def test_what_is_undone_while_it_is_being_handed_over_goes_back_whole(shop, member):
    shop.buys(member, "40.00")
    held = take(shop, member, shop.reward(40), hold_seconds=60)

    def undo():
        try:
            return cancel_redemption(
                redemption_id=held.pk, reason="wrong", actor=SYSTEM, request_key="undo"
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            capture_redemption(redemption_id=held.pk, actor=SYSTEM, request_key="hand")
            undoing = threads.submit(undo)
            wait_until_somebody_waits()
        undone = undoing.result()

    assert (undone.status, shop.balance(member)) == ("canceled", 40)
    assert shop.entries(member) == [("earn", 40, 40), ("redeem", -40, 0), ("release", 40, 40)]


def test_what_was_handed_over_is_not_handed_over_again(shop, member):
    shop.buys(member, "100.00")
    taken = take(shop, member, shop.reward(40))

    with pytest.raises(HoldAlreadyCaptured):
        capture_redemption(redemption_id=taken.pk, actor=SYSTEM, request_key="again")

    assert shop.balance(member) == 60


@pytest.mark.proves("case 26")
def test_what_was_set_aside_too_long_goes_back_by_itself(shop, member):
    shop.buys(member, "100.00")
    reward = shop.reward(40, stock=1)
    held = take(shop, member, reward, hold_seconds=60)

    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        ended = end_overdue_redemptions()
        again = end_overdue_redemptions()

    held.refresh_from_db()
    reward.refresh_from_db()
    assert (ended, again, held.status, reward.stock) == (1, 0, "expired", 1)
    assert shop.balance(member) == 100
