"""How accounts shop: the nightly SQL says what the formulas say."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.actors import SYSTEM
from core.services.nights import run_night
from loyalty.earning.receipt import Line
from loyalty.habits import Figures, Visit, breaks, figures, lapse, quintiles, rhythm, scores
from loyalty.models import CategoryHabit, Habit, Purchase
from loyalty.services.habits import refresh_chunk, score_chunk
from loyalty.services.member_merges import merge_members
from loyalty.services.returns import ReturnWish, record_return
from tests.shops import open_shop

LONDON = ZoneInfo("Europe/London")
TODAY = date(2026, 6, 15)
NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def visit(days_ago, spent="10"):
    return Visit(NOW - days_ago * DAY, Decimal(spent))


def test_figures_count_visits_money_and_rhythm():
    told = figures([visit(400, "5"), visit(21), visit(14), visit(14, "2"), visit(4)], TODAY, LONDON)

    assert told == Figures(
        first_at=NOW - 400 * DAY,
        last_at=NOW - 4 * DAY,
        visits=5,
        spent=Decimal(37),
        visits_in_year=4,
        spent_in_year=Decimal(32),
        days_between=Decimal("10.00"),
    )


def test_today_does_not_count_yet_and_who_never_came_has_no_figures():
    assert figures([visit(0)], TODAY, LONDON) is None
    assert figures([], TODAY, LONDON) is None


def test_the_rhythm_is_the_median_so_that_a_holiday_changes_it_little():
    days = [date(2026, 1, 1), date(2026, 1, 8), date(2026, 1, 15), date(2026, 4, 1)]

    assert rhythm(days) == Decimal("7.00")
    assert rhythm(days[:1]) is None


def test_a_lapse_is_measured_by_ones_own_rhythm():
    assert lapse(NOW - 21 * DAY, Decimal(7), NOW) == Decimal("3.00")
    assert lapse(NOW - 21 * DAY, None, NOW) is None


def test_fifths_are_cut_where_a_fifth_of_all_members_ends():
    assert quintiles(range(1, 11)) == [2, 4, 6, 8]
    assert quintiles([1, 1, 1, 1, 9]) == [1, 1, 1, 1]


def test_a_small_shop_is_measured_by_fixed_breaks():
    regular = figures([visit(days, "10") for days in range(1, 60, 2)], TODAY, LONDON)
    rare = figures([visit(200, "10")], TODAY, LONDON)

    between = breaks([regular, rare], TODAY, LONDON)

    assert scores(regular, between) == (5, 5, 4)
    assert scores(rare, between) == (1, 1, 1)


HISTORIES = st.lists(
    st.lists(
        st.tuples(st.integers(0, 420), st.integers(0, 23), st.integers(1, 40), st.booleans()),
        max_size=6,
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.django_db
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(histories=HISTORIES)
def test_the_nightly_figures_are_those_of_the_formulas(histories):
    with time_machine.travel(NOW, tick=False), transaction.atomic():
        shop = open_shop(time_zone="Europe/London")
        members = [shop.member(f"+4474001234{n:02}") for n in range(len(histories))]
        expected = {}
        for member, history in zip(members, histories, strict=True):
            visits = [bought(shop, member, *one) for one in history]
            told = figures([one for one in visits if one], TODAY, LONDON)
            if told is not None:
                expected[shop.account(member).pk] = told

        run_in_chunks(refresh_chunk, shop, day=TODAY)
        run_in_chunks(score_chunk, shop, day=TODAY)

        between = breaks(list(expected.values()), TODAY, LONDON)
        kept = {one.account_id: one for one in Habit.objects.all()}
        assert {pk: as_figures(one) for pk, one in kept.items()} == expected
        assert {pk: (one.recency, one.frequency, one.monetary) for pk, one in kept.items()} == {
            pk: scores(one, between) for pk, one in expected.items()
        }
        transaction.set_rollback(True)


def run_in_chunks(work, shop, **options):
    after = 0
    while after is not None:
        after = work(organization_id=shop.organization.pk, after=after, chunk=2, **options)


def bought(shop, member, days_ago, hour, amount, comes_back):
    at = NOW.replace(hour=0) - days_ago * DAY + timedelta(hours=hour)
    sold = shop.buys(member, f"{amount}.00", at=min(at, NOW))
    if not comes_back:
        return Visit(sold.purchase.occurred_at, Decimal(amount))
    back = Decimal(amount) if days_ago % 2 else Decimal("0.5")
    take_back(shop, sold, back)
    left = Decimal(amount) - back
    return Visit(sold.purchase.occurred_at, left) if left else None


def take_back(shop, sold, amount):
    number = f"back-{sold.purchase.external_id}"
    wish = ReturnWish(
        source="till",
        external_id=number,
        sale_source="till",
        sale_external_id=sold.purchase.external_id,
        occurred_at=NOW,
        request_key=number,
        amount=amount,
    )
    record_return(organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)


def as_figures(habit):
    return Figures(
        first_at=habit.first_at,
        last_at=habit.last_at,
        visits=habit.visits,
        spent=habit.spent,
        visits_in_year=habit.visits_in_year,
        spent_in_year=habit.spent_in_year,
        days_between=habit.days_between,
    )


@pytest.fixture
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.usefixtures("_now")
def test_many_accounts_are_cut_into_fifths_of_their_own(shop, monkeypatch):
    monkeypatch.setattr("loyalty.services.habits.QUINTILES_FROM", 5)
    for number in range(5):
        member = shop.member(f"+4474001234{number:02}")
        for ago in range(number + 1):
            shop.buys(member, f"{number + 1}.00", at=NOW - (ago + 10 - number) * DAY)

    run_in_chunks(refresh_chunk, shop, day=TODAY)
    run_in_chunks(score_chunk, shop, day=TODAY)

    kept = Habit.objects.order_by("account_id")
    told = kept.values_list("recency", "frequency", "monetary")
    assert list(told) == [(score,) * 3 for score in range(1, 6)]


@pytest.mark.usefixtures("_now")
def test_categories_are_those_of_the_year_net_of_returns(shop, member):
    def line(number, amount, *category):
        return Line(
            number=number, sku=f"s{number}", quantity=Decimal(1), amount=Decimal(amount),
            category=category,
        )  # fmt: skip

    old = (line(1, "9.00", "Drinks"),)
    new = (line(1, "3.00", "Drinks", "Tea"), line(2, "2.00", "Drinks"), line(3, "4.00", "Bakery"))
    shop.records(shop.draft(member, lines=old, at=NOW - 400 * DAY))
    sold = shop.records(shop.draft(member, lines=new, at=NOW - 3 * DAY))
    take_back(shop, sold, Decimal("9.00"))
    shop.records(shop.draft(member, lines=new[:2], at=NOW - 2 * DAY))
    shop.records(shop.draft(member, lines=new, at=NOW - DAY))

    run_in_chunks(refresh_chunk, shop, day=TODAY)

    kept = CategoryHabit.objects.order_by("category").values_list("category", "visits", "spent")
    assert list(kept) == [("Bakery", 1, 4), ("Drinks", 2, 10)]


def test_a_night_looks_at_those_who_came_and_those_whose_year_moved_on(shop, member):
    with time_machine.travel(NOW - 40 * DAY, tick=False) as clock:
        other, quiet = (shop.member(f"+4474001234{n}") for n in (57, 58))
        shop.buys(member, "5.00", at=NOW - 50 * DAY)
        shop.buys(other, "5.00", at=NOW - 365 * DAY - 19 * DAY)
        shop.buys(quiet, "5.00", at=NOW - 100 * DAY)
        refresh_chunk(organization_id=shop.organization.pk, day=TODAY - 20 * DAY)
        # They came to the database when the database says so.
        Purchase.objects.update(created_at=NOW - 40 * DAY)
        clock.move_to(NOW - 19 * DAY)
        shop.buys(member, "5.00")

        refresh_chunk(
            organization_id=shop.organization.pk, day=TODAY - 18 * DAY, since=NOW - 19 * DAY
        )

    told = {
        one.account_id: (one.visits, one.visits_in_year, one.as_of.date())
        for one in Habit.objects.all()
    }
    assert told == {
        shop.account(member).pk: (2, 2, TODAY - 19 * DAY),
        shop.account(other).pk: (1, 0, TODAY - 19 * DAY),
        shop.account(quiet).pk: (1, 1, TODAY - 21 * DAY),
    }


@pytest.mark.usefixtures("_now")
def test_merged_members_shop_as_one(shop, member):
    again = shop.member("+447400123457")
    shop.buys(member, "5.00", at=NOW - 9 * DAY)
    shop.buys(again, "5.00", at=NOW - 2 * DAY)
    run_in_chunks(refresh_chunk, shop, day=TODAY)
    merge_members(
        organization_id=shop.organization.pk,
        kept_id=member.pk,
        merged_id=again.pk,
        actor=SYSTEM,
        request_key="merge",
    )

    run_in_chunks(refresh_chunk, shop, day=TODAY + DAY, since=NOW)

    kept = Habit.objects.values_list("account_id", "visits", "days_between")
    assert list(kept) == [(shop.account(member).pk, 2, 7)]


@pytest.mark.usefixtures("_now")
def test_the_night_keeps_habits_and_scores(shop, member):
    shop.buys(member, "5.00", at=NOW - 9 * DAY)

    run_night(organization_id=shop.organization.pk, now=NOW)

    [kept] = Habit.objects.all()
    assert (kept.visits, kept.recency, kept.as_of) == (1, 5, datetime(2026, 6, 14, 23, tzinfo=UTC))
