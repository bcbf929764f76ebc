"""Corrections beyond what one person may do alone: somebody asks, somebody else decides."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from core import audit
from core.actors import Actor
from core.locking import lock_one
from core.models import Staff
from core.models.people import Role
from core.outbox import event, tell
from loyalty.errors import AlreadyDecided, DecisionOutOfReach, NotAskedByYou, OwnRequest
from loyalty.models import AdjustmentRequest, Entry, Program
from loyalty.services.adjustments import (
    Correction,
    adjust_alone,
    adjustable,
    decided_alone,
    lock_actor,
    post_correction,
    refuse_impossible,
)
from loyalty.services.ledger import Cause

BY_TWO = "adjustment_request"  # the cause of what a second person agreed to

Status = AdjustmentRequest.Status


@transaction.atomic
def adjust_or_ask(*, wish: Correction, actor: Actor, request_key: str) -> Entry | AdjustmentRequest:
    """Correct points where the actor may decide alone, else ask for a second person."""
    program = adjustable(wish)
    lock_actor(actor)
    if abs(wish.points) <= decided_alone(program, actor):
        return adjust_alone(program, wish, actor=actor, request_key=request_key)
    return _ask(program, wish, actor, request_key)


@transaction.atomic
def approve_adjustment(*, request_id: int, actor: Actor) -> AdjustmentRequest:
    """Correct the points as was asked, if that is still possible.

    Raises ``AlreadyDecided`` when somebody was faster, and whatever the ledger refuses now.
    """
    asked = _undecided(request_id)
    _refuse_decider(asked, actor)
    wish = Correction(
        program_id=asked.program_id,
        member_id=asked.member_id,
        points=asked.points,
        reason=asked.reason,
    )
    key = f"approved:{asked.public_id}"  # of the request itself: it can have one effect only
    cause = Cause(BY_TWO, asked.pk, key, timezone.now(), asked.reason)
    asked.entry = post_correction(adjustable(wish), wish, cause, actor)
    return _decide(asked, Status.APPROVED, actor)


@transaction.atomic
def decline_adjustment(*, request_id: int, reason: str, actor: Actor) -> AdjustmentRequest:
    """Say no to what was asked, and why."""
    asked = _undecided(request_id)
    _refuse_decider(asked, actor)
    asked.decided_because = reason
    return _decide(asked, Status.DECLINED, actor)


@transaction.atomic
def withdraw_adjustment(*, request_id: int, actor: Actor) -> AdjustmentRequest:
    """Take back what one asked for, as long as nobody has decided."""
    asked = _undecided(request_id)
    if asked.asked_by != actor.name:
        raise NotAskedByYou
    return _decide(asked, Status.WITHDRAWN, actor)


def _ask(program: Program, wish: Correction, actor: Actor, request_key: str) -> AdjustmentRequest:
    refuse_impossible(wish)
    asked = AdjustmentRequest.objects.create(
        organization_id=program.organization_id,
        program=program,
        member_id=wish.member_id,
        points=wish.points,
        reason=wish.reason,
        request_key=f"{request_key}:ask:1",
        asked_by=actor.name,
    )
    _announce(asked, actor, wish.reason)
    return asked


def _undecided(request_id: int) -> AdjustmentRequest:
    asked = lock_one(AdjustmentRequest, request_id, "program", "member")
    if asked.status != Status.ASKED:
        raise AlreadyDecided(status=asked.status)
    return asked


def _refuse_decider(asked: AdjustmentRequest, actor: Actor) -> None:
    """Refuse whoever asked, and everybody but those who run the shop at this moment."""
    if actor.name == asked.asked_by:
        raise OwnRequest
    deciding = Staff.objects.filter(
        organization_id=asked.organization_id,
        is_active=True,
        role__in=[Role.OWNER, Role.MANAGER],
    )
    if actor.kind != "staff" or not deciding.filter(pk__in=[actor.pk]).exists():
        raise DecisionOutOfReach


def _decide(asked: AdjustmentRequest, status: Status, actor: Actor) -> AdjustmentRequest:
    asked.status, asked.decided_by, asked.decided_at = status, actor.name, timezone.now()
    asked.save(update_fields=["status", "decided_by", "decided_at", "decided_because", "entry"])
    _announce(asked, actor, asked.decided_because or asked.reason)
    return asked


def _announce(asked: AdjustmentRequest, actor: Actor, reason: str) -> None:
    status = Status(asked.status).value
    organization_id = asked.organization_id
    audit.record(status, asked, organization_id=organization_id, actor=actor, reason=reason)
    payload = {
        "request": str(asked.public_id),
        "program": asked.program.slug,
        "member": str(asked.member.public_id),
        "points": asked.points,
    }
    told = event(f"adjustment.{status}", asked, organization_id=organization_id, payload=payload)
    tell([told])
