"""Lets go of what a voucher was used for by mistake: by whoever used it, soon, or by a manager."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor, staff_actor
from core.models import RegisterSession
from loyalty.queries import is_all_back
from rewards.errors import UndoNotPossible, VoucherNotUsed
from rewards.models import Voucher, VoucherUse
from rewards.services.vouchers import release_use


@transaction.atomic
def release_own(
    *,
    voucher_id: int,
    actor: Actor,
    member_ids: list[int] | None = None,
    purchase_id: int | None = None,
) -> Voucher:
    """Let go of the last use that the actor made, of this member or purchase if one is named.

    Raises ``VoucherNotUsed``, ``VoucherCanceled`` or ``UndoNotPossible`` when it was too long ago.
    """
    uses = VoucherUse.objects.filter(voucher=voucher_id, actor=actor.name, released_at=None)
    if member_ids is not None:
        uses = uses.filter(member__in=member_ids)
    if purchase_id is not None:
        uses = uses.filter(purchase=purchase_id)
    last = uses.order_by("-used_at", "-pk").first()
    if last is None:
        raise VoucherNotUsed
    if timezone.now() - last.used_at > _while_undone(last.voucher):
        raise too_late()
    _refuse_on_receipt(last)
    return release_use(use_id=last.pk, actor=actor)


@transaction.atomic
def release_here(*, use_id: int, session_id: int) -> Voucher:
    """Let go of a use that this session at a register made, lately.

    Raises ``UndoNotPossible``, ``VoucherNotUsed`` or ``VoucherCanceled``.
    """
    use = VoucherUse.objects.get(pk=use_id)
    session = RegisterSession.objects.select_related("register").get(pk=session_id)
    if not was_used_in(session, use, now=timezone.now()):
        raise too_late()
    return release_use(use_id=use_id, actor=staff_actor(session.staff_id))


@transaction.atomic
def release_by_manager(*, use_id: int, actor: Actor, reason: str) -> Voucher:
    """Let go of any use, however long ago, and say why; raises ``UndoNotPossible``."""
    _refuse_on_receipt(VoucherUse.objects.get(pk=use_id))
    voucher = release_use(use_id=use_id, actor=actor)
    audit.record(
        "released",
        voucher,
        organization_id=voucher.organization_id,
        actor=actor,
        reason=reason,
    )
    return voucher


def was_used_in(session: RegisterSession, use: VoucherUse, *, now: datetime) -> bool:
    """Say whether this session used the voucher itself, and lately."""
    return (
        use.actor == staff_actor(session.staff_id).name
        and use.store_id == session.register.store_id
        and use.purchase_id is None
        and session.started_at <= use.used_at
        and now - use.used_at <= _while_undone(use.voucher)
    )


def _refuse_on_receipt(use: VoucherUse) -> None:
    """Refuse to let go of what took something off a receipt that is not all back."""
    if use.amount is not None and use.purchase is not None and not is_all_back(use.purchase):
        raise UndoNotPossible(_("It took something off a receipt: return what was bought."))


def _while_undone(voucher: Voucher) -> timedelta:
    """Return for how long a use can be undone by who made it, as the reward says."""
    return timedelta(minutes=voucher.reward.undo_minutes)


def too_late() -> UndoNotPossible:
    """Return the refusal of who did not use the voucher, or did so a while ago."""
    return UndoNotPossible(_("This use can no longer be undone here. Ask a manager."))
