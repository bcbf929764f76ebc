"""Pulling tickets out of a hat: every ticket in it has the same chance, and nobody can choose.

Chance: the i-th 256-bit number is SHA-256(seed ‖ digest of the list ‖ SHA-256(public text) ‖ i),
where i counts from 0 and is written in 8 bytes, highest first. It becomes a number below n by its
remainder; numbers from the last, incomplete multiple of n on are rejected, since otherwise small
remainders would come up more often (rejection sampling; Knuth, The Art of Computer Programming,
volume 2, 3.4.1; Lemire, Fast Random Integer Generation in an Interval, 2019). For SHA-256 see FIPS
180-4.

The hat: a pull takes the k-th ticket of those still in it, by number. Who wins leaves the hat with
all tickets, or with this one where members may win more often; a ticket that cannot win leaves it
with those on its line, and the pull is noted with the reason.
"""

from __future__ import annotations

from bisect import insort
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from rewards.drawing.entries import IN, Line, Terms

RANGE = 2**256
WINNER, ALTERNATE, SKIPPED = "winner", "alternate", "skipped"


@dataclass(frozen=True, slots=True)
class Pulled:
    """One pull: the ticket, whose it is, and what it got; ``line`` is its place in the list."""

    rank: int
    number: int
    pseudonym: str
    kind: str
    reason: str = ""
    prize: str = ""
    line: int = field(default=0, compare=False)


class Chance:
    """Numbers that follow from the seed, the list and a text that nobody knew beforehand."""

    def __init__(self, seed: bytes, digest: str, public_text: str) -> None:
        self.root = seed + bytes.fromhex(digest) + sha256(public_text.encode()).digest()
        self.counter = 0

    def below(self, limit: int) -> int:
        """Return a whole number from 0 to ``limit`` - 1, each equally likely."""
        usable = RANGE // limit * limit
        while True:
            block = sha256(self.root + self.counter.to_bytes(8, "big")).digest()
            self.counter += 1
            drawn = int.from_bytes(block, "big")
            if drawn < usable:
                return drawn % limit


class Hat:
    """The tickets that can still be pulled; finding and removing take log(lines) steps.

    Counts of tickets stand in a Fenwick tree (Fenwick, A New Data Structure for Cumulative
    Frequency Tables, 1994).
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.left = [line.count for line in lines]
        self.size = sum(self.left)
        self.taken: dict[int, list[int]] = defaultdict(list)  # numbers gone, by line
        self.of: dict[str, list[int]] = defaultdict(list)
        self.tree = [0, *self.left]
        for place, line in enumerate(lines):
            self.of[line.pseudonym].append(place)
        for place in range(1, len(self.tree)):
            above = place + (place & -place)
            if above < len(self.tree):
                self.tree[above] += self.tree[place]

    def ticket(self, position: int) -> tuple[int, int]:
        """Return line and number of the ticket at this position among those left, from 0."""
        place, step = 0, 1 << len(self.left).bit_length()
        while step := step >> 1:
            if place + step < len(self.tree) and self.tree[place + step] <= position:
                place += step
                position -= self.tree[place]
        number = self.lines[place].first + position
        for gone in self.taken[place]:
            number += gone <= number
        return place, number

    def remove_ticket(self, place: int, number: int) -> None:
        """Take one ticket out."""
        insort(self.taken[place], number)
        self._lessen(place, 1)

    def remove_line(self, place: int) -> None:
        """Take all tickets of a line out."""
        self._lessen(place, self.left[place])

    def remove_all_of(self, pseudonym: str) -> None:
        """Take all tickets of somebody out."""
        for place in self.of[pseudonym]:
            self.remove_line(place)

    def _lessen(self, place: int, count: int) -> None:
        self.left[place] -= count
        self.size -= count
        at = place + 1
        while at < len(self.tree):
            self.tree[at] -= count
            at += at & -at


def draw(
    terms: Terms,
    lines: Sequence[Line],
    *,
    seed: bytes,
    digest: str,
    public_text: str,
    left_out: Mapping[int, str],
) -> list[Pulled]:
    """Return the pulls in order: prizes in the order promised, then alternates.

    ``lines`` are in order of their numbers. ``left_out`` names, by their first ticket, lines that
    cannot win although they stood in the list when it was closed, and why.
    """
    places = [prize.reward for prize in terms.prizes for _piece in range(prize.count)]
    kinds = [WINNER] * len(places) + [ALTERNATE] * terms.alternates
    places += [""] * terms.alternates
    hat, chance = Hat(lines), Chance(seed, digest, public_text)
    pulled: list[Pulled] = []
    filled = 0
    while filled < len(places) and hat.size:
        at, number = hat.ticket(chance.below(hat.size))
        line, rank = lines[at], len(pulled) + 1
        why = left_out.get(line.first) or (line.standing if line.standing != IN else "")
        if why:
            pulled.append(Pulled(rank, number, line.pseudonym, SKIPPED, why, line=at))
            hat.remove_line(at)
            continue
        kind, prize = kinds[filled], places[filled]
        pulled.append(Pulled(rank, number, line.pseudonym, kind, prize=prize, line=at))
        filled += 1
        if terms.wins_once:
            hat.remove_all_of(line.pseudonym)
        else:
            hat.remove_ticket(at, number)
    return pulled
