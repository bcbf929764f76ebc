"""What one purchase or activity counts in a challenge, by the conditions that rules have."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from loyalty.challenges.spec import ChallengeSpec
from loyalty.earning.basket import Basket, Ground
from loyalty.earning.compiled import CompiledRule, Key, compile_rule
from loyalty.earning.exact import ZERO
from loyalty.earning.receipt import EarningPolicy
from loyalty.earning.vocabulary.conditions import PurchaseCondition
from loyalty.earning.vocabulary.effects import FixedPoints
from loyalty.earning.vocabulary.rule import RuleVersionSpec
from loyalty.earning.vocabulary.triggers import PurchaseTrigger

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from loyalty.earning.receipt import Earner, Receipt
    from loyalty.earning.vocabulary.conditions import Condition


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """Something a member did on a local day: a purchase, or an activity by its kind and name.

    ``ground`` is what was bought, ``steps`` are those that rules gave for it.
    """

    day: date
    ground: Ground | None = None
    activity: tuple[str, str] | None = None
    steps: int = 0


class Counted(NamedTuple):
    """What it counts; ``keys`` are the days, weeks or categories for which it does."""

    amount: Decimal
    keys: tuple[str, ...] = ()


NOTHING = Counted(ZERO)
STEP = Decimal("0.001")


@dataclass(frozen=True, slots=True, kw_only=True)
class CompiledChallenge:
    """One version of a challenge, ready to be asked about any number of purchases.

    ``whole`` has all its conditions, ``goods`` only those on what was bought: a return changes
    nothing of when, where and by whom it was.
    """

    version_key: Key
    number: int
    spec: ChallengeSpec
    whole: CompiledRule
    goods: CompiledRule

    def counts(self, happened: Happened) -> Counted:
        """Return what something counts that meets all conditions where it was bought."""
        return self._counted(happened, self.whole)

    def counts_still(self, happened: Happened) -> Counted:
        """Return what is left of something that counted, now that goods came back."""
        return self._counted(happened, self.goods)

    def _counted(self, happened: Happened, rule: CompiledRule) -> Counted:
        if self.spec.target.is_bought and happened.ground is not None:
            met = rule.ground_in(happened.ground)
            happened = replace(happened, ground=None if isinstance(met, tuple) else met)
        amount, keys = self.spec.target.counted(happened)
        return Counted(amount.quantize(STEP), tuple(keys)) if amount > ZERO else NOTHING


def compile_challenge(spec: ChallengeSpec, *, version_key: Key, number: int) -> CompiledChallenge:
    """Prepare one version of a challenge; keep the result for as long as the version lives."""
    on_goods = [part for part in spec.conditions if not isinstance(part, PurchaseCondition)]
    return CompiledChallenge(
        version_key=version_key,
        number=number,
        spec=spec,
        whole=_rule(spec.conditions, version_key),
        goods=_rule(on_goods, version_key),
    )


# Whatever it was paid with, and whatever the program says of points: what counted goes on counting.
_POLICY = EarningPolicy(earn_on_part_paid_with_points=True)


def ground_of(receipt: Receipt, earner: Earner) -> Ground:
    """Return the products that were bought, which are what challenges see."""
    basket = Basket(receipt, earner, _POLICY)
    return Ground(basket.goods, basket.discounts, basket)


def _rule(conditions: Iterable[Condition], version_key: Key) -> CompiledRule:
    """Let a rule do the matching; what it gives is not asked."""
    spec = RuleVersionSpec(
        trigger=PurchaseTrigger(type="purchase"),
        effect=FixedPoints(type="fixed_points", points=1),
        conditions=tuple(conditions),
    )
    return compile_rule(spec, key=version_key, version_key=version_key, name="", version=1)
