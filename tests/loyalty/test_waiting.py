"""When points come and when they end, as plain arithmetic of local days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.days import local_day
from loyalty.earning.outcome import RuleAward
from loyalty.earning.vocabulary.expiry import ExpiresAfter, ExpiresOn, NeverExpires
from loyalty.earning.vocabulary.waiting import WaitsForEvent, WaitsUntilDate
from loyalty.program_settings import ProgramSettings
from loyalty.waiting import Dates, awaited, dates_from, dates_of

LONDON = ZoneInfo("Europe/London")
NEVER = NeverExpires(type="never")
A_YEAR = ExpiresAfter(type="after", months=12)
TWO_WEEKS = WaitsForEvent(type="event", deadline_days=14)
MARCH = datetime(2026, 3, 1, 10, tzinfo=UTC)
ZONES = st.sampled_from(["Europe/London", "Asia/Tehran", "America/Sao_Paulo", "Pacific/Apia"])
A_CENTURY = (datetime(2000, 1, 1), datetime(2100, 1, 1))  # noqa: DTZ001 as hypothesis wants it
MOMENTS = st.datetimes(*A_CENTURY, timezones=st.just(UTC))


def award(**said):
    own = {"pending_days": None, "waits_for": None, "expires": None} | said
    return RuleAward(1, 1, 1, "Base", 1, 1, (), why=(), **own)


def until(day):
    return WaitsUntilDate(type="date", date=day)


@pytest.mark.proves("case 14")
def test_life_begins_when_points_can_be_spent():
    dates = dates_of(MARCH, 14, A_YEAR, LONDON)

    assert dates == Dates(datetime(2026, 3, 15, tzinfo=UTC), datetime(2027, 3, 16, tzinfo=UTC))


def test_points_wait_until_a_day_begins_where_the_organization_is():
    dates = dates_of(MARCH, until(date(2026, 7, 6)), A_YEAR, LONDON)

    midnight = datetime(2026, 7, 5, 23, tzinfo=UTC)
    assert dates == Dates(midnight, datetime(2027, 7, 6, 23, tzinfo=UTC))


@pytest.mark.parametrize("day", [date(2026, 3, 1), date(2025, 12, 31)])
def test_a_day_that_has_begun_is_not_waited_for(day):
    assert dates_of(MARCH, until(day), NEVER, LONDON) == Dates(MARCH, None)


def test_what_waits_for_an_event_lapses_at_the_end_of_its_last_day():
    dates = dates_of(MARCH, TWO_WEEKS, A_YEAR, LONDON)

    midnight = datetime(2026, 3, 16, tzinfo=UTC)
    assert dates == Dates(midnight, midnight, A_YEAR, awaits_event=True)


def test_the_last_day_ends_at_its_local_end_also_when_clocks_change():
    spring = datetime(2026, 3, 20, 23, 30, tzinfo=UTC)

    dates = dates_of(spring, TWO_WEEKS, NEVER, LONDON)

    assert dates.available_at == datetime(2026, 4, 3, 23, tzinfo=UTC)


def test_points_with_different_ends_to_come_do_not_become_one_lot():
    soon, later = (ExpiresOn(type="on", date=date(2027, month, 1)) for month in (1, 2))

    dates = {dates_of(MARCH, TWO_WEEKS, one, LONDON) for one in (soon, soon, later)}

    assert len(dates) == 2


@pytest.mark.parametrize(
    ("rule", "program", "waits"),
    [
        ({}, {}, 0),
        ({}, {"pending_days": 3}, 3),
        ({}, {"pending_days": 3, "waits_for": TWO_WEEKS}, TWO_WEEKS),
        ({"pending_days": 0}, {"pending_days": 3, "waits_for": TWO_WEEKS}, 0),
        ({"pending_days": 5, "waits_for": TWO_WEEKS}, {"pending_days": 3}, TWO_WEEKS),
        ({"waits_for": until(date(2027, 1, 1))}, {"waits_for": TWO_WEEKS}, until(date(2027, 1, 1))),
    ],
)
def test_a_rule_waits_as_it_says_itself_or_else_as_the_program_does(rule, program, waits):
    assert awaited(award(**rule), ProgramSettings(**program)) == waits


@given(at=MOMENTS, days=st.integers(1, 365), zone=ZONES)
def test_a_purchase_can_be_settled_all_through_the_last_day_and_no_longer(at, days, zone):
    place = ZoneInfo(zone)
    lapse = dates_of(at, WaitsForEvent(type="event", deadline_days=days), NEVER, place).expires_at

    # A place that skips a day, as Apia did, has no such day to end.
    last = local_day(lapse - timedelta(microseconds=1), place)
    assert last <= local_day(at, place) + timedelta(days=days) < local_day(lapse, place)
    assert lapse > at


@given(at=MOMENTS, day=st.dates(date(2000, 1, 1), date(2100, 1, 1)), zone=ZONES)
def test_points_never_come_before_they_were_earned_nor_before_their_day(at, day, zone):
    place = ZoneInfo(zone)

    dates = dates_of(at, until(day), A_YEAR, place)

    assert dates.available_at >= at
    assert local_day(dates.available_at, place) >= day
    assert dates == dates_from(dates.available_at, A_YEAR, place)
