"""Brings a program's stamp cards to what a file says, and writes them down as a file."""

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
from loyalty.models import Program, StampCard, StampCardVersion, StampMove
from loyalty.part_history import Past, Said
from loyalty.program_document import moment
from loyalty.rule_history import UNDATED
from loyalty.signals import gifts_promised
from loyalty.stamp_document import StampCardPart, read_cards
from loyalty.stamps.spec import StampCardSpec, dump_card, parse_card

SECTION = "stamp_cards"
Status = StampCard.Status


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to become of one card, which has no key yet when it is new."""

    card: StampCard
    part: StampCardPart
    past: Past[StampCardSpec]
    fresh: list[Said[StampCardSpec]]
    fields: list[str]

    @property
    def promised(self) -> list[Said[StampCardSpec]]:
        """Return the versions that will give something and could not do so before."""
        if self.card.status != Status.ACTIVE:
            return []
        return [*self.past.versions, *self.fresh] if "status" in self.fields else self.fresh


@transaction.atomic
def load_cards(program_id: int, data: Any, actor: Actor) -> list[str]:
    """Bring the cards that the data names to what it says; leave the others alone.

    A card that says something new gets a version; sheets that were begun keep the one they have.
    """
    program = Program.objects.get(pk=program_id)
    now = timezone.now()
    known = _known(program)
    plans = [_plan(program, part, known.get(part.code), now) for part in read_cards(data)]
    faults = [fault for index, plan in enumerate(plans) for fault in _faults(plan, index, now)]
    if faults:
        raise ProgramInvalid(errors=faults)
    needed = [plan for plan in plans if plan.fresh or plan.fields]
    for plan in needed:
        _carry_out(plan, program, actor)
    return [f"{SECTION}.{plan.card.code}" for plan in needed]


def dump_cards(program_id: int) -> list[dict[str, Any]]:
    """Return every card with the versions of it that count at some time, by code."""
    known = _known(Program.objects.get(pk=program_id))
    return [
        {
            "code": code,
            "name": card.name,
            "status": card.status,
            "versions": [_dumped(said) for said in past.versions],
        }
        for code, (card, past) in sorted(known.items())
    ]


def past_of(card: StampCard) -> Past[StampCardSpec]:
    """Return what a card says and said at some time."""
    has_given = StampMove.objects.filter(card=card).exists()
    return Past.of(_said([card.pk])[card.pk], has_given=has_given)


def _dumped(said: Said[StampCardSpec]) -> dict[str, Any]:
    spec = dump_card(said.spec)
    if said.effective_from == UNDATED:
        return {"spec": spec}
    return {"effective_from": moment(said.effective_from), "spec": spec}


def _known(program: Program) -> dict[str, tuple[StampCard, Past[StampCardSpec]]]:
    moves = StampMove.objects.filter(card=OuterRef("pk"))
    cards = list(StampCard.objects.filter(program=program).annotate(has_given=Exists(moves)))
    said = _said([card.pk for card in cards])
    return {card.code: (card, Past.of(said[card.pk], has_given=card.has_given)) for card in cards}


def _said(card_ids: Iterable[int]) -> dict[int, list[Said[StampCardSpec]]]:
    rows = StampCardVersion.objects.filter(card__in=card_ids).order_by("card", "number")
    found: dict[int, list[Said[StampCardSpec]]] = defaultdict(list)
    for row in rows:
        found[row.card_id].append(Said(row.effective_from, parse_card(row.spec)))
    return found


def _plan(
    program: Program,
    part: StampCardPart,
    known: tuple[StampCard, Past[StampCardSpec]] | None,
    now: datetime,
) -> _Plan:
    card, past = known or (StampCard(program=program, code=part.code), Past())
    said = part.model_dump(include={"name", "status"}, exclude_unset=card.pk is not None)
    fields = [name for name, value in said.items() if getattr(card, name) != value]
    for name in fields:
        setattr(card, name, said[name])
    fresh = past.fresh(part.versions, now=now)
    if not fresh and past.is_undated and past.last and card.status == Status.ACTIVE:
        fresh = [Said(now, past.last.spec)]
    return _Plan(card, part, past, fresh, fields)


def _faults(plan: _Plan, index: int, now: datetime) -> list[Fault]:
    fault = plan.past.fault_in(plan.part.versions, now=now)
    return under(f"{SECTION}.{index}", [fault] if fault else [])


def _carry_out(plan: _Plan, program: Program, actor: Actor) -> None:
    for said in plan.promised:
        promise(program, said.spec)
    is_new = plan.card.pk is None
    if is_new:
        plan.card.save(force_insert=True)
    else:
        plan.card.save(update_fields=plan.fields)
    _add_versions(plan.card, plan.fresh, actor)
    audit.record(
        "added" if is_new else "changed",
        plan.card,
        organization_id=program.organization_id,
        actor=actor,
        fields=[*plan.fields, *(["versions"] if plan.fresh else [])],
    )


def promise(program: Program, spec: StampCardSpec) -> None:
    """Let those who own what a card gives refuse what they do not know."""
    every = [*spec.gifts, *(gift for one in spec.milestones for gift in one.gifts)]
    gifts_promised.send(sender=StampCard, gifts=every, program=program)


def _add_versions(card: StampCard, fresh: Sequence[Said[StampCardSpec]], actor: Actor) -> None:
    before = card.versions.count()
    StampCardVersion.objects.bulk_create(
        StampCardVersion(
            card=card,
            number=number,
            spec=dump_card(said.spec),
            effective_from=said.effective_from,
            created_by=actor.name,
        )
        for number, said in enumerate(fresh, start=before + 1)
    )
