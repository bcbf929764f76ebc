"""Splitting whole points (or cents) so that the parts always make the whole."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

from loyalty.earning.exact import EXACT, ONE, ZERO

if TYPE_CHECKING:
    from collections.abc import Sequence

Rest = TypeVar("Rest", Decimal, Fraction)


def largest_remainder(total: int, weights: Sequence[Decimal]) -> list[int]:
    """Split a total by weight; leftovers go to the largest remainders, then to the earlier part.

    Neither total nor weights are negative; when all weights are zero, every part weighs the same.
    """
    with localcontext(EXACT):
        return split(total, weights, sum(weights, ZERO))


def split(total: int, weights: Sequence[Decimal], whole: Decimal) -> list[int]:
    """Do the same inside an exact context, for weights whose sum is known."""
    if len(weights) == 1:
        return [total]
    if not whole:
        weights, whole = [ONE] * len(weights), Decimal(len(weights))
    quotas = [divmod(weight * total, whole) for weight in weights]
    parts = [int(quota) for quota, _ in quotas]
    return _hand_out(total - sum(parts), parts, [rest for _, rest in quotas])


def apportion_down(quotas: Sequence[Fraction]) -> list[int]:
    """Round shares to whole parts whose sum is the sum of the shares, rounded down."""
    parts = [int(quota) for quota in quotas]
    total = int(sum(quotas, Fraction(0)))
    return _hand_out(total - sum(parts), parts, [quota % 1 for quota in quotas])


def _hand_out(missing: int, parts: list[int], rests: list[Rest]) -> list[int]:
    if missing:
        by_rest = sorted(range(len(parts)), key=lambda position: -rests[position])
        for position in by_rest[:missing]:
            parts[position] += 1
    return parts
