"""A rule version made ready to run: sorted into tests once, so that each purchase is quick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loyalty.earning.basket import Ground
from loyalty.earning.exact import ZERO
from loyalty.earning.reasons import Reason
from loyalty.earning.vocabulary.conditions import (
    Condition,
    GroundCondition,
    LineCondition,
    PurchaseCondition,
)
from loyalty.earning.vocabulary.effects import POINTS, Stage
from loyalty.earning.vocabulary.triggers import ActivityTrigger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from loyalty.earning.basket import Basket
    from loyalty.earning.receipt import Fact
    from loyalty.earning.units import Goal
    from loyalty.earning.vocabulary.rule import RuleVersionSpec

Key = int | str

NOTHING_EARNS = Reason("nothing_earns", {})
NO_LINE_MEETS_ALL = Reason("no_line_meets_all", {})


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledConditions:
    """What must hold of a purchase, sorted into tests; ``asks`` are the facts to be read first."""

    asks: frozenset[Fact]
    looks_back_days: int
    asks_basket: tuple[Callable[[Basket], Reason | None], ...]
    on_lines: tuple[LineCondition, ...]
    asks_ground: tuple[Callable[[Ground], Reason | None], ...]

    def ground_in(self, whole: Ground) -> Ground | tuple[Reason, ...]:
        """Return the lines that all conditions leave, or every reason why they do not hold."""
        basket = whole.basket
        if self.asks_basket and (failing := self._unmet_by(basket)):
            return failing
        ground = self._narrowed(basket) if self.on_lines else whole
        if ground is None or ground.amount <= ZERO or not basket.earning_share[0]:
            return self._no_ground(whole)
        unmet = [reason for ask in self.asks_ground if (reason := ask(ground)) is not None]
        return tuple(unmet) if unmet else ground

    def _unmet_by(self, basket: Basket) -> tuple[Reason, ...]:
        return tuple([reason for ask in self.asks_basket if (reason := ask(basket)) is not None])

    def _narrowed(self, basket: Basket) -> Ground | None:
        lines, discounts = basket.goods, basket.discounts
        for condition in self.on_lines:
            lines = condition.pick(lines)
            if discounts:
                discounts = condition.pick(discounts)
        return Ground(lines, discounts, basket) if lines else None

    def _no_ground(self, whole: Ground) -> tuple[Reason, ...]:
        basket = whole.basket
        if whole.amount <= ZERO:
            return (NOTHING_EARNS,)
        if not basket.earning_share[0]:
            return (Reason("all_part_paid", {"paid": basket.receipt.paid_without_earning}),)
        if len(self.on_lines) == 1:
            return (self.on_lines[0].none_picked,)
        unmet = [part.none_picked for part in self.on_lines if not part.pick(basket.goods)]
        return tuple(unmet) or (NO_LINE_MEETS_ALL,)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRule(CompiledConditions):
    """One version of a rule, ready to be asked about any number of purchases."""

    key: Key
    version_key: Key
    name: str
    version: int
    spec: RuleVersionSpec
    is_base: bool
    goal: Goal | None
    carries: bool
    activity: ActivityTrigger | None
    exclusive_group: str | None
    most_per_purchase: int | None

    def ground_in(self, whole: Ground) -> Ground | tuple[Reason, ...]:
        """Return the lines the rule works on, or every reason why it does not apply."""
        if self.activity is None:
            return CompiledConditions.ground_in(self, whole)
        unmet = self._unmet_by(whole.basket)
        if unmet or whole.basket.receipt.activity is not None:
            return unmet or whole
        return (_only_for(self.activity),)


def _only_for(activity: ActivityTrigger) -> Reason:
    return Reason("only_for", {"activity": activity.kind, "name": activity.name or ""})


def compile_rule(
    spec: RuleVersionSpec, *, key: Key, version_key: Key, name: str, version: int
) -> CompiledRule:
    """Prepare one version of a rule; keep the result for as long as the version lives."""
    sorted_out = compile_conditions(spec.conditions)
    return CompiledRule(
        key=key,
        version_key=version_key,
        name=name,
        version=version,
        spec=spec,
        is_base=spec.stage == Stage.BASE,
        goal=None if spec.effect.goal == POINTS else spec.effect.goal,
        carries=spec.carry,
        activity=spec.trigger if isinstance(spec.trigger, ActivityTrigger) else None,
        exclusive_group=spec.stacking.exclusive_group,
        most_per_purchase=spec.limits.per_purchase,
        asks=sorted_out.asks,
        looks_back_days=sorted_out.looks_back_days,
        asks_basket=sorted_out.asks_basket,
        on_lines=sorted_out.on_lines,
        asks_ground=sorted_out.asks_ground,
    )


def compile_conditions(conditions: Sequence[Condition]) -> CompiledConditions:
    """Sort conditions into the tests that they are."""
    on_lines = tuple(part for part in conditions if isinstance(part, LineCondition))
    on_purchase = [part for part in conditions if isinstance(part, PurchaseCondition)]
    on_ground = [part for part in conditions if isinstance(part, GroundCondition)]
    return CompiledConditions(
        asks=frozenset().union(*(part.asks for part in conditions)),
        looks_back_days=max((part.looks_back_days for part in conditions), default=0),
        asks_basket=(
            *(part.unmet for part in on_purchase),
            *(part.unmet for part in on_lines if part.asks_whole_basket),
        ),
        on_lines=on_lines,
        asks_ground=tuple(part.unmet for part in on_ground),
    )
