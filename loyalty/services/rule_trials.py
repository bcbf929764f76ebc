"""Tries a rule that is still being written on a purchase of something that it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import TypeVar

from core.days import local_day
from core.models import Organization, Store
from loyalty.earning.outcome import Outcome
from loyalty.earning.receipt import Line
from loyalty.earning.vocabulary.earner import (
    AttributeCondition,
    BirthdayCondition,
    GroupCondition,
    TierCondition,
)
from loyalty.earning.vocabulary.history import NthPurchaseCondition, VisitsCondition
from loyalty.earning.vocabulary.lines import (
    BrandCondition,
    CategoryCondition,
    ListCondition,
    Match,
    SkuCondition,
)
from loyalty.earning.vocabulary.payment import PaymentMethodCondition
from loyalty.earning.vocabulary.place import ChannelCondition
from loyalty.earning.vocabulary.rule import RuleVersionSpec
from loyalty.earning.vocabulary.triggers import ActivityTrigger
from loyalty.models import Program
from loyalty.services.trying import CHANNEL, Basket, MadeUp, RuleOnTrial, try_basket
from members.birthdays import Birthday

MILL = Decimal("0.001")

PartT = TypeVar("PartT")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImaginedSale:
    """One article for an amount, at a moment in a store."""

    amount: Decimal
    at: datetime
    store: Store


def try_rule(
    *, organization: Organization, program: Program, rule: RuleOnTrial, sale: ImaginedSale
) -> Outcome | None:
    """Return what a purchase of something the rule is about would earn in the program.

    It is made by somebody the rule is for. The other rules of the program count as they stand;
    limits per member count from nothing. Of a rule that asks for no purchase nothing is said.
    """
    spec = rule.spec
    if isinstance(spec.trigger, ActivityTrigger):
        return None
    channel, paid = _first(spec, ChannelCondition), _first(spec, PaymentMethodCondition)
    basket = Basket(
        store=sale.store,
        at=sale.at,
        lines=list(_lines(spec, sale.amount)),
        channel=channel.channels[0] if channel else CHANNEL,
        paid_with=paid.methods[0] if paid else "",
    )
    earned = try_basket(
        organization=organization,
        program=program,
        basket=basket,
        who=_fitting(spec, organization, sale.at),
        with_rules=[rule],
    )
    return earned.outcome


def _fitting(spec: RuleVersionSpec, organization: Organization, at: datetime) -> MadeUp:
    """Think up somebody of whom all holds that the rule asks of people."""
    today = local_day(at, organization.zone)
    tier, number = _first(spec, TierCondition), _first(spec, NthPurchaseCondition)
    visits, birthday = _first(spec, VisitsCondition), _first(spec, BirthdayCondition)
    parts = spec.conditions
    return MadeUp(
        tier=tier.tiers[0] if tier else "",
        groups=frozenset(
            group for part in parts if isinstance(part, GroupCondition) for group in part.groups
        ),
        birthday=Birthday(today.month, today.day) if birthday else None,
        purchases_before=number.number - 1 if number else 0,
        days_before=visits.at_least - 1 if visits else 0,
        attributes={
            part.name: part.values[0] for part in parts if isinstance(part, AttributeCondition)
        },
    )


def _lines(spec: RuleVersionSpec, amount: Decimal) -> Iterable[Line]:
    """Buy one article that the rule is about, or one of each when it asks for all."""
    listed = [part for part in spec.conditions if isinstance(part, ListCondition)]
    together = next((part for part in listed if part.match == Match.ALL), None)
    count = len(together.listed()) if together else 1
    piece = (amount / count).quantize(MILL, ROUND_DOWN)
    for index in range(count):
        yield _line(spec, index, piece if index else amount - piece * (count - 1))


def _line(spec: RuleVersionSpec, index: int, amount: Decimal) -> Line:
    category, brand, sku = (
        _named(_first(spec, kind), index)
        for kind in (CategoryCondition, BrandCondition, SkuCondition)
    )
    return Line(
        number=index + 1,
        quantity=Decimal(1),
        amount=amount,
        category=(category,) if isinstance(category, str) else tuple(category or ()),
        brand=str(brand) if brand else None,
        sku=str(sku) if sku else None,
    )


def _named(part: ListCondition | None, index: int) -> str | tuple[str, ...] | None:
    if part is None or part.match == Match.NONE:
        return None
    names = part.listed()
    return names[index % len(names)] if part.match == Match.ALL else names[0]


def _first(spec: RuleVersionSpec, kind: type[PartT]) -> PartT | None:
    return next((part for part in spec.conditions if isinstance(part, kind)), None)
