"""Tries a rule that is still being written on an imagined purchase; nothing is recorded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from core.models import Organization
from loyalty.earning.compiled import compile_rule
from loyalty.earning.engine import evaluate
from loyalty.earning.outcome import Outcome
from loyalty.earning.receipt import Earner, Line, Receipt
from loyalty.earning.vocabulary.lines import (
    BrandCondition,
    CategoryCondition,
    ListCondition,
    Match,
    SkuCondition,
)
from loyalty.earning.vocabulary.place import ChannelCondition
from loyalty.earning.vocabulary.rule import RuleVersionSpec
from loyalty.models import Program
from loyalty.services.rulebook import rulebooks

CHANNEL = "store"
MILL = Decimal("0.001")
TRIED = -1  # the version that is on trial has no number yet

PartT = TypeVar("PartT")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImaginedSale:
    """One article for an amount, at a moment by the clock of a store."""

    amount: Decimal
    at: datetime
    store_code: str
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOnTrial:
    """A rule as its author has it now; ``rule_id`` is 0 while there is none."""

    name: str
    spec: RuleVersionSpec
    rule_id: int = 0


def try_rule(
    *, organization: Organization, program: Program, rule: RuleOnTrial, sale: ImaginedSale
) -> Outcome:
    """Return what a purchase of something the rule is about would earn in the program.

    The other rules of the program count as they stand; limits per member count from nothing.
    """
    [book] = rulebooks(Program.objects.filter(pk=program.pk, organization=organization))
    others = [one for one in book.at(sale.at) if one.key != rule.rule_id]
    tried = compile_rule(rule.spec, key=rule.rule_id, version_key=TRIED, name=rule.name, version=0)
    return evaluate(_receipt(rule.spec, sale), Earner(), [*others, tried], book.policy)


def _receipt(spec: RuleVersionSpec, sale: ImaginedSale) -> Receipt:
    channel = _first(spec, ChannelCondition)
    return Receipt(
        occurred_at=sale.at,
        local=sale.at.astimezone(sale.zone),
        store=sale.store_code,
        channel=channel.channels[0] if channel else CHANNEL,
        lines=tuple(_lines(spec, sale.amount)),
        total=sale.amount,
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
