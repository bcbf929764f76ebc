"""Draws as drafts and in program files, and their opening: from then on nothing changes."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from core import audit
from core.actors import Actor
from core.errors import CodeTaken
from core.locking import lock_one
from core.outbox import event, tell
from loyalty.errors import ProgramInvalid
from loyalty.models import Program
from loyalty.program_document import moment
from members.models import Group
from rewards.draw_errors import DrawClosesTooEarly, DrawFrozen, DrawNamesUnknown
from rewards.drawing.document import DrawPart, read_draws
from rewards.drawing.entries import SALT_BYTES, SEED_BYTES, commitment_of
from rewards.models import Draw, DrawSecret
from rewards.services.promising import refuse_unknown_rewards

FIELDS = tuple(name for name in DrawPart.model_fields if name != "code")


@transaction.atomic
def save_draw(*, program_id: int, part: DrawPart, actor: Actor, draw_id: int | None = None) -> Draw:
    """Add a draw as a draft, or change a draft; its code is said once.

    Raises ``DrawFrozen``, ``DrawNamesUnknown``, ``CodeTaken``.
    """
    if draw_id is None:
        draw = Draw(program=Program.objects.get(pk=program_id), code=part.code)
    else:
        draw = lock_one(Draw, draw_id, "program")
    changed = _change(draw, part)
    if draw_id is None:
        _add(draw)
    elif changed:
        draw.save(update_fields=changed)
    if changed:
        note("changed" if draw_id else "added", draw, actor, changed)
    return draw


@transaction.atomic
def open_draw(*, draw_id: int, actor: Actor) -> Draw:
    """Let a draft take tickets: its seed is drawn and promised, and its terms are frozen.

    Raises ``DrawFrozen``, ``DrawClosesTooEarly``, ``RewardNotOffered``, ``DrawNamesUnknown``.
    """
    draw = lock_one(Draw, draw_id, "program")
    now = timezone.now()
    if draw.status != Draw.Status.DRAFT:
        raise DrawFrozen
    if draw.closes_at <= max(now, draw.opens_at or now):
        raise DrawClosesTooEarly
    refuse_unknown_rewards(draw.program, [prize["reward"] for prize in draw.prizes])
    _refuse_unknown_groups(draw)
    seed = secrets.token_bytes(SEED_BYTES)
    DrawSecret.objects.create(draw=draw, seed=seed, salt=secrets.token_bytes(SALT_BYTES))
    draw.status = Draw.Status.OPEN
    draw.commitment = commitment_of(seed)
    draw.opens_at = draw.opens_at or now
    draw.save(update_fields=["status", "commitment", "opens_at"])
    note("opened", draw, actor, ["status"])
    announce(draw, "draw.opened", commitment=draw.commitment)
    return draw


@transaction.atomic
def load_draws(program_id: int, data: Any, actor: Actor) -> list[str]:
    """Bring the drafts that the data names to what it says; leave the others alone.

    A draw that was opened is only accepted as it is.
    """
    program = Program.objects.get(pk=program_id)
    changed = []
    for index, part in enumerate(read_draws(data)):
        if _load(program, part, index, actor):
            changed.append(f"draws.{part.code}")
    return changed


def dump_draws(program_id: int) -> list[dict[str, Any]]:
    """Return what every draw promises, by code; neither seeds nor states nor tickets."""
    return [
        {"code": draw.code} | {name: _told(getattr(draw, name)) for name in FIELDS}
        for draw in Draw.objects.filter(program_id=program_id).order_by("code")
    ]


def note(verb: str, draw: Draw, actor: Actor, fields: Iterable[str] = (), reason: str = "") -> None:
    """Write into the log what was done to a draw."""
    organization_id = draw.program.organization_id
    audit.record(
        verb, draw, organization_id=organization_id, actor=actor, fields=fields, reason=reason
    )


def announce(draw: Draw, kind: str, **payload: Any) -> None:
    """Tell the world what happened to a draw."""
    payload = {"draw": str(draw.public_id), **payload}
    tell([event(kind, draw, organization_id=draw.program.organization_id, payload=payload)])


def _load(program: Program, part: DrawPart, index: int, actor: Actor) -> bool:
    known = Draw.objects.filter(program=program, code=part.code).first()
    draw = lock_one(Draw, known.pk, "program") if known else Draw(program=program, code=part.code)
    try:
        changed = _change(draw, part)
    except (DrawFrozen, DrawNamesUnknown) as refusal:
        field = f"draws.{index}.{refusal.field}"
        fault = {"field": field, "code": refusal.code, "message": str(refusal)}
        raise ProgramInvalid(errors=[fault]) from refusal
    if known and not changed:
        return False
    draw.save(update_fields=changed if known else None)
    note("loaded", draw, actor, changed)
    return True


def _change(draw: Draw, part: DrawPart) -> list[str]:
    """Bring a draft to what the part says, unsaved; return the fields that changed."""
    said = part.model_dump()
    said["prizes"] = [prize.model_dump() for prize in part.prizes]
    said["groups_out"] = list(part.groups_out)
    if draw.status != Draw.Status.DRAFT and said["opens_at"] is None:
        said["opens_at"] = draw.opens_at  # which it was given by its opening
    changed = [name for name in FIELDS if getattr(draw, name) != said[name]]
    if changed and draw.status != Draw.Status.DRAFT:
        raise DrawFrozen
    for name in changed:
        setattr(draw, name, said[name])
    if "groups_out" in changed:
        _refuse_unknown_groups(draw)
    return changed


def _refuse_unknown_groups(draw: Draw) -> None:
    groups = Group.objects.filter(
        organization=draw.program.organization_id, code__in=draw.groups_out
    )
    missing = sorted(set(draw.groups_out) - set(groups.values_list("code", flat=True)))
    if missing:
        raise DrawNamesUnknown(group=missing[0])


def _add(draw: Draw) -> None:
    try:
        with transaction.atomic():
            draw.save()
    except IntegrityError:  # somebody added one of this code at the same moment, or before
        raise CodeTaken(field="code") from None


def _told(value: Any) -> Any:
    return moment(value) if hasattr(value, "astimezone") else value
