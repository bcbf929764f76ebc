"""Receipts that were rung up without a member, and are claimed by one afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from core import audit
from core.actors import Actor
from core.locking import lock_one
from core.outbox import event, tell
from loyalty.errors import AlreadyClaimed, AlreadyReturned, ClaimWindowOver, NoProgram
from loyalty.models import Purchase
from loyalty.queries import lines_of, payments_of
from loyalty.services.on_record import draft_on_record, unreturned
from loyalty.services.purchases import give_late
from loyalty.services.recorded import Recorded
from loyalty.services.rulebook import ProgramRules, open_programs
from members.errors import MemberBlocked, MemberUnknown
from members.models import Member, MemberStatus


@transaction.atomic
def claim_purchase(*, purchase_id: int, member_id: int, actor: Actor, request_key: str) -> Recorded:
    """Give a guest's receipt to a member, who earns by the rules and dates of its own day.

    What came back of it meanwhile earns nothing. Raises ``AlreadyClaimed``, ``AlreadyReturned``
    or ``ClaimWindowOver``.
    """
    purchase = lock_one(Purchase, purchase_id, "organization", "store")
    if purchase.member_id is not None:
        raise AlreadyClaimed
    programs = _claimable(purchase, timezone.now())
    purchase.member = _claimer(purchase, member_id)
    lines = unreturned(lines_of(purchase))
    if not lines:
        raise AlreadyReturned
    purchase.save(update_fields=["member"])
    recorded = Recorded(
        purchase, draft_on_record(purchase, lines, payments_of(purchase), request_key)
    )
    give_late(recorded, programs, actor=actor)
    _announce(recorded, actor)
    return recorded


def claim_days(organization_id: int) -> int:
    """Return how many days old a receipt may be that is claimed, 0 when none may be."""
    return max((rules.terms.claim_days for rules in open_programs(organization_id)), default=0)


def _claimable(purchase: Purchase, now: datetime) -> list[ProgramRules]:
    """Return the programs in which it is not too late for this receipt."""
    programs = open_programs(purchase.organization_id)
    if not programs:
        raise NoProgram
    age = now - purchase.occurred_at
    in_time = [
        rules
        for rules in programs
        if rules.terms.claim_days and age <= timedelta(days=rules.terms.claim_days)
    ]
    if not in_time:
        raise ClaimWindowOver(days=max(rules.terms.claim_days for rules in programs))
    return in_time


def _claimer(purchase: Purchase, member_id: int) -> Member:
    member = Member.objects.filter(pk=member_id, organization_id=purchase.organization_id).first()
    if member is None:
        raise MemberUnknown
    if member.status != MemberStatus.ACTIVE:
        raise MemberBlocked
    return member


def _announce(recorded: Recorded, actor: Actor) -> None:
    purchase = recorded.purchase
    assert purchase.member is not None, "it was just claimed"
    audit.record(
        "claimed",
        purchase,
        organization_id=purchase.organization_id,
        actor=actor,
        fields=["member"],
    )
    payload = {
        "purchase": str(purchase.public_id),
        "member": str(purchase.member.public_id),
        "points": recorded.points,
    }
    told = event(
        "purchase.claimed", purchase, organization_id=purchase.organization_id, payload=payload
    )
    tell([told])
