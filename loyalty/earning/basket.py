"""A receipt prepared for the rules: which lines earn, on how much, and what base they got."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from loyalty.earning.exact import ONE, WHOLE, ZERO

if TYPE_CHECKING:
    from decimal import Decimal

    from loyalty.earning.exact import Ratio
    from loyalty.earning.receipt import Earner, EarningPolicy, Line, Receipt


class EarningLine(NamedTuple):
    """A line that earns, with the money its points are counted on."""

    line: Line
    amount: Decimal


class Ground:
    """The lines one rule works on; a discount among them lowers the amount and is no line."""

    __slots__ = ("amount", "basket", "discounts", "lines", "weight", "weights")

    def __init__(
        self, lines: list[EarningLine], discounts: list[EarningLine], basket: Basket
    ) -> None:
        self.lines = lines
        self.discounts = discounts
        self.basket = basket
        self.weights = [line.amount for line in lines]
        self.weight = sum(self.weights, ZERO)
        self.amount = self.weight
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
        for awarded, ground in self.basket.base:
            part = self._part_of(ground)
            if part == ground.weight:
                points += awarded * denominator
            else:
                points = points * ground.weight + awarded * part * denominator
                denominator *= ground.weight
        return points, denominator

    def _part_of(self, ground: Ground) -> Decimal:
        if self is self.basket.whole or self is ground:
            return ground.weight
        mine = {line.line.number for line in self.lines}
        return sum([line.amount for line in ground.lines if line.line.number in mine], ZERO)


@dataclass(slots=True)
class Basket:
    """One receipt during one evaluation."""

    receipt: Receipt
    earner: Earner
    is_net: bool
    whole: Ground = field(init=False)
    earning_share: Ratio = WHOLE
    base: list[tuple[int, Ground]] = field(default_factory=list)

    @classmethod
    def of(cls, receipt: Receipt, earner: Earner, policy: EarningPolicy) -> Basket:
        """Sort out which lines earn and which share of their money does."""
        basket = cls(receipt, earner, policy.net_of_tax)
        goods, discounts = [], []
        for line in receipt.lines:
            if policy.lets_earn(line):
                amount = policy.earning_amount(line)
                (goods if amount > 0 else discounts).append(EarningLine(line, amount))
        basket.whole = Ground(goods, discounts, basket)
        if receipt.paid_without_earning and not policy.earn_on_part_paid_with_points:
            basket.earning_share = _share_left(basket.whole.paid(), receipt.paid_without_earning)
        return basket


def _share_left(paid: Decimal, without_earning: Decimal) -> Ratio:
    if paid <= without_earning:
        return ZERO, ONE
    return paid - without_earning, paid
