"""What the ledger promises, said once more in plain Python: no tables, no locks, no services."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import count

NEVER = datetime.max.replace(tzinfo=UTC)
_births = count()


class Refused(Exception):
    """The model says no, by the code of the refusal."""


def midnight(moment, days):
    return moment.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days)


@dataclass(eq=False)
class Lot:
    """``life`` is for how many days it lasts once it ``waits`` no more; activity may restart it."""

    left: int
    available: datetime
    ends: datetime | None
    life: tuple = (None, False)
    waits: bool = False
    source: object = None
    home: object = None
    held: int = 0
    expired: int = 0
    spared: int = 0
    born: int = field(default_factory=lambda: next(_births))

    free = property(lambda lot: lot.left - lot.held)

    def has_ended(self, now):
        return self.ends is not None and self.ends <= now

    def begin(self, moment):
        """Reckon the end anew; it never comes sooner than it was promised."""
        days, _restarts = self.life
        self.ends = days and max(midnight(moment, days + 1), self.ends or moment)


@dataclass(eq=False)
class Award:
    """What one rule gave for a purchase; ``left`` is what no return took back, line by line."""

    lot: Lot
    left: dict[int, int]


def in_order(lots):
    return sorted(lots, key=lambda lot: (lot.ends or NEVER, lot.available, lot.born))


def choose(lots, points):
    parts = [(lot, 0) for lot in lots]
    for n, (lot, _none) in enumerate(parts):
        parts[n] = lot, min(lot.free, points)
        points -= parts[n][1]
    return [(lot, part) for lot, part in parts if part]


@dataclass(eq=False)
class Account:
    goodwill: int = 0
    lots: list = field(default_factory=list)
    debt: int = 0
    active: datetime | None = None

    def figures(self, now):
        """Balance by entries, debt, and what is shown: spendable, pending, held."""
        live = [lot for lot in self.lots if not lot.has_ended(now)]
        pending = sum(lot.left for lot in live if lot.available > now)
        balance = sum(lot.left for lot in self.lots) - self.debt
        return balance, self.debt, self.spendable(now), pending, sum(lot.held for lot in live)

    def usable(self, now):
        return [lot for lot in self.lots if lot.available <= now and not lot.has_ended(now)]

    def spendable(self, now):
        return sum(lot.free for lot in self.usable(now)) - self.debt

    def earn(self, now, lots, *, everything=False):
        """Give points; where only they are looked at, nothing else ends by the way."""
        for lot in lots:
            lot.home = self
            if lot.life[1] and not lot.waits:
                lot.begin(max(lot.available, self.active or lot.available))
        self.lots += lots
        self.pay_debt(lots)
        self.expire(now, self.lots if everything else lots)

    def pay_debt(self, lots):
        for lot in lots:
            part = 0 if lot.waits else min(self.debt, lot.free)
            lot.left, self.debt = lot.left - part, self.debt - part

    def expire(self, now, lots=None):
        for lot in self.lots if lots is None else lots:
            if lot.has_ended(now):
                lot.expired, lot.left = lot.expired + lot.free, lot.held

    def act(self, now, at):
        """Note what the members did themselves; their points last longer where that counts."""
        if self.active is None or at > self.active:
            self.active = at
            for lot in self.lots:
                if lot.life[1] and lot.left and not lot.waits and not lot.has_ended(now):
                    lot.begin(max(lot.available, at))

    def choose(self, now, points, *, by_hand=False):
        short = points - self.spendable(now)
        held = 0 if by_hand else sum(lot.held for lot in self.usable(now))
        if short > 0:
            raise Refused("points_held" if short <= held else "insufficient_points")
        return choose(in_order(self.usable(now)), points)

    def spend(self, parts):
        for lot, part in parts:
            lot.left -= part

    def put_back(self, now, parts):
        """Give points back to their lots; what has ended gets days of goodwill, or is gone."""
        ended = [(lot, p) for lot, p in parts if self.goodwill and lot.has_ended(now)]
        self.spend((lot, -part) for lot, part in parts if (lot, part) not in ended)
        self.pay_debt([lot for lot, part in parts if (lot, part) not in ended])
        if points := sum(part for _lot, part in ended):
            self.earn(now, [Lot(points, now, midnight(now, self.goodwill + 1))])
        self.expire(now)

    def settle(self, now, source):
        """Let what waits for a purchase begin its life, unless it came too late."""
        own = [lot for lot in self.lots if lot.waits and lot.source == source]
        ready = [lot for lot in own if lot.free and not lot.has_ended(now)]
        if not ready:
            late = any(lot.has_ended(now) for lot in own)
            raise Refused("settled_too_late" if late else "nothing_waits")
        for lot in ready:
            lot.waits, lot.available, lot.ends = False, now, None
            lot.begin(now)
        self.pay_debt(in_order(ready))
        self.expire(now)

    def forfeit(self, now):
        given_up = [lot for lot in self.lots if lot.free and not lot.has_ended(now)]
        for lot in given_up:
            lot.left = lot.held
        if not given_up:
            raise Refused("nothing_to_forfeit")

    def take_over(self, now, other):
        """Carry on what is left in another account, with its dates and its debt."""
        if any(lot.held for lot in self.lots + other.lots):
            raise Refused("points_set_aside")
        for account in (self, other):
            account.expire(now)
        self.pay_debt([lot for lot in other.lots if lot.left])
        self.lots, other.lots = self.lots + other.lots, []
        self.debt, other.debt = self.debt + other.debt, 0
        self.pay_debt(in_order(self.lots))
        self.active = max((at for at in (self.active, other.active) if at), default=None)

    def part_from(self, now, other):
        """Give back what is left of what came over."""
        if any(lot.held for lot in self.lots):
            raise Refused("points_set_aside")
        self.expire(now)
        other.lots = [lot for lot in self.lots if lot.home is other]
        self.lots = [lot for lot in self.lots if lot.home is not other]

    def take_back(self, now, source, awards, shares, *, owes):
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
        live = [lot for lot in live if lot.source == source or not lot.waits]
        live.sort(key=lambda lot: (lot.source != source, lot.available <= now))
        parts = choose(live, wanted)
        self.spend(parts)
        self.debt += wanted - sum(part for _lot, part in parts) if owes else 0
