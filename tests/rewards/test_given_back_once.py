"""A payment that fails gives its points back once, however often and by whoever it is told."""

from functools import partial

import pytest
import time_machine
from django.db import IntegrityError
from django.utils import timezone

from core.actors import SYSTEM
from loyalty.errors import AlreadyReversed, HoldCanceled, HoldExpired
from rewards.models import Redemption, Reward
from rewards.services.redemptions import (
    cancel_redemption,
    end_overdue_redemptions,
    redeem,
)
from tests.callers import Caller, problem
from tests.racing import forget_locks, race
from tests.shops import assert_audit_is_clean, open_shop

CALLBACKS = 4
MINUTE = 60


def taken(shop, member, reward, *, key="pay", **options):
    return redeem(
        reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key=key, **options
    )


def fails(redemption, *, key):
    return cancel_redemption(
        redemption_id=redemption.pk, reason="payment failed", actor=SYSTEM, request_key=key
    )


@pytest.fixture
def rich(shop, member):
    shop.buys(member, "100.00")
    return member


@pytest.mark.proves("case 34")
@pytest.mark.parametrize(
    ("hold", "again"), [(True, "hold_already_voided"), (False, "already_reversed")]
)
def test_a_callback_that_comes_twice_gives_points_back_once(shop, rich, hold, again):
    reward = shop.reward(40, stock=1)
    api = Caller(shop.api_key())
    body = {"member": str(rich.public_id), "reward": str(reward.public_id), "hold": hold}
    made = api.post("redemptions/", body).json()
    cancel = partial(api.post, f"redemptions/{made['id']}/cancel/", {"reason": "payment failed"})

    first, repeated = (cancel(key="callback-of-the-bank") for _time in range(2))
    other = cancel()

    assert (first.status_code, first.json()["balance"]) == (200, 100)
    assert repeated.content == first.content
    assert problem(other)[:2] == (409, again)
    reward.refresh_from_db()
    assert (shop.balance(rich), reward.stock) == (100, 1)


@pytest.mark.proves("case 34")
def test_a_callback_after_the_time_was_over_gives_nothing_back_again(shop, rich):
    reward = shop.reward(40, stock=1)
    held = taken(shop, rich, reward, hold_seconds=MINUTE)

    with time_machine.travel(timezone.now().timestamp() + MINUTE + 1, tick=False):
        end_overdue_redemptions()
        with pytest.raises(HoldExpired):
            fails(held, key="late")

    held.refresh_from_db()
    reward.refresh_from_db()
    assert (held.status, shop.balance(rich), reward.stock) == ("expired", 100, 1)


@pytest.fixture
def racing_shop(transactional_db):
    return open_shop()


def callbacks_at_once(shop, **options):
    """Take four of eight rewards, and let one of these payments fail in several tabs."""
    member, reward = shop.member(), shop.reward(40, stock=8)
    shop.buys(member, "200.00")
    made, *_others = [taken(shop, member, reward, key=f"t{one}", **options) for one in range(4)]
    return member, race(*(partial(fails, made, key=f"k{one}") for one in range(CALLBACKS)))


@pytest.mark.race
@pytest.mark.proves("case 34")
@pytest.mark.parametrize(
    ("options", "refusal"), [({}, AlreadyReversed), ({"hold_seconds": MINUTE}, HoldCanceled)]
)
def test_callbacks_that_come_at_once_give_points_back_once(racing_shop, options, refusal):
    member, answers = callbacks_at_once(racing_shop, **options)

    won = [answer for answer in answers if isinstance(answer, Redemption)]
    lost = [answer for answer in answers if isinstance(answer, refusal)]
    assert (len(won), len(lost)) == (1, CALLBACKS - 1)
    assert (racing_shop.balance(member), Reward.objects.get().stock) == (80, 5)
    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.proves("case 34")
def test_without_locks_only_the_last_guards_of_the_database_are_left(racing_shop, monkeypatch):
    """The control: were this to fail, the test above would prove nothing."""
    forget_locks(monkeypatch)

    _member, answers = callbacks_at_once(racing_shop, hold_seconds=MINUTE)

    assert [answer for answer in answers if isinstance(answer, IntegrityError)] != []
