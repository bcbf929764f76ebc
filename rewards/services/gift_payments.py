"""Gift cards at the checkout: receipts that sell them, and receipts that they pay for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils import timezone

from core.actors import Actor
from core.models import Organization
from loyalty.earning.exact import ZERO
from loyalty.earning.receipt import LineKind
from loyalty.models import Payment, Purchase
from loyalty.services.recorded import Recorded
from members.models import Member
from rewards.gift_card_codes import check, clean
from rewards.gift_card_errors import (
    GiftCardLineInvalid,
    GiftCardMisplaced,
    GiftCardMistyped,
    GiftCardNotUsable,
    GiftCardPaysForGiftCard,
)
from rewards.models import GiftCard, GiftCardEntry
from rewards.services.baskets import Place
from rewards.services.gift_card_finding import Asker, find_card, find_unsold, without_pin
from rewards.services.gift_card_ledger import Booking, reference_of
from rewards.services.gift_cards import NewGiftCard, charge, load, sell
from rewards.services.gift_returns import give_back_what_came_before
from rewards.services.proofs import proof_of

METHOD = str(Payment.Method.GIFT_CARD)
KIND = str(LineKind.GIFT_CARD)

Sent = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class GiftCardsIn:
    """The gift cards that a receipt names: on its lines what it sells, among its payments who pays.

    ``place`` is the till at which the member stands, if they do. ``sold`` is by line number. The
    cards are looked for once the receipt is known to be new; what was found out before that,
    because a balance was asked for, is kept in ``refused``.
    """

    organization: Organization
    actor: Actor
    member: Member | None
    place: Place | None
    sold: Mapping[int, Sent]
    paying: tuple[Sent, ...]
    refused: GiftCardNotUsable | None = None

    def find(self, part: Sent) -> GiftCard:
        """Return the usable card of a line or payment, by its code and perhaps its PIN."""
        pin = part.get("gift_card_pin", "")
        asker = Asker(actor=self.actor, pin=pin, member=self._who_is_there())
        return find_card(organization=self.organization, typed=part["gift_card"], asker=asker)

    def _who_is_there(self) -> Member | None:
        """Return the member if they lately proved at this till to be there themselves."""
        if self.member is None or self.place is None:
            return None
        is_there = proof_of(self.member, self.place, now=timezone.now()) is not None
        return self.member if is_there else None


def with_gift_cards(
    organization: Organization,
    sent: Sent,
    *,
    actor: Actor,
    member: Member | None,
    place: Place | None = None,
) -> tuple[Sent, GiftCardsIn]:
    """Return a receipt and its gift cards, each paying no more than was asked or, then, there is.

    ``place`` is told where staff of ours record it, so that the member can have proved to be there.
    Raises ``GiftCardPaysForGiftCard``, ``GiftCardLineInvalid``, ``GiftCardMistyped`` and
    ``GiftCardMisplaced``.
    """
    payments, lines = sent.get("payments") or (), sent.get("lines") or ()
    sold = {at: line for at, line in enumerate(lines, start=1) if line.get("kind") == KIND}
    if sold and any(part["method"] == METHOD for part in payments):
        raise GiftCardPaysForGiftCard
    _refuse_unsound(sent)
    paying = tuple(part for part in payments if part.get("gift_card"))
    cards = GiftCardsIn(
        organization=organization,
        actor=actor,
        member=member,
        place=place,
        sold=sold,
        paying=paying,
    )
    if not any(part.get("at_most") for part in paying):
        return sent, cards
    return _within_balances(cards, sent)


def codes_with_pins(sent: Sent) -> list[str]:
    """Return the codes of a receipt's cards that came with a PIN."""
    named = (*(sent.get("payments") or ()), *(sent.get("lines") or ()))
    return [one["gift_card"] for one in named if one.get("gift_card") and one.get("gift_card_pin")]


def names_gift_cards(sent: Sent) -> bool:
    """Say whether a receipt names a card by its code."""
    named = (*(sent.get("payments") or ()), *(sent.get("lines") or ()))
    return any(one.get("gift_card") for one in named)


def moves_gift_cards(sent: Sent) -> bool:
    """Say whether a receipt sells cards, also such as have no code yet, or is paid with some."""
    return names_gift_cards(sent) or any(
        line.get("kind") == KIND for line in sent.get("lines") or ()
    )


def without_pins(sent: Sent) -> dict[str, Any]:
    """Return a receipt as it may be kept: of PINs only what tells them from others."""
    kept = {name: sent[name] for name in ("payments", "lines") if name in sent}
    return {**sent, **{name: [without_pin(one) for one in parts] for name, parts in kept.items()}}


def move_gift_cards(cards: GiftCardsIn, recorded: Recorded) -> list[GiftCardEntry]:
    """Load what a receipt on record sold and charge what paid for it; return what was moved.

    Raises ``InsufficientGiftCardBalance``, ``GiftCardNotUsable``, ``GiftCardLimit`` and
    ``GiftCardPinNeeded``; then nothing of the receipt stays.
    """
    if not cards.sold and not cards.paying:
        return []
    _charge_all(cards, recorded.purchase)
    _sell_all(cards, recorded)
    give_back_what_came_before(recorded.purchase)
    return list(recorded.purchase.gift_card_entries.on_receipt())


