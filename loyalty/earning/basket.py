"""A receipt prepared for the rules: which lines earn, on how much, and what base they got."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from loyalty.earning.exact import ONE, WHOLE, ZERO

if TYPE_CHECKING:
    from loyalty.earning.exact import Ratio
    from loyalty.earning.receipt import Earner, EarningPolicy, Line, Receipt

_MILLION = Decimal(1_000_000)


class EarningLine(NamedTuple):
    """A line that earns, with the money its points are counted on.

    ``weight`` is the same money in millionths: points are shared out by it in whole numbers.
    """

    line: Line
    amount: Decimal
    weight: int


class BasePoints(NamedTuple):
    """What one base rule gave, and the lines it lies on by their amounts."""

    points: int
    lines: list[EarningLine]
    weight: int


class Basket:
    """One receipt during one evaluation; ``goods`` are sold, ``discounts`` only cost money."""

    # Grounds point at their basket and nothing points back: evaluations leave no cycles, and
    # the garbage collector has nothing to do.
    __slots__ = (
        "base",
        "discounts",
        "earner",
        "earning_share",
        "goods",
        "is_net",
        "paid",
        "receipt",
    )

    def __init__(self, receipt: Receipt, earner: Earner, policy: EarningPolicy) -> None:
        self.receipt = receipt
        self.earner = earner
        self.is_net = policy.net_of_tax
        self.base: list[BasePoints] = []
        self.goods: list[EarningLine] = []
        self.discounts: list[EarningLine] = []
        self.paid = ZERO
        for line in receipt.lines:
            if policy.lets_earn(line):
                amount = policy.earning_amount(line)
                into = self.goods if amount > ZERO else self.discounts
                into.append(EarningLine(line, amount, int(amount * _MILLION)))
                self.paid += line.amount
        self.earning_share: Ratio = WHOLE
        if receipt.paid_without_earning and not policy.earn_on_part_paid_with_points:
            self.earning_share = _share_left(self.paid, receipt.paid_without_earning)

    def units(self) -> Decimal:
        """Count the units sold on all lines that earn."""
        return sum([line.line.quantity for line in self.goods], ZERO)


def _share_left(paid: Decimal, without_earning: Decimal) -> Ratio:
    if paid <= without_earning:
        return ZERO, ONE
    return paid - without_earning, paid


class Ground:
    """The lines one rule works on; a discount among them lowers the amount and is no line."""

    __slots__ = ("amount", "basket", "discounts", "lines", "weight", "weights")

    def __init__(
        self, lines: list[EarningLine], discounts: list[EarningLine], basket: Basket
    ) -> None:
        self.lines = lines
        self.discounts = discounts
        self.basket = basket
        self.weights = [line.weight for line in lines]
        self.weight = sum(self.weights)
        self.amount = sum([line.amount for line in lines], ZERO)
        if discounts:
            self.amount += sum([line.amount for line in discounts], ZERO)

    def units(self) -> Decimal:
        """Count the units sold; a discount line is no unit."""
        return sum([line.line.quantity for line in self.lines], ZERO)

    def paid(self) -> Decimal:
        """Return what the member pays for these lines, tax included."""
        if not self.basket.is_net:
            return self.amount
        return sum([line.line.amount for line in (*self.lines, *self.discounts)], ZERO)

    def base_points(self) -> Ratio:
        """Return the base points that lie on these lines, as an exact fraction."""
        points, denominator = ZERO, ONE
        for base in self.basket.base:
            part = self._part_of(base)
            if part == base.weight:
                points += denominator * base.points
            else:
                points = points * base.weight + part * base.points * denominator
                denominator *= base.weight
        return points, denominator

    def _part_of(self, base: BasePoints) -> int:
        if self.lines is self.basket.goods or self.lines is base.lines:
            return base.weight
        mine = {line.line.number for line in self.lines}
        return sum([line.weight for line in base.lines if line.line.number in mine])
