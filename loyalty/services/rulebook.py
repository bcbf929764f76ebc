"""The rules that apply to a receipt, as they stood when it was rung up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from loyalty.earning.compiled import CompiledRule, compile_rule
from loyalty.earning.receipt import EarningPolicy
from loyalty.earning.vocabulary.parse import parse_rule
from loyalty.models import Program, Rule, RuleVersion
from loyalty.program_settings import ProgramSettings

# Every purchase asks this, and rows are made into rules without the models in between.
VERSIONS = """
    SELECT rule.program_id, rule.id, rule.public_id::text, rule.name,
        version.id, version.number, version.effective_from
    FROM loyalty_ruleversion version JOIN loyalty_rule rule ON rule.id = version.rule_id
    WHERE rule.program_id = ANY(%s::bigint[]) AND rule.status = %s
    ORDER BY rule.id, version.number
"""


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
    versions: Mapping[int, list[DatedRule]]
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
    programs = Program.objects.filter(
        organization_id=organization_id, status=Program.Status.LIVE, is_open=True
    )
    return rulebooks(programs.select_related("organization").order_by("pk"))


def rulebooks(programs: Iterable[Program]) -> list[ProgramRules]:
    """Return these programs, in whatever state they are, with the rules that are switched on."""
    found = list(programs)
    versions, public_ids = _versions_of(found)
    return [
        ProgramRules(
            program, program.terms, program.organization.zone, versions[program.pk], public_ids
        )
        for program in found
    ]


def _versions_of(
    programs: list[Program],
) -> tuple[dict[int, dict[int, list[DatedRule]]], dict[int, str]]:
    found: dict[int, dict[int, list[DatedRule]]] = defaultdict(lambda: defaultdict(list))
    public_ids: dict[int, str] = {}
    with connection.cursor() as cursor:
        cursor.execute(VERSIONS, [[program.pk for program in programs], Rule.Status.ACTIVE.value])
        for program_id, rule_id, public_id, name, pk, number, effective_from in cursor.fetchall():
            compiled = _compiled(pk, rule_id, name, number)
            found[program_id][rule_id].append(DatedRule(effective_from, compiled))
            public_ids[rule_id] = public_id
    return found, public_ids


@lru_cache(maxsize=4096)
def _compiled(pk: int, rule_id: int, name: str, number: int) -> CompiledRule:
    # A version never changes, so it is read and prepared once per process.
    spec: Any = RuleVersion.objects.values_list("spec", flat=True).get(pk=pk)
    return compile_rule(parse_rule(spec), key=rule_id, version_key=pk, name=name, version=number)


def _latest(dated: list[DatedRule], moment: datetime) -> CompiledRule | None:
    valid = [version for version in dated if version.effective_from <= moment]
    return valid[-1].compiled if valid else None
