"""Writes, changes, starts and ends challenges; the office goes the way of a program file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.errors import Missing, Unavailable
from core.locking import try_advisory_lock
from core.program_files import Fault, under
from loyalty.challenge_document import ChallengePart, challenge_faults, read_challenges
from loyalty.challenges.spec import ChallengeSpec, dump_challenge, parse_challenge
from loyalty.errors import ChallengeChanged, ChallengeInvalid, ProgramInvalid, StateChangeRefused
from loyalty.models import Challenge, ChallengeRun, ChallengeVersion, Program
from loyalty.part_history import Past, Said
from loyalty.program_document import moment
from loyalty.rule_history import UNDATED
from loyalty.services.programs import lock_name
from loyalty.signals import gifts_promised

CODE_LENGTH_MAX = 40
Status = Challenge.Status
LEADS_TO = {
    Status.DRAFT: {Status.ACTIVE, Status.ENDED},
    Status.ACTIVE: {Status.PAUSED, Status.ENDED},
    Status.PAUSED: {Status.ACTIVE, Status.ENDED},
    Status.ENDED: set[Challenge.Status](),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChallengeWish:
    """What somebody wants a challenge to be called and to say, and from when on.

    ``seen`` is the number of the newest version they had before their eyes.
    """

    name: str
    spec: dict[str, Any]
    counts_from: datetime | None = None
    seen: int = 0


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to become of one challenge, which has no key yet when it is new."""

    challenge: Challenge
    part: ChallengePart
    past: Past[ChallengeSpec]
    fresh: list[Said[ChallengeSpec]]
    fields: list[str]

    @property
    def begins_to_act(self) -> list[Said[ChallengeSpec]]:
        """Return the versions that will give something and could not do so before."""
        if self.challenge.status != Status.ACTIVE:
            return []
        return [*self.past.versions, *self.fresh] if "status" in self.fields else self.fresh


# --- as a file --------------------------------------------------------------------------------


@transaction.atomic
def load_challenges(program_id: int, data: Any, actor: Actor) -> list[str]:
    """Bring the challenges that the data names to what it says; leave the others alone.

    One that says something new gets a version of its own, and who has begun goes on by the old.
    """
    program = Program.objects.get(pk=program_id)
    now = timezone.now()
    known = _known(program)
    plans = [_plan(program, part, known.get(part.code), now) for part in read_challenges(data)]
    faults = [fault for index, plan in enumerate(plans) for fault in _faults(plan, index, now)]
    if faults:
        raise ProgramInvalid(errors=faults)
    needed = [plan for plan in plans if plan.fresh or plan.fields]
    for plan in needed:
        _carry_out(plan, program, actor)
    return [f"challenges.{plan.challenge.code}" for plan in needed]


def dump_challenges(program_id: int) -> list[dict[str, Any]]:
    """Return every challenge with the versions of it that count at some time, by code."""
    known = _known(Program.objects.get(pk=program_id))
    return [
        {
            "code": code,
            "name": challenge.name,
            "status": challenge.status,
            "versions": [_dumped(said) for said in past.versions],
        }
        for code, (challenge, past) in sorted(known.items())
    ]


def past_of(challenge: Challenge) -> Past[ChallengeSpec]:
    """Return what a challenge says and said at some time."""
    return Past.of(_said([challenge.pk])[challenge.pk], has_given=challenge.runs.exists())


def _dumped(said: Said[ChallengeSpec]) -> dict[str, Any]:
    spec = dump_challenge(said.spec)
    if said.effective_from == UNDATED:
        return {"spec": spec}
    return {"effective_from": moment(said.effective_from), "spec": spec}


def _known(program: Program) -> dict[str, tuple[Challenge, Past[ChallengeSpec]]]:
    runs = ChallengeRun.objects.filter(challenge=OuterRef("pk"))
    challenges = list(program.challenges.annotate(has_run=Exists(runs)))
    said = _said([one.pk for one in challenges])
    return {one.code: (one, Past.of(said[one.pk], has_given=one.has_run)) for one in challenges}


def _said(challenge_ids: Iterable[int]) -> dict[int, list[Said[ChallengeSpec]]]:
    rows = ChallengeVersion.objects.filter(challenge__in=challenge_ids)
    found: dict[int, list[Said[ChallengeSpec]]] = defaultdict(list)
    for row in rows.order_by("challenge", "number"):
        found[row.challenge_id].append(Said(row.effective_from, parse_challenge(row.spec)))
    return found


def _plan(
    program: Program,
    part: ChallengePart,
    known: tuple[Challenge, Past[ChallengeSpec]] | None,
    now: datetime,
) -> _Plan:
    challenge, past = known or (Challenge(program=program, code=part.code), Past())
    said = part.model_dump(include={"name", "status"}, exclude_unset=challenge.pk is not None)
    fields = [name for name, value in said.items() if getattr(challenge, name) != value]
    for name in fields:
        setattr(challenge, name, said[name])
    fresh = past.fresh(part.versions, now=now)
    if not fresh and past.is_undated and past.last and challenge.status == Status.ACTIVE:
        fresh = [Said(now, past.last.spec)]
    return _Plan(challenge, part, past, fresh, fields)


def _faults(plan: _Plan, index: int, now: datetime) -> list[Fault]:
    found = plan.past.fault_in(plan.part.versions, now=now)
    return under(f"challenges.{index}", [found] if found else [])


