"""Makes documents of the receipts of a file: each with its store, moment and member."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from core.bulk import array
from core.codes import clean_code
from core.errors import InvalidInput, StoreCodeUnknown
from core.models import Store
from core.services.stores import open_stores, stores_by_code
from core.text import caseless
from loyalty.earning.exact import ZERO
from loyalty.errors import FutureDate, ReceiptConflict, TooOld
from loyalty.importing.cells import instant, quoted
from loyalty.importing.interpreting import Head, ReceiptRead, RowRefusal
from loyalty.importing.mapping import ReceiptMapping
from loyalty.importing.reasons import Unfit
from loyalty.importing.tally import Tally
from loyalty.models import Batch
from loyalty.receipts import ReceiptDraft
from loyalty.services.unnamed_returns import ReturnDraft
from members.services.imports import known_members, members_for

CLOCK_SKEW = timedelta(minutes=5)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)

Draft: TypeAlias = ReceiptDraft | ReturnDraft
Name: TypeAlias = tuple[type[ReceiptDraft] | type[ReturnDraft], str]
OnRecord: TypeAlias = tuple[str, int | None]

# Each number by its index, whatever is known of tables that were empty a moment ago.
ON_RECORD = """
    SELECT number, sale.content_digest, sale.batch_id, back.content_digest, back.batch_id
    FROM unnest(%s::text[]) AS number
    LEFT JOIN LATERAL (
        SELECT content_digest, batch_id FROM loyalty_purchase
        WHERE organization_id = %s AND source = %s AND external_id = number LIMIT 1
    ) sale ON TRUE
    LEFT JOIN LATERAL (
        SELECT content_digest, batch_id FROM loyalty_return
        WHERE organization_id = %s AND source = %s AND external_id = number LIMIT 1
    ) back ON TRUE
    WHERE sale.content_digest IS NOT NULL OR back.content_digest IS NOT NULL
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What all chunks of an import have in common."""

    organization_id: int
    mapping: ReceiptMapping
    batch: Batch
    import_id: int
    store: Store | None = None


@dataclass(slots=True)
class ChunkResult:
    """What came of a chunk: its counts and its refused rows."""

    tally: Tally = field(default_factory=Tally)
    refused: list[RowRefusal] = field(default_factory=list)

    def refuse(self, refused: Sequence[RowRefusal]) -> None:
        """Count rows that are not taken."""
        self.refused += refused
        self.tally.refused += len(refused)
        self.tally.faults += sum(refusal.is_fault for refusal in refused)
        self.tally.reasons.update(refusal.code for refusal in refused)

    def refuse_rows(self, number: str, rows: Iterable[int], reason: Unfit) -> None:
        """Count rows of a receipt that are not taken for one reason."""
        code, message, is_fault = reason.code, reason.message, reason.is_fault
        self.refuse([RowRefusal(row, number, code, message, is_fault) for row in rows])

    def skip(self, rows: Sequence[int]) -> None:
        """Count rows of a receipt that is on record already."""
        self.skip_known(len(rows), 1)

    def skip_known(self, rows: int, documents: int) -> None:
        """Count rows of a receipt all of whose records are there already."""
        self.tally.skipped += rows
        self.tally.duplicates += documents


@dataclass(frozen=True, slots=True)
class Placed:
    """A receipt whose store and moment are known."""

    receipt: ReceiptRead
    head: Head
    store: Store
    occurred_at: datetime
    request_key: str


@dataclass(frozen=True, slots=True)
class Document:
    """What is recorded as one: the sale of a receipt, or its return."""

    rows: Sequence[int]
    draft: Draft


def placed(
    context: Context, receipts: Iterable[tuple[int, ReceiptRead]], result: ChunkResult
) -> list[Placed]:
    """Find each receipt's store and moment; refuse a receipt that has none."""
    told = [
        (receipt, receipt.head, f"import:{context.import_id}:{place}")
        for place, receipt in receipts
        if receipt.head is not None and (receipt.sold or receipt.back)
    ]
    if not told:
        return []
    stores = stores_of(context, {head.store or "" for _receipt, head, _key in told})
    latest = timezone.now() + CLOCK_SKEW
    found = []
    for receipt, head, request_key in told:
        try:
            store = _store(stores, head.store or "")
            moment = _checked(instant(head.moment, _zone(context, store)), latest)
        except Unfit as unfit:
            rows = [*receipt.sold_rows, *receipt.back_rows]
            result.refuse_rows(receipt.number, rows, unfit)
        else:
            found.append(Placed(receipt, head, store, moment, request_key))
    return found


def stores_of(context: Context, codes: set[str]) -> dict[str, Store]:
    """Return the stores by code, opening those that are missing when the mapping says so."""
    if context.store is not None:
        return dict.fromkeys(map(caseless, codes), context.store)
    if context.mapping.store is None or not context.mapping.store.create:
        return stores_by_code(context.organization_id)
    printable = [code for code in sorted(codes) if _is_code(code)]
    return open_stores(organization_id=context.organization_id, codes=printable)


