"""Gift cards at a register: shown, sold, and spent while a purchase is rung up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from core.actors import staff_actor
from core.models import Organization
from core.transactions import atomic_part
from rewards.gift_card_errors import InsufficientGiftCardBalance
from rewards.models import GiftCard
from rewards.services.baskets import Place
from rewards.services.checkout import quote
from rewards.services.gift_card_finding import find_unsold_or_refuse
from rewards.services.gift_card_ledger import Booking
from rewards.services.gift_cards import NewGiftCard, sell
from rewards.services.gift_payments import METHOD
from rewards.voucher_codes import check, clean

SHOWN_FOR = timedelta(minutes=15)
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
    part = {"method": METHOD, "amount": due, "gift_card": code, "at_most": True}
    if sent.get("gift_card_pin"):
        part["gift_card_pin"] = sent["gift_card_pin"]
    return {**told, "payments": [part]}


def nothing_left(refusal: InsufficientGiftCardBalance) -> InsufficientGiftCardBalance:
    """Say at the till that a card is empty, beside the field of its code."""
    sentence = _("There is nothing left on this gift card.")
    return InsufficientGiftCardBalance(sentence, field="code", **refusal.data)


def looks_like_voucher(typed: str) -> bool:
    """Say whether what was typed as a gift card could be a voucher, which nobody looks up here."""
    return check(clean(typed))
