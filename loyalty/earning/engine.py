"""The one way points are counted: for the till, quotes, imports and replays alike."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import localcontext
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from loyalty.earning.basket import BasePoints, Basket, Ground
from loyalty.earning.carrying import MILLION, NOTHING_LEFT, Left, add, told
from loyalty.earning.exact import EXACT, ONE, WHOLE, Rounding, round_ratio
from loyalty.earning.outcome import CarriedOver, LineShare, NotApplied, Outcome, RuleAward
from loyalty.earning.reasons import Reason
from loyalty.earning.spread import split
from loyalty.earning.vocabulary.effects import POINTS
from loyalty.earning.vocabulary.limits import LimitKind, Room

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from loyalty.earning.compiled import CompiledRule, Key
    from loyalty.earning.exact import Ratio
    from loyalty.earning.receipt import Boost, Earner, EarningPolicy, Receipt
    from loyalty.earning.units import Goal

    _Match = tuple[CompiledRule, Ground]

EVERYWHERE: Mapping[Key, Room | None] = MappingProxyType({})
NO_BASE_POINTS = Reason("no_base_points", {})
ROUNDED = {mode: Reason(f"rounded_{mode}", {}) for mode in Rounding}
ROUNDED_WHOLE = {mode: Reason(f"whole_{mode}", {}) for mode in Rounding}

_PURCHASE = LimitKind.PURCHASE


class Standing(NamedTuple):
    """What an account brings along, as read under its lock.

    ``carried`` is how much of one more is left over from before, per rule that keeps it; ``goals``
    are the cards and challenges that are open, with the room that their own limits leave.
    Without ``goals`` everything is open.
    """

    carried: Mapping[Key, Ratio] = MappingProxyType({})
    goals: Mapping[Goal, Room | None] | None = None


NOTHING = Standing()


def evaluate(
    receipt: Receipt,
    earner: Earner,
    rules: Sequence[CompiledRule],
    policy: EarningPolicy,
    room: Mapping[Key, Room | None] = EVERYWHERE,
    standing: Standing = NOTHING,
) -> Outcome:
    """Return what a purchase earns under these rules, with the reason for every number.

    ``room`` is what each limited rule may still give, as read under the lock; a rule that is
    not in it is not limited. At a full tie in an exclusive group the earlier rule counts.
    """
    with localcontext(EXACT):
        basket = Basket(receipt, earner, policy)
        whole = Ground(basket.goods, basket.discounts, basket)
        evaluation = _Evaluation(whole, room, standing)
        evaluation.run(rules)
        awards = tuple([_award(draft) for draft in evaluation.drafts])
    points = sum([award.awarded for award in awards if award.goal is POINTS])
    carried = tuple(evaluation.carried)
    return Outcome(awards, tuple(evaluation.not_applied), points, carried)


@dataclass(slots=True)
class _Draft:
    """An award before it has won its place; what only carries over desires nothing yet."""

    rule: CompiledRule
    ground: Ground
    desired: int
    awarded: int
    why: list[Reason]
    left: Left | None = None


@dataclass(slots=True)
class _Evaluation:
    """One purchase on its way through the stages."""

    whole: Ground
    room: Mapping[Key, Room | None]
    standing: Standing
    drafts: list[_Draft] = field(default_factory=list)
    not_applied: list[NotApplied] = field(default_factory=list)
    carried: list[CarriedOver] = field(default_factory=list)
    given: dict[Goal, int] = field(default_factory=dict)

    def run(self, rules: Sequence[CompiledRule]) -> None:
        """Settle the base first; multipliers and bonuses then stand side by side on it."""
        base: list[_Match] = []
        above: list[_Match] = []
        for rule in rules:
            closed = None if rule.goal is None else self._closed(rule)
            ground = closed or rule.ground_in(self.whole)
            if isinstance(ground, tuple):
                self._leave_out(rule, ground)
            else:
                (base if rule.is_base else above).append((rule, ground))
        self._settle(base)
        self.whole.basket.base = [_base_points(draft) for draft in self.drafts]
        self._boost()
        self._settle(above)

    def _boost(self) -> None:
        """Let the member's tier multiply the base, as a multiplier rule beside the others would."""
        basket = self.whole.basket
        boost = basket.earner.boost
        if boost is not None and basket.receipt.activity is None:
            for draft in self.drafts:
                if draft.rule.goal is None:
                    _multiply(draft, boost, self.room.get(draft.rule.key))

    def _closed(self, rule: CompiledRule) -> tuple[Reason, ...] | None:
        goals = self.standing.goals
        if rule.goal is None or goals is None or rule.goal in goals:
            return None
        return (Reason("not_open", {"unit": rule.goal.unit.value, "code": rule.goal.target}),)

    def _settle(self, matched: Iterable[_Match]) -> None:
        drafts = [draft for pair in matched if (draft := self._draft(*pair)) is not None]
        winners = _winners(drafts)
        for draft in drafts:
            winner = winners.get(draft.rule.exclusive_group, draft) if winners else draft
            if winner is draft:
                self._keep(draft)
            else:
                self._leave_out(draft.rule, (_beaten(draft, winner),))

    def _keep(self, draft: _Draft) -> None:
        rule = draft.rule
        if rule.goal is not None:
            self._cap_for(draft, rule.goal)
        if draft.left is not None:
            self.carried.append(_carried_over(draft, draft.left))
        if draft.desired:
            self.drafts.append(draft)
        else:
            self._leave_out(rule, tuple(draft.why))

    def _cap_for(self, draft: _Draft, goal: Goal) -> None:
        """Leave to a card no more than its own limit does, over all rules together."""
        room = (self.standing.goals or {}).get(goal)
        if room is not None:
            before = self.given.get(goal, 0)
            _cap_at(draft, Room(max(0, room.points - before), room.limit))
            self.given[goal] = before + draft.awarded

    def _draft(self, rule: CompiledRule, ground: Ground) -> _Draft | None:
        spec = rule.spec
        due, reason = spec.effect.due(ground)
        if not due[0]:
            self._leave_out(rule, (NO_BASE_POINTS,))
            return None
        why = [reason]
        if spec.effect.shrinks and ground.basket.earning_share is not WHOLE:
            why.append(_part_paid(ground.basket))
        if rule.carries:
            desired, left = self._with_what_was_left(rule, due, why)
        else:
            left = None
            desired, is_rounded = round_ratio(due, spec.rounding)
            if is_rounded:
                why.append((ROUNDED if rule.goal is None else ROUNDED_WHOLE)[spec.rounding])
            if not desired:
                self._leave_out(rule, tuple(why))
                return None
        draft = _Draft(rule, ground, desired, desired, why, left)
        _cap(draft, self.room.get(rule.key))
        return draft

    def _with_what_was_left(
        self, rule: CompiledRule, due: Ratio, why: list[Reason]
    ) -> tuple[int, Left]:
        before = self.standing.carried.get(rule.key, NOTHING_LEFT)
        counts = rule.spec.effect.counts
        assert counts is not None, "what is carried over counts by amount"
        desired, left = add(before, due, *counts)
        why += told(before, left, rule.spec.effect.goal.unit)
        return desired, left

    def _leave_out(self, rule: CompiledRule, why: tuple[Reason, ...]) -> None:
        self.not_applied.append(
            NotApplied(rule.key, rule.version_key, rule.version, rule.name, why)
        )


