"""How much of what gift cards paid goes back with goods, and how much of a sold one goes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from loyalty.earning.exact import EXACT, ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came back of a purchase by some moment, and what of that points had paid."""

    amount: Decimal
    by_points: Decimal = ZERO

    @property
    def by_money(self) -> Decimal:
        """Return what is left for other means of payment."""
        return self.amount - self.by_points


@dataclass(frozen=True, slots=True)
class Part:
    """So much of a line, in goods and in the money that was paid for it."""

    quantity: Decimal = ZERO
    amount: Decimal = ZERO

    def __add__(self, other: Part) -> Part:
        """Return both together."""
        return Part(self.quantity + other.quantity, self.amount + other.amount)


def goes_back(paid: Decimal, *, whole: Came, before: Came, after: Came, decimals: int) -> Decimal:
    """Return what a return puts back of what one card paid of the ``whole`` purchase.

    It is the card's share of what other means than points had paid. All returns together put back
    exactly what was paid, because each puts back what is due by then and the last the rest.
    """
    return _due(paid, whole, after, decimals) - _due(paid, whole, before, decimals)


def comes_off(loaded: Decimal, *, line: Part, before: Part, after: Part, decimals: int) -> Decimal:
    """Return what a return takes off a card onto which a ``line`` loaded money.

    Something may have been taken off its price, so that it is the share of what was loaded that
    comes back of the line; who brings the whole line back leaves nothing of it on the card.
    """
    return _unloaded(loaded, line, after, decimals) - _unloaded(loaded, line, before, decimals)


def _due(paid: Decimal, whole: Came, so_far: Came, decimals: int) -> Decimal:
    if so_far.amount >= whole.amount:
        return paid
    part = min(max(so_far.by_money, ZERO), whole.by_money)
    return _share(paid, part, whole.by_money, decimals)


def _unloaded(loaded: Decimal, line: Part, so_far: Part, decimals: int) -> Decimal:
    if so_far.quantity >= line.quantity:
        return loaded
    if line.amount:
        return _share(loaded, so_far.amount, line.amount, decimals)
    return _share(loaded, so_far.quantity, line.quantity, decimals)


def _share(of: Decimal, part: Decimal, whole: Decimal, decimals: int) -> Decimal:
    step = Decimal(1).scaleb(-decimals)
    share = EXACT.divide(EXACT.multiply(of, part), whole) if whole else ZERO
    return min(of, share.quantize(step, rounding=ROUND_DOWN, context=EXACT))
