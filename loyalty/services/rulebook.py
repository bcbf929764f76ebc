"""The rules that apply to a receipt, as they stood when it was rung up."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, TextField
from django.db.models.expressions import RawSQL

from core.prepared import Prepared
from loyalty.earning.compiled import CompiledRule, compile_rule
from loyalty.earning.receipt import EarningPolicy
from loyalty.earning.vocabulary.parse import parse_rule
from loyalty.models import Program, Rule, RuleVersion
from loyalty.program_settings import ProgramSettings

# What is switched on, as one text per program: it is read again only when it says anything new.
VERSIONS = """
    SELECT json_agg(
        json_build_array(rule.id, rule.public_id, rule.name, version.id, version.number,
            version.effective_from) ORDER BY rule.id, version.number)::text
    FROM loyalty_ruleversion version JOIN loyalty_rule rule ON rule.id = version.rule_id
    WHERE rule.program_id = loyalty_program.id AND rule.status = %s
"""

Versions = Mapping[int, list["DatedRule"]]


@dataclass(frozen=True, slots=True)
class DatedRule:
    """One version of an active rule and the moment from which it counts."""

    effective_from: datetime
    compiled: CompiledRule


@dataclass(frozen=True, slots=True)
class ProgramRules:
    """A live program with every version of its active rules."""

    program: Program
    terms: ProgramSettings
    zone: ZoneInfo
    versions: Versions
    public_ids: Mapping[int, str]

    @property
    def policy(self) -> EarningPolicy:
        """Return what the program decided about the money that earns."""
        return EarningPolicy(
            product_kinds_only=self.terms.earns_on_products_only,
            net_of_tax=self.terms.earns_net_of_tax,
            earn_on_part_paid_with_points=self.terms.earns_on_part_paid_with_points,
        )

    def at(self, moment: datetime) -> list[CompiledRule]:
        """Return the one version of each rule that counted at that moment."""
        return [
            rule for dated in self.versions.values() if (rule := _latest(dated, moment)) is not None
        ]


def open_programs(organization_id: int) -> list[ProgramRules]:
    """Return the live programs in which every purchase earns, oldest first."""
    return [_rulebook(program) for program in _OPEN(organization_id)]


def rulebooks(programs: QuerySet[Program]) -> list[ProgramRules]:
    """Return these programs, in whatever state they are, with the rules that are switched on."""
    return [_rulebook(program) for program in _with_versions(programs)]


def _with_versions(programs: QuerySet[Program]) -> QuerySet[Program]:
    told = RawSQL(VERSIONS, [Rule.Status.ACTIVE.value], TextField())  # noqa: S611 nobody's words
    return programs.annotate(versions_told=told).select_related("organization")


_OPEN = Prepared(
    lambda organization_id: _with_versions(
        Program.objects.filter(
            organization_id=organization_id, status=Program.Status.LIVE, is_open=True
        )
    ).order_by("pk")
)


def _rulebook(program: Program) -> ProgramRules:
    told: str | None = program.versions_told  # type: ignore[attr-defined]  # annotated above
    versions, public_ids = _read(told or "[]")
    return ProgramRules(program, program.terms, program.organization.zone, versions, public_ids)


@lru_cache(maxsize=256)
def _read(told: str) -> tuple[Versions, Mapping[int, str]]:
    versions: dict[int, list[DatedRule]] = defaultdict(list)
    public_ids: dict[int, str] = {}
    for rule_id, public_id, name, pk, number, effective_from in json.loads(told):
        compiled = _compiled(pk, rule_id, name, number)
        versions[rule_id].append(DatedRule(datetime.fromisoformat(effective_from), compiled))
        public_ids[rule_id] = public_id
    return dict(versions), public_ids


@lru_cache(maxsize=4096)
def _compiled(pk: int, rule_id: int, name: str, number: int) -> CompiledRule:
    # A version never changes, so it is read and prepared once per process.
    spec: Any = RuleVersion.objects.values_list("spec", flat=True).get(pk=pk)
    return compile_rule(parse_rule(spec), key=rule_id, version_key=pk, name=name, version=number)


def _latest(dated: list[DatedRule], moment: datetime) -> CompiledRule | None:
    valid = [version for version in dated if version.effective_from <= moment]
    return valid[-1].compiled if valid else None
