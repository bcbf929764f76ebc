"""Does what rewards do that open later, on their day: once, or the member has their points back.

A round takes what is due, each in a transaction of its own. Its locks are taken in the one order,
account first, so that nobody undoes a redemption meanwhile; a row that another worker has by then
is left to that one. What cannot be done any more undoes the redemption, and is told.
"""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core import audit
from core.actors import SYSTEM
from core.errors import Refusal
from core.locking import lock_all, lock_one, unlocked
from core.models import OutgoingMessage
from core.outbox import event, tell
from core.services.messages import Letter, send_later
from core.services.rounds import one_by_one
from loyalty.services.ledger import open_book
from members.queries import survivor
from rewards.models import Opening, Redemption, Reward
from rewards.services.issuing import act
from rewards.services.redemptions import cancel_redemption

OPEN = "rewards.open_due"
CHUNK = 200
REASON_LENGTH_MAX = 200
Status = Opening.Status


def open_due() -> int:
    """Do what is due by now; return how many redemptions were opened or undone.

    A round goes on past rows that cannot be worked on until it has done many.
    """
    done, after = 0, 0
    while done < CHUNK and (due := _due(after)):
        done += one_by_one(due, _open, what=OPEN)
        after = due[-1]
    return done


def _due(after: int) -> list[int]:
    due = Opening.objects.filter(status=Status.WAITING, due_at__lte=timezone.now(), pk__gt=after)
    return list(due.order_by("pk").values_list("pk", flat=True)[:CHUNK])


@transaction.atomic
def _open(pk: int) -> int:
    """Open one redemption; return nothing done when it was called off or opened meanwhile."""
    known = Opening.objects.select_related("redemption").get(pk=pk).redemption
    with open_book([known.account_id], actor=SYSTEM) as book:
        lock_all(Reward, {known.reward_id, known.chosen_from_id or known.reward_id})
        redemption = lock_one(Redemption, known.pk, "reward__program", "organization", "grant")
        opening = unlocked(Opening.objects.filter(pk=pk, status=Status.WAITING)).first()
        if opening is None:
            return 0
        refused = _refused(redemption)
        opening.status = Status.FAILED if refused else Status.DONE
        opening.why, opening.ended_at = refused.code if refused else "", book.now
        opening.save(update_fields=["status", "why", "ended_at"])
    if refused is None:
        _tell(redemption, "redemption.opened")
    else:
        _undo(redemption, refused)
    return 1


def _refused(redemption: Redemption) -> Refusal | None:
    """Do what the redemption does, whole, or return what it is refused with."""
    try:
        with transaction.atomic():
            act(redemption, timezone.now())
    except Refusal as refusal:
        if not refusal.definitive:
            raise
        return refusal
    return None


def _undo(redemption: Redemption, refused: Refusal) -> None:
    """Give back what was paid for it, and say why: to the member, the office and who listens."""
    with translation.override(redemption.organization.language):
        reason = str(refused)[:REASON_LENGTH_MAX]
    cancel_redemption(
        redemption_id=redemption.pk,
        reason=reason,
        actor=SYSTEM,
        request_key=f"opening:{redemption.pk}",
        also_expired=True,
    )
    audit.record(
        "not_opened",
        redemption,
        organization_id=redemption.organization_id,
        actor=SYSTEM,
        reason=reason,
    )
    _tell(redemption, "redemption.not_opened", why=refused.code)
    _write_to(redemption, refused)


def _write_to(redemption: Redemption, refused: Refusal) -> None:
    """Write to the member, if there is an address; their page of the voucher says the same."""
    member = survivor(redemption.member)
    if not member.email:
        return
    organization = redemption.organization
    with translation.override(member.language or organization.language):
        told = {"reward": redemption.name, "shop": organization.name, "why": str(refused)}
        lines = [_("%(reward)s could not be given on its day: %(why)s") % told]
        if redemption.points:
            lines.append(_("The points that you paid for it are back on your account."))
        send_later(
            organization_id=organization.pk,
            letter=Letter(
                channel=OutgoingMessage.Channel.EMAIL,
                to=member.email,
                subject=_("%(reward)s at %(shop)s") % told,
                text="\n\n".join(lines),
            ),
        )


def _tell(redemption: Redemption, kind: str, **more: str) -> None:
    payload = {"redemption": str(redemption.public_id), "points": redemption.points, **more}
    tell([event(kind, redemption, organization_id=redemption.organization_id, payload=payload)])
