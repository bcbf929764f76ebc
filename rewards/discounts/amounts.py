"""Amounts off: as much as the lines bear, whatever the order in which they come.

Each amount is spread over its lines by what is left of them. Where that leaves no room for
another, the amounts are moved: what all take together is the most that can be taken.
"""

from __future__ import annotations

from collections import deque
from fractions import Fraction
from typing import TYPE_CHECKING

from rewards.discounts.effects import AmountOff
from rewards.discounts.shares import in_coins, split_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rewards.discounts.percents import Shares
    from rewards.discounts.sources import Id, Lands


def take_amounts(left: dict[int, int], landing: Sequence[Lands], *, decimals: int) -> Shares:
    """Take amounts off what is ``left`` of the lines, in coins."""
    own = [lands for lands in landing if isinstance(lands.source.effect, AmountOff)]
    if not own:
        return {}
    spreading = _Spreading({lands.source.id: sorted(lands.numbers) for lands in own}, left)
    # Who can choose least goes first, so that little has to be moved.
    for lands in sorted(own, key=lambda one: (len(one.lines), one.source.order)):
        assert isinstance(lands.source.effect, AmountOff), "nothing else was kept"
        spreading.spread(lands.source.id, in_coins(lands.source.effect.amount, decimals))
    return {at: coins for at, coins in spreading.taken.items() if coins}


class _Spreading:
    """What each source has taken off each line so far; ``left`` is what can still be taken."""

    def __init__(self, lines_of: dict[Id, list[int]], left: dict[int, int]) -> None:
        self.lines_of, self.left = lines_of, left
        self.taken: Shares = {}

    def spread(self, source: Id, coins: int) -> None:
        """Let one source take so much, or as much as there is."""
        mine = [number for number in self.lines_of[source] if self.left[number]]
        room = sum(self.left[number] for number in mine)
        if room:
            weights = [Fraction(self.left[number]) for number in mine]
            now = min(coins, room)
            for number, part in zip(mine, split_up(now, weights), strict=True):
                self._take(source, number, part)
            coins -= now
        while coins and (way := self._way_to_room(source)):
            coins -= self._move(way, coins)

    def _way_to_room(self, source: Id) -> list[tuple[Id, int]]:
        """Return who takes what line over from whom, until a line has room; shortest way first."""
        came: dict[int, tuple[Id, int | None]] = {}
        waiting: deque[tuple[Id, int | None]] = deque([(source, None)])
        asked = {source}
        while waiting:
            who, via = waiting.popleft()
            for number in self.lines_of[who]:
                if number in came:
                    continue
                came[number] = (who, via)
                if self.left[number]:
                    return _way(came, number)
                for other in self.lines_of:
                    if other not in asked and self.taken.get((other, number)):
                        asked.add(other)
                        waiting.append((other, number))
        return []

    def _move(self, way: list[tuple[Id, int]], wanted: int) -> int:
        """Hand lines over along the way; return how many coins could be moved."""
        givers = [(who, line) for (who, _), (_, line) in zip(way[1:], way[:-1], strict=True)]
        coins = min(wanted, self.left[way[-1][1]], *(self.taken[giver] for giver in givers))
        for giver in givers:
            self.taken[giver] -= coins
            self.left[giver[1]] += coins
        for who, number in way:
            self._take(who, number, coins)
        return coins

    def _take(self, source: Id, number: int, coins: int) -> None:
        self.taken[source, number] = self.taken.get((source, number), 0) + coins
        self.left[number] -= coins


def _way(came: dict[int, tuple[Id, int | None]], end: int) -> list[tuple[Id, int]]:
    """Return the way to a line: who takes it, and before that who takes what they let go of."""
    way = []
    number: int | None = end
    while number is not None:
        who, via = came[number]
        way.append((who, number))
        number = via
    return way[::-1]
