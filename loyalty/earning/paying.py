"""Points as money: how many pay how much of a purchase, and what of them goes back with goods.

Nothing is ever paid with a part of a point, and no point is taken that pays for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from typing import TYPE_CHECKING, Literal, NamedTuple

from loyalty.earning.exact import EXACT, ZERO
from loyalty.errors import PointsNotPayable

if TYPE_CHECKING:
    from loyalty.earning.vocabulary.paying import PayWithPoints
    from loyalty.earning.wording import Wording

PaidBack = Literal["pro_rata", "cash_first", "kept"]


class InPoints(NamedTuple):
    """Points, and the money they stand for."""

    points: int
    amount: Decimal


NO_POINTS = InPoints(0, ZERO)


def worth(points: int, value: Decimal, *, decimals: int) -> Decimal:
    """Return the money that points of such a value stand for, to the coin below."""
    with localcontext(EXACT):
        return _coins(points * value, decimals)


def affordable(amount: Decimal, value: Decimal) -> int:
    """Return the most points of such a value that are worth no more than that."""
    with localcontext(EXACT):
        return int(amount // value)


def deduction(short: int, refund: Decimal, value: Decimal, *, decimals: int) -> InPoints:
    """Return how many missing points a refund can pay for, and the money that is kept back."""
    points = min(short, affordable(max(refund, ZERO), value))
    return InPoints(points, worth(points, value, decimals=decimals))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What is to be paid: the whole, and what other means of payment leave of it."""

    total: Decimal
    due: Decimal

    @classmethod
    def of(cls, total: Decimal, *, decimals: int, paid: Decimal = ZERO) -> Bill:
        """Return what a receipt comes to, rounded as it can be paid."""
        payable = total.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
        return cls(total=payable, due=max(payable - paid, ZERO))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """What a point is worth in a currency of so many decimals, and how many may be used."""

    value: Decimal
    decimals: int
    rules: PayWithPoints

    def worth(self, points: int) -> Decimal:
        """Return the money that so many points stand for, to the coin below."""
        return worth(points, self.value, decimals=self.decimals)

    def most(self, bill: Bill, *, balance: int | None = None) -> InPoints:
        """Return the most points that may pay for this, and do any good."""
        with localcontext(EXACT):
            share = _coins(bill.total * self.rules.share_max / 100, self.decimals)
            limits = [affordable(min(share, bill.due), self.value), self.rules.points_max, balance]
        return self._fitting(min(limit for limit in limits if limit is not None))

    def pay(self, bill: Bill, wish: int, say: Wording) -> InPoints:
        """Return what is taken when somebody wishes to spend so many points.

        Of more points than are due only those are taken that pay; what the program does not
        allow is refused with the most that it does.
        """
        asked = min(wish, self._steps(affordable(bill.due, self.value)))
        paid, most = self._fitting(asked), self.most(bill)
        if asked % self.rules.step or not paid.points or paid.points > most.points:
            raise PointsNotPayable(
                self._why_not(bill, asked, most, say),
                most=most.points,
                amount=format(most.amount, "f"),
                minimum=self.rules.minimum,
                step=self.rules.step,
            )
        return paid

    def _why_not(self, bill: Bill, asked: int, most: InPoints, say: Wording) -> str:
        if not bill.due:
            return str(PointsNotPayable.nothing_due)
        if not most.points:
            return str(PointsNotPayable.too_small)
        sentence, points = PointsNotPayable.too_many, most.points
        if asked < self.rules.minimum:
            sentence, points = PointsNotPayable.too_few, self.rules.minimum
        elif asked % self.rules.step:
            sentence, points = PointsNotPayable.between_steps, self.rules.step
        return str(sentence) % {"points": say.points(points)}

    def _fitting(self, points: int) -> InPoints:
        """Return whole steps of the points, without those that would pay nothing more."""
        least = self._steps_up(self.rules.minimum)
        points = self._steps(points)
        amount = self.worth(points) if points >= least else ZERO
        if not amount:
            return NO_POINTS
        with localcontext(EXACT):
            whole, rest = divmod(amount, self.value)
        needed = int(whole) + bool(rest)
        return InPoints(max(self._steps_up(needed), least), amount)

    def _steps(self, points: int) -> int:
        return points - points % self.rules.step

    def _steps_up(self, points: int) -> int:
        return -self._steps(-points)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidPart:
    """What points paid of a purchase, and how much of that went back before."""

    total: Decimal
    paid: InPoints
    back: InPoints = NO_POINTS
    decimals: int

    def goes_back(self, policy: PaidBack, *, before: Decimal, amount: Decimal) -> InPoints:
        """Return what a return of that amount covers of it, when so much came back before.

        The money is what must not be paid out; the points are put back. All returns together
        cover exactly what was paid, because each takes what is due by then and the last the rest.
        """
        points, money = self._due(policy, before + amount)
        return InPoints(
            min(max(points - self.back.points, 0), self.paid.points - self.back.points),
            min(max(money - self.back.amount, ZERO), max(amount, ZERO)),
        )

    def _due(self, policy: PaidBack, returned: Decimal) -> InPoints:
        """Return what has to be back once so much of the purchase is."""
        if returned >= self.total:
            return self.paid if policy != "kept" else InPoints(0, self.paid.amount)
        part, whole = returned, self.total
        if policy == "cash_first":
            money = max(self.total - self.paid.amount, ZERO)
            part, whole = max(returned - money, ZERO), self.total - money
        with localcontext(EXACT):
            points = int(self.paid.points * part // whole)
            amount = _coins(self.paid.amount * part / whole, self.decimals)
        return InPoints(0 if policy == "kept" else points, amount)


def _coins(amount: Decimal, decimals: int) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_DOWN)
