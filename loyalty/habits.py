"""How somebody shops, as figures; docs/figures.md tells each of them with its formula.

A visit is a purchase of which not everything came back; what is spent is net of what did. The year
is the 365 local days before the day on which the figures are made. The rhythm is the median of the
days between one day with a visit and the next, so that one long holiday changes it little.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from core.days import local_day, start_of_day

YEAR_DAYS = 365
# Fifths of few members say little; below this a small shop's breaks are fixed.
QUINTILES_FROM = 50
RECENCY_DAYS = (180, 90, 60, 30)
FREQUENCY_MORE_THAN = (2, 5, 11, 23)
MONETARY_SHARES = (Decimal("0.35"), Decimal("0.75"), Decimal("1.25"), Decimal(2))
FIFTHS = (1, 2, 3, 4)
STEP = Decimal("0.001")
CENT = Decimal("0.01")
A_DAY = timedelta(days=1)

ValueT = TypeVar("ValueT", bound=Any)


@dataclass(frozen=True, slots=True)
class Visit:
    """A purchase as far as habits see it; ``spent`` is what is left of it after returns."""

    at: datetime
    spent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """How somebody shops."""

    first_at: datetime
    last_at: datetime
    visits: int
    spent: Decimal
    visits_in_year: int
    spent_in_year: Decimal
    days_between: Decimal | None


class Breaks(NamedTuple):
    """What must be exceeded for a score of 2, 3, 4 and 5."""

    recency: Sequence[datetime]
    frequency: Sequence[int]
    monetary: Sequence[Decimal]


class Scores(NamedTuple):
    """Recency, frequency and monetary value, each from 1 to 5."""

    recency: int
    frequency: int
    monetary: int


def figures(visits: Collection[Visit], today: date, zone: ZoneInfo) -> Figures | None:
    """Return how somebody shops, as of the beginning of a local day; nothing without a visit."""
    until, year = start_of_day(today, zone), year_begins(today, zone)
    before = [one for one in visits if one.at < until]
    if not before:
        return None
    recent = [one for one in before if one.at >= year]
    return Figures(
        first_at=min(one.at for one in before),
        last_at=max(one.at for one in before),
        visits=len(before),
        spent=sum((one.spent for one in before), Decimal(0)),
        visits_in_year=len(recent),
        spent_in_year=sum((one.spent for one in recent), Decimal(0)),
        days_between=rhythm(local_day(one.at, zone) for one in before),
    )


def year_begins(today: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of the year that ends where the day begins."""
    return start_of_day(today - YEAR_DAYS * A_DAY, zone)


def rhythm(days: Iterable[date]) -> Decimal | None:
    """Return the median of the days between one day with a visit and the next."""
    gaps = [(later - earlier).days for earlier, later in pairwise(sorted(set(days)))]
    return Decimal(median(gaps)).quantize(CENT) if gaps else None


def lapse(last_at: datetime, days_between: Decimal | None, now: datetime) -> Decimal | None:
    """Return how many times their own rhythm somebody has been away: 1 is as usual, 3 is long."""
    if not days_between:
        return None
    away = Decimal((now - last_at) // A_DAY)
    return (away / days_between).quantize(CENT)


def breaks(every: Sequence[Figures], today: date, zone: ZoneInfo) -> Breaks:
    """Return the breaks between fifths of all members, or fixed ones where there are few."""
    if len(every) < QUINTILES_FROM:
        spent = sum((one.spent_in_year for one in every), Decimal(0))
        return fixed_breaks(spent, len(every), today, zone)
    return Breaks(
        quintiles([one.last_at for one in every]),
        quintiles([one.visits_in_year for one in every]),
        quintiles([one.spent_in_year for one in every]),
    )


def quintiles(values: Iterable[ValueT]) -> list[ValueT]:
    """Return the last value of each fifth but the highest."""
    ordered = sorted(values)
    return [ordered[-(-len(ordered) * fifth // 5) - 1] for fifth in FIFTHS]


def fixed_breaks(spent: Decimal, members: int, today: date, zone: ZoneInfo) -> Breaks:
    """Return the breaks of a small shop: by days, by visits, and by shares of its own average."""
    mean = spent / members if members else Decimal(0)
    # Exceeded from the first instant of the day on.
    recency = [
        start_of_day(today - days * A_DAY, zone) - timedelta(microseconds=1)
        for days in RECENCY_DAYS
    ]
    monetary = [(mean * share).quantize(STEP, ROUND_DOWN) for share in MONETARY_SHARES]
    return Breaks(recency, FREQUENCY_MORE_THAN, monetary)


def scores(one: Figures, between: Breaks) -> Scores:
    """Return in which fifth somebody is; who is equal to a break is below it."""
    return Scores(
        _score(one.last_at, between.recency),
        _score(one.visits_in_year, between.frequency),
        _score(one.spent_in_year, between.monetary),
    )


def _score(value: ValueT, between: Sequence[ValueT]) -> int:
    return 1 + sum(bool(value > each) for each in between)
