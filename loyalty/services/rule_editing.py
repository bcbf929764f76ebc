"""What the office does to one rule; it goes the way of a program file, and so meets its faults."""

from __future__ import annotations

from collections.abc import Sequence
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
from loyalty.earning.vocabulary.parse import dump_rule
from loyalty.errors import ProgramInvalid, RuleChanged, RuleInvalid, StateChangeRefused
from loyalty.models import Award, Program, Rule
from loyalty.program_document import moment, rule_faults
from loyalty.rule_history import UNDATED, Dated, is_over
from loyalty.services.programs import lock_name
from loyalty.services.rules import load_rules, versions_counting

CODE_LENGTH_MAX = 40
Status = Rule.Status
LEADS_TO = {
    Status.DRAFT: {Status.ACTIVE, Status.ENDED},
    Status.ACTIVE: {Status.PAUSED, Status.ENDED},
    Status.PAUSED: {Status.ACTIVE, Status.ENDED},
    Status.ENDED: set[Rule.Status](),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleWish:
    """What somebody wants a rule to be called and to say, and from when on.

    ``seen`` is the number of the newest version they had before their eyes.
    """

    name: str
    spec: dict[str, Any]
    counts_from: datetime | None = None
    seen: int = 0


@transaction.atomic
def add_rule(*, program_id: int, wish: RuleWish, actor: Actor) -> Rule:
    """Write a new rule down as a draft, which gives nothing until it is switched on."""
    program = _program(program_id)
    code = _code(program_id, wish.name)
    version = {"effective_from": moment(UNDATED), "spec": wish.spec}
    _load(program, {"code": code, "name": wish.name, "versions": [version]}, actor)
    return Rule.objects.get(program=program, code=code)


@transaction.atomic
def change_rule(*, rule_id: int, wish: RuleWish, actor: Actor) -> Rule:
    """Let a rule say something else from now or a later moment on; what was given stays.

    A draft is simply rewritten: none of what it said before will ever have counted.
    """
    rule = _rule(rule_id)
    newest = rule.versions.order_by("-number").values_list("number", flat=True).first()
    if wish.seen != (newest or 0):
        raise RuleChanged
    if rule.status == Status.ENDED:
        raise StateChangeRefused
    version: dict[str, Any] = {"spec": wish.spec}
    begins = _begins(rule, wish.counts_from)
    if begins is not None:
        version["effective_from"] = moment(begins)
    part = {"code": rule.code, "name": wish.name, "versions": [version]}
    _load(rule.program, part, actor)
    return rule


@transaction.atomic
def set_rule_status(
    *, rule_id: int, status: Rule.Status, actor: Actor, counts_from: datetime | None = None
) -> Rule:
    """Switch a rule on, let it rest, or end it; a draft counts from now or a later moment on."""
    rule = _rule(rule_id)
    if status not in LEADS_TO[Status(rule.status)]:
        raise StateChangeRefused
    last = versions_counting(rule)[-1]
    version = {
        "effective_from": moment(_switched_on(last, counts_from)),
        "spec": dump_rule(last.spec),
    }
    if status == Status.ENDED or rule.status != Status.DRAFT:
        version["effective_from"] = moment(last.effective_from)
    part = {"code": rule.code, "name": rule.name, "status": status, "versions": [version]}
    _load(rule.program, part, actor)
    rule.refresh_from_db()
    return rule


@transaction.atomic
def schedule_end(*, rule_id: int, ends_at: datetime, actor: Actor) -> Rule:
    """Let a rule end by itself at a moment to come; what was to begin after that never will."""
    rule = _rule(rule_id)
    if rule.status not in (Status.ACTIVE, Status.PAUSED):
        raise StateChangeRefused
    now = timezone.now()
    if ends_at <= now:
        raise _too_early("ends_at")
    versions = [
        _until(ends_at, version, now)
        for version in _ahead(versions_counting(rule), now)
        if version.effective_from < ends_at and not is_over(version.spec.ends_at, now)
    ]
    if not versions:
        raise _too_early("ends_at")
    _load(rule.program, {"code": rule.code, "name": rule.name, "versions": versions}, actor)
    return rule


def _ahead(versions: Sequence[Dated], now: datetime) -> Sequence[Dated]:
    """Return the version that counts now and those that will."""
    begun = sum(version.effective_from <= now for version in versions)
    return versions[max(0, begun - 1) :]


def _until(ends_at: datetime, version: Dated, now: datetime) -> dict[str, Any]:
    return {
        "effective_from": moment(max(version.effective_from, now)),
        "spec": dump_rule(version.spec.model_copy(update={"ends_at": ends_at})),
    }


def _switched_on(last: Dated, counts_from: datetime | None) -> datetime:
    if counts_from is not None:
        return _to_come(counts_from)
    return timezone.now() if last.effective_from == UNDATED else last.effective_from


def _begins(rule: Rule, counts_from: datetime | None) -> datetime | None:
    """Return the moment of a new version; a draft that gave nothing keeps the one it has."""
    given = Award.objects.filter(rule_version__rule=rule)
    if rule.status == Status.DRAFT and not given.exists():
        return versions_counting(rule)[0].effective_from
    return _to_come(counts_from) if counts_from else None


def _to_come(counts_from: datetime) -> datetime:
    if counts_from < timezone.now():
        raise _too_early("counts_from")
    return counts_from


def _too_early(field: str) -> RuleInvalid:
    message = _("Choose a moment that is still to come, or leave it empty.")
    return RuleInvalid(errors=[{"field": field, "code": "version_too_early", "message": message}])


def _load(program: Program, part: dict[str, Any], actor: Actor) -> None:
    """Bring one rule to what is wanted, or refuse it with every fault of its own fields."""
    faults = rule_faults([part])
    if not faults:
        try:
            load_rules(program.pk, [part], actor)
        except ProgramInvalid as refusal:
            faults = [_without(fault, "rules.") for fault in refusal.data["errors"]]
    if faults:
        raise RuleInvalid(errors=[_as_field(_without(fault, "0.")) for fault in faults])


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


def _rule(rule_id: int) -> Rule:
    """Return the rule, and keep everybody else from changing its program until it is done."""
    rule = Rule.objects.select_related("program").filter(pk=rule_id).first()
    if rule is None:
        raise Missing
    _alone(rule.program)
    rule.refresh_from_db(fields=["name", "status"])
    return rule


def _alone(program: Program) -> None:
    if not try_advisory_lock(lock_name(program.organization_id)):
        raise Unavailable(retry_after=1)


def _code(program_id: int, name: str) -> str:
    """Make a short name that no rule of the program has."""
    stem = slugify(name)[:CODE_LENGTH_MAX].strip("-_") or "rule"
    taken = set(Rule.objects.filter(program_id=program_id).values_list("code", flat=True))
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return next(code for code in (stem, *numbered) if code not in taken)
