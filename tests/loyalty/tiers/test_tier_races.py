"""Tiers while others buy, and while several workers are at it."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from loyalty.models import Entry, LadderLift, Standing, TierChange
from loyalty.services.ladder_files import load_tiers
from loyalty.services.tier_lifts import lift_chunk
from loyalty.services.tier_night import look_chunk
from loyalty.services.tiers_audit import disagreements
from tests.ladders import change, ladder, put_up, steps, tiers
from tests.racing import forget_locks, race, seen
from tests.shops import assert_audit_is_clean, open_shop

GIFT = tiers(silver={"gifts": [{"type": "points", "points": 50}]})


@pytest.fixture
def shop(transactional_db):
    return open_shop()


def buys_at_four_tills(shop):
    """Four purchases of which two together reach the tier, and what became of the member."""
    member = shop.member(f"+4474001{TierChange.objects.count():05}")
    shop.buys(member, "1")
    race(*[partial(shop.buys, member, "60")] * 4)
    return member


@pytest.mark.race
@pytest.mark.proves("C13")
def test_a_tier_reached_at_four_tills_at_once_is_reached_once(shop):
    put_up(shop, tiers=GIFT)

    member = buys_at_four_tills(shop)

    assert steps(shop, member) == [("reached", "", "silver")]
    assert list(Entry.objects.filter(cause="tier").values_list("points", flat=True)) == [50]
    assert disagreements(shop.organization.pk) == []
    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.proves("C13")
def test_without_locks_a_tier_is_not_what_was_bought(shop, monkeypatch):
    """The control: were this to fail, the test above would prove nothing."""
    put_up(shop, tiers=GIFT)
    forget_locks(monkeypatch)

    def attempt(_serial):
        member = buys_at_four_tills(shop)
        return steps(shop, member) != [("reached", "", "silver")]

    assert seen(attempt)


@pytest.mark.race
@pytest.mark.proves("C13", "F5")
def test_the_night_and_a_purchase_at_once_leave_one_truth(shop):
    always = {"effective_from": "2020-01-01T00:00:00Z", "spec": ladder()}
    load_tiers(shop.program.pk, {"versions": [always]}, SYSTEM)
    member = shop.member()
    shop.buys(member, "100")
    ended = timezone.now() - timedelta(hours=1)
    row = Standing.objects.get()
    told = [{**row.steps[0], "until": ended.isoformat(), "is_firm": True}]
    Standing.objects.update(due_at=ended, until=ended, grace_until=ended, steps=told)
    night = partial(look_chunk, organization_id=shop.organization.pk, due=timezone.now())

    race(night, partial(shop.buys, member, "10"), night)

    assert TierChange.objects.filter(why__in=["kept", "lowered"]).count() == 1


@pytest.mark.race
def test_two_workers_lift_everybody_once(shop):
    for number in range(6):
        shop.buys(shop.member(f"+447400123{number:03}"), "120")
    change(shop, ladder())
    lift = LadderLift.objects.get()

    def carry_on():
        while lift_chunk(lift_id=lift.pk, chunk=2):
            pass

    race(carry_on, carry_on)
    carry_on()

    assert Standing.objects.filter(tier="silver").count() == 6
    assert TierChange.objects.count() == 6
    assert disagreements(shop.organization.pk) == []
