"""Where discounts come from, made ready to be asked, and what is known of who buys."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from loyalty.earning.basket import Basket, Ground
from loyalty.earning.compiled import CompiledConditions, compile_conditions
from loyalty.earning.exact import ZERO
from loyalty.earning.reasons import Reason
from loyalty.earning.receipt import Earner, EarningPolicy, LineKind
from rewards.discounts.effects import Effect, FreeShipping, PercentOff, Scale
from rewards.discounts.spec import Audience

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from loyalty.earning.receipt import Line, Receipt
    from loyalty.tiers.spec import Tier
    from rewards.discounts.spans import Span
    from rewards.discounts.spec import BenefitSpec

PRODUCTS = frozenset([LineKind.PRODUCT])
UNCONDITIONAL = compile_conditions(())


class SourceKind(StrEnum):
    """Who gives a discount; of two alike the earlier one gives it, and a voucher is kept."""

    BENEFIT = "benefit"
    TIER = "tier"
    VOUCHER = "voucher"


RANK = {kind: number for number, kind in enumerate(SourceKind)}


class Id(NamedTuple):
    """What a discount comes from: a benefit or voucher by its id, a tier by its code."""

    kind: SourceKind
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One source of discounts, whether it will take anything off or not."""

    id: Id
    name: str
    effect: Effect
    conditions: CompiledConditions = UNCONDITIONAL
    kinds: frozenset[LineKind] = PRODUCTS
    audience: Audience = Audience.MEMBERS
    is_combinable: bool = False
    priority: int = 0

    @property
    def order(self) -> tuple[int, int, str]:
        """Return what sources are sorted by: priority, then who gives, then their ids."""
        return -self.priority, RANK[self.id.kind], self.id.key

    @property
    def is_voucher(self) -> bool:
        """Say whether it is used up."""
        return self.id.kind is SourceKind.VOUCHER


@dataclass(frozen=True, slots=True, kw_only=True)
class Shopper:
    """Who buys: a member, somebody with a bearer card, or neither; ``spent`` is by window."""

    is_member: bool = False
    shows_bearer_card: bool = False
    earner: Earner = field(default_factory=Earner)
    spent: Mapping[Span, Decimal] = field(default_factory=dict)


def of_benefit(key: str, name: str, spec: BenefitSpec) -> Source:
    """Return a benefit as a source; keep the result for as long as its version lives."""
    return Source(
        id=Id(SourceKind.BENEFIT, key),
        name=name,
        effect=spec.effect,
        conditions=compile_conditions(spec.conditions),
        kinds=frozenset(spec.kinds),
        audience=spec.audience,
        is_combinable=spec.is_combinable,
        priority=spec.priority,
    )


def of_tier(tier: Tier) -> list[Source]:
    """Return what a tier takes off by itself."""
    sources = []
    if tier.benefits.percent_off is not None:
        effect = PercentOff(type="percent_off", percent=tier.benefits.percent_off)
        sources.append(Source(id=Id(SourceKind.TIER, tier.code), name=tier.name, effect=effect))
    if tier.benefits.free_shipping:
        id_ = Id(SourceKind.TIER, f"{tier.code}:shipping")
        shipping = FreeShipping(type="free_shipping")
        sources.append(Source(id=id_, name=tier.name, effect=shipping))
    return sources


@dataclass(frozen=True, slots=True)
class Lands:
    """A source whose conditions hold, with the lines it can take something off."""

    source: Source
    lines: tuple[Line, ...]
    percent: Decimal | None = None
    spent: Decimal = ZERO

    @property
    def numbers(self) -> frozenset[int]:
        """Return the numbers of the lines."""
        return frozenset(line.number for line in self.lines)


def judge(source: Source, receipt: Receipt, shopper: Shopper) -> Lands | tuple[Reason, ...]:
    """Return where a source can take something off, or every reason why it cannot."""
    refused = _not_for(source, shopper)
    if refused is not None:
        return (refused,)
    ground = _ground(source, receipt, shopper)
    if isinstance(ground, tuple):
        return tuple(map(_in_money, ground))
    scale = source.effect if isinstance(source.effect, Scale) else None
    spent = shopper.spent.get(scale.window, ZERO) if scale else ZERO
    percent = source.effect.percent_at(spent)
    if scale and percent is None:
        return (_scale_not_reached(scale, spent),)
    lines = tuple(
        line
        for line in source.effect.lands_on(_lines_of(ground), receipt.lines)
        if line.amount > ZERO and line.quantity > ZERO
    )
    if not lines:
        return (Reason("no_line_to_discount", {}),)
    return Lands(source, lines, percent, spent)


def _lines_of(ground: Ground) -> list[Line]:
    return [line.line for line in ground.lines]


def _not_for(source: Source, shopper: Shopper) -> Reason | None:
    if source.audience is Audience.BEARER_CARD and not shopper.shows_bearer_card:
        return Reason("bearer_card_needed", {})
    if source.audience is Audience.MEMBERS and not shopper.is_member:
        return Reason("members_only", {})
    return None


def _ground(source: Source, receipt: Receipt, shopper: Shopper) -> Ground | tuple[Reason, ...]:
    basket = Basket(receipt, shopper.earner, _Discounted(kinds=source.kinds))
    whole = Ground(basket.goods, basket.discounts, basket)
    if (
        isinstance(source.effect, FreeShipping)
        and not source.conditions.on_lines
        and not whole.lines
    ):
        return whole
    return source.conditions.ground_in(whole)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Discounted(EarningPolicy):
    """Which lines conditions are about: those of the kinds that the source names."""

    kinds: frozenset[LineKind] = PRODUCTS

    def lets_earn(self, line: Line) -> bool:
        """Say whether a line can be discounted."""
        return bool(line.amount) and line.quantity > ZERO and line.kind in self.kinds


def _scale_not_reached(scale: Scale, spent: Decimal) -> Reason:
    first = scale.steps[0].spent
    values = {"spent": spent, "from": first, "missing": first - spent}
    return Reason("scale_not_reached", values)


def _in_money(reason: Reason) -> Reason:
    """Say of discounts what the vocabulary says of points."""
    return Reason("no_line_to_discount", {}) if reason.code == "nothing_earns" else reason
