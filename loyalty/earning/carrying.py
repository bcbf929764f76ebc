"""Money that was too little for one more: kept exactly, and counted with the next purchase.

What was left over is a fraction of one thing, so that a rule that asks for another amount from
now on takes nothing away: 45 of 50 is 27 of 30.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_UP, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from loyalty.earning.exact import ONE, ZERO, Ratio
from loyalty.earning.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from loyalty.earning.units import Unit

MILLION = Decimal(1_000_000)
STEP = Decimal("0.000001")
NOTHING_LEFT: Ratio = (ZERO, ONE)

_COIN = Decimal("0.01")


class Left(NamedTuple):
    """What a purchase added, ``counted`` of ``per``, and the fraction of one that is left now.

    ``each`` of them are given per amount, so that money counts so many times.
    """

    counted: Decimal
    per: Decimal
    each: int
    left: Ratio


def add(before: Ratio, due: Ratio, count: int, per: Decimal) -> tuple[int, Left]:
    """Return how many are due with what was left before, and what is left then.

    ``due`` is exact and may go on for ever; beyond millionths of the currency nothing is kept.
    """
    counted = (due[0] * per / due[1]).quantize(STEP, rounding=ROUND_DOWN)
    above, below = before[0] * per + counted * before[1], before[1] * per
    whole = max(0, int(above // below)) if above > ZERO else 0
    return whole, Left(counted, per, count, (above - whole * below, below))


def left_of(parts: Iterable[tuple[Decimal, Decimal]]) -> Fraction:
    """Add up what is left, each ``carried`` of its ``per``."""
    return sum((Fraction(carried) / Fraction(per) for carried, per in parts), Fraction(0))


def as_ratio(left: Fraction) -> Ratio:
    """Return a fraction as the engine counts with it."""
    return Decimal(left.numerator), Decimal(left.denominator)


def told(before: Ratio, now: Left, unit: Unit) -> list[Reason]:
    """Tell what came from before, how much is carried over now, and how much more is needed."""
    reasons = []
    if before[0] > ZERO:
        reasons.append(Reason("carried_before", {"amount": _money(before, now)}))
    if now.left[0] > ZERO:
        missing = (now.left[1] - now.left[0], now.left[1])
        values = {
            "unit": unit.value,
            "amount": _money(now.left, now),
            "missing": _money(missing, now, rounding=ROUND_UP),
        }
        reasons.append(Reason("carried_over", values))
    return reasons


def _money(part: Ratio, of: Left, rounding: str = ROUND_DOWN) -> Decimal:
    exact = part[0] * of.per / (part[1] * of.each)
    return exact.quantize(_COIN, rounding=rounding)
