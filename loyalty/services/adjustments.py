"""Corrections by hand, with a reason, within the limit of one person."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from core import audit
from core.actors import Actor
from loyalty.errors import AdjustmentTooLarge, InsufficientPoints, NothingAdjusted
from loyalty.expiry import expires_at
from loyalty.models import Account, Entry, Program
from loyalty.queries import balance_of
from loyalty.services.accounts import accounts_for, held_by
from loyalty.services.ledger import Cause, Credit, adjust, open_book
from members.errors import MemberClosed
from members.models import Member


@dataclass(frozen=True, slots=True)
class Preview:
    """What could be spent before a correction and after it, as things stand."""

    before: int
    after: int


@transaction.atomic
def adjust_points(
    *, program_id: int, member_id: int, points: int, reason: str, actor: Actor, request_key: str
) -> Entry:
    """Give or take points by hand; more than one person may decide alone is refused."""
    program = _adjustable(program_id, member_id, points)
    holding = (program_id, member_id)
    account_id = accounts_for([holding])[holding]
    now = timezone.now()
    credit = Credit(points, now, expires_at(now, program.terms.expiry, program.organization.zone))
    with open_book([account_id], actor=actor, now=now) as book:
        cause = Cause("adjustment", None, f"{request_key}:adjust:1", now, reason)
        entry = adjust(book, account_id, points, cause, credit)
    audit.record(
        "adjust", entry, organization_id=program.organization_id, actor=actor, reason=reason
    )
    return entry


def preview_adjustment(*, program_id: int, member_id: int, points: int) -> Preview:
    """Say what a correction would do, or refuse it as it would be refused."""
    _adjustable(program_id, member_id, points)
    account_id = held_by(program_id, member_id)
    before = balance_of(Account.objects.get(pk=account_id)).balance if account_id else 0
    if points < 0 and before < -points:
        raise InsufficientPoints(balance=before, needed=-points)
    return Preview(before, before + points)


def _adjustable(program_id: int, member_id: int, points: int) -> Program:
    """Return the program, unless nobody may correct so many points of this member alone."""
    if not points:
        raise NothingAdjusted
    if not Member.objects.get(pk=member_id).is_open:
        raise MemberClosed
    program = Program.objects.select_related("organization").get(pk=program_id)
    most = program.terms.adjustment_points_max
    if abs(points) > most:
        raise AdjustmentTooLarge(points_max=most)
    return program
