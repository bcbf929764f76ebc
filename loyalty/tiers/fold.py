"""Where an account stands on the ladder, by what happened to it, in the order of posting.

A tier is climbed at once, on top of the one before. Each step remembers what it was earned by and
holds until its own end, so that a return which takes the reason away leads back to where the
account stood. When a tier's period ends, what is kept becomes the floor: no return of what was
counted before takes it any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from core.days import local_day
from loyalty.tiers.counting import Counted, Tally
from loyalty.tiers.spec import LadderSpec, Tier
from loyalty.tiers.windows import days_later, ends, first_day, last_instant

STEPS_MAX = 20
REACHED, KEPT, LOWERED, RETURNED, RULES = "reached", "kept", "lowered", "returned", "rules"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A tier that is held ``since`` a moment, and was reached or kept at another.

    It was earned by ``needed`` of ``basis`` counted from ``first`` on; a firm one stands whatever
    comes back.
    """

    tier: str
    since: datetime
    at: datetime
    until: datetime | None
    basis: str
    needed: Decimal
    first: date
    is_firm: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The steps on which an account stands, lowest first; ``due_at`` it is looked at by itself."""

    steps: tuple[Step, ...] = ()
    due_at: datetime | None = None
    looked_at: datetime
    joined_on: date

    @property
    def top(self) -> Step | None:
        """Return the step on which the account stands."""
        return self.steps[-1] if self.steps else None

    @property
    def tier(self) -> str:
        """Return the code of the tier, empty below the first."""
        return self.steps[-1].tier if self.steps else ""

    @property
    def until(self) -> datetime | None:
        """Return when the tier ends, if it is not kept."""
        return self.steps[-1].until if self.steps else None

    @property
    def floor(self) -> str:
        """Return the tier that no return takes away."""
        return self.steps[0].tier if self.steps and self.steps[0].is_firm else ""

    @property
    def is_in_grace(self) -> bool:
        """Say whether the tier's period is over and it is held all the same for a while."""
        return self.until is not None and self.due_at is not None and self.due_at > self.until


class Moved(NamedTuple):
    """One step up, down, or on: ``before`` and ``after`` are states; ``why`` is its reason."""

    why: str
    at: datetime
    before: State
    after: State


class Event(NamedTuple):
    """What was counted at one moment; either all of it came back or nothing."""

    at: datetime
    counted: Sequence[Counted]
    is_return: bool = False


@dataclass(frozen=True, slots=True)
class Ladders:
    """A program's ladders by the moment from which each counts, oldest first."""

    dated: tuple[tuple[datetime, LadderSpec], ...]
    zone: ZoneInfo

    def at(self, moment: datetime) -> LadderSpec | None:
        """Return the ladder that counts at a moment."""
        begun = [spec for begins, spec in self.dated if begins <= moment]
        return begun[-1] if begun else None

    def next_after(self, moment: datetime) -> datetime | None:
        """Return when the next ladder begins to count."""
        return next((begins for begins, _spec in self.dated if begins > moment), None)


def happened(state: State, tally: Tally, ladders: Ladders, at: datetime) -> list[Moved]:
    """Climb, or keep the tier, by what has just been counted."""
    ladder = ladders.at(at)
    if ladder is None:
        return []
    look = _Look(state, ladder, ladders.zone, tally, at)
    after = look.climbed()
    if after is not None:
        return [Moved(REACHED, at, state, after)]
    after = look.kept_early()
    return [] if after is None else [Moved(KEPT, at, state, after)]


def came_back(state: State, tally: Tally, ladders: Ladders, at: datetime) -> list[Moved]:
    """Go back to where the account stood before what is no longer earned."""
    ladder = ladders.at(at)
    if ladder is None or ladder.returns != "now":
        return []
    steps = list(state.steps)
    while steps and not _is_firm(steps, at):
        if tally.worth(steps[-1].basis, steps[-1].first) >= steps[-1].needed:
            break
        steps.pop()
    if len(steps) == len(state.steps):
        return []
    return [Moved(RETURNED, at, state, _on(state, tuple(steps)))]


