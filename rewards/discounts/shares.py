"""Whole coins: amounts counted in the smallest unit, and split so that no rest remains."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from loyalty.earning.receipt import Line

HALF = Fraction(1, 2)


def decimals_in(lines: Iterable[Line], *, decimals: int) -> int:
    """Return how many decimals are counted in: the currency's, or those of the finest line."""
    amounts = [amount for line in lines for amount in (line.amount, line.tax) if amount is not None]
    return max([decimals, *(_decimals_of(amount) for amount in amounts)])


def in_coins(amount: Decimal, decimals: int) -> int:
    """Return an amount in whole coins; what is smaller than a coin is left."""
    return int(amount.scaleb(decimals))


def as_money(coins: int, decimals: int) -> Decimal:
    """Return whole coins as an amount."""
    return Decimal(coins).scaleb(-decimals)


def rounded(value: Fraction) -> int:
    """Return the nearest whole number, halves up."""
    return int((value + HALF) // 1)


def apportioned(quotas: Sequence[Fraction]) -> list[int]:
    """Round shares to whole coins whose sum is the rounded sum; the largest remainder first.

    A share is never rounded beyond the next whole coin.
    """
    parts = [int(quota) for quota in quotas]
    missing = rounded(sum(quotas, Fraction(0))) - sum(parts)
    by_rest = sorted(range(len(quotas)), key=lambda at: quotas[at] - parts[at], reverse=True)
    for at in by_rest[:missing]:
        parts[at] += 1
    return parts


def split_up(total: int, weights: Sequence[Fraction]) -> list[int]:
    """Split whole coins by weight, largest remainder first; something must weigh."""
    whole = sum(weights, Fraction(0))
    return apportioned([weight * total / whole for weight in weights])


def _decimals_of(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    return max(0, -int(exponent))
