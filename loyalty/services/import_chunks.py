"""Records a chunk of receipts from a file, in one transaction and a fixed number of questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from uuid import UUID

from core.actors import SYSTEM
from core.errors import Refusal
from loyalty.errors import DuplicateReceipt
from loyalty.importing.fingerprints import Fingerprints
from loyalty.importing.grouping import Group
from loyalty.importing.interpreting import ReceiptRead, ReceiptReader
from loyalty.importing.reasons import Unfit
from loyalty.importing.tally import Tally
from loyalty.receipts import ReceiptDraft
from loyalty.services.accounts import lock_holders
from loyalty.services.import_documents import (
    ChunkResult,
    Context,
    Document,
    new_documents,
    placed,
    stores_of,
)
from loyalty.services.imported import imported_before, note_imported
from loyalty.services.purchases import record_many
from loyalty.services.recorded import Recorded
from loyalty.services.recording import products_of
from loyalty.services.sold import Returned
from loyalty.services.unnamed_returns import ReturnDraft, lock_sales, record_unnamed_returns


@dataclass(frozen=True, slots=True)
class Chunk:
    """Receipts that are recorded together, each with its place in the file, from one on."""

    groups: Sequence[tuple[int, Group]]
    reader: ReceiptReader
    fingerprints: Fingerprints

    @property
    def rows(self) -> int:
        """Return how many rows of the file it has."""
        return sum(len(group.rows) for _place, group in self.groups)


@dataclass(frozen=True, slots=True)
class ChunkRead:
    """A chunk of which it is known what is new; nothing of it is recorded yet.

    ``new`` are receipts with their fingerprints and places, ``known`` the rows and records of the
    others.
    """

    new: Sequence[tuple[UUID, int, ReceiptRead]]
    known: Sequence[tuple[int, int]]


def read_chunk(context: Context, chunk: Chunk) -> ChunkRead:
    """Recognize what was imported before by its rows, and understand the rest."""
    marked = [(chunk.fingerprints.of(group), place, group) for place, group in chunk.groups]
    before = imported_before(context.organization_id, [mark for mark, _place, _group in marked])
    new, known = [], []
    for mark, place, group in marked:
        if mark in before:
            known.append((len(group.rows), before[mark]))
        else:
            new.append((mark, place, chunk.reader.read(group)))
    return ChunkRead(new, known)


def make_ahead(context: Context, read: ChunkRead) -> None:
    """Make the stores and products of a chunk before it, so that no other chunk waits for them."""
    receipts = [receipt for _mark, _place, receipt in read.new if receipt.head is not None]
    if receipts:
        stores_of(context, {receipt.head.store or "" for receipt in receipts if receipt.head})
        products_of(context.organization_id, chain(*(receipt.sold for receipt in receipts)))


def record_chunk(context: Context, read: ChunkRead) -> ChunkResult:
    """Record what is new, skip what is on record already, and refuse the rest by its reason."""
    result = ChunkResult()
    for rows, documents in read.known:
        result.skip_known(rows, documents)
    for _mark, _place, receipt in read.new:
        result.refuse(receipt.refused)
    found = placed(context, [(place, receipt) for _mark, place, receipt in read.new], result)
    new = list(new_documents(context, found, result))
    if new:
        _record(context, new, result)
    result.refused.sort()
    note_imported(context.organization_id, _whole(read.new, result))
    return result


def _whole(
    read: Iterable[tuple[UUID, int, ReceiptRead]], result: ChunkResult
) -> Iterator[tuple[UUID, int]]:
    """Yield the receipts of which every row is on record now, and how many records each is."""
    refused = {refusal.row for refusal in result.refused}
    for mark, _place, receipt in read:
        rows = {*receipt.sold_rows, *receipt.back_rows}
        if len(rows) == receipt.rows and rows.isdisjoint(refused):
            yield mark, bool(receipt.sold) + bool(receipt.back)


def _record(context: Context, new: Sequence[Document], result: ChunkResult) -> None:
    returns = [one.draft for one in new if isinstance(one.draft, ReturnDraft)]
    members = {one.draft.member_id for one in new if one.draft.member_id is not None}
    # All at once and in the order of locks, because the waves would take them in turns.
    lock_sales(organization_id=context.organization_id, drafts=returns)
    lock_holders(members)
    for wave in _waves(new):
        _record_wave(context, wave, result)


def _waves(documents: Iterable[Document]) -> list[list[Document]]:
    """Sort documents so that each member's are recorded in their order, sales before returns."""
    waves: dict[int, list[Document]] = defaultdict(list)
    latest: dict[int, tuple[int, bool]] = {}
    for document in documents:
        member_id = document.draft.member_id
        is_return = isinstance(document.draft, ReturnDraft)
        wave, had_return = latest.get(member_id or 0, (0, False))
        if member_id is not None:
            wave += had_return and not is_return
            latest[member_id] = (wave, is_return)
        waves[wave].append(document)
    return [waves[wave] for wave in sorted(waves)]


def _record_wave(context: Context, wave: Sequence[Document], result: ChunkResult) -> None:
    sales = [one.draft for one in wave if isinstance(one.draft, ReceiptDraft)]
    returns = [one.draft for one in wave if isinstance(one.draft, ReturnDraft)]
    recorded = record_many(
        organization_id=context.organization_id, drafts=sales, actor=SYSTEM, batch=context.batch
    )
    returned = record_unnamed_returns(
        organization_id=context.organization_id, drafts=returns, actor=SYSTEM, batch=context.batch
    )
    answers: dict[int, Recorded | Returned | Refusal] = {}
    answers |= {id(draft): answer for draft, answer in zip(sales, recorded, strict=True)}
    answers |= {id(draft): answer for draft, answer in zip(returns, returned, strict=True)}
    for document in wave:
        _count(result, document, answers[id(document.draft)])


def _count(result: ChunkResult, document: Document, answer: Recorded | Returned | Refusal) -> None:
    if isinstance(answer, DuplicateReceipt):
        result.skip(document.rows)
        return
    if isinstance(answer, Refusal):
        result.refuse_rows(document.draft.external_id, document.rows, Unfit.like(answer))
        return
    result.tally.accepted += len(document.rows)
    if isinstance(answer, Recorded):
        _count_sale(result.tally, answer)
    else:
        _count_return(result.tally, answer)


def _count_sale(tally: Tally, recorded: Recorded) -> None:
    tally.purchases += 1
    tally.sold += recorded.purchase.total
    tally.points_given += recorded.points


def _count_return(tally: Tally, returned: Returned) -> None:
    tally.returns += 1
    tally.returned += returned.row.amount
    tally.points_taken += returned.points
    tally.points_owed += returned.debt
    for match in returned.matches:
        if match.is_full:
            tally.found += 1
        elif match.pieces:
            tally.partly_found += 1
        else:
            tally.not_found += 1
