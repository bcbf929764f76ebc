"""Sets a program's tiers up and changes them: a new version from a moment on, and nobody falls."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import Missing, Unavailable
from core.locking import try_advisory_lock
from core.program_files import Fault
from loyalty.errors import LadderChanged, LadderInvalid, TierStillHeld
from loyalty.models import LadderLift, LadderVersion, Program
from loyalty.services.programs import lock_name
from loyalty.services.tier_crowds import held_tiers
from loyalty.signals import gifts_promised
from loyalty.tiers.spec import LadderSpec, dump_ladder, parse_ladder


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderWish:
    """What somebody wants the tiers to be, and from when on.

    ``seen`` is the number of the newest version they had before their eyes.
    """

    spec: dict[str, Any]
    counts_from: datetime | None = None
    seen: int = 0


@transaction.atomic
def change_ladder(*, program_id: int, wish: LadderWish, actor: Actor) -> LadderVersion:
    """Let a program have other tiers from now or a later moment on.

    Whoever qualifies then is lifted; nobody is lowered within the period of their tier. What was
    to begin later gives way to what begins before it. The same again changes nothing.
    """
    program = locked_program(program_id)
    versions = versions_of(program)
    if wish.seen != (versions[-1].number if versions else 0):
        raise LadderChanged
    spec = parse_ladder(wish.spec)
    if versions and parse_ladder(versions[-1].spec) == spec and wish.counts_from is None:
        return versions[-1]
    now = timezone.now()
    if wish.counts_from is not None and wish.counts_from < now:
        raise LadderInvalid(errors=[_too_early()])
    return store_version(program, spec, begins=wish.counts_from or now, actor=actor)


def store_version(
    program: Program, spec: LadderSpec, *, begins: datetime, actor: Actor
) -> LadderVersion:
    """Write a version of the ladder down; the program's configuration is locked by the caller."""
    _refuse_to_take_away(program, spec)
    gifts = [gift for tier in spec.tiers for gift in tier.benefits.gifts]
    gifts_promised.send(sender=LadderVersion, gifts=gifts, program=program)
    version = LadderVersion.objects.create(
        program=program,
        number=program.ladder_versions.count() + 1,
        spec=dump_ladder(spec),
        effective_from=begins,
        created_by=actor.name,
    )
    LadderLift.objects.create(version=version)
    audit.record(
        "changed",
        program,
        organization_id=program.organization_id,
        actor=actor,
        fields=["tiers"],
    )
    return version


def versions_of(program: Program) -> list[LadderVersion]:
    """Return what a program's tiers are, were and will be, without what never counts."""
    kept: list[LadderVersion] = []
    for version in program.ladder_versions.order_by("-number"):
        if not kept or version.effective_from < kept[-1].effective_from:
            kept.append(version)
    return kept[::-1]


def locked_program(program_id: int) -> Program:
    """Return a program whose configuration nobody else changes now."""
    program = Program.objects.select_related("organization").filter(pk=program_id).first()
    if program is None:
        raise Missing
    if not try_advisory_lock(lock_name(program.organization_id)):
        raise Unavailable(retry_after=1)
    return program


def _refuse_to_take_away(program: Program, spec: LadderSpec) -> None:
    """Refuse to drop a tier that somebody has; all of them may be put away together."""
    gone: Collection[tuple[str, int]] = [
        (code, members)
        for code, members in held_tiers(program.pk).items()
        if spec.tiers and code not in spec.ranks
    ]
    for code, members in gone:
        raise TierStillHeld(tier=code, members=members)


def _too_early() -> Fault:
    message = _("This is in the past. Choose now or a later day.")
    return {"field": "counts_from", "code": "version_too_early", "message": message}
