"""Vouchers: issued with a reward, used at a counter or on a receipt, over after their last day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy

from core.actors import Actor
from core.days import local_day, start_of_day
from core.locking import lock_one
from core.models import Store
from core.outbox import event, tell
from members.errors import MemberBlocked
from members.models import Member, MemberStatus
from members.queries import everyone_in, survivor
from rewards.discount_errors import VoucherHeld
from rewards.errors import (
    MemberNeeded,
    VoucherCanceled,
    VoucherExpired,
    VoucherHadAlready,
    VoucherLimitReached,
    VoucherNotTheirs,
    VoucherNotUsed,
    VoucherNotYet,
    VoucherPaused,
    VoucherUsed,
)
from rewards.models import QuotedVoucher, Redemption, Voucher, VoucherBatch, VoucherUse
from rewards.services.eligibility import refuse_elsewhere
from rewards.services.issuing import is_had_already
from rewards.voucher_codes import make

CHUNK = 500

ENDED_AS = {
    Voucher.Status.USED: VoucherUsed,
    Voucher.Status.CANCELED: VoucherCanceled,
    Voucher.Status.EXPIRED: VoucherExpired,
}
_OF_NOBODY = {
    Voucher.Status.CANCELED: gettext_lazy("This voucher was canceled."),
    Voucher.Status.EXPIRED: gettext_lazy("This voucher is no longer valid."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a voucher is used for: by whom it is held, where, and on which purchase, if on one."""

    request_key: str
    member_id: int | None = None
    store_id: int | None = None
    purchase_id: int | None = None
    amount: Decimal | None = None


def issue_voucher(redemption: Redemption, *, now: datetime) -> Voucher:
    """Put the reward's code into the member's hands, in the transaction that pays for it."""
    voucher = Voucher.objects.create(
        organization_id=redemption.organization_id,
        reward_id=redemption.reward_id,
        redemption=redemption,
        code=make(),
        issued_at=now,
        valid_until=valid_until(redemption, now),
    )
    redemption.voucher = voucher
    _tell(voucher, "voucher.issued")
    return voucher


@transaction.atomic
def use_voucher(*, voucher_id: int, use: Use, actor: Actor) -> Voucher:
    """Give what a voucher is for, once.

    Raises ``VoucherUsed``, ``VoucherCanceled``, ``VoucherExpired``, ``VoucherNotYet``,
    ``VoucherPaused``, ``VoucherHadAlready``, ``VoucherHeld``, ``NotInThisStore``,
    ``VoucherNotTheirs``, ``VoucherLimitReached``, ``MemberNeeded`` or ``MemberBlocked``.
    """
    voucher = lock_one(
        Voucher, voucher_id, "reward", "redemption__member", "redemption__chosen_from"
    )
    now = timezone.now()
    refuse_ended(voucher, now=now)
    if is_had_already(voucher):
        raise VoucherHadAlready
    refuse_set_aside(voucher, now=now)
    _refuse_elsewhere(voucher, use)
    member = _user_of(voucher, use)
    used = VoucherUse.objects.create(
        voucher=voucher,
        member=member,
        store_id=use.store_id,
        purchase_id=use.purchase_id,
        amount=use.amount,
        actor=actor.name,
        request_key=use.request_key,
        used_at=now,
    )
    voucher.uses += 1
    if voucher.uses == voucher.uses_max:
        voucher.status = Voucher.Status.USED
        voucher.used_at, voucher.used_in_id, voucher.used_by = now, use.store_id, actor.name
    _save(voucher)
    _tell(voucher, "voucher.used", used)
    voucher.last_use = used  # type: ignore[attr-defined]  # for who asks which of many it was
    return voucher


@transaction.atomic
def release_use(*, use_id: int, actor: Actor) -> Voucher:
    """Let go of one use of a voucher, so that it is good again unless it has ended meanwhile.

    Raises ``VoucherNotUsed`` when that use counts no more, and ``VoucherCanceled``.
    """
    known = VoucherUse.objects.get(pk=use_id)
    voucher = lock_one(Voucher, known.voucher_id)
    if voucher.status == Voucher.Status.CANCELED:
        raise VoucherCanceled
    if not _let_go(voucher, [use_id], actor):
        raise VoucherNotUsed
    if voucher.status == Voucher.Status.USED:
        # Time alone ends it, also when its last day is over.
        is_stopped = voucher.batch and voucher.batch.status == VoucherBatch.Status.STOPPED
        voucher.status = Voucher.Status.CANCELED if is_stopped else Voucher.Status.ISSUED
    voucher.used_at, voucher.used_in_id, voucher.used_by = None, None, ""
    _save(voucher)
    _tell(voucher, "voucher.released", known)
    return voucher


def cancel_voucher(
    redemption: Redemption, *, actor: Actor, although: Collection[Voucher.Status] = ()
) -> None:
    """Make the code of a redemption worthless, in the transaction that undoes the redemption.

    One that is over is refused, unless it ended in a way that ``although`` names.
    """
    known = Voucher.objects.filter(redemption=redemption).first()
    if known is None:
        return
    voucher = lock_one(Voucher, known.pk)
    now = timezone.now()
    if state_of(voucher, now=now) not in although:
        refuse_over(voucher, now=now)
    live = VoucherUse.objects.filter(voucher=voucher, released_at=None)
    _let_go(voucher, list(live.values_list("pk", flat=True)), actor)
    voucher.status = Voucher.Status.CANCELED
    _save(voucher)
    redemption.voucher = voucher
    _tell(voucher, "voucher.canceled")


