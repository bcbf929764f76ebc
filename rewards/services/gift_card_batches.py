"""Blank cards for a printer: made in the background, some at a time, their codes given out once."""

from __future__ import annotations

import csv
from io import StringIO

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from core import audit
from core.actors import Actor
from core.locking import lock_one, unlocked
from core.models import Organization
from core.nudges import nudge
from rewards.gift_card_codes import ending, grouped, make
from rewards.gift_card_errors import BatchDownloaded, BatchNotReady
from rewards.models import GiftCard, GiftCardBatch
from rewards.services.gift_card_finding import pin_digest
from rewards.services.gift_card_terms import terms_of

MAKE = "rewards.make_gift_cards"
CHUNK = 500
CHUNKS_MAX = 40
SIZE_MAX = 50_000
PIN_DIGITS = 6


@transaction.atomic
def order_batch(*, organization_id: int, name: str, size: int, actor: Actor) -> GiftCardBatch:
    """Ask for blank cards, with PINs where cards have them; a worker makes them."""
    organization = Organization.objects.get(pk=organization_id)
    batch = GiftCardBatch.objects.create(
        organization=organization,
        name=name,
        size=size,
        has_pins=terms_of(organization).asks_pin,
        created_by=actor.name,
    )
    audit.record("ordered", batch, organization_id=organization_id, actor=actor)
    nudge(MAKE)
    return batch


def make_due_cards(*, chunk: int = CHUNK, chunks_max: int = CHUNKS_MAX) -> int:
    """Make some of the cards that are wanted, and return how many; the next round goes on."""
    made = 0
    for _round in range(chunks_max):
        now_made = _make_some(chunk)
        made += now_made
        if not now_made:
            break
    return made


@transaction.atomic
def give_out_codes(*, batch_id: int, actor: Actor) -> str:
    """Return the codes of a batch, and their PINs, as CSV for the printer, once.

    Raises ``BatchNotReady`` or ``BatchDownloaded``.
    """
    known = GiftCardBatch.objects.get(pk=batch_id)
    lock_one(Organization, known.organization_id)
    batch = GiftCardBatch.objects.get(pk=batch_id)
    if not batch.is_ready:
        raise BatchNotReady
    if batch.downloaded_at is not None:
        raise BatchDownloaded
    batch.downloaded_at, batch.downloaded_by = timezone.now(), actor.name
    batch.save(update_fields=["downloaded_at", "downloaded_by"])
    audit.record("downloaded", batch, organization_id=batch.organization_id, actor=actor)
    return _as_csv(batch)


def pin_of(card: GiftCard) -> str:
    """Return the PIN that a printed card was made with; nobody without our secret can."""
    said = salted_hmac("rewards.gift_card.printed_pin", card.code, algorithm="sha256").digest()
    return f"{int.from_bytes(said[:8]) % 10**PIN_DIGITS:0{PIN_DIGITS}}"


@transaction.atomic
def _make_some(chunk: int) -> int:
    """Make one chunk of the oldest batch that nobody else is making; return how many."""
    unmade = GiftCardBatch.objects.filter(made__lt=F("size")).order_by("pk")
    batch = unlocked(unmade).first()
    if batch is None:
        return 0
    count = min(chunk, batch.size - batch.made)
    GiftCard.objects.bulk_create([_blank(batch) for _ in range(count)])
    batch.made += count
    batch.save(update_fields=["made"])
    return count


def _blank(batch: GiftCardBatch) -> GiftCard:
    code = make()
    card = GiftCard(
        organization=batch.organization,
        code=code,
        ending=ending(code),
        currency=batch.organization.currency,
        batch=batch,
    )
    if batch.has_pins:
        card.pin_digest = pin_digest(card, pin_of(card))
    return card


def _as_csv(batch: GiftCardBatch) -> str:
    written = StringIO()
    rows = csv.writer(written)
    rows.writerow(["code", "scan", *(["pin"] if batch.has_pins else [])])
    for card in batch.cards.order_by("pk"):
        pin = [pin_of(card)] if batch.has_pins else []
        rows.writerow([grouped(card.code), card.code, *pin])
    return written.getvalue()
