"""What the office does to one benefit; it goes the way of a program file, with its faults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core.actors import Actor
from core.errors import Missing, Unavailable
from core.locking import try_advisory_lock
from core.program_files import Fault
from loyalty.errors import ProgramInvalid, StateChangeRefused
from loyalty.models import Program
from loyalty.program_document import moment
from loyalty.rule_history import UNDATED
from loyalty.services.programs import lock_name
from rewards.benefit_document import benefit_faults
from rewards.discount_errors import BenefitChanged, BenefitInvalid
from rewards.discounts.spec import dump_benefit
from rewards.models import Benefit
from rewards.services.benefits import load_benefits, past_of

CODE_LENGTH_MAX = 40
Status = Benefit.Status
LEADS_TO = {
    Status.DRAFT: {Status.ACTIVE, Status.ENDED},
    Status.ACTIVE: {Status.PAUSED, Status.ENDED},
    Status.PAUSED: {Status.ACTIVE, Status.ENDED},
    Status.ENDED: set[Benefit.Status](),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BenefitWish:
    """What somebody wants a benefit to be called and to say, and from when on.

    ``seen`` is the number of the newest version they had before their eyes.
    """

    name: str
    spec: dict[str, Any]
    counts_from: datetime | None = None
    seen: int = 0


@transaction.atomic
def add_benefit(*, program_id: int, wish: BenefitWish, actor: Actor) -> Benefit:
    """Write a new benefit down as a draft, which takes nothing off until it is switched on."""
    program = _program(program_id)
    code = _code(program_id, wish.name)
    version = {"effective_from": moment(UNDATED), "spec": wish.spec}
    _load(program, {"code": code, "name": wish.name, "versions": [version]}, actor)
    return Benefit.objects.get(program=program, code=code)


@transaction.atomic
def change_benefit(*, benefit_id: int, wish: BenefitWish, actor: Actor) -> Benefit:
    """Let a benefit say something else from now or a later moment on; a draft is rewritten.

    Raises ``BenefitChanged``, ``BenefitInvalid`` or ``StateChangeRefused``.
    """
    benefit = _benefit(benefit_id)
    newest = benefit.versions.order_by("-number").values_list("number", flat=True).first()
    if wish.seen != (newest or 0):
        raise BenefitChanged
    if benefit.status == Status.ENDED:
        raise StateChangeRefused
    version: dict[str, Any] = {"spec": wish.spec}
    if benefit.status == Status.DRAFT:
        version["effective_from"] = moment(UNDATED)
    elif wish.counts_from is not None:
        version["effective_from"] = moment(_to_come(wish.counts_from))
    part = {"code": benefit.code, "name": wish.name, "versions": [version]}
    _load(benefit.program, part, actor)
    benefit.refresh_from_db()
    return benefit


@transaction.atomic
def set_benefit_status(*, benefit_id: int, status: Benefit.Status, actor: Actor) -> Benefit:
    """Switch a benefit on, let it rest, or end it; a draft counts from now on."""
    benefit = _benefit(benefit_id)
    if status not in LEADS_TO[Status(benefit.status)]:
        raise StateChangeRefused
    last = past_of(benefit).last
    assert last is not None, "a benefit says something"
    begins = last.effective_from
    if begins == UNDATED and status != Status.ENDED:
        begins = timezone.now()
    version = {"effective_from": moment(begins), "spec": dump_benefit(last.spec)}
    part = {"code": benefit.code, "name": benefit.name, "status": status, "versions": [version]}
    _load(benefit.program, part, actor)
    benefit.refresh_from_db()
    return benefit


def _to_come(counts_from: datetime) -> datetime:
    if counts_from < timezone.now():
        message = _("Choose a moment that is still to come, or leave it empty.")
        fault: Fault = {"field": "counts_from", "code": "version_too_early", "message": message}
        raise BenefitInvalid(errors=[fault])
    return counts_from


def _load(program: Program, part: dict[str, Any], actor: Actor) -> None:
    """Bring one benefit to what is wanted, or refuse it with every fault of its own fields."""
    faults = benefit_faults([part])
    if not faults:
        try:
            load_benefits(program.pk, [part], actor)
        except ProgramInvalid as refusal:
            faults = [_without(fault, "benefits.") for fault in refusal.data["errors"]]
    if faults:
        raise BenefitInvalid(errors=[_as_field(_without(fault, "0.")) for fault in faults])


def _without(fault: Fault, prefix: str) -> Fault:
    return {**fault, "field": fault["field"].removeprefix(prefix)}


def _as_field(fault: Fault) -> Fault:
    """Name the field as whoever edits one version calls it."""
    field = fault["field"].removeprefix("versions.0.").removeprefix("spec.")
    return {**fault, "field": "counts_from" if field == "effective_from" else field}


def _program(program_id: int) -> Program:
    program = Program.objects.filter(pk=program_id).first()
    if program is None:
        raise Missing
    _alone(program)
    return program


def _benefit(benefit_id: int) -> Benefit:
    """Return the benefit, and keep everybody else from changing its program until it is done."""
    benefit = Benefit.objects.select_related("program").filter(pk=benefit_id).first()
    if benefit is None:
        raise Missing
    _alone(benefit.program)
    benefit.refresh_from_db(fields=["name", "status"])
    return benefit


def _alone(program: Program) -> None:
    if not try_advisory_lock(lock_name(program.organization_id)):
        raise Unavailable(retry_after=1)


def _code(program_id: int, name: str) -> str:
    """Make a short name that no benefit of the program has."""
    stem = slugify(name)[:CODE_LENGTH_MAX].strip("-_") or "benefit"
    taken = set(Benefit.objects.filter(program_id=program_id).values_list("code", flat=True))
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return next(code for code in (stem, *numbered) if code not in taken)
