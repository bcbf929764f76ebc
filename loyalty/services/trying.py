"""Tries a basket on the rules of a program, drafts included, for a member or somebody thought up.

The points are counted as they would be for a purchase, and nothing is recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from core.days import local_day
from core.models import Organization, Store
from loyalty.earning.compiled import compile_rule
from loyalty.earning.receipt import Earner, Line
from loyalty.earning.vocabulary.parse import parse_rule
from loyalty.earning.vocabulary.rule import RuleVersionSpec
from loyalty.models import Product, Program, Rule, RuleVersion
from loyalty.receipts import Paid, ReceiptDraft
from loyalty.rule_history import ALWAYS, counting
from loyalty.services.purchases import preview_in
from loyalty.services.recorded import Earned
from loyalty.services.rulebook import LADDER, DatedRule, ProgramRules, Versions, rulebooks
from loyalty.services.standing import ladder_of
from loyalty.tiers.spec import Tier
from members.attributes import Attribute
from members.birthdays import Birthday
from members.models import Member

CHANNEL = "store"
TRIED = -1  # a version that is on trial has no number yet


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOnTrial:
    """A rule as its author has it now; ``rule_id`` is 0 while there is none."""

    name: str
    spec: RuleVersionSpec
    rule_id: int = 0
    public_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeUp:
    """Somebody who is only thought up, as far as rules may ask about them."""

    tier: str = ""
    groups: frozenset[str] = frozenset()
    birthday: Birthday | None = None
    purchases_before: int = 0
    days_before: int = 0  # so many days in a row until yesterday on which they came
    attributes: Mapping[str, Attribute] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """What is bought where and when, also at a time to come, and by what it is paid."""

    store: Store
    at: datetime
    lines: Sequence[Line]
    channel: str = CHANNEL
    paid_with: str = ""


def try_basket(
    *,
    organization: Organization,
    program: Program,
    basket: Basket,
    who: Member | MadeUp,
    with_rules: Sequence[RuleOnTrial] = (),
) -> Earned:
    """Return what a basket would earn if these rules were switched on as well.

    The other rules count as they will at that time; a rule on trial stands for its own version.
    """
    [book] = rulebooks(Program.objects.filter(pk=program.pk, organization=organization))
    book = with_trials(book, with_rules)
    earner = _earner(book, who, basket.at) if isinstance(who, MadeUp) else None
    draft = _draft(basket, None if isinstance(who, MadeUp) else who.pk)
    [earned] = preview_in([book], draft, earner=earner)
    return earned


def rules_at_rest(
    rules: Iterable[Rule], versions: Mapping[int, Sequence[RuleVersion]]
) -> list[RuleOnTrial]:
    """Return what drafts and paused rules would say if they were switched on."""
    return [
        RuleOnTrial(
            name=rule.name,
            spec=parse_rule(counting(versions[rule.pk])[-1].spec),
            rule_id=rule.pk,
            public_id=str(rule.public_id),
        )
        for rule in rules
        if rule.status in (Rule.Status.DRAFT, Rule.Status.PAUSED)
    ]


def described(organization: Organization, lines: Sequence[Line]) -> list[Line]:
    """Return the lines with what is known of the products they name, where nothing else is said."""
    wanted = {line.sku for line in lines if line.sku}
    known = {
        product.sku: product
        for product in Product.objects.filter(organization=organization, sku__in=wanted)
    }
    return [_described(line, known.get(line.sku or "")) for line in lines]


def _described(line: Line, product: Product | None) -> Line:
    if product is None:
        return line
    return line._replace(
        name=product.name or line.name,
        brand=line.brand or product.brand or None,
        category=line.category or tuple(product.category),
    )


def with_trials(book: ProgramRules, tried: Iterable[RuleOnTrial]) -> ProgramRules:
    """Return the rules of a program with these in it, as if they had always counted."""
    versions, public_ids = Versions(book.versions), dict(book.public_ids)
    for one in tried:
        compiled = compile_rule(
            one.spec, key=one.rule_id, version_key=TRIED, name=one.name, version=0
        )
        versions[one.rule_id] = [DatedRule(ALWAYS, compiled)]
        public_ids[one.rule_id] = one.public_id
    return replace(book, versions=versions, public_ids=public_ids)


def _tiers(book: ProgramRules, at: datetime) -> list[Tier]:
    ladders = book.parts_at(LADDER, at)
    return list(ladder_of(ladders[0].version_key).tiers) if ladders else []


def _earner(book: ProgramRules, who: MadeUp, at: datetime) -> Earner:
    codes = [tier.code for tier in _tiers(book, at)]
    reached = codes[: codes.index(who.tier) + 1] if who.tier in codes else [who.tier]
    today = local_day(at, book.zone)
    return Earner(
        tier=who.tier,
        tiers=frozenset(reached) - {""},
        groups=who.groups,
        today=today,
        birthday=who.birthday,
        attributes=who.attributes,
        purchases_before=who.purchases_before,
        days_before=frozenset(today - timedelta(days=n + 1) for n in range(who.days_before)),
    )


def _draft(basket: Basket, member_id: int | None) -> ReceiptDraft:
    total = sum((line.amount for line in basket.lines), Decimal(0))
    local = basket.at.astimezone(basket.store.zone)
    paid = (Paid(method=basket.paid_with, amount=total),) if basket.paid_with and total else ()
    return ReceiptDraft(
        source="",
        external_id="",
        request_key="",
        store_id=basket.store.pk,
        store_code=basket.store.code,
        member_id=member_id,
        channel=basket.channel,
        occurred_at=basket.at,
        local=local,
        business_date=local.date(),
        lines=tuple(basket.lines),
        total=total,
        payments=paid,
    )
