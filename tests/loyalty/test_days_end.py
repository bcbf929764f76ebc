"""A day ends at its local end: what is promised until a day lasts through it, wherever the shop is.

The instants in these tables were worked out by hand from the rules of each zone.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from core.models import OutboxEvent
from loyalty.earning.vocabulary.expiry import ExpiresAfter
from loyalty.expiry import expires_at
from loyalty.models import Lot
from loyalty.queries import balance_of
from loyalty.services.due import expire_due_points
from tests.shops import assert_audit_is_clean, open_shop

AN_INSTANT = timedelta(microseconds=1)

LAST_DAYS = [
    ("Pacific/Kiritimati", date(2026, 12, 31), "2026-12-31T10:00:00Z"),
    ("Asia/Kathmandu", date(2026, 12, 31), "2026-12-31T18:15:00Z"),
    ("Asia/Tehran", date(2026, 12, 31), "2026-12-31T20:30:00Z"),
    ("Europe/London", date(2026, 12, 31), "2027-01-01T00:00:00Z"),
    ("America/St_Johns", date(2026, 12, 31), "2027-01-01T03:30:00Z"),
    ("Pacific/Pago_Pago", date(2026, 12, 31), "2027-01-01T11:00:00Z"),
    # Summer time counts by the last day, not by the day on which the points were earned.
    ("Europe/London", date(2026, 7, 6), "2026-07-06T23:00:00Z"),
    ("America/St_Johns", date(2026, 7, 6), "2026-07-07T02:30:00Z"),
]
SKIPPED = [
    ("Africa/Cairo", date(2026, 4, 23), "2026-04-23T22:00:00Z"),
    ("America/Havana", date(2026, 3, 7), "2026-03-08T05:00:00Z"),
    ("America/Santiago", date(2026, 9, 5), "2026-09-06T04:00:00Z"),
    ("Asia/Beirut", date(2026, 3, 28), "2026-03-28T22:00:00Z"),
    ("Atlantic/Azores", date(2026, 3, 28), "2026-03-29T01:00:00Z"),
]
DOUBLED = [
    ("America/Havana", date(2026, 10, 31), "2026-11-01T04:00:00Z"),
    ("Atlantic/Azores", date(2026, 10, 24), "2026-10-25T00:00:00Z"),
    # Here it is the hour before midnight that comes twice, and both belong to the last day.
    ("Africa/Cairo", date(2026, 10, 29), "2026-10-29T22:00:00Z"),
    ("America/Santiago", date(2026, 4, 4), "2026-04-05T04:00:00Z"),
    ("Asia/Beirut", date(2026, 10, 24), "2026-10-24T22:00:00Z"),
]


def instant(text):
    return datetime.fromisoformat(text)


def shop_where_points_end(zone, last):
    """Open a shop in the zone, with a member whose 100 points can be spent until a day."""
    shop = open_shop("far", time_zone=zone)
    shop.settle(expiry={"type": "on", "date": last.isoformat()})
    member = shop.member()
    with time_machine.travel(datetime(2026, 1, 10, 12, tzinfo=UTC), tick=False):
        shop.buys(member, "100.00")
    return shop, member


def spendable(shop, member, at):
    return balance_of(shop.account(member), now=at).balance


@pytest.mark.proves("T1", "T2", "case 19")
@pytest.mark.parametrize(("zone", "last", "end"), [*LAST_DAYS, *SKIPPED, *DOUBLED])
def test_points_can_be_spent_through_their_last_day_and_not_an_instant_longer(db, zone, last, end):
    shop, member = shop_where_points_end(zone, last)

    before = spendable(shop, member, instant(end) - AN_INSTANT)
    after = spendable(shop, member, instant(end))

    assert (before, after) == (100, 0)
    assert (instant(end) - AN_INSTANT).astimezone(shop.organization.zone).date() == last


@pytest.mark.proves("T2")
@pytest.mark.parametrize(("zone", "last", "end"), [*SKIPPED, *DOUBLED])
def test_a_round_at_a_midnight_that_is_skipped_or_comes_twice_books_the_end_once(
    db, zone, last, end
):
    shop, member = shop_where_points_end(zone, last)

    hours = [-AN_INSTANT, timedelta(0), timedelta(hours=1), timedelta(hours=2)]
    booked = [expire_due_points(now=instant(end) + later) for later in hours]

    assert booked == [0, 1, 0, 0]
    assert shop.entries(member) == [("earn", 100, 100), ("expire", -100, 0)]
    assert OutboxEvent.objects.filter(kind="points.expired").count() == 1
    assert_audit_is_clean()


@pytest.mark.proves("T1")
@pytest.mark.parametrize(
    ("zone", "bought", "available"),
    [
        ("Pacific/Kiritimati", "2026-02-27T10:30:00Z", "2026-03-13T10:00:00Z"),
        ("Asia/Kathmandu", "2026-02-27T18:10:00Z", "2026-03-12T18:15:00Z"),
        ("Asia/Tehran", "2026-02-27T20:35:00Z", "2026-03-13T20:30:00Z"),
        ("Pacific/Pago_Pago", "2026-02-27T10:59:00Z", "2026-03-12T11:00:00Z"),
        ("America/Havana", "2026-02-22T17:00:00Z", "2026-03-08T05:00:00Z"),
        ("Atlantic/Azores", "2026-10-11T12:00:00Z", "2026-10-25T00:00:00Z"),
    ],
)
def test_waiting_points_come_free_with_the_first_instant_of_their_day(db, zone, bought, available):
    shop = open_shop("far", time_zone=zone)
    shop.settle(pending_days=14)
    member = shop.member()
    with time_machine.travel(instant(bought), tick=False):
        shop.buys(member, "100.00")

    before = spendable(shop, member, instant(available) - AN_INSTANT)
    after = spendable(shop, member, instant(available))

    assert (before, after) == (0, 100)


@pytest.mark.proves("T4")
@pytest.mark.parametrize(
    ("moved_from", "moved_to"),
    [("Africa/Johannesburg", "America/Bogota"), ("America/Bogota", "Africa/Johannesburg")],
)
def test_a_shop_that_moves_to_another_zone_shortens_no_promise(db, moved_from, moved_to):
    shop = open_shop("far", time_zone=moved_from)
    shop.settle(expiry={"type": "after", "days": 10}, pending_days=3)
    member = shop.member()
    with time_machine.travel(datetime(2026, 5, 1, 12, tzinfo=UTC), tick=False):
        shop.buys(member, "100.00")
        dates = Lot.objects.values_list("available_at", "expires_at").get()
        shop.organization.time_zone = moved_to
        shop.organization.save(update_fields=["time_zone"])
        shop.records(shop.draft(member, "30.00"))

    kept, later = Lot.objects.order_by("pk").values_list("available_at", "expires_at")
    last_chance = spendable(shop, member, min(kept[1], later[1]) - AN_INSTANT)
    early_round = expire_due_points(now=min(kept[1], later[1]) - AN_INSTANT)

    assert kept == dates
    assert later[1] - kept[1] == later[0] - kept[0]
    assert abs(later[1] - kept[1]) == timedelta(hours=7)
    assert (last_chance, early_round) == (130, 0)
    assert_audit_is_clean()


@pytest.mark.proves("case 18", "T7")
@pytest.mark.parametrize(
    ("earned", "last", "end"),
    [
        (date(2027, 1, 31), date(2027, 2, 28), "2027-02-28T20:30:00Z"),
        (date(2028, 1, 31), date(2028, 2, 29), "2028-02-29T20:30:00Z"),
    ],
)
def test_points_of_31_january_last_a_month_until_the_end_of_february(db, earned, last, end):
    shop = open_shop("far", time_zone="Asia/Tehran")
    shop.settle(expiry={"type": "after", "months": 1})
    member = shop.member()
    evening = datetime(earned.year, 1, 31, 23, 59, tzinfo=shop.organization.zone)
    with time_machine.travel(evening, tick=False):
        shop.buys(member, "100.00")

    late_on_the_last_day = datetime(last.year, 2, last.day, 23, 30, tzinfo=shop.organization.zone)

    assert spendable(shop, member, late_on_the_last_day) == 100
    assert spendable(shop, member, instant(end) - AN_INSTANT) == 100
    assert spendable(shop, member, instant(end)) == 0


LENGTHS = [
    # available, how long, the last day
    ("2026-01-31", {"months": 1}, "2026-02-28"),
    ("2026-01-30", {"months": 1}, "2026-02-28"),
    ("2026-01-29", {"months": 1}, "2026-02-28"),
    ("2026-01-28", {"months": 1}, "2026-02-28"),
    ("2026-01-27", {"months": 1}, "2026-02-27"),
    ("2028-01-31", {"months": 1}, "2028-02-29"),
    ("2028-01-30", {"months": 1}, "2028-02-29"),
    ("2028-01-29", {"months": 1}, "2028-02-29"),
    ("2028-01-28", {"months": 1}, "2028-02-28"),
    ("2026-02-28", {"months": 1}, "2026-03-28"),
    ("2028-02-29", {"months": 1}, "2028-03-29"),
    ("2026-03-31", {"months": 1}, "2026-04-30"),
    ("2026-04-30", {"months": 1}, "2026-05-30"),
    ("2026-05-31", {"months": 1}, "2026-06-30"),
    ("2026-06-30", {"months": 1}, "2026-07-30"),
    ("2026-07-31", {"months": 1}, "2026-08-31"),
    ("2026-08-31", {"months": 1}, "2026-09-30"),
    ("2026-10-31", {"months": 1}, "2026-11-30"),
    ("2026-12-01", {"months": 1}, "2027-01-01"),
    ("2026-12-31", {"months": 1}, "2027-01-31"),
    ("2026-12-31", {"months": 2}, "2027-02-28"),
    ("2027-12-31", {"months": 2}, "2028-02-29"),
    ("2026-11-30", {"months": 3}, "2027-02-28"),
    ("2027-11-30", {"months": 3}, "2028-02-29"),
    ("2026-08-31", {"months": 6}, "2027-02-28"),
    ("2027-08-31", {"months": 6}, "2028-02-29"),
    ("2027-08-29", {"months": 6}, "2028-02-29"),
    ("2027-08-28", {"months": 6}, "2028-02-28"),
    ("2026-03-15", {"months": 12}, "2027-03-15"),
    ("2026-02-28", {"months": 12}, "2027-02-28"),
    ("2027-02-28", {"months": 12}, "2028-02-28"),
    ("2028-02-29", {"months": 12}, "2029-02-28"),
    ("2028-02-28", {"months": 12}, "2029-02-28"),
    ("2028-02-29", {"months": 24}, "2030-02-28"),
    ("2028-02-29", {"months": 36}, "2031-02-28"),
    ("2028-02-29", {"months": 48}, "2032-02-29"),
    ("2028-02-29", {"months": 120}, "2038-02-28"),
    ("2026-12-31", {"months": 12}, "2027-12-31"),
    ("2027-01-01", {"months": 12}, "2028-01-01"),
    ("2026-05-31", {"months": 13}, "2027-06-30"),
    ("2027-01-31", {"months": 13}, "2028-02-29"),
    ("2096-02-29", {"months": 48}, "2100-02-28"),
    ("2026-02-28", {"days": 1}, "2026-03-01"),
    ("2028-02-28", {"days": 1}, "2028-02-29"),
    ("2028-02-29", {"days": 1}, "2028-03-01"),
    ("2026-12-31", {"days": 1}, "2027-01-01"),
    ("2027-02-28", {"days": 365}, "2028-02-28"),
    ("2027-03-01", {"days": 365}, "2028-02-29"),
    ("2028-02-29", {"days": 365}, "2029-02-28"),
    ("2028-02-29", {"days": 366}, "2029-03-01"),
    ("2026-01-31", {"months": 1, "round_up": "month"}, "2026-02-28"),
    ("2028-01-01", {"months": 1, "round_up": "month"}, "2028-02-29"),
    ("2026-03-31", {"days": 1, "round_up": "month"}, "2026-04-30"),
    ("2026-12-31", {"days": 1, "round_up": "month"}, "2027-01-31"),
    ("2026-01-01", {"months": 3, "round_up": "quarter"}, "2026-06-30"),
    ("2026-03-31", {"days": 1, "round_up": "quarter"}, "2026-06-30"),
    ("2026-09-30", {"months": 1, "round_up": "quarter"}, "2026-12-31"),
    ("2026-11-30", {"months": 3, "round_up": "quarter"}, "2027-03-31"),
    ("2026-01-31", {"months": 11, "round_up": "year"}, "2026-12-31"),
    ("2026-02-28", {"months": 12, "round_up": "year"}, "2027-12-31"),
]


@pytest.mark.proves("T7")
@pytest.mark.parametrize("hour", [0, 23])
@pytest.mark.parametrize(("available", "length", "last"), LENGTHS)
def test_months_and_years_end_where_a_calendar_says(available, length, last, hour):
    expiry = ExpiresAfter(type="after", **length)
    at = datetime.fromisoformat(available).replace(hour=hour, tzinfo=UTC)

    ends = expires_at(at, expiry, ZoneInfo("UTC"))

    assert (ends - AN_INSTANT).isoformat() == f"{last}T23:59:59.999999+00:00"
