"""Rewards at a register: handed over for points, taken back, or against a voucher's code."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.actors import Actor, staff_actor
from core.models import Organization, RegisterSession
from core.services.tries import count_try, forget_tries
from rewards.errors import PriceChanged, UndoNotPossible, VoucherMistyped, VoucherUnknown
from rewards.models import Redemption, Voucher
from rewards.queries import voucher_named, voucher_on
from rewards.services.baskets import Place
from rewards.services.redemptions import cancel_redemption, redeem
from rewards.services.vouchers import use_voucher
from rewards.voucher_codes import check, clean

UNDO_WITHIN = timedelta(minutes=15)


@transaction.atomic
def hand_over(
    *, reward_id: int, member_id: int, place: Place, points: int, request_key: str
) -> Redemption:
    """Give a member a reward over the counter: points are spent, and its voucher is used at once.

    ``points`` is the price that was agreed to; raises ``PriceChanged`` when it is another by now.
    """
    actor = _at_work(place)
    redemption = redeem(
        reward_id=reward_id,
        member_id=member_id,
        actor=actor,
        request_key=request_key,
        store_id=place.store.pk,
    )
    if redemption.points != points:
        raise PriceChanged(points=redemption.points)
    redemption.voucher = use_voucher(
        voucher_id=redemption.voucher.pk, actor=actor, store_id=place.store.pk
    )
    return redemption


def take_back(*, redemption_id: int, session_id: int, request_key: str) -> Redemption:
    """Undo what was just handed over here: points go back to the lots they came from.

    Raises ``UndoNotPossible`` in another session or too late.
    """
    redemption = Redemption.objects.select_related("voucher").get(pk=redemption_id)
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
        and now - redemption.created_at <= UNDO_WITHIN
    )


def find_voucher(*, organization: Organization, place: Place, text: str) -> Voucher:
    """Return the voucher of a code that was typed or scanned; unknown codes count as guesses.

    Raises ``VoucherMistyped``, ``VoucherUnknown`` or ``TriedTooOften``.
    """
    if not check(clean(text)):
        raise VoucherMistyped
    subject = f"voucher:{_at_work(place).name}"
    count_try(subject=subject)
    voucher = voucher_named(organization, text)
    if voucher is None:
        raise VoucherUnknown
    forget_tries(subjects=[subject])
    return voucher


def use_here(*, voucher_id: int, place: Place) -> Voucher:
    """Hand over what a voucher is for, at this register, once."""
    return use_voucher(voucher_id=voucher_id, actor=_at_work(place), store_id=place.store.pk)


def _at_work(place: Place) -> Actor:
    assert place.staff is not None, "somebody works at a till"
    return staff_actor(place.staff.pk)
