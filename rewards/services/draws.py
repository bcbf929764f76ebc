"""Tickets of prize draws: given for what rules and rewards promise or by hand, and taken back.

The numbers are handed out under the lock of the draw, one after the other, so that none is missing
and none is given twice. Many tickets for one cause are one row with a range of numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.actors import Actor
from core.bulk import insert_many, update_rows
from core.locking import lock_all, lock_one
from core.models import OutboxEvent
from core.outbox import event, tell
from loyalty.models import Account, Award, Grant
from loyalty.services.adjustments import lock_actor
from loyalty.services.granting import AWARD
from members.errors import MemberClosed
from members.models import Member
from rewards import kinds
from rewards.draw_errors import DrawAlreadyDrawn, DrawNotOpen, TicketLimitReached
from rewards.errors import NoSuchDraw
from rewards.models import Draw, DrawTicket, MissedTicket, Redemption
from rewards.services.draw_room import Room
from rewards.services.draw_settings import note

BY_HAND_MAX = 100  # so many tickets one person gives at once
Key = tuple[int, str]
Why = MissedTicket.Why


class HandWish(NamedTuple):
    """How many tickets somebody in the office gives whom, and why."""

    draw_id: int
    member_id: int
    tickets: int
    reason: str


class _Asked(NamedTuple):
    """Tickets that a draw is asked for; ``row`` is complete but for its numbers."""

    row: DrawTicket
    tickets: int


def enter_granted(grants: Sequence[Grant], *, is_silent: bool) -> None:
    """Give these grants their tickets, in the transaction that gave the grants.

    What cannot be given any more is left out, and noted with the reason.
    """
    promised = [grant for grant in grants if grant.kind == Grant.Kind.TICKET]
    if not promised:
        return
    programs = _programs_of(promised)
    draws = _draws_of(promised, programs)
    locked = lock_all(Draw, set(draws.values()), "program")
    moments = _moments_of(promised)
    by_draw: dict[int, list[Grant]] = defaultdict(list)
    for grant in promised:
        known = draws.get((programs[grant.account_id], grant.target))
        if known is not None:
            by_draw[known].append(grant)
    given: list[DrawTicket] = []
    for pk, due in by_draw.items():
        given += _enter_due(locked[pk], due, moments)
    if not is_silent:
        tell(_told("draw_ticket.entered", one) for one in given)


def leave_granted(grants: Sequence[Grant]) -> set[int]:
    """Cancel the tickets of grants that are taken back; return the grants whose draw is drawn."""
    return {
        ticket.grant_id
        for ticket in _leave({"grant__in": [grant.pk for grant in grants]})
        if ticket.grant_id is not None
    }


@transaction.atomic
def enter_from_reward(
    *, redemption: Redemption, now: datetime, is_silent: bool = False
) -> DrawTicket | None:
    """Give the tickets that a reward of kind ``draw_ticket`` is for, with the voucher.

    The reward's details name the ``draw`` and how many ``tickets``. What was only granted is left
    out where the draw takes no tickets, with a note, or is not there; for points it is refused.
    As with tickets that a rule gives, what counts is when a grant was earned.
    Raises ``NoSuchDraw``, ``DrawNotOpen``, ``TicketLimitReached``.
    """
    code, tickets = _named_by(redemption)
    known = Draw.objects.filter(program=redemption.reward.program_id, code=code).first()
    if known is None and redemption.grant is not None:
        return None
    if known is None:
        raise NoSuchDraw(draw=code)
    draw = lock_one(Draw, known.pk, "program")
    row = DrawTicket(
        draw=draw,
        member_id=redemption.member_id,
        cause=DrawTicket.Cause.REDEMPTION,
        redemption=redemption,
        request_key=f"redemption:{redemption.pk}",
        actor=redemption.actor,
        occurred_at=now,
        created_at=now,
    )
    if redemption.grant is not None:
        row.occurred_at = _moments_of([redemption.grant])[redemption.grant.pk]
        entered = _enter_promised(draw, row, tickets, redemption.grant)
        if not is_silent:
            tell(_told("draw_ticket.entered", one) for one in entered)
        return entered[0] if entered else None
    _refuse_closed(draw, now)
    return _enter_or_refuse(draw, row, tickets)


@transaction.atomic
def leave_from_reward(*, redemption: Redemption, now: datetime) -> bool:
    """Cancel the tickets of a redemption that is undone; say whether none of them was drawn over.

    Points that bought a chance in a draw that is drawn stay spent: raises ``DrawAlreadyDrawn``.
    """
    drawn = _leave({"redemption": redemption.pk}, now)
    if drawn and redemption.grant_id is None:
        raise DrawAlreadyDrawn
    return not drawn


@transaction.atomic
def enter_by_hand(*, wish: HandWish, actor: Actor, request_key: str) -> DrawTicket:
    """Give tickets without a purchase or points, for a reason that stays in the log.

    Raises ``DrawNotOpen``, ``TicketLimitReached``, ``MemberClosed``.
    """
    if not Member.objects.get(pk=wish.member_id).is_open:
        raise MemberClosed
    lock_actor(actor)
    draw, now = lock_one(Draw, wish.draw_id, "program"), timezone.now()
    _refuse_closed(draw, now)
    if not 1 <= wish.tickets <= BY_HAND_MAX:
        raise TicketLimitReached(left=BY_HAND_MAX)
    row = DrawTicket(
        draw=draw,
        member_id=wish.member_id,
        cause=DrawTicket.Cause.HAND,
        request_key=f"hand:{request_key}",
        reason=wish.reason,
        actor=actor.name,
        occurred_at=now,
        created_at=now,
    )
    entered = _enter_or_refuse(draw, row, wish.tickets)
    note("gave_tickets", draw, actor, ["tickets"], wish.reason)
    return entered


# --- under the lock of the draw ---------------------------------------------------------------


def _enter_due(
    draw: Draw, due: Sequence[Grant], moments: Mapping[int, datetime]
) -> list[DrawTicket]:
    """Give what each grant may still have, and note the rest."""
    now, wanted, missed = timezone.now(), list[_Asked](), list[MissedTicket]()
    room = Room(draw, {grant.member_id for grant in due})
    for grant in due:
        why = _why_not(draw, moments[grant.pk])
        count = 0 if why else room.left_for(grant.member_id, grant.count)
        room.take(grant.member_id, count)
        if count:
            wanted.append(_Asked(_row(draw, grant, moments[grant.pk], now), count))
        if count < grant.count:
            missed.append(_missed(draw, grant, grant.count - count, why or Why.LIMIT, now))
    insert_many(missed)
    return _number(draw, wanted)


def _enter_or_refuse(draw: Draw, row: DrawTicket, tickets: int) -> DrawTicket:
    left = Room(draw, {row.member_id}).left_for(row.member_id, tickets)
    if left < tickets:
        raise TicketLimitReached(left=left)
    [entered] = _number(draw, [_Asked(row, tickets)])
    tell([_told("draw_ticket.entered", entered)])
    return entered


def _enter_promised(draw: Draw, row: DrawTicket, tickets: int, grant: Grant) -> list[DrawTicket]:
    """Give what was promised as far as the draw takes it, and note the rest."""
    why = _why_not(draw, row.occurred_at)
    count = 0 if why else Room(draw, {row.member_id}).left_for(row.member_id, tickets)
    if count < tickets:
        missing = tickets - count
        _missed(draw, grant, missing, why or Why.LIMIT, row.created_at).save()
    return _number(draw, [_Asked(row, count)] if count else [])


def _number(draw: Draw, wanted: Sequence[_Asked]) -> list[DrawTicket]:
    """Give the tickets the numbers that come next, and store them."""
    if not wanted:
        return []
    for row, count in wanted:
        row.first, row.last = draw.last_number + 1, draw.last_number + count
        draw.last_number = row.last
    draw.save(update_fields=["last_number"])
    rows = [row for row, _count in wanted]
    insert_many(rows)
    return rows


def _leave(which: Mapping[str, object], now: datetime | None = None) -> list[DrawTicket]:
    """Cancel tickets whose draw is not drawn yet; return those whose draw is."""
    known = DrawTicket.objects.filter(**which, canceled_at=None).values_list("draw_id", "pk")
    draws = lock_all(Draw, {draw_id for draw_id, _pk in known}, "program")
    tickets = list(DrawTicket.objects.filter(**which, canceled_at=None).select_related("draw"))
    drawn = [one for one in tickets if draws[one.draw_id].status == Draw.Status.DRAWN]
    standing = [one for one in tickets if draws[one.draw_id].status != Draw.Status.DRAWN]
    at = now or timezone.now()
    update_rows(
        "rewards_drawticket", {"canceled_at": "timestamptz"}, [(one.pk, at) for one in standing]
    )
    for one in standing:
        one.draw = draws[one.draw_id]
    tell(_told("draw_ticket.canceled", one) for one in standing)
    return drawn


def _why_not(draw: Draw, at: datetime) -> Why | None:
    if draw.status != Draw.Status.OPEN:
        return Why.NOT_OPEN
    assert draw.opens_at is not None, "an open draw says from when on"
    if at < draw.opens_at:
        return Why.TOO_EARLY
    return Why.TOO_LATE if at >= draw.closes_at else None


def _refuse_closed(draw: Draw, now: datetime) -> None:
    if _why_not(draw, now) is not None:
        raise DrawNotOpen(draw=draw.code)


# --- what grants mean -------------------------------------------------------------------------


def _programs_of(grants: Sequence[Grant]) -> dict[int, int]:
    accounts = Account.objects.filter(pk__in={grant.account_id for grant in grants})
    return dict(accounts.values_list("pk", "program_id"))


def _draws_of(grants: Sequence[Grant], programs: Mapping[int, int]) -> dict[Key, int]:
    draws = Draw.objects.filter(
        program__in=set(programs.values()), code__in={grant.target for grant in grants}
    )
    return {
        (program_id, code): pk
        for pk, program_id, code in draws.values_list("pk", "program_id", "code")
    }


def _moments_of(grants: Sequence[Grant]) -> dict[int, datetime]:
    """Return when each grant was earned: at its purchase or activity, however late it came in."""
    awards = Award.objects.filter(pk__in={one.cause_id for one in grants if one.cause == AWARD})
    at = Coalesce("purchase__occurred_at", "activity__occurred_at")
    known = dict(awards.annotate(at=at).values_list("pk", "at"))
    return {
        one.pk: known.get(one.cause_id, one.given_at) if one.cause == AWARD else one.given_at
        for one in grants
    }


def _named_by(redemption: Redemption) -> tuple[str, int]:
    promise = redemption.promise
    assert isinstance(promise, kinds.DrawTicket), "a reward of tickets names its draw"
    return promise.draw, promise.tickets


def _row(draw: Draw, grant: Grant, at: datetime, now: datetime) -> DrawTicket:
    return DrawTicket(
        draw=draw,
        member_id=grant.member_id,
        cause=DrawTicket.Cause.GRANT,
        grant=grant,
        request_key=f"grant:{grant.pk}",
        actor=grant.actor,
        occurred_at=at,
        created_at=now,
    )


def _missed(draw: Draw, grant: Grant, count: int, why: Why, now: datetime) -> MissedTicket:
    return MissedTicket(
        draw=draw, member_id=grant.member_id, grant=grant, count=count, why=why, created_at=now
    )


def _told(kind: str, ticket: DrawTicket) -> OutboxEvent:
    payload = {"draw": str(ticket.draw.public_id), "first": ticket.first, "last": ticket.last}
    organization_id = ticket.draw.program.organization_id
    return event(kind, ticket, organization_id=organization_id, payload=payload)
