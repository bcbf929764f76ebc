"""When points become available and when they end: local days in the organization's zone.

"Until 6 July" means until the first instant of 7 July there, so an expiry is kept as that instant
and a lot is unusable from it on.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from core.days import add_months, local_day, start_of_day
from loyalty.earning.vocabulary.expiry import ExpiresOn, Expiry, Lasting, NeverExpires

Document = dict[str, Any]

_READ: TypeAdapter[Expiry] = TypeAdapter(Expiry)


def available_at(occurred_at: datetime, pending_days: int, zone: ZoneInfo) -> datetime:
    """Return when points of that moment may be spent: at once, or so many local days later."""
    if not pending_days:
        return occurred_at
    return start_of_day(local_day(occurred_at, zone) + timedelta(days=pending_days), zone)


def expires_at(available: datetime, expiry: Expiry, zone: ZoneInfo) -> datetime | None:
    """Return the instant from which points of that availability are gone, or never."""
    if isinstance(expiry, NeverExpires):
        return None
    last = expiry.date if isinstance(expiry, ExpiresOn) else _last_day(available, expiry, zone)
    return start_of_day(last + timedelta(days=1), zone)


def written_expiry(expiry: Expiry) -> Document:
    """Return an expiry as a lot keeps it."""
    return expiry.model_dump(mode="json", exclude_none=True)


def read_expiry(document: Document) -> Expiry:
    """Return the expiry that a lot keeps."""
    return _READ.validate_python(document)


def moves_with_activity(document: Document | None) -> bool:
    """Say whether what the holders do moves an end that is reckoned by this."""
    return document is not None and document["type"] == "inactive"


def _last_day(available: datetime, expiry: Lasting, zone: ZoneInfo) -> date:
    day = add_months(local_day(available, zone), expiry.months or 0)
    return _rounded_up(day + timedelta(days=expiry.days or 0), expiry.round_up)


def last_instant(ends: datetime) -> datetime:
    """Return the last instant before the end, which lies in the day that people are told."""
    return ends - timedelta(microseconds=1)


def _rounded_up(day: date, unit: str | None) -> date:
    if unit is None:
        return day
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    month = (day.month + months - 1) // months * months
    return date(day.year, month, calendar.monthrange(day.year, month)[1])
