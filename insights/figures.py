"""What figures are made of: days of trade and of points, summed into periods and weeks.

docs/figures.md gives the formula of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

PERIOD_DAYS = 30
WEEKS = 12
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Period:
    """Some days in a row, both ends included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        """Say whether a day is one of these."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """What was sold, less what came back, and how much of it to members."""

    receipts: int = 0
    member_receipts: int = 0
    sales: Decimal = ZERO
    member_sales: Decimal = ZERO

    @property
    def guest_sales(self) -> Decimal:
        """Return what was sold to nobody known."""
        return self.sales - self.member_sales

    def __add__(self, other: Trade) -> Trade:
        """Return both together."""
        return Trade(
            receipts=self.receipts + other.receipts,
            member_receipts=self.member_receipts + other.member_receipts,
            sales=self.sales + other.sales,
            member_sales=self.member_sales + other.member_sales,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """What members were given, spent and lost, each less what was undone."""

    given: int = 0
    spent: int = 0
    expired: int = 0

    def __add__(self, other: Points) -> Points:
        """Return both together."""
        return Points(
            given=self.given + other.given,
            spent=self.spent + other.spent,
            expired=self.expired + other.expired,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Outstanding:
    """What members have and did not spend, pending and held points included.

    ``worth`` is that in money, of the programs that say what a point is worth.
    """

    points: int = 0
    members: int = 0
    expiring: int = 0
    worth: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who takes part: now, and in a period and the one before."""

    members: int = 0
    joined: tuple[int, int] = (0, 0)
    active: tuple[int, int] = (0, 0)
    redeemed: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from a Monday, of which the last ones may lie ahead."""

    monday: date
    trade: Trade
    points: Points


@dataclass(frozen=True, slots=True)
class Days:
    """Everything that happened, by the organization's days."""

    trade: Mapping[date, Trade] = field(default_factory=dict)
    points: Mapping[date, Points] = field(default_factory=dict)

    def trade_in(self, period: Period) -> Trade:
        """Return what was sold in a period."""
        return sum((day for at, day in self.trade.items() if at in period), Trade())

    def points_in(self, period: Period) -> Points:
        """Return what members got and spent in a period."""
        return sum((day for at, day in self.points.items() if at in period), Points())

    def weeks(self, today: date, count: int = WEEKS) -> list[Week]:
        """Return the weeks that end with the current one."""
        monday = today - timedelta(days=today.weekday())
        mondays = [monday - timedelta(weeks=ago) for ago in reversed(range(count))]
        return [self._week(each) for each in mondays]

    def _week(self, monday: date) -> Week:
        period = Period(monday, monday + timedelta(days=6))
        return Week(monday, self.trade_in(period), self.points_in(period))


def periods(today: date) -> tuple[Period, Period]:
    """Return the thirty days that end today, and the thirty before them."""
    first = today - timedelta(days=PERIOD_DAYS - 1)
    before = Period(first - timedelta(days=PERIOD_DAYS), first - timedelta(days=1))
    return Period(first, today), before


def first_day_of_interest(today: date) -> date:
    """Return the first day that the first page shows anything of."""
    monday = today - timedelta(days=today.weekday()) - timedelta(weeks=WEEKS - 1)
    return min(monday, periods(today)[1].first)


def percent(part: Decimal | int, whole: Decimal | int) -> int | None:
    """Return a share in whole percent; of nothing there is no share."""
    if not whole:
        return None
    return int((Decimal(part) * 100 / Decimal(whole)).quantize(Decimal(1), ROUND_HALF_UP))
