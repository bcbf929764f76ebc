"""Corrections by hand, with a reason, within what one person may decide alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Abs
from django.utils import timezone

from core import audit
from core.actors import Actor
from core.days import local_day, start_of_day
from core.locking import lock_one
from core.models import Integration, Staff
from loyalty.errors import (
    AdjustmentTooLarge,
    InsufficientPoints,
    NothingAdjusted,
    PointsLimitExceeded,
)
from loyalty.models import Account, Entry, Program
from loyalty.queries import balance_of
from loyalty.services.accounts import accounts_for, held_by
from loyalty.services.ledger import POINTS_MAX, Cause, Credit, adjust, open_book
from loyalty.waiting import dates_from
from members.errors import MemberClosed
from members.models import Member

BY_ONE = "adjustment"  # the cause of what one person decided alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """How many points of whom are to be corrected in which program, and why."""

    program_id: int
    member_id: int
    points: int
    reason: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What could be spent before a correction and after it, and whether one person may do it."""

    before: int
    after: int
    needs_second: bool = False


@transaction.atomic
def adjust_points(
    *, program_id: int, member_id: int, points: int, reason: str, actor: Actor, request_key: str
) -> Entry:
    """Give or take points by hand; more than one person may decide alone is refused."""
    wish = Correction(program_id=program_id, member_id=member_id, points=points, reason=reason)
    program = adjustable(wish)
    lock_actor(actor)
    alone = decided_alone(program, actor)
    if abs(points) > alone:
        raise AdjustmentTooLarge(points_max=alone)
    return adjust_alone(program, wish, actor=actor, request_key=request_key)


def preview_adjustment(*, wish: Correction, actor: Actor) -> Preview:
    """Say what a correction would do, and whether somebody else must agree; or refuse it."""
    program = adjustable(wish)
    before, after = refuse_impossible(wish)
    return Preview(before, after, abs(wish.points) > decided_alone(program, actor))


def adjustable(wish: Correction) -> Program:
    """Return the program, unless points of this member are corrected by nobody."""
    if not wish.points:
        raise NothingAdjusted
    if not Member.objects.get(pk=wish.member_id).is_open:
        raise MemberClosed
    return Program.objects.select_related("organization").get(pk=wish.program_id)


def decided_alone(program: Program, actor: Actor) -> int:
    """Return how many points this actor may still give or take today without anybody else."""
    terms = program.terms
    left = terms.adjustment_points_per_day_max - _adjusted_today(program, actor)
    return max(0, min(terms.adjustment_points_max, left))


def lock_actor(actor: Actor) -> None:
    """Let nobody decide twice at the same moment, or the day's sum would be read too early."""
    if actor.kind == "staff" and actor.pk is not None:
        lock_one(Staff, actor.pk)
    elif actor.kind == "integration" and actor.pk is not None:
        lock_one(Integration, actor.pk)


def refuse_impossible(wish: Correction) -> tuple[int, int]:
    """Return what could be spent before and after; refuse what the ledger would refuse now."""
    account_id = held_by(wish.program_id, wish.member_id)
    before = balance_of(Account.objects.get(pk=account_id)).balance if account_id else 0
    if wish.points < 0 and before < -wish.points:
        raise InsufficientPoints(balance=before, needed=-wish.points)
    if before + wish.points > POINTS_MAX:
        raise PointsLimitExceeded(field="points")
    return before, before + wish.points


def adjust_alone(program: Program, wish: Correction, *, actor: Actor, request_key: str) -> Entry:
    """Correct the points as one person decided, and note it in the log."""
    cause = Cause(BY_ONE, None, f"{request_key}:adjust:1", timezone.now(), wish.reason)
    entry = post_correction(program, wish, cause, actor)
    audit.record(
        "adjust", entry, organization_id=program.organization_id, actor=actor, reason=wish.reason
    )
    return entry


def post_correction(program: Program, wish: Correction, cause: Cause, actor: Actor) -> Entry:
    """Write the correction into the ledger; taken is no more than can be spent."""
    holding = (wish.program_id, wish.member_id)
    account_id = accounts_for([holding])[holding]
    now = cause.occurred_at
    dates = dates_from(now, program.terms.expiry, program.organization.zone)
    with open_book([account_id], actor=actor, now=now) as book:
        return adjust(
            book, book.living(account_id), wish.points, cause, Credit(wish.points, *dates)
        )


def _adjusted_today(program: Program, actor: Actor) -> int:
    zone = program.organization.zone
    since: datetime = start_of_day(local_day(timezone.now(), zone), zone)
    today = Entry.objects.filter(
        actor=actor.name, cause=BY_ONE, occurred_at__gte=since, account__program=program
    )
    return today.aggregate(sum=Sum(Abs("points")))["sum"] or 0