def _is_code(text: str) -> bool:
    try:
        clean_code(text)
    except InvalidInput:
        return False
    return True


def _store(stores: Mapping[str, Store], code: str) -> Store:
    store = stores.get(caseless(code))
    if store is None:
        raise Unfit(StoreCodeUnknown.code, quoted(code))
    return store


def _zone(context: Context, store: Store) -> ZoneInfo:
    named = context.mapping.occurred_at.zone
    return ZoneInfo(named) if named else store.zone


def _checked(moment: datetime, latest: datetime) -> datetime:
    if moment > latest:
        raise Unfit(FutureDate.code)
    if moment < EARLIEST:
        raise Unfit(TooOld.code)
    return moment


def new_documents(
    context: Context, receipts: Sequence[Placed], result: ChunkResult
) -> Iterator[Document]:
    """Return what is not on record yet; skip what is, and refuse what contradicts it."""
    if not receipts:
        return
    known = _known(context, receipts)
    members = _members(context, receipts, known, result)
    first: dict[tuple[type[Draft], str], Draft] = {}
    for document in (
        document for one in receipts for document in _documents(context, one, members)
    ):
        draft = document.draft
        name = (type(draft), draft.external_id)
        if name in known:
            _answer_known(document, known[name], context, result)
        elif name in first:
            _answer_known(document, (first[name].digest, context.batch.pk), context, result)
        else:
            first[name] = draft
            yield document


def _known(context: Context, receipts: Sequence[Placed]) -> dict[Name, OnRecord]:
    """Return fingerprint and batch of what is on record under these numbers."""
    found: dict[Name, OnRecord] = {}
    asked = (context.organization_id, context.mapping.source)
    numbers = array([one.receipt.number for one in receipts])
    with connection.cursor() as cursor:
        cursor.execute(ON_RECORD, [numbers, *asked, *asked])
        for number, sale_digest, sale_batch, return_digest, return_batch in cursor.fetchall():
            if sale_digest is not None:
                found[ReceiptDraft, number] = (sale_digest, sale_batch)
            if return_digest is not None:
                found[ReturnDraft, number] = (return_digest, return_batch)
    return found


def _members(
    context: Context,
    receipts: Sequence[Placed],
    known: Mapping[Name, OnRecord],
    result: ChunkResult,
) -> dict[str, int]:
    """Find the members, and make those who come with a receipt that is not on record."""
    keys = {one.head.member for one in receipts if one.head.member}
    members = known_members(context.organization_id, keys)
    joined: dict[str, datetime] = {}
    for one in receipts:
        key = one.head.member
        if key and key not in members and _is_new(one, known):
            joined[key] = min(one.occurred_at, joined.get(key, one.occurred_at))
    result.tally.members = len(joined)
    if joined:
        members |= members_for(organization_id=context.organization_id, joined=joined)
    return members


def _is_new(one: Placed, known: Mapping[Name, OnRecord]) -> bool:
    number = one.receipt.number
    sold = one.receipt.sold and (ReceiptDraft, number) not in known
    return bool(sold or (one.receipt.back and (ReturnDraft, number) not in known))


def _documents(context: Context, one: Placed, members: Mapping[str, int]) -> Iterator[Document]:
    member_id = members.get(one.head.member or "")
    if one.receipt.sold:
        yield Document(one.receipt.sold_rows, _sale(context, one, member_id))
    if one.receipt.back:
        yield Document(one.receipt.back_rows, _return(context, one, member_id))


def _sale(context: Context, one: Placed, member_id: int | None) -> ReceiptDraft:
    local = one.occurred_at.astimezone(one.store.zone)
    return ReceiptDraft(
        source=context.mapping.source,
        external_id=one.receipt.number,
        store_id=one.store.pk,
        store_code=one.store.code,
        occurred_at=one.occurred_at,
        local=local,
        business_date=local.date(),
        lines=tuple(one.receipt.sold),
        total=sum([line.amount for line in one.receipt.sold], ZERO),
        request_key=one.request_key,
        member_id=member_id,
        channel=context.mapping.channel,
        discounts=one.receipt.discounts,
        metadata=one.head.metadata,
    )


def _return(context: Context, one: Placed, member_id: int | None) -> ReturnDraft:
    return ReturnDraft(
        source=context.mapping.source,
        external_id=one.receipt.number,
        store_id=one.store.pk,
        occurred_at=one.occurred_at,
        goods=tuple(one.receipt.back),
        request_key=one.request_key,
        member_id=member_id,
    )


def _answer_known(
    document: Document, before: OnRecord, context: Context, result: ChunkResult
) -> None:
    digest, batch_id = before
    if digest == document.draft.digest:
        result.skip(document.rows)
    elif batch_id == context.batch.pk:
        result.refuse_rows(document.draft.external_id, document.rows, Unfit("scattered"))
    else:
        reason = Unfit(ReceiptConflict.code)
        result.refuse_rows(document.draft.external_id, document.rows, reason)
