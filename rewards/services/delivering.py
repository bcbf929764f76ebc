"""What becomes of a parcel, or of something put aside, with its voucher.

All of this happens under the lock of the voucher, in the transaction that issues, uses, frees or
ends it. Handing over is using the voucher, so it happens once, at the till or in the office.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone

from core.actors import Actor
from core.bulk import insert_many
from core.models import OutboxEvent
from core.outbox import event, tell
from rewards.delivery_errors import ReadyInOtherStore, StepBackNotPossible, VoucherShipped
from rewards.models import Fulfillment, Reward, Voucher, VoucherUse

Status = Fulfillment.Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """By whom something was sent, and under which number it can be followed."""

    carrier: str = ""
    tracking: str = ""


def begin(vouchers: Sequence[Voucher], *, is_silent: bool = False) -> None:
    """Ask where to what these new vouchers are for goes, if it is sent or picked up."""
    begun = [
        Fulfillment(
            organization_id=voucher.organization_id,
            redemption=voucher.redemption,
            method=voucher.redemption.delivery,
            created_at=voucher.issued_at,
        )
        for voucher in vouchers
        if voucher.redemption is not None and voucher.redemption.delivery
    ]
    if not begun:
        return
    insert_many(begun)
    if not is_silent:
        tell(_told(one.status, one, one) for one in begun)


def goes_with(voucher: Voucher) -> Fulfillment | None:
    """Return how the member comes by what the voucher is for, if it is sent or picked up."""
    redemption = voucher.redemption
    if redemption is None or not redemption.delivery:
        return None
    return fresh().filter(redemption=redemption).get()


def fresh() -> QuerySet[Fulfillment]:
    """Return fulfillments to be read anew, under the locks of their vouchers."""
    return Fulfillment.objects.select_related("store", "redemption")


def refuse_use(found: Fulfillment, *, store_id: int | None, is_sent: bool) -> None:
    """Refuse to hand over what is sent, and what lies ready in another store."""
    if found.method == Reward.Delivery.SHIPPING and not is_sent:
        raise VoucherShipped
    is_elsewhere = store_id is not None and store_id != found.store_id
    if found.status == Status.READY and found.store is not None and is_elsewhere:
        raise ReadyInOtherStore(store=found.store.code)


def finish(found: Fulfillment, use: VoucherUse, parcel: Parcel | None) -> None:
    """Mark it as sent or handed over, because its voucher was used."""
    found.status, found.done_at, found.done_by = Status.DONE, use.used_at, use.actor
    fields = ["status", "done_at", "done_by"]
    if parcel is not None and found.method == Reward.Delivery.SHIPPING:
        found.carrier, found.tracking = parcel.carrier, parcel.tracking
        fields += ["carrier", "tracking"]
    move(found, fields, told_of=use)


def reopen(found: Fulfillment, use: VoucherUse) -> None:
    """Put it back to where it was before its voucher was used, because that is let go of.

    Raises ``StepBackNotPossible`` when the address is forgotten.
    """
    if found.forgotten_at is not None and found.method == Reward.Delivery.SHIPPING:
        raise StepBackNotPossible
    found.status = _before(found)
    found.done_at, found.done_by = None, ""
    found.carrier, found.tracking, found.forgotten_at = "", "", None
    fields = ["status", "done_at", "done_by", "carrier", "tracking", "forgotten_at"]
    move(found, fields, told_of=use)


def end(found: Fulfillment, *, actor: Actor) -> None:
    """Cancel it, because its voucher was canceled or has lapsed; done twice it is done once."""
    if found.status == Status.CANCELED:
        return
    was = found.status
    found.status = Status.CANCELED
    found.canceled_at, found.canceled_by = timezone.now(), actor.name
    move(found, ["status", "canceled_at", "canceled_by"], was=was)


def end_many(vouchers: Sequence[Voucher], *, actor: Actor) -> None:
    """Cancel what goes with these vouchers, which were canceled."""
    taken = [one.redemption_id for one in vouchers if one.redemption and one.redemption.delivery]
    for found in fresh().filter(redemption__in=taken) if taken else ():
        end(found, actor=actor)


def move(
    found: Fulfillment,
    fields: Sequence[str],
    *,
    told_of: Model | None = None,
    kind: str = "",
    **more: Any,
) -> None:
    """Save what became of it, and tell it by the name of its state, unless it has another.

    What may come about more than once is ``told_of`` the row of that one time.
    """
    found.save(update_fields=fields)
    tell([_told(kind or found.status, found, told_of or found, **more)])


def _told(kind: str, found: Fulfillment, told_of: Model, **more: Any) -> OutboxEvent:
    """Compose an event; addresses are nobody's but the shop's and the member's."""
    payload = {
        "fulfillment": str(found.public_id),
        "redemption": str(found.redemption.public_id),
        "method": found.method,
        "store": found.store.code if found.store else None,
        **more,
    }
    name = f"fulfillment.{kind}"
    return event(name, told_of, organization_id=found.organization_id, payload=payload)


def _before(found: Fulfillment) -> Fulfillment.Status:
    if found.ready_at is not None:
        return Status.READY
    return Status.WAITING if found.opened_at is None else Status.OPEN