def expire_vouchers() -> int:
    """Mark some vouchers whose last day is over; return how many. Points do not come back.

    Those of batches, which may be very many, are ``expire_batches``' to mark.
    """
    now = timezone.now()
    over = Voucher.objects.filter(
        status=Voucher.Status.ISSUED, valid_until__lte=now, batch__isnull=True
    )
    pks = list(over.order_by("valid_until").values_list("pk", flat=True)[:CHUNK])
    return sum(_expire(pk) for pk in pks)


def refuse_ended(voucher: Voucher, *, now: datetime) -> None:
    """Refuse a voucher that cannot be used now: over, paused, or its first day is to come."""
    refuse_over(voucher, now=now)
    if voucher.paused_at is not None:
        raise VoucherPaused
    if voucher.valid_from is not None and voucher.valid_from > now:
        raise VoucherNotYet


def refuse_set_aside(voucher: Voucher, *, now: datetime) -> None:
    """Refuse a voucher whose last use is set aside by a quote that still holds."""
    if voucher.uses_max is None:
        return
    quoted = QuotedVoucher.objects.living(now).filter(voucher=voucher).select_related("quote")
    until = [one.quote.expires_at for one in quoted]
    if until and voucher.uses + len(until) >= voucher.uses_max:
        raise VoucherHeld(until=max(until).isoformat())


def refuse_over(voucher: Voucher, *, now: datetime) -> None:
    """Refuse a voucher that was used, canceled, or is past its last day."""
    state = state_of(voucher, now=now)
    if state == Voucher.Status.ISSUED:
        return
    refusal = ENDED_AS[state]
    # Where nobody paid points none come back, and there is nothing to say of them.
    raise refusal() if voucher.redemption_id else refusal(_OF_NOBODY.get(state))


def state_of(voucher: Voucher, *, now: datetime) -> Voucher.Status:
    """Return the state as it is now, also when no job has marked it yet."""
    state = Voucher.Status(voucher.status)
    if state != Voucher.Status.ISSUED:
        return state
    if voucher.batch is not None and voucher.batch.status == VoucherBatch.Status.STOPPED:
        return Voucher.Status.CANCELED
    is_over = voucher.valid_until is not None and voucher.valid_until <= now
    return Voucher.Status.EXPIRED if is_over else state


def valid_until(redemption: Redemption, now: datetime) -> datetime | None:
    """Return the end of the last day in the organization's zone, if there is a last day."""
    days = redemption.reward.valid_days
    if days is None:
        return None
    zone = redemption.organization.zone
    return start_of_day(local_day(now, zone) + timedelta(days=days + 1), zone)


def _user_of(voucher: Voucher, use: Use) -> Member | None:
    """Return who uses the voucher, asked under its lock whether they still may."""
    redeemed = voucher.redemption.member if voucher.redemption else None
    told = Member.objects.get(pk=use.member_id) if use.member_id is not None else None
    for person in (redeemed, told):
        if person is not None and survivor(person).status == MemberStatus.BLOCKED:
            raise MemberBlocked
    if redeemed and told and survivor(redeemed).pk != survivor(told).pk:
        raise VoucherNotTheirs
    refuse_beyond(voucher, told)
    return told or redeemed


def _refuse_elsewhere(voucher: Voucher, use: Use) -> None:
    """Refuse a store that the reward, or the choice it came out of, is not given in."""
    if use.store_id is None:
        return
    offered = [voucher.reward]
    if voucher.redemption and voucher.redemption.chosen_from:
        offered.append(voucher.redemption.chosen_from)
    if any(reward.stores for reward in offered):
        code = Store.objects.values_list("code", flat=True).get(pk=use.store_id)
        for reward in offered:
            refuse_elsewhere(reward, code)


def refuse_beyond(voucher: Voucher, member: Member | None, *, quoted: int = 0) -> None:
    """Refuse who used a shared code as often as one may, with the uses that quotes hold for them.

    Raises ``MemberNeeded`` or ``VoucherLimitReached``.
    """
    most = voucher.per_member_max
    if most is None:
        return
    if member is None:
        raise MemberNeeded
    had = VoucherUse.objects.filter(
        voucher=voucher, member__in=everyone_in(survivor(member)), released_at=None
    )
    if had.count() + quoted >= most:
        raise VoucherLimitReached


def _let_go(voucher: Voucher, use_ids: list[int], actor: Actor) -> int:
    """Mark uses as let go of, under the voucher's lock; return how many still counted."""
    live = VoucherUse.objects.filter(pk__in=use_ids, released_at=None)
    freed = live.update(released_at=timezone.now(), released_by=actor.name)
    voucher.uses -= freed
    return freed


@transaction.atomic
def _expire(pk: int) -> bool:
    voucher = lock_one(Voucher, pk)
    # It may have been used while we waited.
    if voucher.status != Voucher.Status.ISSUED:
        return False
    voucher.status = Voucher.Status.EXPIRED
    _save(voucher)
    _tell(voucher, "voucher.expired")
    return True


def _save(voucher: Voucher) -> None:
    voucher.save(update_fields=["status", "uses", "used_at", "used_in", "used_by"])


def _tell(voucher: Voucher, kind: str, subject: VoucherUse | None = None) -> None:
    """Announce what became of a voucher, or of one of its uses, which may be many."""
    redemption = voucher.redemption
    payload = {
        "voucher": str(voucher.public_id),
        "redemption": str(redemption.public_id) if redemption else None,
    }
    tell(
        [event(kind, subject or voucher, organization_id=voucher.organization_id, payload=payload)]
    )
