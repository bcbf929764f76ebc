"""Days as a place lives them: when they begin there, and which one it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of the local day, also where midnight is skipped or comes twice."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Return the date on the wall calendar at that instant."""
    return instant.astimezone(zone).date()
