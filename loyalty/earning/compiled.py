"""A rule version made ready to run: sorted into tests once, so that each purchase is quick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loyalty.earning.basket import Ground
from loyalty.earning.exact import ZERO
from loyalty.earning.reasons import Reason
from loyalty.earning.vocabulary.conditions import (
    GroundCondition,
    LineCondition,
    PurchaseCondition,
)
from loyalty.earning.vocabulary.effects import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from loyalty.earning.basket import Basket
    from loyalty.earning.vocabulary.rule import RuleVersionSpec

Key = int | str

NOTHING_EARNS = Reason("nothing_earns", {})
NO_LINE_MEETS_ALL = Reason("no_line_meets_all", {})


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRule:
    """One version of a rule, ready to be asked about any number of purchases."""

    key: Key
    version_key: Key
    name: str
    version: int
    spec: RuleVersionSpec
    is_base: bool
    exclusive_group: str | None
    most_per_purchase: int | None
    asks_basket: tuple[Callable[[Basket], Reason | None], ...]
    on_lines: tuple[LineCondition, ...]
    asks_ground: tuple[Callable[[Ground], Reason | None], ...]

    def ground_in(self, whole: Ground) -> Ground | tuple[Reason, ...]:
        """Return the lines the rule works on, or every reason why it does not apply."""
        basket = whole.basket
        if self.asks_basket:
            unmet = [reason for ask in self.asks_basket if (reason := ask(basket)) is not None]
            if unmet:
                return tuple(unmet)
        ground = self._narrowed(basket) if self.on_lines else whole
        if ground is None or ground.amount <= ZERO or not basket.earning_share[0]:
            return self._no_ground(whole)
        unmet = [reason for ask in self.asks_ground if (reason := ask(ground)) is not None]
        return tuple(unmet) if unmet else ground

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


def compile_rule(
    spec: RuleVersionSpec, *, key: Key, version_key: Key, name: str, version: int
) -> CompiledRule:
    """Prepare one version of a rule; keep the result for as long as the version lives."""
    on_lines = tuple(part for part in spec.conditions if isinstance(part, LineCondition))
    on_purchase = [part for part in spec.conditions if isinstance(part, PurchaseCondition)]
    on_ground = [part for part in spec.conditions if isinstance(part, GroundCondition)]
    return CompiledRule(
        key=key,
        version_key=version_key,
        name=name,
        version=version,
        spec=spec,
        is_base=spec.stage == Stage.BASE,
        exclusive_group=spec.stacking.exclusive_group,
        most_per_purchase=spec.limits.per_purchase,
        asks_basket=(
            *(part.unmet for part in on_purchase),
            *(part.unmet for part in on_lines if part.asks_whole_basket),
        ),
        on_lines=on_lines,
        asks_ground=tuple(part.unmet for part in on_ground),
    )
