"""The rules that apply to a receipt, as they stood when it was rung up."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet, TextField
from django.db.models.expressions import RawSQL

from core.prepared import Prepared
from loyalty.earning.compiled import CompiledRule, compile_rule
from loyalty.earning.receipt import COUNTED, EarningPolicy
from loyalty.earning.vocabulary.parse import parse_rule
from loyalty.models import Program, RuleVersion
from loyalty.program_settings import ProgramSettings
from loyalty.rule_history import is_over

# What is switched on, as one text per program: it is read again only when it says anything new.
VERSIONS = """
    SELECT json_build_object(
        'rules', (
            SELECT json_agg(json_build_array(rule.id, rule.public_id, rule.name, version.id,
                version.number, version.effective_from) ORDER BY rule.id, version.number)
            FROM loyalty_ruleversion version JOIN loyalty_rule rule ON rule.id = version.rule_id
            WHERE rule.program_id = loyalty_program.id AND rule.status = 'active'),
        'ladder', (
            SELECT json_agg(json_build_array(loyalty_program.id, '', '', version.id,
                version.number, version.effective_from) ORDER BY version.number)
            FROM loyalty_ladderversion version WHERE version.program_id = loyalty_program.id),
        'stamp_cards', (
            SELECT json_agg(json_build_array(card.id, card.code, card.name, version.id,
                version.number, version.effective_from) ORDER BY card.id, version.number)
            FROM loyalty_stampcardversion version JOIN loyalty_stampcard card
                ON card.id = version.card_id
            WHERE card.program_id = loyalty_program.id AND card.status = 'active'),
        'challenges', (
            SELECT json_agg(json_build_array(challenge.id, challenge.code, challenge.name,
                version.id, version.number, version.effective_from)
                ORDER BY challenge.id, version.number)
            FROM loyalty_challengeversion version JOIN loyalty_challenge challenge
                ON challenge.id = version.challenge_id
            WHERE challenge.program_id = loyalty_program.id AND challenge.status = 'active'),
        'began', json_build_object(
            'stamp_cards', EXISTS (
                SELECT FROM loyalty_stampcard card
                WHERE card.program_id = loyalty_program.id AND card.status <> 'draft'),
            'challenges', EXISTS (
                SELECT FROM loyalty_challenge challenge
                WHERE challenge.program_id = loyalty_program.id AND challenge.status <> 'draft'))
    )::text
