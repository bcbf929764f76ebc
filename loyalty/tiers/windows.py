"""Which days count towards a tier, and how long it holds: local days of the organization."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.days import add_months, local_day, start_of_day
from loyalty.tiers.spec import (
    CalendarYear,
    ForSoLong,
    Lifetime,
    MembershipYear,
    RollingMonths,
    Validity,
    Window,
)

A_DAY = timedelta(days=1)
_MONTHS_OF = {"month": 1, "quarter": 3, "year": 12}


def first_day(window: Window, day: date, joined_on: date) -> date:
    """Return the first day that counts when a tier is looked at on this one."""
    if isinstance(window, Lifetime):
        return date.min
    if isinstance(window, RollingMonths):
        return add_months(day, -window.months) + A_DAY
    if isinstance(window, MembershipYear):
        return anniversary_before(day, joined_on)
    assert isinstance(window, CalendarYear), "there are no other windows"
    return date(day.year, 1, 1)


def ends(valid: Validity, reached: datetime, *, joined_on: date, zone: ZoneInfo) -> datetime | None:
    """Return the instant from which a tier reached then holds no more, or never."""
    if not isinstance(valid, ForSoLong):
        return None
    day = add_months(local_day(reached, zone), valid.months)
    return start_of_day(_rounded_up(day, valid.round_up, joined_on) + A_DAY, zone)


def days_later(instant: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return the first instant of the local day so many days after that of another."""
    return start_of_day(local_day(instant, zone) + days * A_DAY, zone)


def last_instant(end: datetime) -> datetime:
    """Return the last instant before an end, which lies in the period that ends."""
    return end - timedelta(microseconds=1)


def anniversary_before(day: date, joined_on: date) -> date:
    """Return the last anniversary of joining that is not after this day, or joining itself."""
    years = day.year - joined_on.year
    this_year = add_months(joined_on, 12 * years)
    return this_year if this_year <= day else add_months(joined_on, 12 * (years - 1))


def _rounded_up(day: date, unit: str | None, joined_on: date) -> date:
    if unit is None:
        return day
    if unit == "membership_year":
        years = anniversary_before(day, joined_on).year - joined_on.year
        return add_months(joined_on, 12 * (years + 1)) - A_DAY
    months = _MONTHS_OF[unit]
    month = (day.month + months - 1) // months * months
    return date(day.year, month, calendar.monthrange(day.year, month)[1])
