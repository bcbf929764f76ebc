"""Whatever happens in whatever order, a tier is what its past, told again, comes to."""

import os
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.actors import SYSTEM
from core.days import local_day, start_of_day
from core.errors import Refusal
from loyalty.services.member_merges import merge_members, unmerge_members
from loyalty.services.tier_lifts import lift_everybody
from loyalty.services.tier_night import look_chunk
from loyalty.services.tiers_audit import disagreements
from tests.ladders import change, ladder, put_up, takes_back
from tests.shops import assert_audit_is_clean, open_shop

pytestmark = pytest.mark.django_db

EXAMPLES = 2_000 if os.environ.get("REGULARS_SOAK") else 20
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
PHONES = ["+447400123456", "+447400123457"]
PEOPLE = st.integers(0, 1)
LADDERS = st.fixed_dictionaries(
    {
        "basis": st.sampled_from(["spend", "points", "visits"]),
        "window": st.sampled_from(
            [
                {"type": "calendar_year"},
                {"type": "rolling", "months": 2},
                {"type": "membership_year"},
                {"type": "lifetime"},
            ]
        ),
        "valid": st.sampled_from(
            [
                {"type": "months", "months": 1},
                {"type": "months", "months": 2, "round_up": "quarter"},
                {"type": "months", "months": 0, "round_up": "year"},
                {"type": "forever"},
            ]
        ),
        "downgrade": st.sampled_from(["none", "one_level", "full"]),
        "grace_days": st.sampled_from([0, 10]),
        "returns": st.sampled_from(["now", "at_period_end", "never"]),
        "counts": st.sampled_from(["before", "after"]),
        "tiers": st.sampled_from(
            [
                [
                    {"code": "silver", "name": "Silver", "threshold": "2"},
                    {"code": "gold", "name": "Gold", "threshold": "60"},
                ],
                [
                    {
                        "code": "silver",
                        "name": "Silver",
                        "threshold": "30",
                        "benefits": {"multiplier": "1.5"},
                    },
                    {"code": "gold", "name": "Gold", "threshold": "90", "is_lifetime": True},
                ],
            ]
        ),
    }
)
STEPS = st.one_of(
    st.tuples(st.just("buys"), PEOPLE, st.integers(1, 70), st.sampled_from([0, 0, 0, 40])),
    st.tuples(st.just("returns"), st.integers(0, 9), st.sampled_from([None, "1", "20"])),
    st.tuples(st.just("waits"), st.sampled_from([1, 11, 35, 50, 120])),
    st.tuples(st.just("night")),
    st.tuples(st.just("changes"), LADDERS),
    st.tuples(st.just("merges")),
    st.tuples(st.just("parts")),
)


class World:
    """A shop, its two members, and the clock."""

    def __init__(self, clock, said):
        self.clock = clock
        self.shop = open_shop()
        self.people = [self.shop.member(phone) for phone in PHONES]
        self.bought = []
        self.merge = None
        self.shop.buys(self.people[0], "40")  # before there are tiers
        put_up(self.shop, said)

    def buys(self, person, amount, days_ago):
        at = timezone.now() - timedelta(days=days_ago)
        recorded = self.shop.buys(self.people[person], str(amount), at=at)
        self.bought.append(recorded.purchase)

    def returns(self, index, amount):
        if self.bought:
            purchase = self.bought[index % len(self.bought)]
            purchase.refresh_from_db()
            takes_back(self.shop, purchase, amount)

    def waits(self, days):
        self.clock.shift(timedelta(days=days))

    def night(self):
        zone = self.shop.organization.zone
        now = timezone.now()
        due = start_of_day(local_day(now, zone), zone)
        look_chunk(organization_id=self.shop.organization.pk, due=due)

    def changes(self, said):
        change(self.shop, ladder(**said))
        lift_everybody()

    def merges(self):
        kept, other = self.people
        self.merge = merge_members(
            organization_id=self.shop.organization.pk,
            kept_id=kept.pk,
            merged_id=other.pk,
            actor=SYSTEM,
            request_key=f"merge-{timezone.now().timestamp()}",
        )

    def parts(self):
        if self.merge is not None:
            unmerge_members(
                organization_id=self.shop.organization.pk,
                merge_id=self.merge.pk,
                actor=SYSTEM,
                request_key=f"part-{timezone.now().timestamp()}",
            )
            self.merge = None


@pytest.mark.proves("C13")
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(said=LADDERS, steps=st.lists(STEPS, max_size=8))
def test_a_tier_is_what_its_past_told_again_comes_to(db, said, steps):
    with transaction.atomic(), time_machine.travel(START, tick=False) as clock:
        world = World(clock, ladder(**said))
        for name, *details in steps:
            clock.shift(61)
            try:
                with transaction.atomic():
                    getattr(world, name)(*details)
            except Refusal:
                pass  # refused is refused, and nothing has changed

        assert disagreements(world.shop.organization.pk) == []
        assert_audit_is_clean()
        transaction.set_rollback(True)
