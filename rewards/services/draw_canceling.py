"""Canceling a draw: its tickets are worth nothing, and points that bought them go back.

The draw and its tickets end at once. The points go back redemption by redemption, because accounts
are locked before draws; a row that is due waits for the round that finds it.
"""

from __future__ import annotations

from django.db import transaction

from core.actors import SYSTEM, Actor
from core.locking import lock_one
from core.nudges import nudge
from core.services.rounds import one_by_one
from loyalty.errors import AlreadyReversed
from rewards.draw_errors import DrawAlreadyDrawn
from rewards.models import Draw, DrawTicket, Redemption
from rewards.services.draw_closing import after_its_tickets
from rewards.services.draw_settings import announce, note
from rewards.services.redemptions import cancel_redemption

REFUND = "rewards.refund_canceled_draws"
CHUNK = 200


@transaction.atomic
def cancel_draw(*, draw_id: int, reason: str, actor: Actor) -> Draw:
    """Cancel a draw that is not drawn; canceling it again changes nothing.

    Raises ``DrawAlreadyDrawn``.
    """
    draw = lock_one(Draw, draw_id, "program")
    if draw.status == Draw.Status.CANCELED:
        return draw
    if draw.status == Draw.Status.DRAWN:
        raise DrawAlreadyDrawn
    now = after_its_tickets(draw)
    DrawTicket.objects.filter(draw=draw, canceled_at=None).update(canceled_at=now)
    draw.status, draw.canceled_at, draw.reason = Draw.Status.CANCELED, now, reason
    draw.save(update_fields=["status", "canceled_at", "reason"])
    note("canceled", draw, actor, ["status"], reason)
    announce(draw, "draw.canceled")
    nudge(REFUND)
    return draw


def refund_canceled_draws() -> int:
    """Give back the points for tickets of canceled draws; return for how many redemptions.

    A round goes on past rows that cannot be done until it has done many, so that no number of
    them keeps the later ones from their points.
    """
    done, after = 0, 0
    while done < CHUNK and (due := _due(after)):
        done += one_by_one([redemption for _pk, redemption in due], _refund, what=REFUND)
        after, _redemption = due[-1]
    return done


def _due(after: int) -> list[tuple[int, int | None]]:
    """Return tickets, and what they were taken with, whose points are due: some, by number."""
    due = DrawTicket.objects.filter(
        draw__status=Draw.Status.CANCELED,
        redemption__status=Redemption.Status.ISSUED,
        redemption__grant=None,
        pk__gt=after,
    )
    return list(due.order_by("pk").values_list("pk", "redemption_id")[:CHUNK])


def _refund(redemption_id: int | None) -> int:
    assert redemption_id is not None, "what was taken for points has its redemption"
    ticket = DrawTicket.objects.select_related("draw").get(redemption=redemption_id)
    try:
        cancel_redemption(
            redemption_id=redemption_id,
            reason=ticket.draw.reason,
            actor=SYSTEM,
            request_key=f"draw-canceled:{redemption_id}",
            also_used=True,
            also_expired=True,
        )
    except AlreadyReversed:  # somebody else gave the points back at this moment
        return 0
    return 1