def advanced(
    state: State, tally: Tally, ladders: Ladders, to: datetime
) -> tuple[State, list[Moved]]:
    """Do what fell due by itself until a moment: new ladders, and ends of tiers, in their order."""
    moves: list[Moved] = []
    while (moment := _next(state, ladders)) is not None and moment <= to:
        ladder = ladders.at(moment)
        began = ladders.next_after(state.looked_at) == moment
        if began and ladder is not None:
            after = _Look(state, ladder, ladders.zone, tally, moment).climbed()
            moves += [] if after is None else [Moved(RULES, moment, state, after)]
            state = replace(after or state, looked_at=moment)
        else:
            assert ladder is not None, "nothing falls due without a ladder"
            move = _Look(state, ladder, ladders.zone, tally, moment).at_the_end()
            moves += [move] if move.why else []
            state = replace(move.after, looked_at=max(state.looked_at, moment))
    return state, moves


def replayed(
    state: State, tally: Tally, events: Iterable[Event], ladders: Ladders, to: datetime
) -> State:
    """Tell a past again: everything that was counted, in its order, and what fell due between."""
    for event in events:
        state, _moves = advanced(state, tally, ladders, event.at)
        for one in event.counted:
            tally.add(one)
        look = came_back if event.is_return else happened
        for move in look(state, tally, ladders, event.at):
            state = move.after
    return advanced(state, tally, ladders, to)[0]


def joined(kept: State, other: State, ladder: LadderSpec | None) -> State:
    """Return the state of two accounts that are one: the higher tier and the later end."""
    rank = ladder.rank if ladder is not None else len
    high, low = sorted((kept, other), key=lambda one: rank(one.tier), reverse=True)
    high = replace(
        high,
        joined_on=min(kept.joined_on, other.joined_on),
        looked_at=max(kept.looked_at, other.looked_at),
    )
    if high.top is None or low.top is None:
        return high
    until = _later(high.until, low.until)
    due_at = high.due_at if until == high.until else until
    steps = (*high.steps[:-1], replace(high.top, until=until))
    return replace(high, steps=steps, due_at=due_at)


def _is_firm(steps: Sequence[Step], at: datetime) -> bool:
    """Say whether the highest step stands whatever comes back.

    It does once the period before it is over, by the end of which it was earned.
    """
    before = steps[-2].until if len(steps) > 1 else None
    return steps[-1].is_firm or (before is not None and before <= at)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    """Return the later of two ends; what never ends is later than all."""
    return None if one is None or other is None else max(one, other)


def _next(state: State, ladders: Ladders) -> datetime | None:
    """Return what comes first: the end of the tier, or another ladder."""
    moments = [state.due_at, ladders.next_after(state.looked_at)]
    return min((moment for moment in moments if moment is not None), default=None)


def _on(state: State, steps: tuple[Step, ...]) -> State:
    if len(steps) > STEPS_MAX:  # so long ago that nothing of it is taken back any more
        lowest, *above = steps[-STEPS_MAX:]
        steps = (replace(lowest, is_firm=True), *above)
    due_at = steps[-1].until if steps else None
    return replace(state, steps=steps, due_at=due_at)


