"""Prices and percentages: the best for each line, and on top of it what may be combined.

A line takes at most one source that cannot be combined. Rounding happens once, over all lines.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from rewards.discounts.effects import MemberPrice, Stage
from rewards.discounts.shares import apportioned, split_up

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from loyalty.earning.receipt import Line
    from rewards.discounts.sources import Id, Lands

Shares = dict[tuple["Id", int], int]  # coins by source and line

EVERYTHING = Fraction(1)


class _Cut(NamedTuple):
    """What one source takes off one line, exactly."""

    lands: Lands
    coins: Fraction


def take_percents(
    lines: Sequence[Line], left: dict[int, int], landing: Sequence[Lands], *, decimals: int
) -> Shares:
    """Take prices and percentages off what is ``left`` of the lines, in coins."""
    own = [lands for lands in landing if lands.source.effect.stage <= Stage.PERCENT]
    if not own:
        return {}
    cuts = [_best(line, left[line.number], own, decimals) for line in lines]
    exact = [sum((cut.coins for cut in some), Fraction(0)) for some in cuts]
    shares: Shares = {}
    for line, some, coins in zip(lines, cuts, apportioned(exact), strict=True):
        if coins:
            left[line.number] -= coins
            parts = split_up(coins, [cut.coins for cut in some])
            for cut, part in zip(some, parts, strict=True):
                shares[cut.lands.source.id, line.number] = part
    return {at: part for at, part in shares.items() if part}


def _best(line: Line, coins: int, landing: Sequence[Lands], decimals: int) -> list[_Cut]:
    """Return the cuts that leave least to pay; of equal ones those that use up fewer vouchers."""
    own = [lands for lands in landing if line.number in lands.numbers]
    together = [lands for lands in own if lands.source.is_combinable]
    alone = [[lands] for lands in own if not lands.source.is_combinable]
    ways = [_cuts(line, coins, [*together, *more], decimals) for more in ([], *alone)]
    return max(ways, key=_worth)


def _worth(cuts: Sequence[_Cut]) -> tuple[Fraction, int]:
    vouchers = sum(cut.lands.source.is_voucher for cut in cuts)
    return sum((cut.coins for cut in cuts), Fraction(0)), -vouchers


def _cuts(line: Line, coins: int, landing: Iterable[Lands], decimals: int) -> list[_Cut]:
    """Let each take its part of what the ones before it left: prices first, then percentages."""
    left, cuts = Fraction(coins), []
    for lands in sorted(landing, key=_turn):
        cut = left - _left_by(lands, line, left, decimals)
        if cut > 0:
            cuts.append(_Cut(lands, cut))
            left -= cut
    return cuts


def _turn(lands: Lands) -> tuple[int, tuple[int, int, str]]:
    return lands.source.effect.stage, lands.source.order


def _left_by(lands: Lands, line: Line, left: Fraction, decimals: int) -> Fraction:
    """Return what a source leaves to pay of a line of which so much is left."""
    effect = lands.source.effect
    if isinstance(effect, MemberPrice):
        price = effect.by_sku[line.sku or ""] * line.quantity
        return Fraction(price.scaleb(decimals))
    percent = EVERYTHING if lands.percent is None else Fraction(lands.percent) / 100
    return left * (1 - percent)
