"""Vouchers: issued with a reward, used once at a counter, and over after their last day."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from core.actors import Actor
from core.days import local_day, start_of_day
from core.locking import lock_one
from core.outbox import event, tell
from members.errors import MemberBlocked
from members.models import MemberStatus
from members.queries import survivor
from rewards.errors import VoucherCanceled, VoucherExpired, VoucherUsed
from rewards.models import Redemption, Voucher
from rewards.voucher_codes import make

CHUNK = 500

ENDED_AS = {
    Voucher.Status.USED: VoucherUsed,
    Voucher.Status.CANCELED: VoucherCanceled,
    Voucher.Status.EXPIRED: VoucherExpired,
}


def issue_voucher(redemption: Redemption, *, now: datetime) -> Voucher:
    """Put the reward's code into the member's hands, in the transaction that pays for it."""
    voucher = Voucher.objects.create(
        organization_id=redemption.organization_id,
        redemption=redemption,
        code=make(),
        issued_at=now,
        valid_until=_valid_until(redemption, now),
    )
    redemption.voucher = voucher
    _tell(voucher, "voucher.issued")
    return voucher


@transaction.atomic
def use_voucher(*, voucher_id: int, actor: Actor, store_id: int | None = None) -> Voucher:
    """Hand over what a voucher is for, once.

    Raises ``VoucherUsed``, ``VoucherCanceled``, ``VoucherExpired`` or ``MemberBlocked``.
    """
    voucher = lock_one(Voucher, voucher_id, "redemption__member")
    if survivor(voucher.redemption.member).status == MemberStatus.BLOCKED:
        raise MemberBlocked
    now = timezone.now()
    refuse_ended(voucher, now=now)
    voucher.status = Voucher.Status.USED
    voucher.used_at, voucher.used_in_id, voucher.used_by = now, store_id, actor.name
    voucher.save(update_fields=["status", "used_at", "used_in", "used_by"])
    _tell(voucher, "voucher.used")
    return voucher


def cancel_voucher(redemption: Redemption, *, also_used: bool) -> None:
    """Make the code of a redemption worthless, in the transaction that undoes the redemption."""
    known = Voucher.objects.filter(redemption=redemption).first()
    if known is None:
        return
    voucher = lock_one(Voucher, known.pk)
    if not (also_used and voucher.status == Voucher.Status.USED):
        refuse_ended(voucher, now=timezone.now())
    voucher.status = Voucher.Status.CANCELED
    voucher.save(update_fields=["status"])
    redemption.voucher = voucher
    _tell(voucher, "voucher.canceled")


def expire_vouchers() -> int:
    """Mark some vouchers whose last day is over; return how many. Points do not come back."""
    now = timezone.now()
    over = Voucher.objects.filter(status=Voucher.Status.ISSUED, valid_until__lte=now)
    pks = list(over.order_by("valid_until").values_list("pk", flat=True)[:CHUNK])
    return sum(_expire(pk) for pk in pks)


def refuse_ended(voucher: Voucher, *, now: datetime) -> None:
    """Refuse a voucher that was used, canceled, or is past its last day."""
    status = Voucher.Status(voucher.status)
    if status in ENDED_AS:
        raise ENDED_AS[status]
    if voucher.valid_until is not None and voucher.valid_until <= now:
        raise VoucherExpired


@transaction.atomic
def _expire(pk: int) -> bool:
    voucher = lock_one(Voucher, pk)
    # It may have been used while we waited.
    if voucher.status != Voucher.Status.ISSUED:
        return False
    voucher.status = Voucher.Status.EXPIRED
    voucher.save(update_fields=["status"])
    _tell(voucher, "voucher.expired")
    return True


def _valid_until(redemption: Redemption, now: datetime) -> datetime | None:
    """Return the end of the last day in the organization's zone, if there is a last day."""
    days = redemption.reward.valid_days
    if days is None:
        return None
    zone = redemption.organization.zone
    return start_of_day(local_day(now, zone) + timedelta(days=days + 1), zone)


def _tell(voucher: Voucher, kind: str) -> None:
    payload = {"redemption": str(voucher.redemption.public_id)}
    tell([event(kind, voucher, organization_id=voucher.organization_id, payload=payload)])
