"""When points come and when they end, whatever it is that they wait for."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from core.days import local_day, start_of_day
from loyalty.earning.outcome import RuleAward
from loyalty.earning.vocabulary.expiry import ExpiresWhenInactive, Expiry
from loyalty.earning.vocabulary.waiting import Waiting, WaitsForEvent, WaitsUntilDate
from loyalty.expiry import available_at, expires_at
from loyalty.program_settings import ProgramSettings

NEVER_SETTLED = "unsettled"  # the cause of an entry that cancels what waited in vain


class Dates(NamedTuple):
    """When points become available and when they end.

    Points that wait for an event lapse at the instant at which they would become available.
    ``reckoned_by`` is the expiry by which their end is reckoned anew, when the event comes before
    that or the holders are active.
    """

    available_at: datetime
    expires_at: datetime | None
    reckoned_by: Expiry | None = None
    awaits_event: bool = False


def awaited(award: RuleAward, terms: ProgramSettings) -> Waiting | int:
    """Return what an award waits for, or for how many days: the rule's own, else the program's."""
    if award.waits_for is not None:
        return award.waits_for
    if award.pending_days is not None:
        return award.pending_days
    return terms.pending_days if terms.waits_for is None else terms.waits_for


def dates_of(at: datetime, waits_for: Waiting | int, expiry: Expiry, zone: ZoneInfo) -> Dates:
    """Return the dates of points that were earned at that moment."""
    if isinstance(waits_for, WaitsForEvent):
        lapse = lapses_at(at, waits_for.deadline_days, zone)
        return Dates(lapse, lapse, expiry, awaits_event=True)
    if isinstance(waits_for, WaitsUntilDate):
        return dates_from(max(at, start_of_day(waits_for.date, zone)), expiry, zone)
    return dates_from(available_at(at, waits_for, zone), expiry, zone)


def dates_from(available: datetime, expiry: Expiry, zone: ZoneInfo) -> Dates:
    """Return the dates of points that become available at that instant, where their life begins."""
    moves = isinstance(expiry, ExpiresWhenInactive)
    return Dates(available, expires_at(available, expiry, zone), expiry if moves else None)


def lapses_at(at: datetime, deadline_days: int, zone: ZoneInfo) -> datetime:
    """Return the end of the last local day on which what points wait for may still come."""
    return start_of_day(local_day(at, zone) + timedelta(days=deadline_days + 1), zone)
