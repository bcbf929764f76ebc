"""Splitting whole points (or cents) so that the parts always make the whole."""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

Rest = TypeVar("Rest", int, Fraction)


def largest_remainder(total: int, weights: Sequence[Decimal]) -> list[int]:
    """Split a total by weight; leftovers go to the largest remainders, then to the earlier part.

    Neither total nor weights are negative; when all weights are zero, every part weighs the same.
    """
    ratios = [weight.as_integer_ratio() for weight in weights]
    scale = lcm(*(below for _, below in ratios))
    whole = [above * (scale // below) for above, below in ratios]
    return split(total, whole, sum(whole))


def split(total: int, weights: Sequence[int], whole: int) -> list[int]:
    """Do the same for whole weights whose sum is known."""
    if len(weights) == 1:
        return [total]
    if not whole:
        weights, whole = [1] * len(weights), len(weights)
    parts = [weight * total // whole for weight in weights]
    missing = total - sum(parts)
    if not missing:
        return parts
    return _hand_out(missing, parts, [weight * total % whole for weight in weights])


def apportion_down(quotas: Sequence[Fraction]) -> list[int]:
    """Round shares to whole parts whose sum is the sum of the shares, rounded down."""
    parts = [int(quota) for quota in quotas]
    total = int(sum(quotas, Fraction(0)))
    return _hand_out(total - sum(parts), parts, [quota % 1 for quota in quotas])


def _hand_out(missing: int, parts: list[int], rests: list[Rest]) -> list[int]:
    by_rest = sorted(range(len(parts)), key=rests.__getitem__, reverse=True)
    for position in by_rest[:missing]:
        parts[position] += 1
    return parts
