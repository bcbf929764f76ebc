"""A receipt prepared for the rules: which lines earn, on how much, and what base they got."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from core.text import caseless
from loyalty.earning.exact import ONE, ZERO

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from loyalty.earning.exact import Ratio
    from loyalty.earning.receipt import Earner, EarningPolicy, Line, Receipt


Key = str | tuple[str, ...]

# One category, brand or name is on thousands of receipts; folding it once is enough.
folded = lru_cache(maxsize=8192)(caseless)


@lru_cache(maxsize=8192)
def category_keys(path: tuple[str, ...]) -> frozenset[Key]:
    """Return every way to name a category path: each element, and each path from the top."""
    names = tuple(caseless(name) for name in path)
    return frozenset([*names, *(names[:depth] for depth in range(1, len(names) + 1))])


class EarningLine(NamedTuple):
    """A line that earns, with the money its points are counted on."""

    line: Line
    amount: Decimal


@dataclass(slots=True)
class Ground:
    """The lines one rule works on; a discount among them lowers the amount and is no line."""

    lines: list[EarningLine]
    discounts: list[EarningLine]
    basket: Basket
    amount: Decimal = field(init=False)

    def __post_init__(self) -> None:
        self.amount = sum([line.amount for line in self.lines], ZERO)
        for discount in self.discounts:
            self.amount += discount.amount

    def narrowed(self, selects: Callable[[Line], bool]) -> Ground:
        """Keep the lines that a rule's line conditions select."""
        return Ground(
            [line for line in self.lines if selects(line.line)],
            [line for line in self.discounts if selects(line.line)],
            self.basket,
        )

    def units(self) -> Decimal:
        """Count the units sold; a discount line is no unit."""
        return sum([line.line.quantity for line in self.lines], ZERO)

    def paid(self) -> Decimal:
        """Return what the member pays for these lines, tax included."""
        return sum([line.line.amount for line in (*self.lines, *self.discounts)], ZERO)

    def weights(self) -> list[Decimal]:
        """Return what each line weighs when points are spread over the lines."""
        return [line.amount for line in self.lines]

    def base_points(self) -> Ratio:
        """Return the base points that lie on these lines, as an exact fraction."""
        points, denominator = ZERO, ONE
        for awarded, ground in self.basket.base:
            part, whole = self._common_part(ground)
            if part == whole:
                points += awarded * denominator
            else:
                points = points * whole + awarded * part * denominator
                denominator *= whole
        return points, denominator

    def _common_part(self, ground: Ground) -> Ratio:
        if self is self.basket.whole or self is ground:
            return ONE, ONE
        mine = {line.line.number for line in self.lines}
        common = [line.amount for line in ground.lines if line.line.number in mine]
        return sum(common, ZERO), sum(ground.weights(), ZERO)


@dataclass(slots=True)
class Basket:
    """One receipt during one evaluation."""

    receipt: Receipt
    earner: Earner
    whole: Ground = field(init=False)
    earning_share: Ratio = (ONE, ONE)
    base: list[tuple[int, Ground]] = field(default_factory=list)

    @classmethod
    def of(cls, receipt: Receipt, earner: Earner, policy: EarningPolicy) -> Basket:
        """Sort out which lines earn and which share of their money does."""
        basket = cls(receipt, earner)
        earning = [
            EarningLine(line, policy.earning_amount(line))
            for line in receipt.lines
            if policy.lets_earn(line)
        ]
        basket.whole = Ground(
            [line for line in earning if line.amount > 0],
            [line for line in earning if line.amount < 0],
            basket,
        )
        if receipt.paid_without_earning and not policy.earn_on_part_paid_with_points:
            basket.earning_share = _share_left(basket.whole.paid(), receipt.paid_without_earning)
        return basket


def _share_left(paid: Decimal, without_earning: Decimal) -> Ratio:
    if paid <= without_earning:
        return ZERO, ONE
    return paid - without_earning, paid
