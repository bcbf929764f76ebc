"""Redemptions from before this system was there: taken at their own time, and told to nobody."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from core.actors import Actor
from core.locking import lock_one
from loyalty.models import AccountHolder, Batch
from loyalty.services.ledger import Book, Cause, capture, hold, open_book
from rewards.models import Redemption, Reward, Voucher, VoucherUse, snapshot_of
from rewards.services.on_shelf import lower_stock, next_serial, refuse_sold_out
from rewards.voucher_codes import make


@dataclass(frozen=True, slots=True, kw_only=True)
class PastRedemption:
    """What a member took, where and when."""

    reward_id: int
    holder: AccountHolder
    store_id: int
    at: datetime
    request_key: str


@transaction.atomic
def record_past_redemption(*, taken: PastRedemption, batch: Batch, actor: Actor) -> Redemption:
    """Let a member have had a reward: points spent, stock lowered, voucher used, at that time.

    The batch is told of as one by whoever opened it.
    """
    account_id = taken.holder.account_id
    with _book(taken, batch, actor) as book:
        reward = lock_one(Reward, taken.reward_id, "program__organization")
        refuse_sold_out(reward)
        serial = next_serial(reward)
        lower_stock([reward])
        held = hold(
            book,
            account_id,
            reward.points,
            request_key=f"{taken.request_key}:hold:1",
            expires_at=taken.at + timedelta(seconds=1),
        )
    redemption = Redemption.objects.create(
        **snapshot_of(reward),
        organization_id=batch.organization_id,
        reward=reward,
        serial=serial,
        serial_of=reward.stock_initial if serial else None,
        account_id=account_id,
        member_id=taken.holder.member_id,
        store_id=taken.store_id,
        points=reward.points,
        status=Redemption.Status.HELD,
        hold=held,
        actor=actor.name,
    )
    with _book(taken, batch, actor) as book:
        cause = Cause("redemption", redemption.pk, f"{taken.request_key}:redeem:1", taken.at)
        redemption.entry = capture(book, held.pk, cause)
    return _handed_over(redemption, taken, actor)


def _book(taken: PastRedemption, batch: Batch, actor: Actor) -> AbstractContextManager[Book]:
    return open_book([taken.holder.account_id], actor=actor, now=taken.at, batch=batch)


def _handed_over(redemption: Redemption, taken: PastRedemption, actor: Actor) -> Redemption:
    redemption.status, redemption.created_at = Redemption.Status.ISSUED, taken.at
    redemption.save(update_fields=["status", "created_at", "entry"])
    voucher = Voucher.objects.create(
        organization_id=redemption.organization_id,
        reward_id=redemption.reward_id,
        redemption=redemption,
        code=make(),
        status=Voucher.Status.USED,
        uses=1,
        issued_at=taken.at,
        used_at=taken.at,
        used_in_id=taken.store_id,
        used_by=actor.name,
    )
    VoucherUse.objects.create(
        voucher=voucher,
        member_id=redemption.member_id,
        store_id=taken.store_id,
        actor=actor.name,
        request_key=f"{taken.request_key}:use:1",
        used_at=taken.at,
    )
    return redemption
