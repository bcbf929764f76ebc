"""Gift cards at a register: shown, sold, and spent while a purchase is rung up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from core.actors import staff_actor
from core.models import Organization
from core.transactions import atomic_part
from rewards.gift_card_errors import InsufficientGiftCardBalance
from rewards.models import GiftCard
from rewards.services.baskets import Place, member_of
from rewards.services.checkout import quote
from rewards.services.gift_card_finding import find_unsold_or_refuse
from rewards.services.gift_card_ledger import Booking
from rewards.services.gift_cards import NewGiftCard, sell
from rewards.services.gift_payments import METHOD, with_gift_cards
from rewards.voucher_codes import check, clean

SHOWN_FOR = timedelta(minutes=15)
REFUSED_FOR = timedelta(minutes=1)
TYPED = ("gift_card", "gift_card_pin")


@atomic_part
def sell_here(
    *, organization: Organization, place: Place, typed: Mapping[str, Any], request_key: str
) -> GiftCard:
    """Sell a gift card over the counter: a new one, or the printed one whose code was scanned."""
    assert place.staff is not None, "somebody works at a till"
    actor, code = staff_actor(place.staff.pk), typed["code"]
    blank = find_unsold_or_refuse(organization, code, actor) if code else None
    new = NewGiftCard(
        amount=typed["amount"],
        currency=organization.currency,
        blank_id=blank.pk if blank else None,
        pin=typed["pin"],
        store_id=place.store.pk,
        email=typed["email"],
    )
    booking = Booking(actor=actor.name, request_key=f"{request_key}:gift_card")
    return sell(organization_id=organization.pk, new=new, booking=booking)


def with_card_payment(
    organization: Organization, place: Place, sent: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a purchase with its gift card paying what is due, as far as there is something on it.

    What a card pays is counted after what points do.
    """
    told = {name: value for name, value in sent.items() if name not in TYPED}
    code = sent.get("gift_card")
    if not code:
        return told
    due = quote(organization=organization, sent={**told, "store": place.store.code}).due
    if not due:
        return told
    return {**told, "payments": [{**_card_part(sent, due), "at_most": True}]}


def card_would_pay(
    organization: Organization, place: Place, sent: Mapping[str, Any], *, due: Decimal
) -> Decimal:
    """Return what a gift card would pay of what is due; raise what paying with it would.

    To be entered against guessing, as paying is.
    """
    assert place.staff is not None, "somebody works at a till"
    actor, part = staff_actor(place.staff.pk), _card_part(sent, due)
    _told, cards = with_gift_cards(
        organization,
        {"payments": [part]},
        actor=actor,
        member=member_of(organization, sent.get("member")),
        place=place,
    )
    card = cards.find(part)
    if not card.balance:
        raise nothing_left(InsufficientGiftCardBalance())
    return min(card.balance, due)


def refused_lately(session: UUID, sent: Mapping[str, Any]) -> str:
    """Return why this very card was refused at this till a moment ago, if it was.

    A quote is asked with every key that is pressed; one wrong code is one wrong try.
    """
    card, said = cache.get(_refused_place(session)) or ("", "")
    return said if card == _sign_of(sent) else ""


def note_refused(session: UUID, sent: Mapping[str, Any], said: str) -> None:
    """Remember for a moment why a card was refused."""
    seconds = REFUSED_FOR.total_seconds()
    cache.set(_refused_place(session), (_sign_of(sent), said), seconds)


def nothing_left(refusal: InsufficientGiftCardBalance) -> InsufficientGiftCardBalance:
    """Say at the till that a card is empty, beside the field of its code."""
    sentence = _("There is nothing left on this gift card.")
    return InsufficientGiftCardBalance(sentence, field="code", **refusal.data)


def looks_like_voucher(typed: str) -> bool:
    """Say whether what was typed as a gift card could be a voucher, which nobody looks up here."""
    return check(clean(typed))


def _card_part(sent: Mapping[str, Any], due: Decimal) -> dict[str, Any]:
    part = {"method": METHOD, "amount": due, "gift_card": sent["gift_card"]}
    pin = sent.get("gift_card_pin")
    return {**part, "gift_card_pin": pin} if pin else part


def _refused_place(session: UUID) -> str:
    return f"till:card:{session}"


def _sign_of(sent: Mapping[str, Any]) -> str:
    typed = f"{clean(sent['gift_card'])}:{sent.get('gift_card_pin', '')}"
    return salted_hmac("rewards.till.refused_card", typed, algorithm="sha256").hexdigest()
