"""The round that ends points and the member who spends them, at the same moment."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from core.services.audit_ledger import violations
from loyalty.errors import InsufficientPoints, PointsHeld
from loyalty.models import Lot
from loyalty.services.due import expire_due_points
from rewards.models import Redemption
from rewards.services.redemptions import redeem
from tests.racing import forget_locks, race, seen
from tests.shops import assert_audit_is_clean, open_shop

ROUNDS = 10
SPENDERS = 4
REFUSALS = (InsufficientPoints, PointsHeld)


@pytest.fixture
def ending(transactional_db):
    """A shop where points last a day, so that a round whose clock is ahead ends them."""
    shop = open_shop()
    shop.settle(expiry={"type": "after", "days": 1})
    return shop


def spend_while_it_ends(shop, member, reward, *, serial, **options):
    """Let several tabs spend the same 40 points while two rounds end them."""
    take = partial(redeem, reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, **options)
    tabs = [partial(take, request_key=f"{serial}-{tab}") for tab in range(SPENDERS)]
    ends = partial(expire_due_points, now=timezone.now() + timedelta(days=3))
    results = race(*tabs, ends, ends)
    return results[:SPENDERS], results[SPENDERS:]


@pytest.mark.race
@pytest.mark.proves("C12")
@pytest.mark.parametrize("options", [{}, {"hold_seconds": 600}])
def test_a_lot_is_spent_or_ends_and_never_both(ending, options):
    member, reward = ending.member(), ending.reward(40)
    for serial in range(ROUNDS):
        ending.buys(member, "40.00")

        answers, ended = spend_while_it_ends(ending, member, reward, serial=serial, **options)

        taken = [answer for answer in answers if isinstance(answer, Redemption)]
        refused = [answer for answer in answers if isinstance(answer, REFUSALS)]
        assert (len(taken) + len(refused), len(taken) + sum(ended)) == (SPENDERS, 1)
        lot = Lot.objects.latest("pk")
        assert lot.remaining == lot.held == (40 if taken and options else 0)
        assert ending.balance(member) == 0

    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.proves("C12")
def test_without_locks_points_are_set_aside_that_have_ended(ending, monkeypatch):
    """The control: were this to fail, the test above would prove nothing."""
    member, reward = ending.member(), ending.reward(40)
    forget_locks(monkeypatch)

    def attempt(serial):
        ending.buys(member, "40.00")
        answers, ended = spend_while_it_ends(
            ending, member, reward, serial=serial, hold_seconds=600
        )
        taken = [answer for answer in answers if isinstance(answer, Redemption)]
        return len(taken) + sum(ended) > 1

    assert seen(attempt)
    assert violations() != []
