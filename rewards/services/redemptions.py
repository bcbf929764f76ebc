"""Rewards taken for points: set aside, issued, canceled, expired."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core.actors import SYSTEM, Actor
from core.locking import lock_one
from core.outbox import event, tell
from loyalty.errors import AlreadyReversed, InsufficientPoints
from loyalty.models import AccountHolder, Hold
from loyalty.services.household_limits import refuse_beyond_limit
from loyalty.services.ledger import (
    Book,
    Cause,
    cancel,
    capture,
    end_overdue,
    hold,
    open_book,
    release,
)
from members.errors import MemberBlocked
from members.models import Member, MemberStatus
from rewards.errors import RewardNotOffered, SoldOut
from rewards.models import Redemption, Reward
from rewards.services.vouchers import cancel_voucher, issue_voucher

CHUNK = 200


@transaction.atomic
def redeem(
    *,
    reward_id: int,
    member_id: int,
    actor: Actor,
    request_key: str,
    store_id: int | None = None,
    hold_seconds: int | None = None,
) -> Redemption:
    """Take one reward for its price in points and from stock, or do neither.

    With ``hold_seconds`` it is only set aside, until it is captured, canceled or time is over.
    """
    account_id = _account(reward_id, member_id)
    with open_book([account_id], actor=actor) as book:
        account_id = book.living(account_id)
        reward = _take_from_stock(reward_id)
        refuse_beyond_limit(member_id, reward.points, now=book.now)
        terms = book.accounts[account_id].program.terms
        ends = book.now + timedelta(seconds=hold_seconds or terms.hold_seconds)
        held = hold(
            book, account_id, reward.points, request_key=f"{request_key}:hold:1", expires_at=ends
        )
    redemption = Redemption.objects.create(
        organization_id=held.account.program.organization_id,
        reward=reward,
        account_id=account_id,
        member_id=member_id,
        store_id=store_id,
        points=reward.points,
        status=Redemption.Status.HELD,
        hold=held,
        actor=actor.name,
    )
    _tell(redemption, "redemption.held")
    if hold_seconds is None:
        return capture_redemption(redemption_id=redemption.pk, actor=actor, request_key=request_key)
    return redemption


@transaction.atomic
def capture_redemption(*, redemption_id: int, actor: Actor, request_key: str) -> Redemption:
    """Let the member have a reward that was set aside: its points are spent, its voucher issued."""
    known = Redemption.objects.get(pk=redemption_id)
    with open_book([known.account_id], actor=actor) as book:
        redemption = lock_one(Redemption, redemption_id, "reward", "organization")
        cause = Cause("redemption", redemption.pk, f"{request_key}:redeem:1", book.now)
        entry = capture(book, redemption.hold_id, cause)
    redemption.entry = entry
    _move(redemption, Redemption.Status.ISSUED)
    issue_voucher(redemption, now=book.now)
    return redemption


@transaction.atomic
def cancel_redemption(
    *,
    redemption_id: int,
    reason: str,
    actor: Actor,
    request_key: str,
    also_used: bool = False,
) -> Redemption:
    """Undo a redemption: points go back to the lots they came from, the reward to stock.

    What was handed over stays so, unless ``also_used`` says that it came back over the counter.
    """
    known = Redemption.objects.get(pk=redemption_id)
    with open_book([known.account_id], actor=actor) as book:
        lock_one(Reward, known.reward_id)
        redemption = lock_one(Redemption, redemption_id, "reward")
        _refuse_undone(redemption)
        cancel_voucher(redemption, also_used=also_used)
        _give_back(book, redemption, request_key)
    _put_back_in_stock(redemption)
    redemption.reason = reason
    return _move(redemption, Redemption.Status.CANCELED)


def end_overdue_redemptions() -> int:
    """Let go of rewards that were set aside for too long; return how many."""
    # Open holds have an index, and what is held has an open hold.
    overdue = Redemption.objects.filter(
        status=Redemption.Status.HELD,
        hold__status=Hold.Status.OPEN,
        hold__expires_at__lte=timezone.now(),
    ).order_by("pk")[:CHUNK]
    return sum(_end_overdue(redemption) for redemption in overdue)


@transaction.atomic
def _end_overdue(known: Redemption) -> bool:
    with open_book([known.account_id], actor=SYSTEM) as book:
        lock_one(Reward, known.reward_id)
        redemption = lock_one(Redemption, known.pk, "reward")
        ended = end_overdue(book, redemption.hold_id) is not None
    if ended:
        _put_back_in_stock(redemption)
        _move(redemption, Redemption.Status.EXPIRED)
    return ended


def _account(reward_id: int, member_id: int) -> int:
    reward = Reward.objects.get(pk=reward_id)
    if Member.objects.get(pk=member_id).status != MemberStatus.ACTIVE:
        raise MemberBlocked
    holder = AccountHolder.objects.filter(program=reward.program_id, member=member_id).first()
    if holder is None:
        raise InsufficientPoints(balance=0, needed=reward.points, held=0)
    account_id: int = holder.account_id
    return account_id


def _take_from_stock(reward_id: int) -> Reward:
    reward = lock_one(Reward, reward_id)
    if reward.status != Reward.Status.ACTIVE:
        raise RewardNotOffered
    if reward.stock == 0:
        raise SoldOut
    if reward.stock is not None:
        reward.stock -= 1
        reward.save(update_fields=["stock"])
    return reward


def _put_back_in_stock(redemption: Redemption) -> None:
    Reward.objects.filter(pk=redemption.reward_id, stock__isnull=False).update(stock=F("stock") + 1)


def _refuse_undone(redemption: Redemption) -> None:
    if redemption.entry_id and redemption.status == Redemption.Status.CANCELED:
        raise AlreadyReversed


def _give_back(book: Book, redemption: Redemption, request_key: str) -> None:
    if redemption.entry_id is None:
        cancel(book, redemption.hold_id)
        return
    cause = Cause("redemption", redemption.pk, f"{request_key}:release:1", book.now)
    release(book, redemption.entry_id, cause)


def _move(redemption: Redemption, status: Redemption.Status) -> Redemption:
    redemption.status = status
    if status != Redemption.Status.ISSUED:
        redemption.ended_at = timezone.now()
    redemption.save(update_fields=["status", "entry", "reason", "ended_at"])
    _tell(redemption, f"redemption.{status}")
    return redemption


def _tell(redemption: Redemption, kind: str) -> None:
    payload = {"redemption": str(redemption.public_id), "points": redemption.points}
    tell([event(kind, redemption, organization_id=redemption.organization_id, payload=payload)])
