"""The one way points are counted: for the till, quotes, imports and replays alike."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import localcontext
from types import MappingProxyType
from typing import TYPE_CHECKING

from loyalty.earning.basket import Basket
from loyalty.earning.exact import EXACT, round_ratio
from loyalty.earning.outcome import LineShare, NotApplied, Outcome, RuleAward
from loyalty.earning.reasons import Reason
from loyalty.earning.spread import largest_remainder
from loyalty.earning.vocabulary.effects import Stage
from loyalty.earning.vocabulary.limits import LimitKind, Room

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from loyalty.earning.basket import Ground
    from loyalty.earning.compiled import CompiledRule, Key
    from loyalty.earning.receipt import Earner, EarningPolicy, Receipt

EVERYWHERE: Mapping[Key, Room | None] = MappingProxyType({})


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
        evaluation = _Evaluation(Basket.of(receipt, earner, policy), room, [], [])
        evaluation.run(rules)
    awards = tuple(_award(draft) for draft in evaluation.drafts)
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

    basket: Basket
    room: Mapping[Key, Room | None]
    drafts: list[_Draft]
    not_applied: list[NotApplied]

    def run(self, rules: Sequence[CompiledRule]) -> None:
        """Settle the base, then all that builds on it."""
        grounded = [
            (rule, ground) for rule in rules if (ground := self._ground_for(rule)) is not None
        ]
        self._settle([pair for pair in grounded if pair[0].stage == Stage.BASE])
        self.basket.base = [(draft.awarded, draft.ground) for draft in self.drafts]
        self._settle([pair for pair in grounded if pair[0].stage == Stage.MULTIPLIER])
        self._settle([pair for pair in grounded if pair[0].stage == Stage.BONUS])
