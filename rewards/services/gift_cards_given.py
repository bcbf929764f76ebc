"""Gift cards that members get as a reward, and that go again while nothing of them was spent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core.actors import SYSTEM
from core.transactions import atomic_part
from rewards import kinds
from rewards.gift_card_errors import GiftCardSpent
from rewards.models import GiftCard, GiftCardEntry, Redemption
from rewards.services.gift_card_ledger import Booking, Kind
from rewards.services.gift_cards import NewGiftCard, sell, take_load_back


@atomic_part
def credit_from_reward(
    *, redemption: Redemption, now: datetime, is_silent: bool = False
) -> GiftCard:
    """Give the member a card of the reward's amount, once, whatever may be sold by now."""
    known = _given_for(redemption)
    if known is not None:
        return known.card
    promise = redemption.promise
    assert isinstance(promise, kinds.GiftCard), "a reward that is credit says how much"
    new = NewGiftCard(
        amount=promise.amount,
        currency=redemption.organization.currency,
        member_id=redemption.member_id,
        store_id=redemption.store_id,
        needs_pin=False,
        is_promised=True,
    )
    booking = _booking(redemption, now, "given", reason=redemption.reward.name)
    booking = replace(booking, is_silent=is_silent)
    return sell(organization_id=redemption.organization_id, new=new, booking=booking)


@atomic_part
def take_reward_credit_back(*, redemption: Redemption, now: datetime) -> None:
    """Take the card of a reward back while all of it is there; raises ``GiftCardSpent``."""
    given = _given_for(redemption)
    if given is None:
        return
    booking = _booking(redemption, now, "taken", reason=redemption.reward.name)
    if not take_load_back(card_id=given.card_id, amount=given.amount, booking=booking):
        raise GiftCardSpent


def _given_for(redemption: Redemption) -> GiftCardEntry | None:
    given = GiftCardEntry.objects.filter(
        card__organization=redemption.organization_id,
        kind=Kind.LOAD,
        reference=_reference(redemption),
    )
    return given.select_related("card").first()


def _reference(redemption: Redemption) -> str:
    return f"redemption/{redemption.public_id}"


def _booking(redemption: Redemption, now: datetime, step: str, *, reason: str) -> Booking:
    return Booking(
        actor=redemption.actor or SYSTEM.name,
        request_key=f"redemption:{redemption.pk}:{step}",
        now=now,
        reference=_reference(redemption),
        reason=reason[:200],
    )
