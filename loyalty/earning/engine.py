"""The one way points are counted: for the till, quotes, imports and replays alike."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import localcontext
from types import MappingProxyType
from typing import TYPE_CHECKING

from loyalty.earning.basket import BasePoints, Basket, Ground
from loyalty.earning.exact import EXACT, WHOLE, Rounding, round_ratio
from loyalty.earning.outcome import LineShare, NotApplied, Outcome, RuleAward
from loyalty.earning.reasons import Reason
from loyalty.earning.spread import split
from loyalty.earning.vocabulary.limits import LimitKind, Room

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from loyalty.earning.compiled import CompiledRule, Key
    from loyalty.earning.receipt import Earner, EarningPolicy, Receipt

    _Match = tuple[CompiledRule, Ground]

EVERYWHERE: Mapping[Key, Room | None] = MappingProxyType({})
NO_BASE_POINTS = Reason("no_base_points", {})
ROUNDED = {mode: Reason(f"rounded_{mode}", {}) for mode in Rounding}

_PURCHASE = LimitKind.PURCHASE


def evaluate(
    receipt: Receipt,
    earner: Earner,
    rules: Sequence[CompiledRule],
    policy: EarningPolicy,
    room: Mapping[Key, Room | None] = EVERYWHERE,
) -> Outcome:
    """Return what a purchase earns under these rules, with the reason for every number.

    ``room`` is what each limited rule may still give, as read under the lock; a rule that is
    not in it is not limited. At a full tie in an exclusive group the earlier rule counts.
    """
    with localcontext(EXACT):
        basket = Basket(receipt, earner, policy)
        evaluation = _Evaluation(Ground(basket.goods, basket.discounts, basket), room, [], [])
        evaluation.run(rules)
        awards = tuple([_award(draft) for draft in evaluation.drafts])
    points = sum([award.awarded for award in awards])
    return Outcome(awards, tuple(evaluation.not_applied), points)


@dataclass(slots=True)
class _Draft:
    """An award before it has won its place."""

    rule: CompiledRule
    ground: Ground
    desired: int
    awarded: int
    why: list[Reason]


@dataclass(slots=True)
class _Evaluation:
    """One purchase on its way through the stages."""

    whole: Ground
    room: Mapping[Key, Room | None]
    drafts: list[_Draft]
    not_applied: list[NotApplied]

    def run(self, rules: Sequence[CompiledRule]) -> None:
        """Settle the base first; multipliers and bonuses then stand side by side on it."""
        base: list[_Match] = []
        above: list[_Match] = []
        for rule in rules:
            ground = rule.ground_in(self.whole)
            if isinstance(ground, tuple):
                self._leave_out(rule, ground)
            else:
                (base if rule.is_base else above).append((rule, ground))
        self._settle(base)
        self.whole.basket.base = [_base_points(draft) for draft in self.drafts]
        self._settle(above)

    def _settle(self, matched: Iterable[_Match]) -> None:
        drafts = [draft for pair in matched if (draft := self._draft(*pair)) is not None]
        winners = _winners(drafts)
        if not winners:
            self.drafts += drafts
            return
        for draft in drafts:
            winner = winners.get(draft.rule.exclusive_group, draft)
            if winner is draft:
                self.drafts.append(draft)
            else:
                self._leave_out(draft.rule, (_beaten(draft, winner),))

    def _draft(self, rule: CompiledRule, ground: Ground) -> _Draft | None:
        spec = rule.spec
        due, reason = spec.effect.due(ground)
        if not due[0]:
            self._leave_out(rule, (NO_BASE_POINTS,))
            return None
        why = [reason]
        if spec.effect.shrinks and ground.basket.earning_share is not WHOLE:
            why.append(_part_paid(ground.basket))
        desired, is_rounded = round_ratio(due, spec.rounding)
        if is_rounded:
            why.append(ROUNDED[spec.rounding])
        if not desired:
            self._leave_out(rule, tuple(why))
            return None
        draft = _Draft(rule, ground, desired, desired, why)
        _cap(draft, self.room.get(rule.key))
        return draft

    def _leave_out(self, rule: CompiledRule, why: tuple[Reason, ...]) -> None:
        self.not_applied.append(
            NotApplied(rule.key, rule.version_key, rule.version, rule.name, why)
        )


def _base_points(draft: _Draft) -> BasePoints:
    return BasePoints(draft.awarded, draft.ground.lines, draft.ground.weight)


def _winners(drafts: Iterable[_Draft]) -> dict[str | None, _Draft]:
    winners: dict[str | None, _Draft] = {}
    for draft in drafts:
        group = draft.rule.exclusive_group
        if group is not None:
            best = winners.setdefault(group, draft)
            if _standing(draft) > _standing(best):
                winners[group] = draft
    return winners


def _standing(draft: _Draft) -> tuple[int, int]:
    return draft.awarded, draft.rule.spec.stacking.priority


def _beaten(draft: _Draft, winner: _Draft) -> Reason:
    values = {"rule": winner.rule.name, "given": winner.awarded, "instead_of": draft.awarded}
    return Reason("better_rule", values)


def _part_paid(basket: Basket) -> Reason:
    earning, whole = basket.earning_share
    return Reason("part_paid", {"paid": whole - earning, "of": whole})


def _cap(draft: _Draft, room: Room | None) -> None:
    most = draft.rule.most_per_purchase
    if most is not None and (room is None or most < room.points):
        room = Room(most, _PURCHASE)
    if room is not None and room.points < draft.desired:
        draft.awarded = max(0, room.points)
        values = {"limit": room.limit, "points": draft.awarded, "desired": draft.desired}
        draft.why.append(Reason("capped", values))


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
    )
