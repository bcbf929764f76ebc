"""Imports a file of balances chunk by chunk; a killed import goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Self

from django.utils.translation import gettext as _

from core.errors import Refusal
from loyalty.errors import ProgramUnknown, UploadTooLarge
from loyalty.importing.balances import BalanceReader, BalanceRow, open_balances
from loyalty.importing.reading import Record, count_rows, digest_of
from loyalty.importing.reasons import Unfit
from loyalty.models import FileKind, Program, ReceiptImport
from loyalty.services.import_documents import ChunkResult
from loyalty.services.imports import ReadFile, finish_import, keep_chunk
from loyalty.services.opening import Opening, Outcome, bring_forward, today_of
from members.models import Member
from members.services.bringing import find_by_signs, find_or_enroll

ROWS_MAX = 100_000
CHUNK_ROWS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceSettings:
    """Into which program the points go, and whether who is no member becomes one."""

    program: str
    enroll: bool

    def as_data(self) -> dict[str, Any]:
        """Return plain JSON."""
        return {"balances": asdict(self)}

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        """Read what was stored."""
        return cls(**data["balances"])


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceFile(ReadFile):
    """A file of balances."""

    program: Program
    enroll: bool


def open_balance_file(
    *, organization_id: int, path: Path, settings: BalanceSettings
) -> BalanceFile:
    """Read the file once, so that one that is damaged is refused before anything is done."""
    programs = Program.objects.filter(organization_id=organization_id, slug=settings.program)
    program = programs.select_related("organization").first()
    if program is None:
        raise ProgramUnknown
    table = open_balances(path)
    rows = count_rows(table)
    if rows > ROWS_MAX:
        sentence = _("A file of balances has at most %(max)s rows. Send it in parts.")
        raise UploadTooLarge(sentence % {"max": f"{ROWS_MAX:,}"}, rows_max=ROWS_MAX)
    return BalanceFile(
        organization_id=organization_id,
        table=table,
        digest=digest_of(path),
        rows=rows,
        settings=settings.as_data(),
        kind=FileKind.BALANCES,
        program=program,
        enroll=settings.enroll,
    )


def run_balances(
    *, file: BalanceFile, job: ReceiptImport, told: Callable[[int], None]
) -> ReceiptImport:
    """Import what is left of the file and finish; ``told`` is called with the rows just done."""
    records = islice(file.table.rows(), job.position, None)
    while chunk := list(islice(records, CHUNK_ROWS)):
        keep_chunk(job, len(chunk), partial(_record, file, job, chunk))
        told(len(chunk))
    return finish_import(job=job)


def _record(file: BalanceFile, job: ReceiptImport, records: Sequence[Record]) -> ChunkResult:
    """Bring forward what can be, skip what counts already, and refuse the rest by its reason."""
    result = ChunkResult()
    known = _with_members(file, _read(file, records, result), result)
    outcomes = bring_forward(
        program_id=file.program.pk,
        openings=[_opening(row, member) for row, member in known],
        batch=job.batch,
    )
    for (row, _member), outcome in zip(known, outcomes, strict=True):
        _count(result, row, outcome)
    result.refused.sort()
    return result


def _read(file: BalanceFile, records: Sequence[Record], result: ChunkResult) -> list[BalanceRow]:
    region = file.program.organization.country
    reader = BalanceReader(file.table, region=region, today=today_of(file.program))
    rows = []
    for record in records:
        try:
            rows.append(reader.read(record))
        except Unfit as reason:
            result.refuse_rows("", [record[0]], reason)
    return rows


def _with_members(
    file: BalanceFile, rows: Sequence[BalanceRow], result: ChunkResult
) -> list[tuple[BalanceRow, Member]]:
    wanted = [row.signs for row in rows]
    if file.enroll:
        found, made = find_or_enroll(organization_id=file.organization_id, wanted=wanted)
        result.tally.members += made
    else:
        found = find_by_signs(organization_id=file.organization_id, wanted=wanted)
    known = []
    for row, member in zip(rows, found, strict=True):
        if isinstance(member, Refusal):
            result.refuse_rows("", [row.number], Unfit.like(member))
        else:
            known.append((row, member))
    return known


def _opening(row: BalanceRow, member: Member) -> Opening:
    return Opening(member_id=member.pk, points=row.points, ends=row.ends, note=row.note)


def _count(result: ChunkResult, row: BalanceRow, outcome: Outcome) -> None:
    if outcome is Outcome.GIVEN:
        result.tally.accepted += 1
        result.tally.points_given += row.points
    elif outcome is Outcome.KNOWN:
        result.skip([row.number])
    else:
        result.refuse_rows("", [row.number], Unfit(outcome.value))
