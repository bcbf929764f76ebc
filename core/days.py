"""Days as a place lives them: when they begin there, and which one it is."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of the local day, also where midnight is skipped or comes twice."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the date on the wall calendar at that instant."""
    return instant.astimezone(zone).date()


def add_months(day: date, months: int) -> date:
    """Return the same day so many months on, or that month's last: 31 January → 28 February."""
    year, month_index = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month_index + 1)[1]
    return date(year, month_index + 1, min(day.day, last))