@dataclass(frozen=True, slots=True)
class _Look:
    """One account looked at on one ladder at one moment."""

    state: State
    ladder: LadderSpec
    zone: ZoneInfo
    tally: Tally
    at: datetime

    def climbed(self) -> State | None:
        """Return the state on a higher step, if enough was counted for one."""
        first = self._first(self.at)
        best = self.ladder.reached_by(self._worth(first))
        if best is None or self.ladder.rank(best.code) <= self.ladder.rank(self.state.tier):
            return None
        return self._upon(best, since=self.at, base=self.at, first=first)

    def kept_early(self) -> State | None:
        """Return the state with a later end, if the tier was earned anew within its period."""
        top = self.state.top
        tier = self.ladder.tier(top.tier) if top else None
        if top is None or top.until is None or tier is None or tier.threshold is None:
            return None
        if self.state.is_in_grace:
            return self._kept_in_grace(top, tier)
        first = max(self._first(self.at), local_day(top.at, self.zone) + timedelta(days=1))
        if self._worth(first) < tier.threshold:
            return None
        after = self._upon(tier, since=top.since, base=self.at, first=first)
        is_later = after.until is None or after.until > top.until
        return after if is_later else None

    def at_the_end(self) -> Moved:
        """Keep the tier, let grace begin, or lower it, at the moment at which it is due."""
        top = self.state.top
        assert top is not None, "only what ends falls due"
        first = self._first_of_period(top)
        worth = self._worth(first, before=local_day(self.at, self.zone))
        best = self.ladder.reached_by(worth)
        tier = self.ladder.tier(top.tier)
        if tier and best and self.ladder.rank(best.code) >= self.ladder.rank(tier.code):
            return self._moved(KEPT, self._floor(tier, since=top.since, first=first))
        if tier and self.ladder.grace_days and not self.state.is_in_grace:
            assert top.until is not None, "only what ends has grace"
            due_at = days_later(top.until, self.ladder.grace_days, self.zone)
            return self._moved("", replace(self.state, due_at=due_at))
        if tier and self.ladder.downgrade == "none":
            return self._moved(KEPT, self._floor(tier, since=top.since, first=first))
        lower = self._lower(tier, best)
        if lower is None:
            return self._moved(LOWERED, _on(self.state, ()))
        return self._moved(LOWERED, self._floor(lower, since=self.at, first=first))

    def _lower(self, tier: Tier | None, best: Tier | None) -> Tier | None:
        """Return where it goes from here: one step down at a time, or to what was earned."""
        below = self.ladder.below(tier.code) if tier else None
        if self.ladder.downgrade != "one_level" or below is None:
            return best
        if best is not None and self.ladder.rank(best.code) > self.ladder.rank(below.code):
            return best
        return below

    def _kept_in_grace(self, top: Step, tier: Tier) -> State | None:
        first = self._first_of_period(top)
        if tier.threshold is None or self._worth(first) < tier.threshold:
            return None
        return self._floor(tier, since=top.since, first=first)

    def _upon(self, tier: Tier, *, since: datetime, base: datetime, first: date) -> State:
        step = self._step(tier, since=since, base=base, first=first)
        return _on(self.state, (*self.state.steps, step))

    def _floor(self, tier: Tier, *, since: datetime, first: date) -> State:
        """Return the state on one firm step, whose new period follows the one that ended."""
        top = self.state.top
        assert top is not None, "a period has ended"
        assert top.until is not None, "a period has ended"
        base = last_instant(top.until)
        step = self._step(tier, since=since, base=base, first=first)
        if step.until is not None and step.until <= top.until:  # it holds to the end of a period
            step = replace(step, until=self._end(tier, top.until))
        assert step.until is None or step.until > top.until, "each end is later than the last"
        return _on(self.state, (replace(step, is_firm=True),))

    def _step(self, tier: Tier, *, since: datetime, base: datetime, first: date) -> Step:
        return Step(
            tier=tier.code,
            since=since,
            at=base,
            until=self._end(tier, base),
            basis=self.ladder.basis,
            needed=tier.threshold or Decimal(0),
            first=first,
        )

    def _end(self, tier: Tier, base: datetime) -> datetime | None:
        if tier.is_lifetime or self.ladder.downgrade == "none":
            return None
        joined_on = self.state.joined_on
        return ends(self.ladder.valid, base, joined_on=joined_on, zone=self.zone)

    def _first(self, moment: datetime) -> date:
        day = local_day(moment, self.zone)
        return first_day(self.ladder.window, day, self.state.joined_on)

    def _first_of_period(self, top: Step) -> date:
        """Return the first day that counted in the period that ends."""
        assert top.until is not None, "what never ends has no period"
        return self._first(last_instant(top.until))

    def _worth(self, first: date, before: date = date.max) -> Decimal:
        gross = self.ladder.returns == "never"
        return self.tally.worth(self.ladder.basis, first, before, gross=gross)

    def _moved(self, why: str, after: State) -> Moved:
        return Moved(why, self.at, self.state, after)


def written(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Return steps as they are kept."""
    return [
        {
            "tier": step.tier,
            "since": step.since.isoformat(),
            "at": step.at.isoformat(),
            "until": step.until.isoformat() if step.until else None,
            "basis": step.basis,
            "needed": str(step.needed),
            "first": step.first.isoformat(),
            "is_firm": step.is_firm,
        }
        for step in steps
    ]


def read(documents: Iterable[Mapping[str, Any]]) -> tuple[Step, ...]:
    """Return the steps that are kept."""
    return tuple(
        Step(
            tier=told["tier"],
            since=datetime.fromisoformat(told["since"]),
            at=datetime.fromisoformat(told["at"]),
            until=datetime.fromisoformat(told["until"]) if told["until"] else None,
            basis=told["basis"],
            needed=Decimal(told["needed"]),
            first=date.fromisoformat(told["first"]),
            is_firm=told["is_firm"],
        )
        for told in documents
    )
