"""What counts for a tier: spending, points, visits and credits of a member, day by day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from loyalty.earning.exact import ZERO


class Counted(NamedTuple):
    """What was done on a day, or, negative and ``is_return``, what came back of it."""

    day: date
    spend: Decimal = ZERO
    points: int = 0
    visits: int = 0
    credits: int = 0
    is_return: bool = False


@dataclass(slots=True)
class _Day:
    spend: Decimal = ZERO
    points: int = 0
    purchases: int = 0
    credits: int = 0

    def add(self, one: Counted) -> None:
        self.spend += one.spend
        self.points += one.points
        self.purchases += one.visits
        self.credits += one.credits

    def worth(self, basis: str) -> Decimal:
        if basis == "spend":
            return self.spend
        if basis == "visits":  # several purchases on one day are one visit
            return Decimal(min(1, max(0, self.purchases)))
        return Decimal(self.points if basis == "points" else self.credits)


@dataclass(slots=True)
class Tally:
    """All that is known of an account so far, with what came back and without."""

    net: dict[date, _Day] = field(default_factory=lambda: defaultdict(_Day))
    gross: dict[date, _Day] = field(default_factory=lambda: defaultdict(_Day))

    @classmethod
    def of(cls, counted: Iterable[Counted]) -> Tally:
        """Return a tally of these."""
        tally = cls()
        for one in counted:
            tally.add(one)
        return tally

    def add(self, one: Counted) -> None:
        """Count one thing more."""
        self.net[one.day].add(one)
        if not one.is_return:
            self.gross[one.day].add(one)

    def worth(
        self,
        basis: str,
        first: date,
        before: date = date.max,
        *,
        gross: bool = False,
        also: Counted | None = None,
    ) -> Decimal:
        """Return what the days from the first on, and before another, are worth together."""
        days = dict(self.gross if gross else self.net)
        if also is not None:
            days[also.day] = replace(days.get(also.day, _Day()))
            days[also.day].add(also)
        parts = (one.worth(basis) for day, one in days.items() if first <= day < before)
        return max(ZERO, sum(parts, ZERO))
