"""What pages show of gift cards, finished."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from core.models import OutgoingMessage
from members.names import masked_name
from rewards.gift_card_answers import ON_RECEIPTS
from rewards.gift_card_codes import grouped, image, masked
from rewards.models import GiftCard, GiftCardBatch, GiftCardEntry
from rewards.services.gift_card_finding import has_ended
from rewards.services.gift_card_ledger import Kind
from rewards.services.gift_card_reading import actors_of, entries_of


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRow:
    """One card, known by the end of its code; ``code`` and ``qr`` are for who may spend it."""

    public_id: UUID
    ending: str
    balance: Decimal
    currency: str
    state: str
    label: str
    valid_until: datetime | None
    sold_at: datetime | None = None
    sold_in: str = ""
    holder: str = ""
    loaded: Decimal = Decimal(0)
    has_pin: bool = False
    batch: str = ""
    code: str = ""
    qr: str = ""
    email: str = ""
    mail: str = ""

    @property
    def is_usable(self) -> bool:
        """Say whether it can be spent."""
        return self.state == GiftCard.Status.ACTIVE


@dataclass(frozen=True, slots=True)
class MoveRow:
    """What happened to a card once, in words."""

    at: datetime
    title: str
    detail: str
    amount: Decimal
    balance: Decimal
    who: str


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch of printed cards, and how far it is."""

    public_id: UUID
    name: str
    made: int
    size: int
    sold: int
    share: int
    is_ready: bool
    downloaded_at: datetime | None


@dataclass(frozen=True, slots=True)
class OnReceipt:
    """What a receipt did to one card."""

    title: str
    amount: Decimal
    balance: Decimal
    currency: str
    code: str


def card_row(card: GiftCard, *, sees_names: bool = True, shows_code: bool = False) -> CardRow:
    """Return a card as a list or page shows it."""
    state = state_of(card, timezone.now())
    return CardRow(
        public_id=card.public_id,
        ending=masked(card.code),
        balance=card.balance,
        currency=card.currency,
        state=state,
        label=str(state.label),
        valid_until=card.valid_until,
        sold_at=card.sold_at,
        sold_in=str(card.sold_in or ""),
        holder=_holder(card, sees_names=sees_names),
        loaded=card.loaded,
        has_pin=card.pin_digest is not None,
        batch=str(card.batch or ""),
        code=grouped(card.code) if shows_code else "",
        qr=image(card.code) if shows_code else "",
        email=card.email if sees_names else "",
        mail=mail_state(card),
    )


def state_of(card: GiftCard, now: datetime) -> GiftCard.Status:
    """Return the state, also when no job has booked that it is over."""
    is_over = card.status == GiftCard.Status.ACTIVE and has_ended(card, now)
    return GiftCard.Status.EXPIRED if is_over else GiftCard.Status(card.status)


def mail_state(card: GiftCard) -> str:
    """Say what became of the mail with the card: sent, on its way, or given up."""
    message: OutgoingMessage | None = card.message
    if message is None:
        return ""
    if message.sent_at is not None:
        return "sent"
    return "waiting" if message.over_at is None else "failed"


def move_rows(card: GiftCard, entries: Sequence[GiftCardEntry] | None = None) -> list[MoveRow]:
    """Return what happened to a card, newest first."""
    shown = list(entries_of(card)) if entries is None else entries
    names = actors_of(card.organization, shown)
    return [_move(entry, names.get(entry.actor, "")) for entry in shown]


def batch_rows(batches: Iterable[GiftCardBatch]) -> list[BatchRow]:
    """Return batches as a list shows them."""
    return [
        BatchRow(
            public_id=one.public_id,
            name=one.name,
            made=one.made,
            size=one.size,
            sold=one.sold,  # type: ignore[attr-defined]  # the query counted them
            share=100 * one.made // one.size,
            is_ready=one.is_ready,
            downloaded_at=one.downloaded_at,
        )
        for one in batches
    ]


def on_receipt(entries: Iterable[GiftCardEntry]) -> list[OnReceipt]:
    """Return what a receipt, and what came back of it, did to cards."""
    said = {
        "sold": _("Gift card sold"),
        "paid": _("Paid with a gift card"),
        "put_back": _("Put back on the gift card"),
        "taken_back": _("Gift card taken back"),
    }
    return [
        OnReceipt(
            title=said[ON_RECEIPTS[GiftCardEntry.Kind(one.kind)]],
            amount=abs(one.amount),
            balance=one.card.balance,
            currency=one.card.currency,
            code=masked(one.card.code),
        )
        for one in entries
    ]


def _move(entry: GiftCardEntry, who: str) -> MoveRow:
    told = {
        Kind.LOAD: _("Loaded"),
        Kind.CHARGE: _("Paid with it"),
        Kind.REFUND: _("Put back"),
        Kind.EXPIRE: _("Expired: what was left is gone"),
        Kind.ADJUST: _("Corrected"),
    }
    detail = entry.reason
    if entry.purchase is not None and not detail:
        store = entry.purchase.store.name
        detail = _("Receipt %(number)s, %(store)s") % {
            "number": entry.purchase.external_id.rpartition("/")[2],
            "store": store,
        }
    return MoveRow(
        at=entry.created_at,
        title=told[Kind(entry.kind)],
        detail=detail,
        amount=entry.amount,
        balance=entry.balance_after,
        who=who,
    )


def _holder(card: GiftCard, *, sees_names: bool) -> str:
    if card.member is None:
        return ""
    name = card.member.name if sees_names else masked_name(card.member.name)
    return name or _("No name")
