"""What the ledger promises, said once more in plain Python: no tables, no locks, no services."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fractions import Fraction
from itertools import count

NEVER = datetime.max.replace(tzinfo=UTC)
_births = count()


class Refused(Exception):
    """The model says no, by the code of the refusal."""


@dataclass(eq=False)
class Lot:
    left: int
    available: datetime
    ends: datetime | None
    source: object = None
    held: int = 0
    expired: int = 0
    spared: int = 0
    born: int = field(default_factory=lambda: next(_births))

    free = property(lambda lot: lot.left - lot.held)

    def has_ended(self, now):
        return self.ends is not None and self.ends <= now

    def is_usable(self, now):
        return self.available <= now and not self.has_ended(now)

    def is_pending(self, now):
        return self.available > now and not self.has_ended(now)


@dataclass(eq=False)
class Award:
    """What one rule gave for a purchase; ``left`` is what no return took back, line by line."""

    lot: Lot
    left: dict[int, int]


def in_order(lots):
    return sorted(lots, key=lambda lot: (lot.ends or NEVER, lot.available, lot.born))


def choose(lots, points):
    parts = []
    for lot in lots:
        part = min(lot.free, points)
        points -= part
        parts += [(lot, part)] if part else []
    return parts


@dataclass(eq=False)
class Account:
    may_owe: bool = True
    lots: list = field(default_factory=list)
    debt: int = 0

    def figures(self, now):
        """Balance by entries, debt, and what is shown: spendable, pending, held."""
        balance = sum(lot.left for lot in self.lots) - self.debt
        pending = sum(lot.left for lot in self.lots if lot.is_pending(now))
        held = sum(lot.held for lot in self.lots if not lot.has_ended(now))
        return balance, self.debt, self.spendable(now), pending, held

    def spendable(self, now):
        return sum(lot.free for lot in self.lots if lot.is_usable(now)) - self.debt

    def earn(self, now, given, source=None):
        """Give points, each part with when it comes and when it ends."""
        made = [Lot(points, available, ends, source) for points, available, ends in given]
        self.lots += made
        self.pay_debt(made)
        self.expire(now, made)
        return made

    def pay_debt(self, lots):
        for lot in lots:
            part = min(self.debt, lot.free)
            lot.left -= part
            self.debt -= part

    def expire(self, now, lots=None):
        for lot in self.lots if lots is None else lots:
            if lot.has_ended(now):
                lot.expired, lot.left = lot.expired + lot.free, lot.held

    def choose(self, now, points):
        usable = [lot for lot in self.lots if lot.is_usable(now)]
        short = self.spendable(now) < points
        held = sum(lot.held for lot in usable)
        if short:
            enough = self.spendable(now) + held >= points
            raise Refused("points_held" if enough else "insufficient_points")
        return choose(in_order(usable), points)

    def hold(self, now, points):
        parts = self.choose(now, points)
        for lot, part in parts:
            lot.held += part
        return parts

    def let_go(self, parts, *, spent):
        for lot, part in parts:
            lot.held -= part
            lot.left -= part if spent else 0

    def spend(self, now, points):
        """Take points by hand, which knows one kind of no."""
        if self.spendable(now) < points:
            raise Refused("insufficient_points")
        parts = self.choose(now, points)
        sums = Counter()
        for lot, part in parts:
            lot.left -= part
            sums[lot.available, lot.ends] += part
        return [(points, *dates) for dates, points in sums.items()]

    def release(self, now, parts):
        for lot, part in parts:
            lot.left += part
        self.pay_debt(lot for lot, _part in parts)
        self.expire(now)

    def take_back(self, now, source, awards, shares):
        """Return goods: ``shares`` says which part of what is left on each line comes back."""
        wanted = 0
        for award in awards:
            lost = {n: int(award.left[n] * Fraction(share)) for n, share in shares.items()}
            award.left.update({n: award.left[n] - points for n, points in lost.items()})
            lot = award.lot
            gone = lot.expired + (lot.free if lot.has_ended(now) else 0) - lot.spared
            spared = max(0, min(sum(lost.values()), gone))
            lot.spared += spared
            wanted += sum(lost.values()) - spared
        live = in_order(lot for lot in self.lots if not lot.has_ended(now))
        live.sort(key=lambda lot: (lot.source != source, not lot.is_pending(now)))
        for lot, part in choose(live, wanted):
            lot.left -= part
            wanted -= part
        self.debt += wanted if self.may_owe else 0
