"""Stops a member from taking part for a while, and lets them in again."""

from __future__ import annotations

from django.db import transaction

from core import audit
from core.actors import Actor
from core.errors import about
from core.locking import lock_one
from core.text import clean_line
from members.errors import MemberClosed
from members.models import Member, MemberStatus

REASON_LENGTH_MAX = 200


def block_member(*, member_id: int, actor: Actor, reason: str) -> Member:
    """Stop the member from earning and spending, for a reason that is kept."""
    return _set_status(member_id, MemberStatus.BLOCKED, actor=actor, verb="blocked", reason=reason)


def unblock_member(*, member_id: int, actor: Actor, reason: str = "") -> Member:
    """Let a blocked member take part again."""
    return _set_status(member_id, MemberStatus.ACTIVE, actor=actor, verb="unblocked", reason=reason)


@transaction.atomic
def _set_status(
    member_id: int, status: MemberStatus, *, actor: Actor, verb: str, reason: str
) -> Member:
    member = lock_one(Member, member_id)
    with about("reason"):
        why = clean_line(reason, max_length=REASON_LENGTH_MAX)
    if not member.is_open:
        raise MemberClosed
    if member.status == status:
        return member
    member.status = status
    member.save(update_fields=["status"])
    audit.record(
        verb,
        member,
        organization_id=member.organization_id,
        actor=actor,
        fields=["status"],
        reason=why,
    )
    return member
