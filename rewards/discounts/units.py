"""Free articles: the cheapest units that match, for nothing."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from rewards.discounts.effects import FreeProduct
from rewards.discounts.shares import rounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    from loyalty.earning.receipt import Line
    from rewards.discounts.percents import Shares
    from rewards.discounts.sources import Lands


def take_units(left: dict[int, int], landing: Sequence[Lands]) -> Shares:
    """Make units free of what is ``left`` of the lines, in coins; each unit once.

    Whoever is about fewer lines chooses first. Of a weight below one unit the whole is free.
    """
    own = [lands for lands in landing if isinstance(lands.source.effect, FreeProduct)]
    shares: Shares = {}
    free: dict[int, int] = {}
    before = dict(left)
    for lands in sorted(own, key=lambda one: (len(one.lines), one.source.order)):
        effect = lands.source.effect
        assert isinstance(effect, FreeProduct), "nothing else was kept"
        for line, units in _chosen(lands, effect.quantity, before, free):
            coins = _price(line, before, free.get(line.number, 0) + units)
            coins -= _price(line, before, free.get(line.number, 0))
            free[line.number] = free.get(line.number, 0) + units
            if coins:
                left[line.number] -= coins
                shares[lands.source.id, line.number] = coins
    return shares


def _chosen(
    lands: Lands, wanted: int, coins: dict[int, int], free: dict[int, int]
) -> list[tuple[Line, int]]:
    """Return the cheapest units that cost something, line by line."""
    chosen = []
    for line in sorted(lands.lines, key=lambda line: (_unit_price(line, coins), line.number)):
        units = min(wanted, _units(line) - free.get(line.number, 0))
        if units > 0 and coins[line.number]:
            chosen.append((line, units))
            wanted -= units
    return chosen


def _units(line: Line) -> int:
    return max(1, int(line.quantity))


def _unit_price(line: Line, coins: dict[int, int]) -> Fraction:
    return Fraction(coins[line.number]) / max(Fraction(1), Fraction(line.quantity))


def _price(line: Line, coins: dict[int, int], units: int) -> int:
    return rounded(_unit_price(line, coins) * units)
