"""Whatever members buy, bring back, merge and part: challenges are the fold of what counted."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.actors import SYSTEM
from loyalty.challenges.counting import Counted
from loyalty.challenges.fold import fold, is_reached, joined, moved
from loyalty.challenges.periods import EachPeriod
from loyalty.challenges.spec import parse_challenge
from loyalty.challenges.targets import week_of
from loyalty.earning.receipt import Line
from loyalty.models import ChallengeCompletion, ChallengeRun
from loyalty.services.challenges_audit import disagreements
from loyalty.services.member_merges import merge_members, unmerge_members
from loyalty.services.returns import ReturnWish, record_return
from tests.challenges import HUNDRED, add_version, challenge, spec
from tests.shops import assert_audit_is_clean, open_shop

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 6, 24, 12, tzinfo=UTC)
DAY = timedelta(days=1)
TARGETS = (
    {"type": "visits", "number": 2},
    {"type": "visits", "number": 2, "once_a_day": True},
    {"type": "amount", "amount": "12"},
    {"type": "items", "number": 3},
    {"type": "distinct_categories", "number": 2},
    {"type": "week_streak", "weeks": 2},
)
COUNTS = st.lists(
    st.builds(
        Counted,
        st.integers(1, 9).map(Decimal),
        st.lists(st.sampled_from("abcd"), max_size=3, unique=True).map(tuple),
    ),
    max_size=8,
)
CATEGORIES = st.sampled_from(["Drinks", "Bakery", "Fruit"])
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("buy"),
            st.integers(0, 1),
            st.integers(0, 40),
            st.lists(st.tuples(st.integers(1, 9), CATEGORIES), min_size=1, max_size=2),
        ),
        st.tuples(st.just("return"), st.integers(0, 20), st.integers(1, 2)),
        st.tuples(st.just("merge")),
        st.tuples(st.just("part")),
        st.tuples(st.just("change")),
    ),
    min_size=4,
    max_size=14,
)


@given(target=st.sampled_from([0, 2, 4]), counts=COUNTS, split=st.integers(0, 8))
def test_a_state_is_the_same_whether_folded_moved_or_joined(target, counts, split):
    kind = parse_challenge(spec(target=TARGETS[target])).target
    whole = fold(kind, counts)

    step_by_step = fold(kind, [])
    for one in counts:
        step_by_step = moved(kind, step_by_step, more=one)
    together = joined(kind, fold(kind, counts[:split]), fold(kind, counts[split:]))
    back = moved(kind, whole, less=counts[-1]) if counts else whole

    assert (step_by_step, together) == (whole, whole)
    assert back == fold(kind, counts[:-1])


class Model:
    """What should be true: each purchase with what is left of it, and whose account it was."""

    def __init__(self, shop, kind):
        self.shop, self.kind = shop, kind
        self.people = [shop.member(f"+4474001234{n:02}") for n in range(2)]
        self.bought = []  # (owner, moment, {line: [amount, category, left]}, version, recorded)
        self.merged = None

    def expected(self):
        """Fold what each living account has counted, by version and month."""
        counts = defaultdict(list)
        for owner, at, lines, version, _sold in self.bought:
            home = 0 if self.merged else owner
            month = EachPeriod(type="each", unit="month").span_at(at, LONDON).day
            counts[home, version, month].append(self.counted(at, lines))
        return {
            key: (state.progress, dict(state.seen), is_reached(self.kind, state))
            for key, some in counts.items()
            for state in [fold(self.kind, some)]
        }

    def counted(self, at, lines):
        left = [(amount, category) for amount, category, is_left in lines.values() if is_left]
        if not left:
            return Counted(Decimal(0))
        day = at.astimezone(LONDON).date()
        return {
            "visits": Counted(
                Decimal(1), (day.isoformat(),) if getattr(self.kind, "once_a_day", False) else ()
            ),
            "amount": Counted(Decimal(sum(amount for amount, _category in left))),
            "items": Counted(Decimal(len(left))),
            "distinct_categories": Counted(
                Decimal(1), tuple({category.lower() for _amount, category in left})
            ),
            "week_streak": Counted(Decimal(1), (week_of(day),)),
        }[self.kind.type]


@pytest.mark.proves("case 39")
@pytest.mark.django_db
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(target=st.sampled_from(TARGETS), steps=STEPS)
def test_services_keep_challenges_at_the_fold_of_their_history(target, steps):
    with time_machine.travel(NOW, tick=False), transaction.atomic():
        shop = open_shop(time_zone="Europe/London")
        made = challenge(shop, target=target, gifts=[HUNDRED])
        model = Model(shop, parse_challenge(spec(target=target)).target)
        for number, step in enumerate(steps):
            ACTS[step[0]](model, made, number, *step[1:])

        assert stored(model) == model.expected()
        assert disagreements(shop.organization.pk) == []
        assert_audit_is_clean()
        assert_each_gave_once(model)
        transaction.set_rollback(True)


def buy(model, made, number, owner, days_ago, goods):
    at = NOW - days_ago * DAY
    lines = tuple(
        Line(
            number=place,
            sku=f"s{place}",
            quantity=Decimal(1),
            amount=Decimal(amount),
            category=(category,),
        )
        for place, (amount, category) in enumerate(goods, start=1)
    )
    home = 0 if model.merged else owner
    sold = model.shop.records(model.shop.draft(model.people[home], lines=lines, at=at))
    kept = {
        place: [amount, category, True] for place, (amount, category) in enumerate(goods, start=1)
    }
    model.bought.append((home, at, kept, begun_with(sold), sold))


def begun_with(sold):
    """Return the version that a purchase counts by: that of the one try it falls into."""
    [count] = sold.purchase.challenge_counts.all()
    return count.run.version_id


def bring_back(model, made, number, which, line):
    if not model.bought:
        return
    _owner, _at, lines, _version, sold = model.bought[which % len(model.bought)]
    if line not in lines or not lines[line][2]:
        return
    wish = ReturnWish(
        source="till",
        external_id=f"back-{number}",
        sale_source="till",
        sale_external_id=sold.purchase.external_id,
        occurred_at=NOW,
        request_key=f"back-{number}",
        quantities={line: Decimal(1)},
    )
    record_return(organization_id=model.shop.organization.pk, wish=wish, actor=SYSTEM)
    lines[line][2] = False


def merge(model, made, number):
    if model.merged is None:
        model.merged = merge_members(
            organization_id=model.shop.organization.pk,
            kept_id=model.people[0].pk,
            merged_id=model.people[1].pk,
            actor=SYSTEM,
            request_key=f"merge-{number}",
        )


def part(model, made, number):
    if model.merged is not None:
        unmerge_members(
            organization_id=model.shop.organization.pk,
            merge_id=model.merged.pk,
            actor=SYSTEM,
            request_key=f"part-{number}",
        )
        model.merged = None


def change(model, made, number):
    """Say the same anew from three weeks ago on: who begins now begins by the new version."""
    since = NOW - (21 - made.versions.count()) * DAY
    add_version(made, since=since, target=model.kind.model_dump(mode="json"), gifts=[HUNDRED])


ACTS = {"buy": buy, "return": bring_back, "merge": merge, "part": part, "change": change}


def stored(model):
    """Return what is on record of the living accounts, leaving out tries with nothing in them."""
    homes = {
        model.shop.account(person).pk: place
        for place, person in reversed(list(enumerate(model.people)))
        if person.holdings.exists()
    }
    runs = ChallengeRun.objects.filter(account__in=homes, account__merged_into=None)
    found = {
        (homes[run.account_id], run.version_id, run.period): (
            run.progress,
            run.seen,
            run.completed_at is not None,
        )
        for run in runs
    }
    return {key: one for key, one in found.items() if key in model.expected() or one[0]}


def assert_each_gave_once(model):
    """Hold that no try has two completions that stand, and that points are those of completions."""
    standing = ChallengeCompletion.objects.filter(undone_at=None)
    tries = list(standing.values_list("run", flat=True))
    assert len(tries) == len(set(tries))
    assert all(one.points == 100 and one.taken == 0 for one in standing)