def _multiply(draft: _Draft, boost: Boost, room: Room | None) -> None:
    base = draft.desired
    more, is_rounded = round_ratio((base * (boost.times - 1), ONE), draft.rule.spec.rounding)
    if more:
        values = {"tier": boost.tier, "times": boost.times, "base": base, "is_new": boost.is_new}
        draft.why = [reason for reason in draft.why if reason.code != "capped"]
        draft.why.append(Reason("tier", values))
        if is_rounded:
            draft.why.append(ROUNDED[draft.rule.spec.rounding])
        draft.desired += more
        draft.awarded = draft.desired
        _cap(draft, room)


def _base_points(draft: _Draft) -> BasePoints:
    return BasePoints(draft.awarded, draft.ground.lines, draft.ground.weight)


def _winners(drafts: Iterable[_Draft]) -> dict[str | None, _Draft]:
    groups: dict[str | None, list[_Draft]] = {}
    for draft in drafts:
        group = draft.rule.exclusive_group
        if group is not None:
            groups.setdefault(group, []).append(draft)
    return {group: _best(own) for group, own in groups.items()}


def _best(drafts: list[_Draft]) -> _Draft:
    alike = len({draft.rule.goal for draft in drafts}) == 1
    return max(drafts, key=_worth if alike else _priority)


def _worth(draft: _Draft) -> tuple[int, int]:
    return draft.awarded, _priority(draft)


def _priority(draft: _Draft) -> int:
    return draft.rule.spec.stacking.priority


def _beaten(draft: _Draft, winner: _Draft) -> Reason:
    if draft.rule.goal != winner.rule.goal:
        return Reason("preferred_rule", {"rule": winner.rule.name})
    values = {"rule": winner.rule.name, "given": winner.awarded, "instead_of": draft.awarded}
    return Reason("better_rule", values | _in_unit(draft))


def _in_unit(draft: _Draft) -> dict[str, str]:
    goal = draft.rule.goal
    return {} if goal is None else {"unit": goal.unit.value}


def _part_paid(basket: Basket) -> Reason:
    earning, whole = basket.earning_share
    return Reason("part_paid", {"paid": whole - earning, "of": whole})


def _cap(draft: _Draft, room: Room | None) -> None:
    most = draft.rule.most_per_purchase
    if most is not None and (room is None or most < room.points):
        room = Room(most, _PURCHASE)
    if room is not None:
        _cap_at(draft, room)


def _cap_at(draft: _Draft, room: Room) -> None:
    if room.points < draft.awarded:
        draft.awarded = max(0, room.points)
        values = {"limit": room.limit, "points": draft.awarded, "desired": draft.desired}
        draft.why.append(Reason("capped", values | _in_unit(draft)))


def _award(draft: _Draft) -> RuleAward:
    rule, ground = draft.rule, draft.ground
    parts = split(draft.awarded, ground.weights, ground.weight)
    return RuleAward(
        rule.key,
        rule.version_key,
        rule.version,
        rule.name,
        draft.desired,
        draft.awarded,
        tuple(map(LineShare, [line.line.number for line in ground.lines], parts)),
        rule.spec.pending_days,
        rule.spec.waits_for,
        rule.spec.expires,
        tuple(draft.why),
        POINTS if rule.goal is None else rule.goal,
    )


def _carried_over(draft: _Draft, left: Left) -> CarriedOver:
    rule, ground = draft.rule, draft.ground
    parts = split(int(left.counted * MILLION), ground.weights, ground.weight)
    return CarriedOver(
        rule.key,
        rule.version_key,
        left.counted,
        left.per,
        tuple(map(LineShare, [line.line.number for line in ground.lines], parts)),
        draft.awarded,
        draft.desired - draft.awarded,
    )
