"""Whatever happens, cards are what their moves make of them, and gifts what cards promise."""

from contextlib import suppress
from datetime import timedelta
from itertools import count

from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.actors import SYSTEM
from core.errors import Refusal
from loyalty.models import Grant, StampSheet
from loyalty.services.member_merges import merge_members, unmerge_members
from loyalty.services.stamps_audit import disagreements
from members.models import MemberMerge
from tests.shops import assert_audit_is_clean, open_shop
from tests.stampcards import COOKIE, card_of, load_card, returns, spec_of, stamps_by

SERIALS = count(1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("buy"), st.integers(0, 1), st.integers(1, 5), st.integers(0, 80)),
        st.tuples(st.just("return"), st.integers(0, 9), st.integers(0, 4)),
        st.tuples(st.just("merge")),
        st.tuples(st.just("part")),
        st.tuples(st.just("change"), st.integers(2, 6)),
        st.tuples(st.just("pause")),
    ),
    min_size=3,
    max_size=12,
)


class Counter:
    """A shop with a card and two members, to whom anything may happen."""

    def __init__(self):
        self.shop = open_shop(f"shop-{next(SERIALS)}")
        milestones = [{"at": 1, "gifts": [COOKIE]}]
        card_of(self.shop, 3, months=1, milestones=milestones)
        stamps_by(self.shop, "unit")
        self.members = [self.shop.member(f"+44740000000{one}") for one in (1, 2)]
        self.sales = []
        self.status = "active"

    def buy(self, who, lines, days_ago):
        number = f"s{len(self.sales)}"
        at = timezone.now() - timedelta(days=days_ago)
        draft = self.shop.draft(self.members[who], *["1.00"] * lines, number=number, at=at)
        self.shop.records(draft)
        self.sales.append((number, lines))

    def back(self, sale, line):
        if self.sales:
            number, lines = self.sales[sale % len(self.sales)]
            returns(self.shop, number, line % lines + 1)

    def merge(self):
        kept, merged = self.members
        merge_members(
            organization_id=self.shop.organization.pk,
            kept_id=kept.pk,
            merged_id=merged.pk,
            actor=SYSTEM,
            request_key=f"merge-{next(SERIALS)}",
        )

    def part(self):
        for one in MemberMerge.objects.filter(kept=self.members[0], undone_at=None):
            unmerge_members(
                organization_id=self.shop.organization.pk,
                merge_id=one.pk,
                actor=SYSTEM,
                request_key=f"part-{next(SERIALS)}",
            )

    def change(self, size):
        version = {"spec": spec_of(size, months=2)}
        load_card(self.shop, "coffee", [version], status=self.status)

    def pause(self):
        self.status = "paused" if self.status == "active" else "active"
        last = self.shop.program.stamp_cards.get().versions.order_by("-number").first()
        load_card(self.shop, "coffee", [{"spec": last.spec}], status=self.status)

    def do(self, step):
        verb, *told = step
        act = {"return": self.back}.get(verb) or getattr(self, verb)
        with suppress(Refusal):  # what came back already, or members who are one already
            act(*told)

    def check(self):
        organization_id = self.shop.organization.pk
        assert disagreements(organization_id) == []
        for sheet in StampSheet.objects.filter(card__program=self.shop.program):
            size = sheet.version.spec["size"]
            assert sheet.stamps <= size
            assert (sheet.completed_at is not None) == (sheet.stamps == size)
            given = Grant.objects.filter(cause="stamp_sheet", cause_id=sheet.pk, status="given")
            assert given.count() == (1 if sheet.completed_at else 0)


@given(steps=STEPS)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_cards_follow_from_what_happened_through_purchases_returns_merges_and_changes(db, steps):
    counter = Counter()

    for step in steps:
        counter.do(step)

    counter.check()
    assert_audit_is_clean()
