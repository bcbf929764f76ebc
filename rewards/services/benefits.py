"""Brings a program's benefits to what a file says, and writes them down as a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from core import audit
from core.actors import Actor
from core.program_files import Fault, under
from loyalty.errors import ProgramInvalid
from loyalty.models import Program
from loyalty.part_history import Past, Said
from loyalty.program_document import moment
from loyalty.rule_history import UNDATED
from rewards.benefit_document import SECTION, BenefitPart, read_benefits
from rewards.discounts.spec import BenefitSpec, dump_benefit, parse_benefit
from rewards.models import Benefit, BenefitVersion, PurchaseDiscount

Status = Benefit.Status


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to become of one benefit, which has no key yet when it is new."""

    benefit: Benefit
    part: BenefitPart
    past: Past[BenefitSpec]
    fresh: list[Said[BenefitSpec]]
    fields: list[str]


@transaction.atomic
def load_benefits(program_id: int, data: Any, actor: Actor) -> list[str]:
    """Bring the benefits that the data names to what it says; leave the others alone.

    A benefit that says something new gets a version, and what was taken off stays as it is.
    Raises ``ProgramInvalid``.
    """
    program = Program.objects.get(pk=program_id)
    now = timezone.now()
    known = _known(program)
    plans = [_plan(program, part, known.get(part.code), now) for part in read_benefits(data)]
    faults = [fault for index, plan in enumerate(plans) for fault in _faults(plan, index, now)]
    if faults:
        raise ProgramInvalid(errors=faults)
    needed = [plan for plan in plans if plan.fresh or plan.fields]
    for plan in needed:
        _carry_out(plan, program, actor)
    return [f"{SECTION}.{plan.benefit.code}" for plan in needed]


def dump_benefits(program_id: int) -> list[dict[str, Any]]:
    """Return every benefit with the versions of it that count at some time, by code."""
    known = _known(Program.objects.get(pk=program_id))
    return [
        {
            "code": code,
            "name": benefit.name,
            "status": benefit.status,
            "versions": [_dumped(said) for said in past.versions],
        }
        for code, (benefit, past) in sorted(known.items())
    ]


def past_of(benefit: Benefit) -> Past[BenefitSpec]:
    """Return what a benefit says and said at some time."""
    taken_off = PurchaseDiscount.objects.filter(benefit_version__benefit=benefit)
    return Past.of(_said([benefit.pk])[benefit.pk], has_given=taken_off.exists())


def _dumped(said: Said[BenefitSpec]) -> dict[str, Any]:
    spec = dump_benefit(said.spec)
    if said.effective_from == UNDATED:
        return {"spec": spec}
    return {"effective_from": moment(said.effective_from), "spec": spec}


def _known(program: Program) -> dict[str, tuple[Benefit, Past[BenefitSpec]]]:
    taken_off = PurchaseDiscount.objects.filter(benefit_version__benefit=OuterRef("pk"))
    benefits = list(Benefit.objects.filter(program=program).annotate(given=Exists(taken_off)))
    said = _said([one.pk for one in benefits])
    return {one.code: (one, Past.of(said[one.pk], has_given=one.given)) for one in benefits}


def _said(benefit_ids: Iterable[int]) -> dict[int, list[Said[BenefitSpec]]]:
    rows = BenefitVersion.objects.filter(benefit__in=benefit_ids).order_by("benefit", "number")
    found: dict[int, list[Said[BenefitSpec]]] = defaultdict(list)
    for row in rows:
        found[row.benefit_id].append(Said(row.effective_from, parse_benefit(row.spec)))
    return found


def _plan(
    program: Program,
    part: BenefitPart,
    known: tuple[Benefit, Past[BenefitSpec]] | None,
    now: datetime,
) -> _Plan:
    benefit, past = known or (Benefit(program=program, code=part.code), Past())
    said = part.model_dump(include={"name", "status"}, exclude_unset=benefit.pk is not None)
    fields = [name for name, value in said.items() if getattr(benefit, name) != value]
    for name in fields:
        setattr(benefit, name, said[name])
    fresh = past.fresh(part.versions, now=now)
    if not fresh and past.is_undated and past.last and benefit.status == Status.ACTIVE:
        fresh = [Said(now, past.last.spec)]
    return _Plan(benefit, part, past, fresh, fields)


def _faults(plan: _Plan, index: int, now: datetime) -> list[Fault]:
    fault = plan.past.fault_in(plan.part.versions, now=now)
    return under(f"{SECTION}.{index}", [fault] if fault else [])


def _carry_out(plan: _Plan, program: Program, actor: Actor) -> None:
    is_new = plan.benefit.pk is None
    if is_new:
        plan.benefit.save(force_insert=True)
    else:
        plan.benefit.save(update_fields=plan.fields)
    _add_versions(plan.benefit, plan.fresh, actor)
    audit.record(
        "added" if is_new else "changed",
        plan.benefit,
        organization_id=program.organization_id,
        actor=actor,
        fields=[*plan.fields, *(["versions"] if plan.fresh else [])],
    )


def _add_versions(benefit: Benefit, fresh: Sequence[Said[BenefitSpec]], actor: Actor) -> None:
    before = benefit.versions.count()
    BenefitVersion.objects.bulk_create(
        BenefitVersion(
            benefit=benefit,
            number=number,
            spec=dump_benefit(said.spec),
            effective_from=said.effective_from,
            created_by=actor.name,
        )
        for number, said in enumerate(fresh, start=before + 1)
    )