"""

Parts = Mapping[str, Mapping[int, list["DatedPart"]]]
REMEMBERED_MAX = 1_000
LADDER, STAMP_CARDS, CHALLENGES = "ladder", "stamp_cards", "challenges"


@dataclass(frozen=True, slots=True)
class DatedRule:
    """One version of an active rule and the moment from which it counts."""

    effective_from: datetime
    compiled: CompiledRule


class Versions(dict[int, list[DatedRule]]):
    """The versions of each rule; which of them counted is asked again and again of a receipt."""

    def __init__(self, known: Mapping[int, list[DatedRule]] | None = None) -> None:
        super().__init__(known or {})
        self.counted: dict[datetime, list[CompiledRule]] = {}


@dataclass(frozen=True, slots=True)
class DatedPart:
    """One version of the ladder, a stamp card or a challenge, and when it begins to count.

    ``key`` is the card's or the challenge's, for the ladder the program's.
    """

    effective_from: datetime
    key: int
    code: str
    name: str
    version_key: int
    number: int


@dataclass(frozen=True, slots=True)
class ProgramRules:
    """A live program with every version of its active rules, its ladder, cards and challenges."""

    program: Program
    terms: ProgramSettings
    zone: ZoneInfo
    versions: Versions
    public_ids: Mapping[int, str]
    parts: Parts
    began: Mapping[str, bool]

    @property
    def follows(self) -> bool:
        """Say whether what members do moves anything but points."""
        return any(self.parts.values())

    @property
    def has_followed(self) -> bool:
        """Say whether what members did ever moved anything but points, which returns move back."""
        return self.follows or any(self.began.values())

    def parts_at(self, kind: str, moment: datetime) -> list[DatedPart]:
        """Return the one version of each part of a kind that counted at that moment."""
        valid = (
            [part for part in dated if part.effective_from <= moment]
            for dated in self.parts[kind].values()
        )
        return [dated[-1] for dated in valid if dated]

    @property
    def asks_facts(self) -> bool:
        """Say whether a rule, whenever it counts, or a tier asks what must be read for it alone."""
        return bool(self.parts[LADDER]) or any(
            one.compiled.asks for dated in self.versions.values() for one in dated
        )

    def counts_purchases(self, moment: datetime) -> bool:
        """Say whether a rule counted at that moment that asks how often somebody came before."""
        return self.asks_facts and any(rule.asks & COUNTED for rule in self.at(moment))

    @property
    def policy(self) -> EarningPolicy:
        """Return what the program decided about the money that earns."""
        return EarningPolicy(
            product_kinds_only=self.terms.earns_on_products_only,
            net_of_tax=self.terms.earns_net_of_tax,
            earn_on_part_paid_with_points=self.terms.earns_on_part_paid_with_points,
        )

    def at(self, moment: datetime) -> list[CompiledRule]:
        """Return the rules that counted for a purchase at that moment, each as it was then."""
        return [rule for rule in self._valid(moment) if rule.activity is None]

    def counting(self, activity: tuple[str, str] | None, moment: datetime) -> list[CompiledRule]:
        """Return the rules for an activity, or where there is none for a purchase."""
        return self.at(moment) if activity is None else self.for_activity(*activity, moment)

    def for_activity(self, kind: str, name: str, moment: datetime) -> list[CompiledRule]:
        """Return the rules that counted for an activity at that moment, each as it was then."""
        return [
            rule
            for rule in self._valid(moment)
            if rule.activity is not None
            and (rule.activity.kind.value, rule.activity.name or "") == (kind, name)
        ]

    def _valid(self, moment: datetime) -> list[CompiledRule]:
        """Return the one version of each rule that counted at that moment, unless it was over."""
        counted = self.versions.counted
        valid = counted.get(moment)
        if valid is None:
            if len(counted) >= REMEMBERED_MAX:
                counted.clear()  # threads share it: what one of them found, it keeps for itself
            latest = (_latest(dated, moment) for dated in self.versions.values())
            valid = counted[moment] = [rule for rule in latest if rule is not None]
        return valid


def open_programs(organization_id: int) -> list[ProgramRules]:
    """Return the live programs in which every purchase earns, oldest first."""
    return [_rulebook(program) for program in _OPEN(organization_id)]


def every_program(organization_id: int) -> list[ProgramRules]:
    """Return all programs, in whatever state they are, oldest first: returns find each of them."""
    return [_rulebook(program) for program in _EVERY(organization_id)]


def rulebooks(programs: QuerySet[Program]) -> list[ProgramRules]:
    """Return these programs, in whatever state they are, with the rules that are switched on."""
    return [_rulebook(program) for program in _with_versions(programs)]


def _with_versions(programs: QuerySet[Program]) -> QuerySet[Program]:
    told = RawSQL(VERSIONS, [], TextField())  # noqa: S611 nobody's words
    return programs.annotate(versions_told=told).select_related("organization")


_OPEN = Prepared(
    lambda organization_id: _with_versions(
        Program.objects.filter(
            organization_id=organization_id, status=Program.Status.LIVE, is_open=True
        )
    ).order_by("pk")
)

_EVERY = Prepared(
    lambda organization_id: _with_versions(
        Program.objects.filter(organization_id=organization_id)
    ).order_by("pk")
)


def _rulebook(program: Program) -> ProgramRules:
    told: str | None = program.versions_told  # type: ignore[attr-defined]  # annotated above
    versions, public_ids, parts, began = _read(told or "{}")
    zone = program.organization.zone
    return ProgramRules(program, program.terms, zone, versions, public_ids, parts, began)


@lru_cache(maxsize=256)
def _read(told: str) -> tuple[Versions, Mapping[int, str], Parts, Mapping[str, bool]]:
    said = json.loads(told)
    versions = Versions()
    public_ids: dict[int, str] = {}
    for rule_id, public_id, name, pk, number, effective_from in said.get("rules") or ():
        compiled = _compiled(pk, rule_id, name, number)
        dated = DatedRule(datetime.fromisoformat(effective_from), compiled)
        versions.setdefault(rule_id, []).append(dated)
        public_ids[rule_id] = public_id
    parts = {kind: _parts(said.get(kind) or ()) for kind in (LADDER, STAMP_CARDS, CHALLENGES)}
    return versions, public_ids, parts, said.get("began") or {}


def _parts(rows: Iterable[Sequence[Any]]) -> Mapping[int, list[DatedPart]]:
    parts: dict[int, list[DatedPart]] = defaultdict(list)
    for key, code, name, pk, number, effective_from in rows:
        moment = datetime.fromisoformat(effective_from)
        parts[key].append(DatedPart(moment, key, code, name, pk, number))
    return dict(parts)


@lru_cache(maxsize=4096)
def _compiled(pk: int, rule_id: int, name: str, number: int) -> CompiledRule:
    # A version never changes, so it is read and prepared once per process.
    spec: Any = RuleVersion.objects.values_list("spec", flat=True).get(pk=pk)
    return compile_rule(parse_rule(spec), key=rule_id, version_key=pk, name=name, version=number)


def _latest(dated: list[DatedRule], moment: datetime) -> CompiledRule | None:
    valid = [version for version in dated if version.effective_from <= moment]
    if not valid or is_over(valid[-1].compiled.spec.ends_at, moment):
        return None
    return valid[-1].compiled
