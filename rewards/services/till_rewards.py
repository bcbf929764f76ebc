"""Rewards at a register: handed over for points, taken back, or against a voucher's code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.actors import Actor, staff_actor
from core.models import RegisterSession
from loyalty.earning.exact import plain
from rewards.errors import PriceChanged, UndoNotPossible
from rewards.models import Redemption, VoucherUse
from rewards.queries import voucher_on
from rewards.services.baskets import Place
from rewards.services.proofs import refuse_unproved
from rewards.services.redemptions import cancel_redemption, redeem
from rewards.services.vouchers import Use, use_voucher


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What cashier and member agreed to: the price, and which of several it is to be."""

    points: int
    price_money: Decimal | None = None
    choice: UUID | None = None


@transaction.atomic
def hand_over(
    *, reward_id: int, member_id: int, place: Place, agreed: Agreed, request_key: str
) -> Redemption:
    """Give a member a reward over the counter: points are spent, and its voucher is used at once.

    Raises ``PriceChanged`` when the price is another by now than what was agreed to.
    """
    actor = _at_work(place)
    redemption = redeem(
        reward_id=reward_id,
        member_id=member_id,
        actor=actor,
        request_key=request_key,
        store_id=place.store.pk,
        choice=agreed.choice,
    )
    if (redemption.points, redemption.price_money) != (agreed.points, agreed.price_money):
        money = redemption.price_money
        raise PriceChanged(points=redemption.points, price_money=money and plain(money))
    refuse_unproved(program=redemption.reward.program, member_id=member_id, place=place)
    use = Use(request_key=f"{request_key}:use:1", member_id=member_id, store_id=place.store.pk)
    redemption.voucher = use_voucher(voucher_id=redemption.voucher.pk, use=use, actor=actor)
    return redemption


def take_back(*, redemption_id: int, session_id: int, request_key: str) -> Redemption:
    """Undo what was just handed over here: points go back to the lots they came from.

    Raises ``UndoNotPossible`` in another session or too late.
    """
    redemption = Redemption.objects.select_related("voucher", "reward", "chosen_from").get(
        pk=redemption_id
    )
    session = RegisterSession.objects.select_related("register").get(pk=session_id)
    if not was_handed_over_in(session, redemption, now=timezone.now()):
        raise UndoNotPossible(_("This reward can no longer be taken back here. Ask a manager."))
    if redemption.status == Redemption.Status.CANCELED:
        return redemption
    return cancel_redemption(
        redemption_id=redemption.pk,
        reason=_("Taken back at the till"),
        actor=staff_actor(session.staff_id),
        request_key=request_key,
        also_used=True,
    )


def was_handed_over_in(session: RegisterSession, redemption: Redemption, *, now: datetime) -> bool:
    """Say whether this session handed the reward over itself, and lately."""
    voucher = voucher_on(redemption)
    return (
        voucher is not None
        and redemption.actor == voucher.used_by == staff_actor(session.staff_id).name
        and voucher.used_in_id == session.register.store_id
        and session.started_at <= redemption.created_at
        and now - redemption.created_at <= timedelta(minutes=_undo_minutes(redemption))
        # What took something off a receipt comes back with the receipt.
        and not voucher.all_uses.filter(purchase__isnull=False, released_at=None).exists()
    )


def _undo_minutes(redemption: Redemption) -> int:
    """Return how long the reward says it can be taken back; of a choice, the shorter time."""
    offered = redemption.chosen_from
    own = redemption.reward.undo_minutes
    return own if offered is None else min(own, offered.undo_minutes)


def use_here(
    *, voucher_id: int, member_id: int | None = None, place: Place, request_key: str
) -> VoucherUse:
    """Hand over what a voucher is for, at this register, once; return which use of it that is."""
    use = Use(request_key=f"{request_key}:use:1", member_id=member_id, store_id=place.store.pk)
    used = use_voucher(voucher_id=voucher_id, use=use, actor=_at_work(place))
    made: VoucherUse = used.last_use  # type: ignore[attr-defined]  # the service says which
    return made


def _at_work(place: Place) -> Actor:
    assert place.staff is not None, "somebody works at a till"
    return staff_actor(place.staff.pk)
