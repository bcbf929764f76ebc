"""Settles purchases: points that wait for it can be spent from then on, once and in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Min, Sum
from django.utils import timezone

from core import audit
from core.actors import Actor
from core.errors import Refusal
from core.locking import lock_one
from core.models import OutboxEvent
from core.outbox import event, tell
from loyalty.balances import Expiring
from loyalty.errors import AlreadySettled, NothingWaits, SettledTooLate
from loyalty.lots import has_ended
from loyalty.models import Purchase
from loyalty.program_document import moment
from loyalty.queries import lots_given_by
from loyalty.services.ledger import open_book, settle


@dataclass(frozen=True, slots=True)
class Settled:
    """A purchase that is settled now, and how many points that let its member spend."""

    purchase: Purchase
    points: int


@transaction.atomic
def settle_purchase(*, purchase_id: int, actor: Actor) -> Settled:
    """Let the points that wait for a purchase be spent from now on, in whatever accounts they are.

    It happens once: whoever comes second is refused. Raises ``AlreadySettled``, ``NothingWaits``
    or ``SettledTooLate``.
    """
    purchase = lock_one(Purchase, purchase_id)
    if purchase.settled_at is not None:
        raise AlreadySettled(settled_at=moment(purchase.settled_at))
    given = lots_given_by(purchase)
    with open_book(set(given.values_list("account_id", flat=True)), actor=actor) as book:
        points = settle(book, set(given.values_list("pk", flat=True)))
        if not points:
            raise _nothing_settled(purchase, book.now)
    purchase.settled_at = book.now
    purchase.save(update_fields=["settled_at"])
    audit.record("settled", purchase, organization_id=purchase.organization_id, actor=actor)
    settled = Settled(purchase, points)
    tell([_event_of(settled)])
    return settled


def waiting_on(purchase: Purchase, *, now: datetime | None = None) -> Expiring | None:
    """Return the points that wait for a purchase to be settled, and when the first ones lapse."""
    if purchase.settled_at is not None:
        return None
    waiting = lots_given_by(purchase).filter(
        awaits_event=True, remaining__gt=0, expires_at__gt=now or timezone.now()
    )
    found = waiting.aggregate(points=Sum("remaining"), at=Min("expires_at"))
    return Expiring(**found) if found["points"] else None


def _nothing_settled(purchase: Purchase, now: datetime) -> Refusal:
    lapsed = [
        lot.expires_at
        for lot in lots_given_by(purchase).filter(awaits_event=True)
        if lot.expires_at is not None and has_ended(lot, now)
    ]
    return SettledTooLate(deadline=moment(max(lapsed))) if lapsed else NothingWaits()


def _event_of(settled: Settled) -> OutboxEvent:
    purchase = settled.purchase
    return event(
        "purchase.settled",
        purchase,
        organization_id=purchase.organization_id,
        payload={
            "purchase": str(purchase.public_id),
            "source": purchase.source,
            "external_id": purchase.external_id,
            "points": settled.points,
        },
    )
