"""Closing a draw: from then on it takes no tickets, and its list is fixed by its digest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from core.actors import SYSTEM, Actor
from core.locking import lock_one
from core.services.rounds import one_by_one
from rewards.draw_errors import DrawAlreadyDrawn, DrawCanceled, DrawNotOpen
from rewards.drawing.entries import Line, Prize, Terms, digest_of
from rewards.models import Draw, DrawTicket
from rewards.services.draw_settings import announce, note

AT_ONCE = 5_000

# What a member is called and whether they can win is written once, as it stands at the closing.
# Whoever was merged is the survivor; a pseudonym is rewards.drawing.entries.pseudonym_of in SQL.
FREEZE = """
    WITH winners AS (
        SELECT result.member_id
        FROM rewards_drawresult result
        WHERE result.gets <> '' AND result.passed_on_at IS NULL AND result.draw_id = ANY(%(before)s)
    ),
    people AS (
        SELECT ticket.id AS ticket, living.id, living.public_id, living.status, living.user_id,
            living.email, living.organization_id
        FROM rewards_drawticket ticket
        JOIN members_member holder ON holder.id = ticket.member_id
        JOIN members_member living ON living.id = coalesce(holder.merged_into_id, holder.id)
        WHERE ticket.draw_id = %(draw)s
    ),
    staff AS (
        SELECT role.user_id, lower(person.email) AS email
        FROM core_staff role
        JOIN core_user person ON person.id = role.user_id
        WHERE role.organization_id = %(organization)s AND role.is_active AND %(staff)s
    ),
    standing AS (
        SELECT people.ticket,
            left(encode(sha256(%(salt)s || convert_to(people.public_id::text, 'UTF8')), 'hex'), 24)
                AS pseudonym,
            CASE
                WHEN people.status <> 'active' THEN 'gone'
                WHEN people.user_id IN (SELECT user_id FROM staff)
                    OR lower(people.email) IN (SELECT email FROM staff) THEN 'staff'
                WHEN people.id IN (
                    SELECT coalesce(grouped.merged_into_id, grouped.id)
                    FROM members_groupmember place
                    JOIN members_group those ON those.id = place.group_id
                    JOIN members_member grouped ON grouped.id = place.member_id
                    WHERE those.organization_id = %(organization)s AND those.code = ANY(%(groups)s)
                        AND place.left_at IS NULL
                ) THEN 'group'
                WHEN people.id IN (
                    SELECT coalesce(won.merged_into_id, won.id)
                    FROM winners JOIN members_member won ON won.id = winners.member_id
                ) THEN 'winner'
                ELSE 'in'
            END AS standing
        FROM people
    )
    UPDATE rewards_drawticket ticket
    SET pseudonym = standing.pseudonym,
        standing = CASE WHEN ticket.canceled_at IS NULL THEN standing.standing ELSE 'canceled' END
    FROM standing
    WHERE standing.ticket = ticket.id
"""


@transaction.atomic
def close_draw(*, draw_id: int, actor: Actor) -> Draw:
    """Close an open draw and fix the list of its tickets; closing a closed one changes nothing.

    Raises ``DrawNotOpen``, ``DrawAlreadyDrawn``, ``DrawCanceled``.
    """
    draw = lock_one(Draw, draw_id, "program")
    if draw.status == Draw.Status.CLOSED:
        return draw
    refuse_over(draw)
    if draw.status != Draw.Status.OPEN:
        raise DrawNotOpen
    _freeze(draw)
    draw.status, draw.closed_at = Draw.Status.CLOSED, after_its_tickets(draw)
    draw.entries_digest = digest_of(terms_of(draw), lines_of(draw))
    draw.save(update_fields=["status", "closed_at", "entries_digest"])
    note("closed", draw, actor, ["status"])
    announce(draw, "draw.closed", entries_digest=draw.entries_digest)
    return draw


def close_due_draws() -> int:
    """Close the draws whose time is over; return how many."""
    due = Draw.objects.filter(status=Draw.Status.OPEN, closes_at__lte=timezone.now())
    keys = due.order_by("closes_at", "pk").values_list("pk", flat=True)
    return one_by_one(list(keys), _close_due, what="rewards.close_due_draws")


def refuse_over(draw: Draw) -> None:
    """Refuse what comes too late: the winners stand, or the draw was canceled."""
    if draw.status == Draw.Status.DRAWN:
        raise DrawAlreadyDrawn
    if draw.status == Draw.Status.CANCELED:
        raise DrawCanceled


def after_its_tickets(draw: Draw) -> datetime:
    """Return now, or the moment of the last ticket where another clock that gave it runs ahead."""
    last = DrawTicket.objects.filter(draw=draw).aggregate(at=Max("created_at"))["at"]
    now = timezone.now()
    return now if last is None else max(now, last)


def terms_of(draw: Draw) -> Terms:
    """Return what the draw promised at its opening, as the published list says it."""
    return Terms(
        draw=str(draw.public_id),
        commitment=draw.commitment,
        public_source=draw.public_source,
        prizes=tuple(Prize(prize["reward"], prize["count"]) for prize in draw.prizes),
        alternates=draw.alternates,
        wins_once=draw.wins_once,
    )


def lines_of(draw: Draw) -> Iterator[Line]:
    """Yield the list of a closed draw, in the order of the numbers whatever the database's."""
    rows = DrawTicket.objects.filter(draw=draw).order_by("first")
    listed = rows.values_list("first", "last", "pseudonym", "standing")
    for first, last, pseudonym, standing in listed.iterator(chunk_size=AT_ONCE):
        yield Line(first, last, pseudonym, standing)


def _close_due(draw_id: int) -> int:
    return close_draw(draw_id=draw_id, actor=SYSTEM).status == Draw.Status.CLOSED


def _freeze(draw: Draw) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            FREEZE,
            {
                "draw": draw.pk,
                "organization": draw.program.organization_id,
                "staff": draw.leaves_out_staff,
                "groups": draw.groups_out,
                "salt": bytes(draw.secret.salt),
                "before": _drawn_before(draw),
            },
        )


def _drawn_before(draw: Draw) -> list[int]:
    """Return the last draws of the program whose winners are to stay out of this one."""
    drawn = Draw.objects.filter(program=draw.program_id, status=Draw.Status.DRAWN)
    newest = drawn.order_by("-drawn_at", "-pk").values_list("pk", flat=True)
    return list(newest[: draw.winners_out_of])
