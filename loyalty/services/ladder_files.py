"""Brings a program's tiers to what a file says, and writes them down as a file."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from core.actors import Actor
from core.program_files import Fault
from loyalty.errors import ProgramInvalid, TierStillHeld
from loyalty.models import Program, TierChange
from loyalty.part_history import Past, Said
from loyalty.program_document import moment
from loyalty.services.ladder import store_version, versions_of
from loyalty.tier_document import read_tiers
from loyalty.tiers.spec import LadderSpec, parse_ladder

SECTION = "tiers"


@transaction.atomic
def load_tiers(program_id: int, data: Any, actor: Actor) -> list[str]:
    """Bring the tiers to what the data says; what is new counts from its moment on."""
    program = Program.objects.select_related("organization").get(pk=program_id)
    past, wanted, now = _past(program), read_tiers(data), timezone.now()
    if not wanted:
        return []
    fault = past.fault_in(wanted, now=now)
    if fault is not None:
        raise ProgramInvalid(errors=[{**fault, "field": f"{SECTION}.{fault['field']}"}])
    fresh = past.fresh(wanted, now=now)
    for said in fresh:
        try:
            store_version(program, said.spec, begins=said.effective_from, actor=actor)
        except TierStillHeld as held:
            raise ProgramInvalid(errors=[_still_held(held)]) from held
    return [SECTION] if fresh else []


def dump_tiers(program_id: int) -> dict[str, Any]:
    """Return the tiers with every version of them that counts at some time."""
    versions = versions_of(Program.objects.get(pk=program_id))
    return {
        "versions": [
            {"effective_from": moment(one.effective_from), "spec": one.spec} for one in versions
        ]
    }


def _past(program: Program) -> Past[LadderSpec]:
    said = [
        Said(one.effective_from, parse_ladder(one.spec))
        for one in program.ladder_versions.order_by("number")
    ]
    has_given = TierChange.objects.filter(account__program=program).exists()
    return Past.of(said, has_given=has_given)


def _still_held(held: TierStillHeld) -> Fault:
    return {"field": SECTION, "code": held.code, "message": str(held)}
