"""Rewards taken for points: set aside, issued, canceled, expired."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core.actors import SYSTEM, Actor
from core.locking import lock_all, lock_one
from core.outbox import event, tell
from loyalty.errors import AlreadyReversed, InsufficientPoints
from loyalty.models import AccountHolder, Hold
from loyalty.services.gifts import end_grant
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
from rewards.models import Redemption, Reward, Voucher, snapshot_of
from rewards.services.issuing import take_effect, undo_effect
from rewards.services.on_shelf import Taken, Wish, refuse_unknown, take_from_shelf
from rewards.services.vouchers import cancel_voucher, issue_voucher

CHUNK = 200


class How(TypedDict, total=False):
    """Where a reward is taken, for how long it is only set aside, and which of several it is."""

    store_id: int | None
    hold_seconds: int | None
    choice: UUID | None


@transaction.atomic
def redeem(
    *,
    reward_id: int,
    member_id: int,
    actor: Actor,
    request_key: str,
    **how: Unpack[How],
) -> Redemption:
    """Take one reward for its price in points and from stock, or do neither.

    With ``hold_seconds`` it is only set aside, until it is captured, canceled or time is over.
    Of a reward that is one of several, ``choice`` says which; it is had at the price of the whole.
    What may stand in the way, and in which order, ``rewards.services.on_shelf`` tells.
    """
    hold_seconds = how.get("hold_seconds")
    member = Member.objects.select_related("merged_into").get(pk=member_id)
    account_id = _account(reward_id, member)
    with open_book([account_id], actor=actor) as book:
        account_id = book.living(account_id)
        taken = take_from_shelf(
            Wish(
                reward_id=reward_id,
                member=member,
                account_id=account_id,
                now=book.now,
                store_id=how.get("store_id"),
                choice=how.get("choice"),
            )
        )
        points = taken.priced.points
        refuse_beyond_limit(member_id, points, now=book.now)
        terms = book.accounts[account_id].program.terms
        ends = book.now + timedelta(seconds=hold_seconds or terms.hold_seconds)
        held = hold(book, account_id, points, request_key=f"{request_key}:hold:1", expires_at=ends)
    redemption = Redemption.objects.create(
        **_kept(taken),
        organization_id=held.account.program.organization_id,
        account_id=account_id,
        member_id=member_id,
        store_id=how.get("store_id"),
        points=points,
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
        entry = capture(book, _hold_of(redemption), cause)
    redemption.entry = entry
    _move(redemption, Redemption.Status.ISSUED)
    issue_voucher(redemption, now=book.now)
    take_effect(redemption, book.now)
    return redemption


@transaction.atomic
def cancel_redemption(
    *,
    redemption_id: int,
    reason: str,
    actor: Actor,
    request_key: str,
    also_used: bool = False,
    also_expired: bool = False,
) -> Redemption:
    """Undo a redemption: points go back to the lots they came from, the reward to stock.

    What was handed over stays so, unless ``also_used`` says that it came back over the counter.
    What lapsed does too, unless ``also_expired`` says that the shop gives its points back.
    """
    ways = {Voucher.Status.USED: also_used, Voucher.Status.EXPIRED: also_expired}
    although = {status for status, is_meant in ways.items() if is_meant}
    known = Redemption.objects.get(pk=redemption_id)
    with open_book([known.account_id], actor=actor) as book:
        _lock_stock(known)
        redemption = lock_one(Redemption, redemption_id, "reward", "grant")
        _refuse_undone(redemption)
        was_issued = redemption.status == Redemption.Status.ISSUED
        cancel_voucher(redemption, actor=actor, although=although)
        if was_issued:
            undo_effect(redemption, book.now)
        _give_back(book, redemption, request_key)
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
        _lock_stock(known)
        redemption = lock_one(Redemption, known.pk, "reward")
        ended = end_overdue(book, _hold_of(redemption)) is not None
    if ended:
        _put_back_in_stock(redemption)
        _move(redemption, Redemption.Status.EXPIRED)
    return ended


def _account(reward_id: int, member: Member) -> int:
    """Return the account that pays; what the member may not know of shows no price before that."""
    if member.status != MemberStatus.ACTIVE:
        raise MemberBlocked
    reward = Reward.objects.get(pk=reward_id)
    holder = AccountHolder.objects.filter(program=reward.program_id, member=member).first()
    account_id: int | None = holder.account_id if holder else None
    refuse_unknown(
        Wish(reward_id=reward_id, member=member, account_id=account_id, now=timezone.now())
    )
    if account_id is None:
        raise InsufficientPoints(balance=0, needed=reward.points, held=0)
    return account_id


def _kept(taken: Taken) -> dict[str, Any]:
    """Return what a redemption keeps of what was taken: its words, and the price of the choice."""
    return snapshot_of(taken.reward) | {
        "reward": taken.reward,
        "chosen_from": taken.chosen_from,
        "price_money": taken.priced.price_money,
        "serial": taken.serial,
        "serial_of": taken.reward.stock_initial if taken.serial else None,
    }


def _stocks(redemption: Redemption) -> list[int]:
    """Return the rewards whose stock it was taken from."""
    found = (redemption.reward_id, redemption.chosen_from_id)
    return [pk for pk in found if pk is not None]


def _lock_stock(redemption: Redemption) -> None:
    lock_all(Reward, _stocks(redemption))


def _put_back_in_stock(redemption: Redemption) -> None:
    taken_from = Reward.objects.filter(pk__in=_stocks(redemption), stock__isnull=False)
    taken_from.update(stock=F("stock") + 1)


def _hold_of(redemption: Redemption) -> int:
    assert redemption.hold_id is not None, "what costs points was set aside"
    return redemption.hold_id


def _refuse_undone(redemption: Redemption) -> None:
    was_issued = redemption.entry_id or redemption.grant_id
    if was_issued and redemption.status == Redemption.Status.CANCELED:
        raise AlreadyReversed


def _give_back(book: Book, redemption: Redemption, request_key: str) -> None:
    if redemption.grant is not None:
        end_grant(redemption.grant, book)
        return
    if redemption.entry_id is None:
        cancel(book, _hold_of(redemption))
    else:
        cause = Cause("redemption", redemption.pk, f"{request_key}:release:1", book.now)
        days = redemption.reward.goodwill_days
        release(book, redemption.entry_id, cause, goodwill_days=days)
    _put_back_in_stock(redemption)


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
