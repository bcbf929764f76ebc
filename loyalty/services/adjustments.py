"""Corrections by hand, with a reason, within the limit of one person."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from core import audit
from core.actors import Actor
from loyalty.errors import AdjustmentTooLarge, NothingAdjusted
from loyalty.expiry import expires_at
from loyalty.models import Entry, Program
from loyalty.services.accounts import accounts_for
from loyalty.services.ledger import Cause, Credit, adjust, open_book
from members.errors import MemberClosed
from members.models import Member


@transaction.atomic
def adjust_points(
    *, program_id: int, member_id: int, points: int, reason: str, actor: Actor, request_key: str
) -> Entry:
    """Give or take points by hand; more than one person may decide alone is refused."""
    if not points:
        raise NothingAdjusted
    if not Member.objects.get(pk=member_id).is_open:
        raise MemberClosed
    program = Program.objects.select_related("organization").get(pk=program_id)
    most = program.terms.adjustment_points_max
    if abs(points) > most:
        raise AdjustmentTooLarge(points_max=most)
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
