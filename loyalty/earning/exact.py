"""Exact fractions of points: multiply first, divide once, round once."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import StrEnum

ZERO = Decimal(0)
ONE = Decimal(1)

# Wide enough that no product of amounts, rates and shares is ever shortened on the way.
EXACT = Context(prec=400, rounding=ROUND_HALF_EVEN)

Ratio = tuple[Decimal, Decimal]
WHOLE: Ratio = (ONE, ONE)


def plain(value: Decimal) -> str:
    """Write a decimal as digits, without an exponent and without needless zeros."""
    return format(value.normalize(), "f")


class Rounding(StrEnum):
    """What becomes of a fraction of a point, once per rule and purchase."""

    DOWN = "down"
    UP = "up"
    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


_DOWN, _UP, _HALF_UP = Rounding.DOWN, Rounding.UP, Rounding.HALF_UP


def round_ratio(ratio: Ratio, mode: Rounding) -> tuple[int, bool]:
    """Return whole points of a non-negative ratio, and whether a fraction was rounded away."""
    numerator, denominator = ratio
    whole, rest = divmod(numerator, denominator)
    points = int(whole)
    if not rest:
        return points, False
    return points + _step_up(points, rest * 2, denominator, mode), True


def _step_up(points: int, twice_rest: Decimal, denominator: Decimal, mode: Rounding) -> bool:
    if mode is _DOWN:
        return False
    if mode is _UP:
        return True
    if twice_rest == denominator:
        return mode is _HALF_UP or points % 2 == 1
    return twice_rest > denominator
