"""Gift cards for tests, sold by the services that sell real ones."""

from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

from core.actors import SYSTEM
from rewards.gift_card_codes import ending, make
from rewards.models import GiftCard, GiftCardTerms
from rewards.services.gift_card_ledger import Booking
from rewards.services.gift_cards import NewGiftCard, sell
from tests.shops import Shop

_keys = count(1)


def booking(**details: Any) -> Booking:
    """Return the system's doing, under a key that was never used."""
    return Booking(**{"actor": SYSTEM.name, "request_key": f"card-{next(_keys)}", **details})


def sold(shop: Shop, amount: str = "50.00", **details: Any) -> GiftCard:
    """Sell a gift card."""
    new = NewGiftCard(amount=Decimal(amount), currency=shop.organization.currency, **details)
    return sell(organization_id=shop.organization.pk, new=new, booking=booking())


def blank(shop: Shop, **details: Any) -> GiftCard:
    """Return a printed card that nobody bought yet."""
    code = make()
    return GiftCard.objects.create(
        organization=shop.organization,
        code=code,
        ending=ending(code),
        currency=shop.organization.currency,
        **details,
    )


def decide(shop: Shop, **decided: Any) -> GiftCardTerms:
    """Set what the organization decides about its gift cards."""
    terms, _made = GiftCardTerms.objects.update_or_create(
        organization=shop.organization, defaults=decided
    )
    return terms


def entries_of(card: GiftCard) -> list[tuple[str, str, str]]:
    """Return kind, amount and balance of each entry in order."""
    rows = card.entries.order_by("sequence").values_list("kind", "amount", "balance_after")
    return [(kind, f"{amount:.2f}", f"{balance:.2f}") for kind, amount, balance in rows]


def balance_of(card: GiftCard) -> str:
    """Return what is on the card now."""
    card.refresh_from_db()
    return f"{card.balance:.2f}"
