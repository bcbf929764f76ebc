"""Workers that open the same reward at once, and somebody who takes it back meanwhile."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from core.models import OutboxEvent
from rewards.models import GiftCard, Opening, Redemption, Voucher
from rewards.services import issuing, openings
from rewards.services.openings import open_due
from rewards.services.redemptions import cancel_redemption
from tests.racing import forget_locks, race, seen
from tests.shelves import take
from tests.shops import assert_audit_is_clean, open_shop

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
ROUNDS = 5


@pytest.fixture
def shop(transactional_db):
    return open_shop()


def due_now(shop, member, reward):
    """Take a reward whose day has just come."""
    taken = take(member, reward)
    at = timezone.now() - timedelta(seconds=1)
    Redemption.objects.filter(pk=taken.pk).update(opens_at=at)
    Voucher.objects.filter(redemption=taken).update(valid_from=at)
    Opening.objects.filter(redemption=taken).update(due_at=at)
    return taken


@pytest.mark.proves("C3", "INV-5z")
def test_two_workers_open_it_once(shop):
    member = shop.member()
    shop.buys(member, "1000.00")
    reward = shop.reward(10, kind="gift_card", amount=10, opens_after_days=3)

    for serial in range(1, ROUNDS + 1):
        due_now(shop, member, reward)

        assert sorted(race(open_due, open_due)) == [0, 1]
        told = OutboxEvent.objects.filter(kind="redemption.opened").count()
        assert (GiftCard.objects.count(), told) == (serial, serial)
    assert_audit_is_clean()


def test_without_locks_two_workers_would_both_open_it(shop, monkeypatch):
    """The control: were this to fail, the test above would prove nothing."""
    member, done = shop.member(), []
    shop.buys(member, "1000.00")
    reward = shop.reward(10, kind="experience", opens_after_days=3)
    monkeypatch.setitem(
        issuing.ISSUED, "experience", lambda redemption, **_told: done.append(redemption.pk)
    )

    def attempt(_serial):
        taken = due_now(shop, member, reward)
        race(open_due, open_due)
        return done.count(taken.pk) > 1

    assert not seen(attempt, tries=3)
    forget_locks(monkeypatch)
    monkeypatch.setattr(openings, "unlocked", lambda rows: rows)
    assert seen(attempt)


@pytest.mark.proves("C3", "INV-5y")
def test_it_is_opened_or_taken_back_and_never_half(shop):
    member = shop.member()
    shop.buys(member, "1000.00")
    reward = shop.reward(10, kind="gift_card", amount=10, opens_after_days=3)

    for serial in range(ROUNDS):
        taken = due_now(shop, member, reward)
        race(
            open_due,
            partial(
                cancel_redemption,
                redemption_id=taken.pk,
                reason="wrong",
                actor=SYSTEM,
                request_key=f"undo-{serial}",
            ),
            open_due,
        )
        taken.refresh_from_db()
        assert taken.status == "canceled"
        assert Opening.objects.get(redemption=taken).status in ("done", "canceled")
    assert shop.balance(member) == 1000
    assert not GiftCard.objects.exclude(balance=0).exists()
    assert_audit_is_clean()
