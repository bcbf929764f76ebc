"""Rewards as a cashier offers them, finished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from core.keyed_forms import new_key
from core.models import Organization
from core.queries import stores_of
from rewards.kind_words import ICONS
from rewards.models import Reward
from rewards.queries import worth
from rewards.services.shelf import Offer


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several that the member may choose, and whether it can be had."""

    reward: UUID
    name: str
    picture: str
    icon: str
    can_have: bool


@dataclass(frozen=True, slots=True)
class OfferRow:
    """A reward as the cashier offers it; ``key`` is that of the form that hands it over."""

    reward: UUID
    name: str
    worth: str
    points: int
    missing: int
    balance: int
    key: str
    picture: str = ""
    icon: str = "gift"
    price_money: Decimal | None = None
    choices: Sequence[Choice] = ()
    delivery: str = ""
    stores: Sequence[tuple[str, str]] = ()

    @property
    def balance_after(self) -> int:
        """Return what the member would have left."""
        return self.balance - self.points


def offer_row(offer: Offer, currency: str) -> OfferRow:
    """Return a reward as the cashier offers it."""
    reward = offer.reward
    return OfferRow(
        reward=reward.public_id,
        name=reward.name,
        worth=worth(reward, currency),
        points=reward.points,
        missing=offer.missing,
        balance=offer.balance,
        key=new_key(),
        picture=reward.picture_id or "",
        icon=ICONS[reward.kind],
        price_money=reward.price_money,
        choices=[_choice(option) for option in offer.options],
        delivery=reward.delivery,
        stores=[(code, code) for code in reward.stores],
    )


def with_stores(rows: Sequence[OfferRow], organization: Organization) -> list[OfferRow]:
    """Return offers with the stores where those can be put aside that are picked up, by name."""
    if not any(row.delivery == Reward.Delivery.PICKUP for row in rows):
        return list(rows)
    named = dict(stores_of(organization).values_list("code", "name"))
    return [replace(row, stores=_stores(row, named)) for row in rows]


def next_offer(offers: Sequence[Offer], currency: str) -> OfferRow | None:
    """Return the reward that the fewest points are missing for."""
    beyond = [offer for offer in offers if offer.missing and not offer.reason]
    return offer_row(min(beyond, key=lambda one: one.missing), currency) if beyond else None


def _stores(row: OfferRow, named: Mapping[str, str]) -> list[tuple[str, str]]:
    if row.delivery != Reward.Delivery.PICKUP:
        return []
    allowed = [code for code, _name in row.stores] or named
    return [(code, named[code]) for code in allowed if code in named]


def _choice(option: Offer) -> Choice:
    reward = option.reward
    return Choice(
        reward=reward.public_id,
        name=reward.name,
        picture=reward.picture_id or "",
        icon=ICONS[reward.kind],
        can_have=option.can_have,
    )
