"""Imports a file of receipts chunk by chunk; a killed import goes on where it stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg import errors as pg

from core import audit
from core.actors import SYSTEM
from core.errors import StoreCodeUnknown, StoreNeeded, Unavailable
from core.locking import only_one
from core.models import Store
from core.outbox import event, tell
from core.services.stores import stores_by_code
from core.text import caseless
from loyalty.errors import ImportInterrupted, ImportRunning, MappingChanged, MappingInvalid
from loyalty.importing.catalog import Article, read_articles
from loyalty.importing.grouping import Group, grouped
from loyalty.importing.interpreting import ReceiptRead, ReceiptReader
from loyalty.importing.mapping import ReceiptMapping
from loyalty.importing.reading import Table, count_rows, digest_of, open_table
from loyalty.importing.tally import Tally
from loyalty.models import Batch, FileKind, ImportRefusal, ReceiptImport
from loyalty.services.import_chunks import record_chunk
from loyalty.services.import_documents import ChunkResult, Context

CHUNK_RECEIPTS = 500
CHUNK_ROWS = 20_000
REFUSALS_KEPT = 1_000
MESSAGE_MAX = 300
ATTEMPTS_MAX = 5
LOCK_PATIENCE_SECONDS = 5.0
# Somebody else held a row for too long: the chunk left nothing and is done again.
WORTH_RETRYING = (pg.DeadlockDetected, pg.SerializationFailure, pg.LockNotAvailable)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFile:
    """A file that was read once from beginning to end and can be imported.

    ``settings`` is all that decides how it is read.
    """

    organization_id: int
    table: Table
    digest: str
    rows: int
    settings: dict[str, Any]
    kind: FileKind = FileKind.RECEIPTS


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFile(ReadFile):
    """A file of receipts."""

    mapping: ReceiptMapping
    articles: dict[str, Article]
    store: Store | None


def open_import_file(
    *,
    organization_id: int,
    path: Path,
    mapping: ReceiptMapping,
    store_code: str | None = None,
    products: Path | None = None,
) -> ImportFile:
    """Read the file once, so that one that is damaged is refused before anything is done."""
    table = open_table(path, mapping.file, mapping.columns())
    rows = count_rows(table)
    store = _store(organization_id, mapping, store_code)
    if products is not None and mapping.products is None:
        raise MappingInvalid(_("The mapping says nothing of a products file."))
    known = products if products is not None else _products_beside(path, mapping)
    articles = read_articles(known, mapping.products) if known and mapping.products else {}
    settings = {
        "mapping": mapping.model_dump(mode="json"),
        "store": store.code if store else None,
        "products": digest_of(known) if articles and known else None,
    }
    return ImportFile(
        organization_id=organization_id,
        mapping=mapping,
        table=table,
        digest=digest_of(path),
        rows=rows,
        articles=articles,
        store=store,
        settings=settings,
    )


@contextmanager
def alone_with(file: ReadFile) -> Iterator[None]:
    """Keep every other process from importing the same file into the organization."""
    name = f"import:{file.organization_id}:{file.digest}"
    with only_one(name, patience=LOCK_PATIENCE_SECONDS) as is_free:
        if not is_free:
            raise ImportRunning
        yield


@contextmanager
def undone(is_trial: bool) -> Iterator[None]:  # noqa: FBT001 the word of a command line
    """Take everything back at the end of a trial; it went the same way until then."""
    if not is_trial:
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@transaction.atomic
def begin_import(*, file: ReadFile, resume: bool) -> ReceiptImport:
    """Start an import, or take up the one of this file that did not come to its end.

    Resuming a file whose import is finished returns that import.
    """
    known = ReceiptImport.objects.filter(
        organization_id=file.organization_id, file_digest=file.digest
    ).select_related("batch")
    running = known.filter(status=ReceiptImport.Status.RUNNING).first()
    if running is not None:
        return _taken_up(running, file, resume=resume)
    finished = known.filter(mapping=file.settings).order_by("pk").last()
    if resume and finished is not None:
        return finished
    batch = Batch.objects.create(organization_id=file.organization_id, kind="import")
    return ReceiptImport.objects.create(
        organization_id=file.organization_id,
        batch=batch,
        kind=file.kind,
        file_name=file.table.path.name[:200],
        file_digest=file.digest,
        mapping=file.settings,
        report=Tally().as_data(),
    )


def run_import(
    *, file: ImportFile, job: ReceiptImport, told: Callable[[int], None]
) -> ReceiptImport:
    """Import what is left of the file and finish; ``told`` is called with the rows just done."""
    receipts = _receipts_after(file, job.position)
    while chunk := list(_next_chunk(receipts)):
        _record(file, job, chunk)
        told(sum(receipt.rows for receipt in chunk))
    return finish_import(job=job)


@transaction.atomic
def finish_import(*, job: ReceiptImport) -> ReceiptImport:
    """Close the import and tell of everything in it by one event."""
    running = ReceiptImport.objects.filter(pk=job.pk, status=ReceiptImport.Status.RUNNING)
    job.status, job.finished_at = ReceiptImport.Status.FINISHED, timezone.now()
    if running.update(status=job.status, finished_at=job.finished_at):
        payload = {"import": job.pk, "file": job.file_name, "report": job.report}
        tell(
            [
                event(
                    "import.finished",
                    job.batch,
                    organization_id=job.organization_id,
                    payload=payload,
                )
            ]
        )
        audit.record("imported", job, organization_id=job.organization_id, actor=SYSTEM)
    return job


def _store(organization_id: int, mapping: ReceiptMapping, code: str | None) -> Store | None:
    """Return the one store of the whole file, unless its rows name theirs."""
    if mapping.store is not None:
        return None
    stores = stores_by_code(organization_id)
    if code is not None:
        if caseless(code) not in stores:
            raise StoreCodeUnknown(field="store")
        return stores[caseless(code)]
    if len(stores) != 1:
        raise StoreNeeded(field="store")
    return next(iter(stores.values()))


def _products_beside(path: Path, mapping: ReceiptMapping) -> Path | None:
    beside = path.parent / mapping.products.file if mapping.products else None
    return beside if beside is not None and beside.is_file() else None


def _taken_up(running: ReceiptImport, file: ReadFile, *, resume: bool) -> ReceiptImport:
    if not resume:
        raise ImportInterrupted(position=running.position)
    if running.mapping != file.settings:
        raise MappingChanged
    return running


def _receipts_after(file: ImportFile, position: int) -> Iterator[ReceiptRead]:
    reader = ReceiptReader(file.mapping, file.table, file.articles)
    groups = grouped(file.table.rows(), file.table.position(file.mapping.receipt))
    return map(reader.read, islice(groups, position, None))


def rows_before(file: ImportFile, position: int) -> int:
    """Count the rows of the receipts that an import has done."""
    groups: Iterable[Group] = grouped(file.table.rows(), file.table.position(file.mapping.receipt))
    return sum(len(group.rows) for group in islice(groups, position))


def _next_chunk(receipts: Iterator[ReceiptRead]) -> Iterator[ReceiptRead]:
    """Cut chunks by the file alone, so that a resumed import cuts the same ones."""
    rows = 0
    for receipt in islice(receipts, CHUNK_RECEIPTS):
        yield receipt
        rows += receipt.rows
        if rows >= CHUNK_ROWS:
            return


def _record(file: ImportFile, job: ReceiptImport, chunk: list[ReceiptRead]) -> None:
    context = Context(
        organization_id=file.organization_id,
        mapping=file.mapping,
        batch=job.batch,
        import_id=job.pk,
        store=file.store,
    )
    keep_chunk(job, len(chunk), lambda: record_chunk(context, chunk, position=job.position))


def keep_chunk(job: ReceiptImport, size: int, record: Callable[[], ChunkResult]) -> None:
    """Let a chunk be recorded, and do it again when somebody else held a row for too long."""
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            report = _commit(job, size, record)
        except OperationalError as fault:
            if not isinstance(fault.__cause__, WORTH_RETRYING):
                raise
            time.sleep(attempt)
        else:
            job.position += size
            job.report = report
            return
    raise Unavailable


@transaction.atomic
def _commit(job: ReceiptImport, size: int, record: Callable[[], ChunkResult]) -> dict[str, Any]:
    """Record the chunk and move the import's position, both or neither."""
    result = record()
    before = Tally.from_data(job.report)
    report = (before + result.tally).as_data()
    _keep_refusals(job, result, before.refused)
    here = ReceiptImport.objects.filter(
        pk=job.pk, position=job.position, status=ReceiptImport.Status.RUNNING
    )
    if not here.update(position=job.position + size, report=report):
        raise ImportRunning
    return report


def _keep_refusals(job: ReceiptImport, result: ChunkResult, kept: int) -> None:
    room = max(0, REFUSALS_KEPT - kept)
    ImportRefusal.objects.bulk_create(
        ImportRefusal(
            parent=job,
            row=refusal.row,
            receipt=refusal.receipt,
            code=refusal.code,
            message=refusal.message[:MESSAGE_MAX],
        )
        for refusal in result.refused[:room]
    )
