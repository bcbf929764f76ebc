"""The periods in which a member may take so many of a reward, as the organization lives them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.days import local_day, start_of_day

EVER = "ever"


def period_start(period: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """Return when the day, week (from Monday), month or year began there; of ``ever``, nothing."""
    if period == EVER:
        return None
    return start_of_day(_first_day(period, local_day(now, zone)), zone)


def _first_day(period: str, day: date) -> date:
    firsts = {
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "year": day.replace(month=1, day=1),
    }
    return firsts[period]
