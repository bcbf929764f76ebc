"""Records a chunk of receipts from a file, in one transaction and a fixed number of questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from core.actors import SYSTEM
from core.errors import Refusal
from loyalty.errors import DuplicateReceipt
from loyalty.importing.interpreting import ReceiptRead
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
)
from loyalty.services.purchases import Recorded, record_many
from loyalty.services.taking import Returned
from loyalty.services.unnamed_returns import ReturnDraft, lock_sales, record_unnamed_returns


def record_chunk(
    context: Context, receipts: Sequence[ReceiptRead], *, position: int
) -> ChunkResult:
    """Record what is new, skip what is on record already, and refuse the rest by its reason."""
    result = ChunkResult()
    for receipt in receipts:
        result.refuse(receipt.refused)
    known = placed(context, receipts, position, result)
    _record(context, list(new_documents(context, known, result)), result)
    result.refused.sort()
    return result


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
