"""The figures of the first page, against small cases reckoned by hand: docs/figures.md."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from insights.charts import HEIGHT, WIDTH, bars
from insights.figures import Days, Outstanding, People, Period, Points, Trade, percent, periods
from insights.queries import days, outstanding, people
from loyalty.models import Batch
from loyalty.services.returns import ReturnWish, record_return
from rewards.models import Redemption, Voucher
from rewards.services.history import PastRedemption, record_past_redemption
from rewards.services.redemptions import cancel_redemption, redeem
from tests.shops import days_ago, open_shop

TODAY = date(2026, 3, 18)  # a Wednesday


def figures_of(shop):
    today = timezone.localdate(timezone=shop.organization.zone)
    return days(shop.organization, today - timedelta(days=59), today), periods(today)


def test_a_period_is_thirty_days_and_the_one_before_ends_where_it_begins():
    now, before = periods(TODAY)

    assert now == Period(date(2026, 2, 17), TODAY)
    assert before == Period(date(2026, 1, 18), date(2026, 2, 16))


def test_weeks_begin_on_monday_and_end_with_the_current_one():
    sunday, monday = date(2026, 3, 15), date(2026, 3, 16)
    known = Days(
        trade={sunday: Trade(receipts=1), monday: Trade(receipts=2), TODAY: Trade(receipts=4)},
        points={TODAY: Points(given=5)},
    )

    weeks = known.weeks(TODAY, count=2)

    assert [(week.monday, week.trade.receipts) for week in weeks] == [
        (date(2026, 3, 9), 1),
        (monday, 6),
    ]
    assert weeks[1].points == Points(given=5)


@pytest.mark.parametrize(
    ("part", "whole", "share"), [(1, 3, 33), (1, 8, 13), (0, 5, 0), (3, 0, None), (-1, 4, -25)]
)
def test_a_share_is_whole_percent_and_of_nothing_there_is_none(part, whole, share):
    assert percent(part, whole) == share


def test_stacked_bars_stand_on_one_another_and_the_highest_fills_the_room():
    drawn = bars([(30, 10), (20, 0)], 40, stacked=True)

    assert [(bar.series, bar.y, bar.height) for bar in drawn] == [
        (1, 45.0, 135.0),
        (2, 0.0, 45.0),
        (1, 90.0, 90.0),
        (2, 90.0, 0.0),
    ]
    assert drawn[2].x - drawn[0].x == WIDTH / 2


def test_bars_side_by_side_share_the_room_and_nothing_goes_below_the_floor():
    left, right = bars([(10, -4)], 10, stacked=False)

    assert (left.height, right.height, right.y) == (HEIGHT, 0.0, HEIGHT)
    assert right.x == left.x + left.width


def test_without_anything_there_is_nothing_to_draw():
    assert bars([], 0, stacked=True) == []
    assert [bar.height for bar in bars([(0, 0)], 0, stacked=False)] == [0.0, 0.0]


@pytest.mark.django_db
def test_trade_counts_guests_and_takes_off_what_came_back():
    shop = open_shop()
    mina = shop.member()
    shop.buys(mina, "30.00", number="A")
    shop.buys(None, "10.00")
    shop.buys(mina, "8.00", at=days_ago(40))
    wish = ReturnWish(
        source="till",
        external_id="R1",
        sale_source="till",
        sale_external_id="A",
        occurred_at=timezone.now(),
        request_key="r1",
        quantities={},
        amount=Decimal("5.00"),
    )
    record_return(organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)

    found, (now, before) = figures_of(shop)

    assert found.trade_in(now) == Trade(
        receipts=2, member_receipts=1, sales=Decimal(35), member_sales=Decimal(25)
    )
    assert found.trade_in(before).sales == Decimal(8)
    assert found.points_in(now).given == 25


@pytest.mark.django_db
def test_spent_points_count_when_they_are_spent_and_not_when_they_are_given_back():
    shop = open_shop()
    mina = shop.member()
    shop.buys(mina, "100.00")
    coffee = shop.reward(30)
    kept = redeem(reward_id=coffee.pk, member_id=mina.pk, actor=SYSTEM, request_key="1")
    undone = redeem(reward_id=coffee.pk, member_id=mina.pk, actor=SYSTEM, request_key="2")
    cancel_redemption(redemption_id=undone.pk, reason="", actor=SYSTEM, request_key="3")

    found, (now, before) = figures_of(shop)
    who = people(shop.organization, now, before)

    assert kept.status == "issued"
    assert found.points_in(now) == Points(given=100, spent=30, expired=0)
    assert who == People(members=1, joined=(1, 0), active=(1, 0), redeemed=(1, 0))


@pytest.mark.django_db
def test_points_expire_on_the_day_they_end_and_are_outstanding_until_then():
    shop = open_shop()
    shop.settle(expiry={"type": "after", "days": 20})
    mina = shop.member()
    shop.buys(mina, "7.00", at=days_ago(50))  # ended some thirty days ago
    shop.buys(mina, "40.00", at=days_ago(1))
    now = timezone.now()

    found, _periods = figures_of(shop)
    soon = outstanding(shop.organization, now, now + timedelta(days=30))
    later = outstanding(shop.organization, now + timedelta(days=30), now + timedelta(days=60))

    assert sum((day.expired for day in found.points.values()), 0) == 7
    assert soon == Outstanding(points=40, members=1, expiring=40)
    assert later == Outstanding()


@pytest.mark.django_db
def test_days_are_the_organizations():
    shop = open_shop(time_zone="Pacific/Auckland")
    late = datetime(2026, 3, 17, 22, 30, tzinfo=UTC)  # Wednesday morning there
    shop.buys(shop.member(), "5.00", at=late)

    found = days(shop.organization, TODAY, TODAY)

    assert list(found.trade) == list(found.points) == [TODAY]


@pytest.mark.django_db
def test_figures_are_of_one_organization():
    shop, other = open_shop(), open_shop("other")
    mina = other.member()
    other.buys(mina, "50.00")
    redeem(reward_id=other.reward(10).pk, member_id=mina.pk, actor=SYSTEM, request_key="elsewhere")
    now = timezone.now()

    found, (current, before) = figures_of(shop)

    assert found == Days()
    assert people(shop.organization, current, before) == People()
    assert outstanding(shop.organization, now, now) == Outstanding()


@pytest.mark.django_db
def test_a_redemption_of_the_past_stands_where_it_happened_and_is_told_to_nobody():
    shop = open_shop()
    mina = shop.member()
    shop.buys(mina, "100.00", at=days_ago(20))
    batch = Batch.objects.create(organization=shop.organization, kind="import")
    taken = PastRedemption(
        reward_id=shop.reward(60, stock=1).pk,
        holder=shop.account(mina).holders.get(),
        store_id=shop.store.pk,
        at=days_ago(10),
        request_key="past",
    )

    done = record_past_redemption(taken=taken, batch=batch, actor=SYSTEM)

    voucher = Voucher.objects.get(redemption=done)
    kept = Redemption.objects.get(pk=done.pk)
    assert (kept.status, kept.created_at, kept.entry.occurred_at) == ("issued", taken.at, taken.at)
    assert (voucher.status, voucher.used_at) == ("used", taken.at)
    assert (shop.balance(mina), kept.reward.stock) == (40, 0)
