"""Imports a file of receipts chunk by chunk; a killed import goes on where it stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import OperationalError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg import errors as pg

from core import audit
from core.actors import SYSTEM
from core.canonical import canonical_json
from core.errors import StoreCodeUnknown, StoreNeeded, Unavailable
from core.locking import only_one
from core.models import Store
from core.outbox import event, tell
from core.services.stores import stores_by_code
from core.text import caseless
from loyalty.errors import ImportInterrupted, ImportRunning, MappingChanged, MappingInvalid
from loyalty.importing.catalog import Article, read_articles
from loyalty.importing.fingerprints import Fingerprints
from loyalty.importing.grouping import Group, grouped
from loyalty.importing.interpreting import ReceiptReader
from loyalty.importing.mapping import ReceiptMapping
from loyalty.importing.reading import Table, digest_of, open_table, refuse_without_rows
from loyalty.importing.tally import Tally
from loyalty.models import Batch, FileKind, ImportLane, ImportRefusal, ReceiptImport
from loyalty.services.import_chunks import Chunk
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
    """A file of receipts; one that ``is_told_once`` has no number in two places."""

    mapping: ReceiptMapping
    articles: dict[str, Article]
    store: Store | None
    is_told_once: bool

    def groups(self) -> Iterator[tuple[int, Group]]:
        """Return the receipts of the file, each with its place in it, from one on."""
        column = self.table.position(self.mapping.receipt)
        return enumerate(grouped(self.table.rows(), column), start=1)


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
    rows, is_told_once = _looked_through(table, mapping)
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
        is_told_once=is_told_once,
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


def done_so_far(job: ReceiptImport) -> tuple[int, int]:
    """Return how many receipts and rows of the file are done, in all lanes together."""
    parts: list[ReceiptImport | ImportLane] = [job, *job.lanes.all()]
    rows = sum(Tally.from_data(part.report).rows for part in parts)
    return sum(part.position for part in parts), rows


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


def _looked_through(table: Table, mapping: ReceiptMapping) -> tuple[int, bool]:
    """Read the file to its end; count its rows, and say whether no number comes a second time."""
    numbers: set[int] = set()
    rows = groups = 0
    for group in grouped(table.rows(), table.position(mapping.receipt)):
        rows += len(group.rows)
        groups += 1
        numbers.add(hash(group.number))  # as numbers need no room; two alike only cost time
    refuse_without_rows(rows)
    return rows, len(numbers) == groups


def _products_beside(path: Path, mapping: ReceiptMapping) -> Path | None:
    beside = path.parent / mapping.products.file if mapping.products else None
    return beside if beside is not None and beside.is_file() else None


def _taken_up(running: ReceiptImport, file: ReadFile, *, resume: bool) -> ReceiptImport:
    if not resume:
        raise ImportInterrupted(position=done_so_far(running)[0])
    if running.mapping != file.settings:
        raise MappingChanged
    return running


def chunks_of(file: ImportFile, groups: Iterator[tuple[int, Group]]) -> Iterator[Chunk]:
    """Cut chunks by the file alone, so that a resumed import cuts the same ones."""
    reader = ReceiptReader(file.mapping, file.table, file.articles)
    fingerprints = Fingerprints(canonical_json([file.settings, file.table.header]))
    while chunk := list(_next_groups(groups)):
        yield Chunk(chunk, reader, fingerprints)


def _next_groups(groups: Iterator[tuple[int, Group]]) -> Iterator[tuple[int, Group]]:
    rows = 0
    for place, group in islice(groups, CHUNK_RECEIPTS):
        yield place, group
        rows += len(group.rows)
        if rows >= CHUNK_ROWS:
            return


def context_of(file: ImportFile, job: ReceiptImport) -> Context:
    """Return what all chunks of an import have in common."""
    return Context(
        organization_id=file.organization_id,
        mapping=file.mapping,
        batch=job.batch,
        import_id=job.pk,
        store=file.store,
    )


def keep_chunk(
    progress: ReceiptImport | ImportLane, size: int, record: Callable[[], ChunkResult]
) -> None:
    """Let a chunk be recorded, and do it again when somebody else held a row for too long."""
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            report = _commit(progress, size, record)
        except OperationalError as fault:
            if not isinstance(fault.__cause__, WORTH_RETRYING):
                raise
            time.sleep(attempt)
        else:
            progress.position += size
            progress.report = report
            return
    raise Unavailable


@transaction.atomic
def _commit(
    progress: ReceiptImport | ImportLane, size: int, record: Callable[[], ChunkResult]
) -> dict[str, Any]:
    """Record the chunk and move the import's position, both or neither."""
    result = record()
    before = Tally.from_data(progress.report)
    report = (before + result.tally).as_data()
    parent_id = progress.parent_id if isinstance(progress, ImportLane) else progress.pk
    _keep_refusals(parent_id, result, before.refused)
    if not _unmoved(progress).update(position=progress.position + size, report=report):
        raise ImportRunning
    return report


def _unmoved(progress: ReceiptImport | ImportLane) -> QuerySet[Any]:
    """Return the row, unless another process went on with it or came to its end."""
    if isinstance(progress, ImportLane):
        return ImportLane.objects.filter(pk=progress.pk, position=progress.position)
    return ReceiptImport.objects.filter(
        pk=progress.pk, position=progress.position, status=ReceiptImport.Status.RUNNING
    )


def _keep_refusals(import_id: int, result: ChunkResult, kept: int) -> None:
    room = max(0, REFUSALS_KEPT - kept)
    ImportRefusal.objects.bulk_create(
        ImportRefusal(
            parent_id=import_id,
            row=refusal.row,
            receipt=refusal.receipt,
            code=refusal.code,
            message=refusal.message[:MESSAGE_MAX],
        )
        for refusal in result.refused[:room]
    )
