"""A rule version made ready to run: sorted into tests once, so that each purchase is quick."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from loyalty.earning.reasons import Reason
from loyalty.earning.vocabulary.conditions import (
    GroundCondition,
    LineCondition,
    PurchaseCondition,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from loyalty.earning.basket import Basket, Ground
    from loyalty.earning.receipt import Line
    from loyalty.earning.vocabulary.effects import Stage
    from loyalty.earning.vocabulary.rule import RuleVersionSpec

Key = int | str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledRule:
    """One version of a rule, ready to be asked about any number of purchases."""

    key: Key
    version_key: Key
    name: str
    version: int
    spec: RuleVersionSpec
    stage: Stage
    asks_basket: tuple[Callable[[Basket], Reason | None], ...]
    selects: Callable[[Line], bool] | None
    says_none_selected: tuple[Callable[[Basket], Reason | None], ...]
    asks_ground: tuple[Callable[[Ground], Reason | None], ...]

    def ground_in(self, basket: Basket) -> Ground | tuple[Reason, ...]:
        """Return the lines the rule works on, or every reason why it does not apply."""
        unmet = [reason for ask in self.asks_basket if (reason := ask(basket)) is not None]
        if unmet:
            return tuple(unmet)
        ground = basket.whole if self.selects is None else basket.whole.narrowed(self.selects)
        if ground.amount <= 0 or not basket.earning_share[0]:
            return self._no_ground(basket)
        unmet = [reason for ask in self.asks_ground if (reason := ask(ground)) is not None]
        return tuple(unmet) if unmet else ground

    def _no_ground(self, basket: Basket) -> tuple[Reason, ...]:
        if basket.whole.amount <= 0:
            return (Reason("nothing_earns", {}),)
        if not basket.earning_share[0]:
            return (Reason("all_part_paid", {"paid": basket.receipt.paid_without_earning}),)
        unmet = [reason for ask in self.says_none_selected if (reason := ask(basket)) is not None]
        return tuple(unmet) or (Reason("no_line_meets_all", {}),)


def compile_rule(
    spec: RuleVersionSpec, *, key: Key, version_key: Key, name: str, version: int
) -> CompiledRule:
    """Prepare one version of a rule; keep the result for as long as the version lives."""
    on_lines = [part for part in spec.conditions if isinstance(part, LineCondition)]
    on_purchase = [part.unmet for part in spec.conditions if isinstance(part, PurchaseCondition)]
    return CompiledRule(
        key=key,
        version_key=version_key,
        name=name,
        version=version,
        spec=spec,
        stage=spec.stage,
        asks_basket=(*on_purchase, *(part.unmet for part in on_lines if part.asks_whole_basket)),
        selects=_all_of([part.selects for part in on_lines]),
        says_none_selected=tuple(part.unmet for part in on_lines),
        asks_ground=tuple(
            part.unmet for part in spec.conditions if isinstance(part, GroundCondition)
        ),
    )


def _all_of(tests: list[Callable[[Line], bool]]) -> Callable[[Line], bool] | None:
    if len(tests) < 2:
        return tests[0] if tests else None
    return lambda line: all(test(line) for test in tests)
