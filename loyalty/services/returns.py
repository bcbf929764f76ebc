"""Takes goods back: money and points of exactly the lines that return, once per return number."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from core.actors import Actor
from core.canonical import canonical, canonical_json
from core.currencies import decimals_of
from core.errors import Refusal
from core.locking import lock_one
from core.models import OutboxEvent
from core.outbox import event, tell
from loyalty.earning.returns import ReturnPlan, return_amount, return_lines
from loyalty.models import Batch, Purchase, Return
from loyalty.services.sold import Returned, Sold, Taking, read_sold
from loyalty.services.taking import claim_returns, take
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
    done = apply_return(row=row, purchase_id=sale.pk, wish=wish, actor=actor, deducts=True)
    purchase_returned.send(sender=Return, done=done)
    return done


@transaction.atomic
def apply_return(
    *,
    row: Return,
    purchase_id: int,
    wish: ReturnWish,
    actor: Actor,
    batch: Batch | None = None,
    deducts: bool = False,
) -> Returned:
    """Carry out a return whose purchase is known; the purchase is locked first.

    Only where it ``deducts`` is the refund still to be paid out, and can money be kept back.
    """
    purchase = lock_one(Purchase, purchase_id, "organization")
    sold = read_sold([purchase])[purchase.pk]
    sold.lines = {line.number: line for line in purchase.lines.all()}
    plan = _plan(wish, sold, decimals=decimals_of(purchase.organization.currency))
    sold.mark(plan)
    row.status, row.purchase, row.member_id = Return.Status.DONE, purchase, purchase.member_id
    row.store_id = purchase.store_id
    [done] = take([Taking(row, [(sold, plan)])], actor=actor, batch=batch, deducts=deducts)
    done.plan = plan
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
        with transaction.atomic():  # what an app above refuses is undone here too
            done = apply_return(row=row, purchase_id=purchase_id, wish=_wish_of(row), actor=actor)
            purchase_returned.send(sender=Return, done=done)
    except Refusal as refusal:
        refused = Return.objects.get(pk=row.pk)
        refused.status, refused.problem = Return.Status.UNMATCHED, refusal.code
        refused.save(update_fields=["status", "problem"])


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
    [refusal] = claim_returns([row])
    if refusal is not None:
        raise refusal
    return row


def _plan(wish: ReturnWish, sold: Sold, *, decimals: int) -> ReturnPlan:
    lines, given = sold.sold_lines(), sold.given()
    if wish.amount is not None:
        return return_amount(lines, given, wish.amount, decimals=decimals)
    return return_lines(lines, given, wish.quantities, decimals=decimals)


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
            "points_put_back": done.row.points_put_back,
        },
    )
