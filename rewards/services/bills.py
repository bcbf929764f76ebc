"""What a receipt comes to and how it is paid: priced now, or as a quote has promised."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from core.actors import Actor
from core.models import Organization
from loyalty.earning.paying import InPoints
from loyalty.receipts import ReceiptDraft
from loyalty.services import purchases
from loyalty.services.accounts import lock_holders
from loyalty.services.spending import Payer
from members.models import Member
from rewards.answers import due_after
from rewards.services.baskets import NO_NUMBER, Number, Place, draft_of, place_of
from rewards.services.benefit_book import Book, benefit_book
from rewards.services.discounting import Buyer, Priced, buyer_of, discounted
from rewards.services.gift_payments import GiftCardsIn, with_gift_cards
from rewards.services.paying import payer_of, wishing, with_points
from rewards.services.promises import Promised, claim_quote, keep_promise, let_go, let_go_of_overdue
from rewards.services.using import refuse_unaffordable
from rewards.services.wishes import wishes_in


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants to buy, before anything is taken off: who, where, and paid how."""

    organization: Organization
    sent: Mapping[str, Any]
    buyer: Buyer
    book: Book
    place: Place
    draft: ReceiptDraft
    payer: Payer | None
    cards: GiftCardsIn | None = None

    @property
    def member(self) -> Member | None:
        """Return who buys, if that is known."""
        return self.buyer.member


@dataclass(frozen=True, slots=True)
class Bill:
    """A receipt with its discounts and what points pay of it; ``quote_id`` promised it."""

    asked: Asked
    priced: Priced
    draft: ReceiptDraft
    quote_id: int | None = None
    is_as_quoted: bool = True

    @property
    def member(self) -> Member | None:
        """Return who buys, if that is known."""
        return self.asked.member

    @property
    def paid(self) -> InPoints | None:
        """Return what points pay."""
        return in_points(self.draft)

    @property
    def due(self) -> Decimal:
        """Return what is left to pay."""
        return due_after(self.paid, self.draft.total, self.asked.organization.currency)


def in_points(draft: ReceiptDraft) -> InPoints | None:
    """Return what the member's points pay of a receipt."""
    paid = draft.paid_in_points
    return InPoints(paid.points, paid.amount) if paid else None


def asked_for(
    organization: Organization,
    sent: Mapping[str, Any],
    *,
    number: Number = NO_NUMBER,
    place: Place | None = None,
    actor: Actor | None = None,
) -> Asked:
    """Read what somebody wants to buy; refuse what cannot be a receipt, naming the field.

    Who records it for good is told as ``actor``: then the gift cards that it names are read too.
    A receipt on record is refused as such before a card that cannot be used.
    """
    cards: GiftCardsIn | None = None
    book = benefit_book(organization.pk)
    buyer = buyer_of(organization, sent, book)
    where = place or place_of(organization, sent)
    if actor is not None:
        sent, cards = with_gift_cards(
            organization, sent, actor=actor, member=buyer.member, place=place
        )
    draft = draft_of(organization, sent, place=where, member=buyer.member, number=number)
    payer = payer_of(organization, sent, draft, member=buyer.member)
    draft = wishing(replace(draft, wishes=wishes_in(sent)), payer, sent)
    if cards is not None and cards.refused is not None:
        purchases.refuse_known(organization_id=organization.pk, draft=draft)
        raise cards.refused
    return Asked(organization, sent, buyer, book, where, draft, payer, cards)


def bill_to_quote(asked: Asked) -> Bill:
    """Return what it comes to as things stand; nothing is used or set aside."""
    if asked.member and (asked.payer or asked.sent.get("rewards")):
        let_go_of_overdue(asked.member)
    bill = _priced_now(asked, is_quote=True)
    refuse_unaffordable(bill.priced, bill.draft, asked.member)
    return bill


def bill_to_record(asked: Asked) -> Bill:
    """Return what it comes to for good; what a quote has set aside for it is its own.

    A receipt that is on record is refused as such before all else.
    """
    quoted = asked.sent.get("quote")
    if asked.draft.wishes or asked.payer or quoted:
        purchases.refuse_known(organization_id=asked.organization.pk, draft=asked.draft)
    claimed = claim_quote(asked.organization, quoted) if quoted else None
    if asked.member and (asked.payer or asked.sent.get("rewards") or claimed):
        let_go_of_overdue(asked.member)
        lock_holders([asked.member.pk])  # what they have is asked before this receipt earns
    if claimed is None:
        return _new_bill(asked)
    if claimed.holds_for(asked.draft):
        promised = keep_promise(claimed.quote, asked.draft)
        return _as_promised(asked, promised, claimed.quote.pk)
    let_go(claimed.quote)
    bill = _new_bill(asked)
    return replace(bill, quote_id=claimed.quote.pk, is_as_quoted=bill.due == claimed.quote.due)


def _new_bill(asked: Asked) -> Bill:
    bill = _priced_now(asked, is_quote=False)
    refuse_unaffordable(bill.priced, bill.draft, asked.member)
    return bill


def _priced_now(asked: Asked, *, is_quote: bool) -> Bill:
    priced = discounted(
        asked.organization, asked.sent, asked.draft, buyer=asked.buyer, book=asked.book
    )
    return Bill(asked, priced, with_points(priced.draft, asked.payer, is_quote=is_quote))


def _as_promised(asked: Asked, promised: Promised, quote_id: int) -> Bill:
    return Bill(asked, promised.priced, promised.draft, quote_id)
