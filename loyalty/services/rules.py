"""Brings a program's rules to what a file says, and writes them down as a file."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from core import audit
from core.actors import Actor
from core.program_files import Fault, under
from loyalty.earning.vocabulary.parse import dump_rule, parse_rule
from loyalty.errors import ProgramInvalid
from loyalty.models import Award, Program, Rule, RuleVersion
from loyalty.program_document import RulePart, moment, read_rules
from loyalty.rule_history import UNDATED, Dated, History, counting, fault_in, new_versions
from loyalty.signals import rule_activating


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to become of one rule, which has no key yet when it is new."""

    rule: Rule
    part: RulePart
    history: History
    fresh: list[Dated]
    fields: list[str]

    @property
    def is_needed(self) -> bool:
        """Say whether anything is to change."""
        return bool(self.fresh or self.fields)

    @property
    def begins_to_act(self) -> list[Dated]:
        """Return the versions that will give points and could not do so before."""
        if self.rule.status != Rule.Status.ACTIVE:
            return []
        return [*self.history.versions, *self.fresh] if "status" in self.fields else self.fresh


@transaction.atomic
def load_rules(program_id: int, data: Any, actor: Actor) -> list[str]:
    """Bring the rules that the data names to what it says; leave the others alone.

    A rule that says something new gets a version of its own, and what was given stays as it is.
    """
    program = Program.objects.get(pk=program_id)
    now = timezone.now()
    known = _rules_of(program)
    plans = [_plan(program, part, known.get(part.code), now) for part in read_rules(data)]
    faults = [fault for index, plan in enumerate(plans) for fault in _faults(plan, index, now)]
    if faults:
        raise ProgramInvalid(errors=faults)
    needed = [plan for plan in plans if plan.is_needed]
    for plan in needed:
        _carry_out(plan, program, actor)
    return [f"rules.{plan.rule.code}" for plan in needed]


def dump_rules(program_id: int) -> list[dict[str, Any]]:
    """Return every rule with the versions of it that count at some time, by code."""
    rules = Rule.objects.filter(program_id=program_id).order_by("code")
    versions = _versions_of(rules)
    return [
        {
            "code": rule.code,
            "name": rule.name,
            "status": rule.status,
            "versions": [_dumped(version) for version in counting(versions[rule.pk])],
        }
        for rule in rules
    ]


def versions_counting(rule: Rule) -> list[Dated]:
    """Return what the rule says and said at some time, oldest first."""
    return counting(_versions_of(Rule.objects.filter(pk=rule.pk))[rule.pk])


def _dumped(version: Dated) -> dict[str, Any]:
    spec = dump_rule(version.spec)
    if version.effective_from == UNDATED:
        return {"spec": spec}
    return {"effective_from": moment(version.effective_from), "spec": spec}


def _rules_of(program: Program) -> dict[str, tuple[Rule, History]]:
    given = Award.objects.filter(rule_version__rule=OuterRef("pk"))
    rules = program.rules.annotate(has_given=Exists(given))
    versions = _versions_of(rules)
    return {
        rule.code: (rule, History(counting(versions[rule.pk]), has_given=rule.has_given))
        for rule in rules
    }


def _versions_of(rules: QuerySet[Rule]) -> dict[int, list[Dated]]:
    rows = RuleVersion.objects.filter(rule__in=rules).order_by("rule", "number")
    found: dict[int, list[Dated]] = defaultdict(list)
    for version in rows:
        found[version.rule_id].append(Dated(version.effective_from, parse_rule(version.spec)))
    return found


def _plan(
    program: Program, part: RulePart, known: tuple[Rule, History] | None, now: datetime
) -> _Plan:
    rule, history = known or (Rule(program=program, code=part.code), History(()))
    said = part.model_dump(include={"name", "status"}, exclude_unset=rule.pk is not None)
    fields = [name for name, value in said.items() if getattr(rule, name) != value]
    for name in fields:
        setattr(rule, name, said[name])
    fresh = new_versions(history, part.versions, now=now)
    if not fresh and history.is_undated and rule.status == Rule.Status.ACTIVE:
        fresh = [Dated(now, history.versions[-1].spec)]
    return _Plan(rule, part, history, fresh, fields)


def _faults(plan: _Plan, index: int, now: datetime) -> list[Fault]:
    fault = fault_in(plan.history, plan.part.versions, now=now)
    return under(f"rules.{index}", [fault] if fault else [])


def _carry_out(plan: _Plan, program: Program, actor: Actor) -> None:
    for version in plan.begins_to_act:
        rule_activating.send(sender=Rule, spec=version.spec, program=program)
    is_new = plan.rule.pk is None
    if is_new:
        plan.rule.save(force_insert=True)
    else:
        plan.rule.save(update_fields=plan.fields)
    _add_versions(plan, actor)
    fields = [*plan.fields, *(["versions"] if plan.fresh else [])]
    audit.record(
        "added" if is_new else "changed",
        plan.rule,
        organization_id=program.organization_id,
        actor=actor,
        fields=fields,
    )


def _add_versions(plan: _Plan, actor: Actor) -> None:
    before = plan.rule.versions.count()
    RuleVersion.objects.bulk_create(
        RuleVersion(
            rule=plan.rule,
            number=number,
            spec=dump_rule(version.spec),
            effective_from=version.effective_from,
            created_by=actor.name,
        )
        for number, version in enumerate(plan.fresh, start=before + 1)
    )