def _charge_all(cards: GiftCardsIn, purchase: Purchase) -> None:
    """Charge the cards, lowest first, as locks are taken."""
    found = [(cards.find(part), place) for place, part in enumerate(cards.paying)]
    for card, place in sorted(found, key=lambda one: (one[0].pk, one[1])):
        booking = _booking(cards, purchase, f"charge:{place + 1}")
        charge(card_id=card.pk, amount=cards.paying[place]["amount"], booking=booking)


def _sell_all(cards: GiftCardsIn, recorded: Recorded) -> None:
    """Load the cards that lines name, lowest first, and make those that none names."""
    # What is on a card is what it is sold as, also where something is taken off its price.
    draft = recorded.draft
    amounts = {line.number: line.amount for line in draft.sent or draft.lines}
    named = {number: line for number, line in cards.sold.items() if line.get("gift_card")}
    found = {number: _to_load(cards, line) for number, line in named.items()}
    for number in sorted(found, key=lambda one: (found[one].pk, one)):
        _sell(cards, recorded.purchase, number, amounts[number], found[number])
    for number in cards.sold:
        if number not in found:
            _sell(cards, recorded.purchase, number, amounts[number], None)


def _to_load(cards: GiftCardsIn, line: Sent) -> GiftCard:
    """Return the card that a line sells: one that is blank still, or one to be loaded again."""
    return find_unsold(cards.organization, line["gift_card"]) or cards.find(line)


def _sell(
    cards: GiftCardsIn, purchase: Purchase, number: int, amount: Decimal, card: GiftCard | None
) -> None:
    if not amount:
        raise GiftCardLineInvalid(field=f"lines[{number - 1}].amount")
    booking = _booking(cards, purchase, f"load:{number}", line=number)
    if card is not None and card.status != GiftCard.Status.BLANK:
        load(card_id=card.pk, amount=amount, booking=booking)
        return
    new = NewGiftCard(
        amount=amount,
        currency=cards.organization.currency,
        blank_id=card.pk if card else None,
        pin=cards.sold[number].get("gift_card_pin", ""),
        store_id=purchase.store_id,
    )
    sell(organization_id=cards.organization.pk, new=new, booking=booking)


def _booking(
    cards: GiftCardsIn, purchase: Purchase, step: str, *, line: int | None = None
) -> Booking:
    return Booking(
        actor=cards.actor.name,
        request_key=f"{purchase.request_key}:gift_card:{step}",
        purchase_id=purchase.pk,
        line=line,
        reference=reference_of(purchase.source, purchase.external_id),
    )


def _within_balances(cards: GiftCardsIn, sent: Sent) -> tuple[Sent, GiftCardsIn]:
    """Return a receipt whose payments take ``at_most`` something with what there is.

    Who may not use a card is told nothing by what is on it: then nothing is taken, and no reason
    why the receipt cannot be recorded depends on the balance.
    """
    payments, refused = sent["payments"], None
    try:
        asked = [part for part in payments if part.get("at_most")]
        left = {clean(part["gift_card"]): cards.find(part).balance for part in asked}
        payments = list(_taking(payments, left))
    except GiftCardNotUsable as refusal:
        payments, refused = [_taking_nothing(part) for part in payments], refusal
    paying = tuple(part for part in payments if part.get("gift_card"))
    return {**sent, "payments": payments}, replace(cards, paying=paying, refused=refused)


def _taking(payments: Iterable[Sent], left: dict[str, Decimal]) -> Iterator[Sent]:
    """Yield the payments, those that take ``at_most`` something with what is left on the cards."""
    for part in payments:
        if not part.get("at_most"):
            yield part
            continue
        code = clean(part["gift_card"])
        # That nothing is there is told when the card is charged.
        taken = min(part["amount"], left[code]) or part["amount"]
        left[code] = max(left[code] - taken, ZERO)
        yield {**part, "amount": taken, "wished": part["amount"]}


def _taking_nothing(part: Sent) -> Sent:
    return {**part, "amount": ZERO, "wished": part["amount"]} if part.get("at_most") else part


def _refuse_unsound(sent: Sent) -> None:
    """Refuse lines and payments that name a gift card where none can be, or with a typing slip."""
    for at, line in enumerate(sent.get("lines") or ()):
        is_sold = line.get("kind") == KIND
        if is_sold and (line["quantity"] != 1 or line.get("discount")):
            raise GiftCardLineInvalid(field=f"lines[{at}]")
        _refuse_misnamed(line, is_card=is_sold, field=f"lines[{at}]")
    for at, part in enumerate(sent.get("payments") or ()):
        is_paying = part["method"] == METHOD
        _refuse_misnamed(part, is_card=is_paying, field=f"payments[{at}]")
        if part.get("at_most") and not part.get("gift_card"):
            raise GiftCardMisplaced(field=f"payments[{at}].at_most")


def _refuse_misnamed(part: Sent, *, is_card: bool, field: str) -> None:
    code = part.get("gift_card")
    if code and not is_card:
        raise GiftCardMisplaced(field=f"{field}.gift_card")
    if code and not check(clean(code)):
        raise GiftCardMistyped(field=f"{field}.gift_card")
