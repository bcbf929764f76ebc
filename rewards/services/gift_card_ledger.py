"""The ledger of gift cards: the only module that writes their entries and balances."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum
from django.utils import timezone

from core.outbox import event, tell
from loyalty.earning.exact import ZERO
from rewards.models import GiftCard, GiftCardEntry

Kind = GiftCardEntry.Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """Who moves money on a card, under which key, and what for.

    ``reference`` is the purchase as its source knows it; see ``reference_of``. History that is
    brought in ``is_silent``: nobody is told of it.
    """

    actor: str
    request_key: str
    now: datetime = field(default_factory=timezone.now)
    purchase_id: int | None = None
    line: int | None = None
    came_back_id: int | None = None
    reference: str = ""
    reason: str = ""
    is_silent: bool = False


def book(card: GiftCard, kind: Kind, amount: Decimal, booking: Booking) -> GiftCardEntry:
    """Move money on a card that is locked, and write down why.

    ``amount`` is signed. What is put on by hand counts as loaded, as what was bought does.
    """
    card.balance += amount
    card.entries_count += 1
    if kind in {Kind.LOAD, Kind.ADJUST} and amount > 0:
        card.loaded += amount
    card.save(update_fields=["balance", "loaded", "entries_count"])
    entry = GiftCardEntry.objects.create(
        card=card,
        sequence=card.entries_count,
        kind=kind,
        amount=amount,
        balance_after=card.balance,
        actor=booking.actor,
        request_key=booking.request_key,
        purchase_id=booking.purchase_id,
        line=booking.line,
        came_back_id=booking.came_back_id,
        reference=booking.reference,
        reason=booking.reason,
        created_at=booking.now,
    )
    if not booking.is_silent:
        _tell(entry)
    return entry


def is_booked(card: GiftCard, booking: Booking) -> bool:
    """Say whether the same was booked on this locked card before."""
    return GiftCardEntry.objects.filter(card=card, request_key=booking.request_key).exists()


def reference_of(source: str, external_id: str) -> str:
    """Return how entries name the purchase of this number from this source."""
    return f"{source}/{external_id}"


def was_charged(card: GiftCard, reference: str) -> bool:
    """Say whether a card ever paid for a purchase."""
    charges = GiftCardEntry.objects.filter(card=card, reference=reference, kind=Kind.CHARGE)
    return charges.exists()


def to_refund(card: GiftCard, reference: str) -> Decimal:
    """Return what was charged for a purchase and has not come back to the card."""
    moved = GiftCardEntry.objects.filter(
        card=card, reference=reference, kind__in=[Kind.CHARGE, Kind.REFUND]
    )
    total: Decimal | None = moved.aggregate(total=Sum("amount"))["total"]
    return -(total or ZERO)


def _tell(entry: GiftCardEntry) -> None:
    payload = {
        "gift_card": str(entry.card.public_id),
        "kind": entry.kind,
        "amount": format(entry.amount, "f"),
        "balance": format(entry.balance_after, "f"),
    }
    organization_id = entry.card.organization_id
    tell([event("gift_card.moved", entry, organization_id=organization_id, payload=payload)])
