"""A reward that was set aside is handed over, let go of, or runs out: one of them only."""

import random
import time
from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from core.services.audit_ledger import violations
from loyalty.models import Entry, Hold
from rewards.models import Redemption
from rewards.services.redemptions import (
    cancel_redemption,
    capture_redemption,
    end_overdue_redemptions,
    redeem,
)
from tests.racing import PAUSE_SECONDS, forget_locks, race, seen
from tests.shops import assert_audit_is_clean, open_shop

ROUNDS = 20
BORDER_SECONDS = 0.02
ENDS = {
    ("captured", "issued"),
    ("captured", "canceled"),  # handed over, and undone right after
    ("canceled", "canceled"),
    ("expired", "expired"),
}


@pytest.fixture
def shop(transactional_db):
    return open_shop()


def set_aside(shop, member, reward, serial, *, ends_in):
    """Set a reward aside whose time is over at about the moment of the race."""
    taken = redeem(
        reward_id=reward.pk,
        member_id=member.pk,
        actor=SYSTEM,
        request_key=f"hold-{serial}",
        hold_seconds=600,
    )
    ends = timezone.now() + timedelta(seconds=ends_in)
    Hold.objects.filter(pk=taken.hold_id).update(expires_at=ends)
    return taken


def contest(taken, serial):
    """Let everybody who may end it do so at once; return what it came to."""
    race(
        partial(
            capture_redemption, redemption_id=taken.pk, actor=SYSTEM, request_key=f"take-{serial}"
        ),
        partial(
            cancel_redemption,
            redemption_id=taken.pk,
            reason="wrong",
            actor=SYSTEM,
            request_key=f"undo-{serial}",
        ),
        end_overdue_redemptions,
        end_overdue_redemptions,
    )
    end_overdue_redemptions()  # what nobody ended in time ends now
    taken.refresh_from_db()
    return taken.hold.status, taken.status


@pytest.mark.race
@pytest.mark.proves("C9", "C10", "INV-10", "case 26")
def test_a_hold_ends_in_one_way_however_close_its_end_is(shop):
    member, reward = shop.member(), shop.reward(10, stock=ROUNDS)
    shop.buys(member, f"{ROUNDS * 10}.00")
    chance = random.Random(9)
    ended = []

    for serial in range(ROUNDS):
        taken = set_aside(
            shop, member, reward, serial, ends_in=chance.uniform(-1, 3) * BORDER_SECONDS
        )
        ended.append(contest(taken, serial))

    assert set(ended) <= ENDS
    assert ("expired", "expired") in ended
    spent = -sum(
        Entry.objects.filter(kind__in=["redeem", "release"]).values_list("points", flat=True)
    )
    reward.refresh_from_db()
    issued = Redemption.objects.filter(status="issued").count()
    assert spent == 10 * issued
    assert shop.balance(member) == 10 * (ROUNDS - issued)
    assert reward.stock == ROUNDS - issued
    assert Hold.objects.filter(status="open").count() == 0
    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.proves("C9")
def test_without_locks_what_was_handed_over_is_also_let_go_of(shop, monkeypatch):
    """The control: were this to fail, the test above would prove nothing."""
    member, reward = shop.member(), shop.reward(10, stock=100)
    shop.buys(member, "1000.00")
    forget_locks(monkeypatch)

    def attempt(serial):
        taken = set_aside(shop, member, reward, serial, ends_in=60)
        undo = partial(
            cancel_redemption,
            redemption_id=taken.pk,
            reason="",
            actor=SYSTEM,
            request_key=f"undo-{serial}",
        )
        return not any(isinstance(one, Exception) for one in race(undo, later(taken, serial)))

    assert seen(attempt, tries=5)
    assert violations() != []


def later(taken, serial):
    """Hand over after two pauses, so that both look at the hold at the same moment."""

    def run():
        time.sleep(2 * PAUSE_SECONDS)
        return capture_redemption(
            redemption_id=taken.pk, actor=SYSTEM, request_key=f"take-{serial}"
        )

    return run