def _carry_out(plan: _Plan, program: Program, actor: Actor) -> None:
    for version in plan.begins_to_act:
        gifts_promised.send(sender=Challenge, gifts=version.spec.gifts, program=program)
    is_new = plan.challenge.pk is None
    if is_new:
        plan.challenge.save(force_insert=True)
    elif plan.fields:
        plan.challenge.save(update_fields=plan.fields)
    _add_versions(plan, actor)
    audit.record(
        "added" if is_new else "changed",
        plan.challenge,
        organization_id=program.organization_id,
        actor=actor,
        fields=[*plan.fields, *(["versions"] if plan.fresh else [])],
    )


def _add_versions(plan: _Plan, actor: Actor) -> None:
    before = plan.challenge.versions.count()
    ChallengeVersion.objects.bulk_create(
        ChallengeVersion(
            challenge=plan.challenge,
            number=number,
            spec=dump_challenge(version.spec),
            effective_from=version.effective_from,
            created_by=actor.name,
        )
        for number, version in enumerate(plan.fresh, start=before + 1)
    )


# --- in the office ----------------------------------------------------------------------------


@transaction.atomic
def add_challenge(*, program_id: int, wish: ChallengeWish, actor: Actor) -> Challenge:
    """Write a new challenge down as a draft, in which nobody takes part until it is started."""
    program = Program.objects.filter(pk=program_id).first()
    if program is None:
        raise Missing
    _alone(program)
    code = _code(program_id, wish.name)
    version = {"effective_from": moment(UNDATED), "spec": wish.spec}
    _load(program, {"code": code, "name": wish.name, "versions": [version]}, actor)
    return Challenge.objects.get(program=program, code=code)


@transaction.atomic
def change_challenge(*, challenge_id: int, wish: ChallengeWish, actor: Actor) -> Challenge:
    """Let a challenge say something else for whoever begins from now or a later moment on.

    A draft is simply rewritten: none of what it said before will ever have counted.
    """
    challenge = _challenge(challenge_id)
    newest = challenge.versions.order_by("-number").values_list("number", flat=True).first()
    if wish.seen != (newest or 0):
        raise ChallengeChanged
    if challenge.status == Status.ENDED:
        raise StateChangeRefused
    version: dict[str, Any] = {"spec": wish.spec}
    if challenge.status == Status.DRAFT:
        version["effective_from"] = moment(UNDATED)
    elif wish.counts_from is not None:
        version["effective_from"] = moment(_to_come(wish.counts_from))
    _load(challenge.program, _named(challenge, version, name=wish.name), actor)
    return challenge


@transaction.atomic
def set_challenge_status(
    *,
    challenge_id: int,
    status: Challenge.Status,
    actor: Actor,
    counts_from: datetime | None = None,
) -> Challenge:
    """Start a challenge, now or later, let it rest, let it go on, or end it."""
    challenge = _challenge(challenge_id)
    if status not in LEADS_TO[Status(challenge.status)]:
        raise StateChangeRefused
    last = past_of(challenge).versions[-1]
    begins = last.effective_from
    if challenge.status == Status.DRAFT and status == Status.ACTIVE:
        begins = _to_come(counts_from) if counts_from else min(begins, timezone.now())
    version = {"effective_from": moment(begins), "spec": dump_challenge(last.spec)}
    _load(challenge.program, {**_named(challenge, version), "status": status}, actor)
    challenge.refresh_from_db()
    return challenge


def _named(challenge: Challenge, version: dict[str, Any], *, name: str = "") -> dict[str, Any]:
    return {"code": challenge.code, "name": name or challenge.name, "versions": [version]}


def _to_come(counts_from: datetime) -> datetime:
    if counts_from < timezone.now():
        message = _("Choose a moment that is still to come, or leave it empty.")
        raise ChallengeInvalid(
            errors=[{"field": "counts_from", "code": "version_too_early", "message": message}]
        )
    return counts_from


def _load(program: Program, part: dict[str, Any], actor: Actor) -> None:
    """Bring one challenge to what is wanted, or refuse it with every fault of its own fields."""
    faults = challenge_faults([part])
    if not faults:
        try:
            load_challenges(program.pk, [part], actor)
        except ProgramInvalid as refusal:
            faults = [_without(one, "challenges.") for one in refusal.data["errors"]]
    if faults:
        raise ChallengeInvalid(errors=[_as_field(_without(one, "0.")) for one in faults])


def _without(fault: Fault, prefix: str) -> Fault:
    return {**fault, "field": fault["field"].removeprefix(prefix)}


def _as_field(fault: Fault) -> Fault:
    """Name the field as whoever edits one version calls it."""
    field = fault["field"].removeprefix("versions.0.").removeprefix("spec.")
    return {**fault, "field": "counts_from" if field == "effective_from" else field}


def _challenge(challenge_id: int) -> Challenge:
    """Return it, and keep everybody else from changing its program until it is done."""
    challenge = Challenge.objects.select_related("program").filter(pk=challenge_id).first()
    if challenge is None:
        raise Missing
    _alone(challenge.program)
    challenge.refresh_from_db(fields=["name", "status"])
    return challenge


def _alone(program: Program) -> None:
    if not try_advisory_lock(lock_name(program.organization_id)):
        raise Unavailable(retry_after=1)


def _code(program_id: int, name: str) -> str:
    """Make a short name that no challenge of the program has."""
    stem = slugify(name)[:CODE_LENGTH_MAX].strip("-_") or "challenge"
    taken = set(Challenge.objects.filter(program_id=program_id).values_list("code", flat=True))
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return next(code for code in (stem, *numbered) if code not in taken)
