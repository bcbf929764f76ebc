"""The benefits and tiers that may take something off, as they stood when a purchase was made."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection

from loyalty.rule_history import is_over
from loyalty.services.standing import ladder_of
from loyalty.tiers.spec import LadderSpec
from rewards.discounts.sources import Source, of_benefit
from rewards.discounts.spec import parse_benefit
from rewards.models import BenefitVersion

# What is switched on, as one text per organization: read anew only when it says anything new.
TOLD = """
    SELECT json_build_object(
        'benefits', (
            SELECT json_agg(json_build_array(program.id, benefit.id, benefit.public_id,
                benefit.name, version.id, version.effective_from)
                ORDER BY benefit.id, version.number)
            FROM rewards_benefitversion version
            JOIN rewards_benefit benefit ON benefit.id = version.benefit_id
            JOIN loyalty_program program ON program.id = benefit.program_id
            WHERE program.organization_id = %(organization)s AND program.status = 'live'
                AND program.is_open AND benefit.status = 'active'),
        'ladders', (
            SELECT json_agg(json_build_array(program.id, version.id, version.effective_from)
                ORDER BY program.id, version.number)
            FROM loyalty_ladderversion version
            JOIN loyalty_program program ON program.id = version.program_id
            WHERE program.organization_id = %(organization)s AND program.status = 'live'
                AND program.is_open)
    )::text
"""


class Standing(NamedTuple):
    """A benefit as it counts at a moment, with the version that says so."""

    source: Source
    version_id: int


@dataclass(frozen=True, slots=True)
class ProgramBenefits:
    """What one program takes off at a moment; ``ladder`` where a tier of it does."""

    program_id: int
    benefits: Sequence[Standing]
    ladder: LadderSpec | None


class _Dated(NamedTuple):
    program_id: int
    benefit_id: int
    version_id: int
    source: Source
    ends_at: datetime | None
    effective_from: datetime


@dataclass(frozen=True, slots=True)
class Book:
    """Every version of the active benefits of the live programs, and their ladders."""

    benefits: Sequence[_Dated]
    ladders: Sequence[tuple[int, int, datetime]]

    def at(self, moment: datetime) -> list[ProgramBenefits]:
        """Return what counts at that moment, program by program; most often nothing."""
        if not self.benefits and not self.ladders:
            return []
        ladders = self._ladders_at(moment)
        standing = self._standing_at(moment)
        return [
            ProgramBenefits(program_id, standing.get(program_id, []), ladders.get(program_id))
            for program_id in sorted({*ladders, *standing})
        ]

    def _standing_at(self, moment: datetime) -> dict[int, list[Standing]]:
        latest = {one.benefit_id: one for one in self.benefits if one.effective_from <= moment}
        standing: dict[int, list[Standing]] = {}
        for one in latest.values():
            if not is_over(one.ends_at, moment):
                standing.setdefault(one.program_id, []).append(Standing(one.source, one.version_id))
        return standing

    def _ladders_at(self, moment: datetime) -> dict[int, LadderSpec]:
        latest = {program: version for program, version, since in self.ladders if since <= moment}
        ladders = {program: ladder_of(version) for program, version in latest.items()}
        return {program: ladder for program, ladder in ladders.items() if _takes_off(ladder)}


def benefit_book(organization_id: int) -> Book:
    """Return what may take something off in an organization; one statement unless it is new."""
    with connection.cursor() as cursor:
        cursor.execute(TOLD, {"organization": organization_id})
        [(told,)] = cursor.fetchall()
    return _read(told)


def _takes_off(ladder: LadderSpec) -> bool:
    return any(
        tier.benefits.percent_off is not None or tier.benefits.free_shipping
        for tier in ladder.tiers
    )


@lru_cache(maxsize=256)
def _read(told: str) -> Book:
    said: Mapping[str, Iterable[Any] | None] = json.loads(told)
    return Book(
        [_dated(*row) for row in said["benefits"] or ()],
        [
            (program_id, version_id, datetime.fromisoformat(since))
            for program_id, version_id, since in said["ladders"] or ()
        ],
    )


def _dated(
    program_id: int, benefit_id: int, public_id: str, name: str, version_id: int, since: str
) -> _Dated:
    source, ends_at = _compiled(version_id, public_id, name)
    begins = datetime.fromisoformat(since)
    return _Dated(program_id, benefit_id, version_id, source, ends_at, begins)


@lru_cache(maxsize=2048)
def _compiled(version_id: int, public_id: str, name: str) -> tuple[Source, datetime | None]:
    # A version never changes, so it is read and prepared once per process.
    data: Any = BenefitVersion.objects.values_list("spec", flat=True).get(pk=version_id)
    spec = parse_benefit(data)
    return of_benefit(public_id, name, spec), spec.ends_at
