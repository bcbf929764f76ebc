"""What tests of parcels and pickups do again and again."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from core.actors import SYSTEM
from core.errors import Refusal
from rewards.addresses import Address
from rewards.models import Fulfillment, Redemption, Voucher
from rewards.services.fulfillments import Step, Where, advance, say_where, step_back
from rewards.services.vouchers import Use, use_voucher
from tests.shelves import take
from tests.shops import Shop

Status = Fulfillment.Status
HOME = Address(
    name="Mina K", line1="1 High Street", postal_code="N1 1AA", city="London", country="GB"
)


def taken(shop: Shop, member: Any, delivery: str = "shipping", **details: Any) -> Fulfillment:
    """Let a member take something that is sent or picked up; where to is not said yet."""
    reward = shop.reward(10, name="Mug", delivery=delivery, **details)
    return Fulfillment.objects.get(redemption=take(member, reward))


def placed(shop: Shop, member: Any, delivery: str = "shipping", **details: Any) -> Fulfillment:
    """Let a member take something and say where it goes."""
    return say(taken(shop, member, delivery, **details), shop)


def say(found: Fulfillment, shop: Shop, **where: Any) -> Fulfillment:
    """Say where it goes: home, or to the shop."""
    usual = {"address": HOME} if found.method == "shipping" else {"store_id": shop.store.pk}
    return say_where(fulfillment_id=found.pk, where=Where(**(where or usual)), actor=SYSTEM)


def move(found: Fulfillment, *steps: str, key: str = "", **how: Any) -> Step:
    """Move one on, step after step, each in some request of its own."""
    for to in steps:
        [step] = advance(
            fulfillment_ids=[found.pk],
            to=Status(to),
            actor=SYSTEM,
            request_key=key or uuid4().hex,
            **how,
        )
    return step


def ready(shop: Shop, member: Any, delivery: str = "shipping", **details: Any) -> Fulfillment:
    """Let something lie ready."""
    return move(placed(shop, member, delivery, **details), "ready").fulfillment


def done(shop: Shop, member: Any, delivery: str = "shipping", **details: Any) -> Fulfillment:
    """Let something be sent or handed over by the office."""
    return move(ready(shop, member, delivery, **details), "done").fulfillment


def back(found: Fulfillment) -> Fulfillment:
    """Take the last step back."""
    return step_back(fulfillment_id=found.pk, actor=SYSTEM)


def hand_out(found: Fulfillment, store_id: int | None = None) -> Voucher:
    """Use the voucher of it, as a till does."""
    use = Use(request_key=uuid4().hex, store_id=store_id)
    return use_voucher(voucher_id=found.redemption.voucher.pk, use=use, actor=SYSTEM)


def stands(found: Fulfillment | Redemption) -> tuple[str, str, str]:
    """Return the states of the fulfillment, its voucher and its redemption."""
    redemption_id = found.pk if isinstance(found, Redemption) else found.redemption_id
    now = Fulfillment.objects.select_related("redemption__voucher").get(redemption=redemption_id)
    return now.status, now.redemption.voucher.status, now.redemption.status


def refused(step: Step) -> str:
    """Return the code of what a step was refused with, or nothing."""
    return step.refusal.code if step.refusal else ""


def refusal_of(act: Any) -> tuple[str, str | None]:
    """Return the code and field of what something is refused with."""
    try:
        act()
    except Refusal as refusal:
        return refusal.code, refusal.field
    return "", None
