"""Splits a file into lanes that never meet: everything of one customer is in one of them.

Within a lane receipts keep their order, so every account is written in the order of the file, as
if there were one lane. What customers share keeps a file in one piece: households, merged members,
budgets, and whatever follows from purchases beside points.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from zlib import crc32

from django.db import transaction
from django.db.models import F

from loyalty.importing.cells import text_of
from loyalty.importing.grouping import Group
from loyalty.importing.interpreting import CUSTOMER_MAX
from loyalty.importing.reasons import Unfit
from loyalty.importing.tally import Tally
from loyalty.models import ImportLane, ImportRefusal, ReceiptImport
from loyalty.services.imports import REFUSALS_KEPT, ImportFile
from loyalty.services.rulebook import ProgramRules, open_programs
from members.services.people import is_anybody_joined

LANES = 2


def can_be_split(file: ImportFile) -> bool:
    """Say whether lanes would come to the same end as the file in one piece."""
    return (
        file.is_told_once
        and not is_anybody_joined(file.organization_id)
        and not any(_is_shared(rules) for rules in open_programs(file.organization_id))
    )


@transaction.atomic
def open_lanes(job: ReceiptImport) -> list[ImportLane]:
    """Begin an import in lanes."""
    return ImportLane.objects.bulk_create(
        [ImportLane(parent=job, number=number, report=Tally().as_data()) for number in range(LANES)]
    )


def groups_of(file: ImportFile, lane: ImportLane) -> Iterator[tuple[int, Group]]:
    """Return what is left of a lane, each receipt with its place in the file."""
    column = (
        None if file.mapping.member is None else file.table.position(file.mapping.member.column)
    )
    guests = {"", *(file.mapping.member.guests if file.mapping.member else ())}
    own = (
        (place, group)
        for place, group in file.groups()
        if _lane_of(group, column, guests) == lane.number
    )
    return islice(own, lane.position, None)


@transaction.atomic
def close_lanes(job: ReceiptImport) -> None:
    """Make one report of what came of the lanes, and keep the first of the refused rows."""
    lanes = list(job.lanes.all())
    report = sum([Tally.from_data(lane.report) for lane in lanes], Tally.from_data(job.report))
    moved = sum(lane.position for lane in lanes)
    job.report = report.as_data()
    ReceiptImport.objects.filter(pk=job.pk).update(
        report=job.report, position=F("position") + moved
    )
    job.position += moved
    refusals = ImportRefusal.objects.filter(parent=job).order_by("row", "pk")
    beyond = list(refusals.values_list("pk", flat=True)[REFUSALS_KEPT:])
    ImportRefusal.objects.filter(pk__in=beyond).delete()
    job.lanes.all().delete()


def _is_shared(rules: ProgramRules) -> bool:
    versions = [dated.compiled for part in rules.versions.values() for dated in part]
    return rules.follows or any(rule.spec.limits.budget for rule in versions)


def _lane_of(group: Group, column: int | None, guests: set[str]) -> int:
    _row, cells = group.rows[0]
    customer = cells[column].strip() if column is not None and column < len(cells) else ""
    key = group.number if customer in guests else customer
    return crc32(_spelled(key).encode("utf-8", "surrogatepass")) % LANES


def _spelled(key: str) -> str:
    try:
        return text_of(key, CUSTOMER_MAX)
    except Unfit:
        return key  # its receipt will be refused, in whatever lane
