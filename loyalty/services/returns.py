"""Takes goods back: money and points of exactly the lines that return, once per return number."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from core.actors import Actor
from core.canonical import canonical, canonical_json
from core.currencies import decimals_of
from core.errors import Refusal
from core.locking import lock_all, lock_one
from core.models import OutboxEvent
from core.outbox import event, tell
from loyalty.earning.returns import (
    GivenAward,
    ReturnPlan,
    SoldLine,
    return_amount,
    return_lines,
)
from loyalty.errors import DuplicateReceipt, ReceiptConflict
from loyalty.models import (
    Award,
    AwardReversal,
    Batch,
    Purchase,
    PurchaseLine,
    Return,
    ReturnLine,
    RuleBudget,
)
from loyalty.services.ledger import Cause, open_book, take_back
from loyalty.signals import purchase_returned


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnWish:
    """What comes back, by lines or by an amount, of the sale that is named."""

    source: str
    external_id: str
    sale_source: str
    sale_external_id: str
    occurred_at: datetime
    request_key: str
    quantities: dict[int, Decimal] = field(default_factory=dict)
    amount: Decimal | None = None

    @property
    def contents(self) -> dict[str, Any]:
        """Return what is wished as plain JSON, to be kept until the sale is known."""
        return {
            "quantities": {str(line): format(q, "f") for line, q in self.quantities.items()},
            "amount": None if self.amount is None else format(self.amount, "f"),
        }

    @property
    def digest(self) -> str:
        """Fingerprint the contents, so that a repeated return is told apart from another."""
        wish = canonical([self.sale_source, self.sale_external_id, self.contents])
        return hashlib.sha256(canonical_json(wish).encode()).hexdigest()


@dataclass(slots=True)
class Returned:
    """A return that is on record, and what it changed."""

    row: Return
    plan: ReturnPlan | None = None
    points: int = 0
    debt: int = 0
    shortfall: int = 0


@transaction.atomic
def record_return(*, organization_id: int, wish: ReturnWish, actor: Actor) -> Returned:
    """Take back what is named, or park the return until its sale is known.

    Raises ``OverReturn`` and its kin when more comes back than was sold.
    """
    sale = _sale(organization_id, wish.sale_source, wish.sale_external_id)
    if sale is not None:
        lock_one(Purchase, sale.pk)
    row = _claim(organization_id, wish, actor)
    if sale is None:
        return Returned(row)
    done = apply_return(row=row, purchase_id=sale.pk, wish=wish, actor=actor)
    purchase_returned.send(sender=Return, done=done)
    return done


@transaction.atomic
def apply_return(
    *, row: Return, purchase_id: int, wish: ReturnWish, actor: Actor, batch: Batch | None = None
) -> Returned:
    """Carry out a return whose purchase is known; the purchase is locked first."""
    purchase = lock_one(Purchase, purchase_id, "organization")
    lines = list(PurchaseLine.objects.filter(purchase=purchase).order_by("number"))
    awards = list(_reversible(purchase))
    plan = _plan(wish, lines, awards, decimals=decimals_of(purchase.organization.currency))
    done = Returned(row, plan)
    _take_goods(row, purchase, lines, plan)
    _take_points(done, awards, wish, actor, batch)
    row.status, row.purchase, row.member_id = Return.Status.DONE, purchase, purchase.member_id
    row.store_id, row.amount = purchase.store_id, plan.amount
    row.points_reversed, row.debt = done.points, done.debt
    row.save()
    if batch is None:
        tell([_event_of(done)])
    return done


def settle_parked(purchases: Sequence[Purchase], *, actor: Actor) -> None:
    """Carry out the returns that arrived before these purchases did."""
    if not purchases:
        return
    by_number = {(purchase.source, purchase.external_id): purchase for purchase in purchases}
    parked = Return.objects.filter(
        organization_id=purchases[0].organization_id,
        status=Return.Status.PARKED,
        sale_source__in={source for source, _number in by_number},
        sale_external_id__in={number for _source, number in by_number},
    )
    for row in parked.order_by("pk"):
        purchase = by_number.get((row.sale_source, row.sale_external_id))
        if purchase is not None:
            settle(row=row, purchase_id=purchase.pk, actor=actor)


@transaction.atomic
def settle(*, row: Return, purchase_id: int, actor: Actor) -> None:
    """Carry out one parked return, or keep the reason why it cannot be."""
    lock_one(Purchase, purchase_id)
    if not Return.objects.filter(pk=row.pk, status=Return.Status.PARKED).exists():
        return
    try:
        done = apply_return(row=row, purchase_id=purchase_id, wish=_wish_of(row), actor=actor)
    except Refusal as refusal:
        row.status, row.problem = Return.Status.UNMATCHED, refusal.code
        row.save(update_fields=["status", "problem"])
    else:
        purchase_returned.send(sender=Return, done=done)


def _reversible(purchase: Purchase) -> QuerySet[Award]:
    awards = Award.objects.filter(purchase=purchase, awarded__gt=F("reversed"))
    return awards.select_related("rule_version").prefetch_related("reversals").order_by("pk")


def _sale(organization_id: int, source: str, external_id: str) -> Purchase | None:
    return Purchase.objects.filter(
        organization_id=organization_id, source=source, external_id=external_id
    ).first()


def _claim(organization_id: int, wish: ReturnWish, actor: Actor) -> Return:
    row = Return(
        organization_id=organization_id,
        source=wish.source,
        external_id=wish.external_id,
        status=Return.Status.PARKED,
        sale_source=wish.sale_source,
        sale_external_id=wish.sale_external_id,
        wish=wish.contents,
        content_digest=wish.digest,
        request_key=wish.request_key,
        actor=actor.name,
        occurred_at=wish.occurred_at,
    )
    Return.objects.bulk_create([row], ignore_conflicts=True)
    kept = Return.objects.get(
        organization_id=organization_id, source=wish.source, external_id=wish.external_id
    )
    if kept.public_id != row.public_id:
        kind = DuplicateReceipt if kept.content_digest == wish.digest else ReceiptConflict
        raise kind(**{"return": str(kept.public_id)})
    return kept


def _plan(
    wish: ReturnWish, lines: Sequence[PurchaseLine], awards: Sequence[Award], *, decimals: int
) -> ReturnPlan:
    sold = [
        SoldLine(
            number=line.number,
            quantity=line.quantity,
            amount=line.amount,
            returned_quantity=line.returned_quantity,
            returned_amount=line.returned_amount,
        )
        for line in lines
    ]
    given = [
        GivenAward(key=award.pk, shares=_by_line(award.lines), reversed=_reversed(award))
        for award in awards
    ]
    if wish.amount is not None:
        return return_amount(sold, given, wish.amount, decimals=decimals)
    return return_lines(sold, given, wish.quantities, decimals=decimals)


def _by_line(lines: Sequence[tuple[int, int]]) -> dict[int, int]:
    return dict(lines)


def _reversed(award: Award) -> dict[int, int]:
    taken: dict[int, int] = defaultdict(int)
    for reversal in award.reversals.all():
        for number, points in reversal.lines:
            taken[number] += points
    return taken


def _take_goods(
    row: Return, purchase: Purchase, lines: Sequence[PurchaseLine], plan: ReturnPlan
) -> None:
    by_number = {line.number: line for line in lines}
    for part in plan.lines:
        line = by_number[part.number]
        line.returned_quantity += part.quantity
        line.returned_amount += part.amount
    PurchaseLine.objects.bulk_update(
        [by_number[part.number] for part in plan.lines], ["returned_quantity", "returned_amount"]
    )
    ReturnLine.objects.bulk_create(
        ReturnLine(
            parent=row,
            purchase_line=by_number[part.number],
            sku=by_number[part.number].sku,
            quantity=part.quantity,
            amount=part.amount,
        )
        for part in plan.lines
    )
    purchase.returned += plan.amount
    purchase.save(update_fields=["returned"])


def _take_points(
    done: Returned,
    awards: Sequence[Award],
    wish: ReturnWish,
    actor: Actor,
    batch: Batch | None,
) -> None:
    assert done.plan is not None, "points are taken back by plan"
    taken = _taken_per_award(done.plan)
    losing = [award for award in awards if award.pk in taken]
    if not losing:
        return
    earned_by = [award.entry_id for award in losing if award.entry_id]
    with open_book(
        {award.account_id for award in losing}, actor=actor, batch=batch, touched_by=earned_by
    ) as book:
        for account_id, account in book.accounts.items():
            own = [award for award in losing if award.account_id == account_id]
            back = take_back(
                book,
                account_id,
                sum(points for award in own for _line, points in taken[award.pk]),
                Cause("return", done.row.pk, f"{wish.request_key}:return:1", wish.occurred_at),
                earned_by=frozenset(award.entry_id for award in own if award.entry_id),
                debt_allowed=account.program.terms.debt == "negative",
            )
            done.points += back.points
            done.debt += back.debt
            done.shortfall += back.shortfall
        _free_budgets(losing, taken)
    _store_reversals(done.row, losing, taken)


def _taken_per_award(plan: ReturnPlan) -> dict[int, list[tuple[int, int]]]:
    taken: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for reversal in plan.reversals:
        taken[int(reversal.award)].append((reversal.number, reversal.points))
    return taken


def _store_reversals(
    row: Return, losing: Sequence[Award], taken: dict[int, list[tuple[int, int]]]
) -> None:
    for award in losing:
        award.reversed += sum(points for _line, points in taken[award.pk])
    Award.objects.bulk_update(losing, ["reversed"])
    AwardReversal.objects.bulk_create(
        AwardReversal(
            parent=row,
            award=award,
            points=sum(points for _line, points in taken[award.pk]),
            lines=[list(part) for part in taken[award.pk]],
        )
        for award in losing
    )


def _free_budgets(losing: Sequence[Award], taken: dict[int, list[tuple[int, int]]]) -> None:
    """Give back to a rule's budget what came back of its points."""
    freed: dict[int, int] = defaultdict(int)
    for award in losing:
        freed[award.rule_version.rule_id] += sum(points for _line, points in taken[award.pk])
    budgets = RuleBudget.objects.filter(rule_id__in=freed).values_list("pk", flat=True)
    for budget in lock_all(RuleBudget, budgets).values():
        budget.used -= freed[budget.rule_id]
        budget.save(update_fields=["used"])


def _wish_of(row: Return) -> ReturnWish:
    quantities = {int(line): Decimal(q) for line, q in row.wish["quantities"].items()}
    amount = row.wish["amount"]
    return ReturnWish(
        source=row.source,
        external_id=row.external_id,
        sale_source=row.sale_source,
        sale_external_id=row.sale_external_id,
        occurred_at=row.occurred_at,
        request_key=row.request_key,
        quantities=quantities,
        amount=None if amount is None else Decimal(amount),
    )


def _event_of(done: Returned) -> OutboxEvent:
    return event(
        "purchase.returned",
        done.row,
        organization_id=done.row.organization_id,
        payload={
            "return": str(done.row.public_id),
            "amount": format(done.row.amount, "f"),
            "points_reversed": done.points,
        },
    )
