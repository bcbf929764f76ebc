"""Files that are sent by a browser: kept, tried, imported by a worker, and deleted."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from core import audit
from core.actors import Actor
from core.embedded.folder import data_folder
from core.errors import Missing, Refusal, StoreCodeUnknown, StoreNeeded, Unavailable
from core.locking import only_one
from core.services.stores import stores_by_code
from core.text import caseless
from loyalty.errors import ImportRunning, MappingInvalid, StateChangeRefused, UploadTooLarge
from loyalty.importing.balances import open_balances
from loyalty.importing.mapping import ReceiptMapping, parse_mapping
from loyalty.importing.reading import open_table
from loyalty.models import FileKind, ReceiptImport, ReceiptUpload
from loyalty.services.balance_files import (
    BalanceFile,
    BalanceSettings,
    open_balance_file,
    run_balances,
)
from loyalty.services.import_runs import run_import
from loyalty.services.imports import (
    MESSAGE_MAX,
    REFUSALS_KEPT,
    ImportFile,
    ReadFile,
    alone_with,
    begin_import,
    open_import_file,
)

BYTES_MAX = 200 * 1024 * 1024
NAME_LENGTH_MAX = 100
IMPORT_SECONDS = 240  # then others have their turn, and the next round goes on
TRIAL_SECONDS_MAX = 2400
TRIAL_REFUSALS = 100
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600
Status = ReceiptUpload.Status
DUE = (Status.CHECKING, Status.IMPORTING)
RESTING = (Status.READY, Status.CHECKED)


@dataclass(frozen=True, slots=True)
class Sent:
    """A file as it comes in, piece by piece."""

    name: str
    chunks: Iterable[bytes]


class _TimeIsUp(Exception):
    """This round has worked on a file for long enough."""


def keep_upload(
    *,
    organization_id: int,
    file: Sent,
    mapping: ReceiptMapping,
    store_code: str,
    actor: Actor,
    products: Sent | None = None,
) -> ReceiptUpload:
    """Keep a file that can be one of receipts, or refuse it and keep nothing of it.

    ``products`` is the second file that some mappings speak of; it lies beside the receipts.
    """
    _check_store(organization_id, mapping, store_code)
    if products is not None and mapping.products is None:
        raise MappingInvalid(_("The mapping says nothing of a products file."), field="products")
    upload = ReceiptUpload(
        organization_id=organization_id,
        file_name=_plain_name(file.name, mapping),
        mapping=mapping.model_dump(mode="json"),
        store_code=store_code,
        uploaded_by=actor.name,
    )
    with _kept(upload, file, actor) as path:
        if products is not None and mapping.products is not None:
            _write(path.parent / mapping.products.file, products.chunks)
        open_table(path, mapping.file, mapping.columns())
    return upload


def keep_balances(
    *, organization_id: int, file: Sent, settings: BalanceSettings, actor: Actor
) -> ReceiptUpload:
    """Keep a file that can be one of balances, or refuse it and keep nothing of it."""
    upload = ReceiptUpload(
        organization_id=organization_id,
        kind=FileKind.BALANCES,
        file_name=_plain_name(file.name),
        mapping=settings.as_data(),
        uploaded_by=actor.name,
    )
    with _kept(upload, file, actor) as path:
        open_balances(path)
    return upload


@transaction.atomic
def check_upload(*, upload_id: int, actor: Actor) -> ReceiptUpload:
    """Let a worker find out what an import would do."""
    return _move(upload_id, RESTING, Status.CHECKING, actor)


@transaction.atomic
def import_upload(*, upload_id: int, actor: Actor) -> ReceiptUpload:
    """Let a worker import the file."""
    return _move(upload_id, RESTING, Status.IMPORTING, actor)


@transaction.atomic
def remove_upload(*, upload_id: int, actor: Actor) -> ReceiptUpload:
    """Delete a file that nobody works on."""
    upload = _move(upload_id, (*RESTING, Status.FAILED), Status.REMOVED, actor)
    transaction.on_commit(lambda: _delete(upload))
    return upload


def work_on_uploads(*, seconds: float = IMPORT_SECONDS) -> None:
    """Do what is due, file by file; what another worker has in hand is left to it."""
    due = ReceiptUpload.objects.filter(status__in=DUE).order_by("pk")
    for upload_id in list(due.values_list("pk", flat=True)):
        with only_one(f"upload:{upload_id}", patience=0) as is_free:
            if is_free:
                _work_on(upload_id, seconds)


# --- keeping ----------------------------------------------------------------------------------


def _check_store(organization_id: int, mapping: ReceiptMapping, code: str) -> None:
    if mapping.store is not None:
        return
    stores = stores_by_code(organization_id)
    if code and caseless(code) not in stores:
        raise StoreCodeUnknown(field="store")
    if not code and len(stores) != 1:
        raise StoreNeeded(field="store")


def _plain_name(name: str, mapping: ReceiptMapping | None = None) -> str:
    """Return a name that is safe on every disk, still the file's, and not its neighbor's."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(name).name).strip(".-")
    plain = plain[-NAME_LENGTH_MAX:] or "receipts.csv"
    products = mapping.products if mapping else None
    is_taken = products is not None and products.file == plain
    return f"receipts-{plain}" if is_taken else plain


@contextmanager
def _kept(upload: ReceiptUpload, file: Sent, actor: Actor) -> Iterator[Path]:
    """Write the file down and let it be looked at; what is refused leaves nothing."""
    path = _path(upload)
    try:
        _write(path, file.chunks)
        yield path
        _record(upload, actor)
    except BaseException:
        _delete(upload)
        raise


def _path(upload: ReceiptUpload) -> Path:
    return data_folder() / "uploads" / str(upload.public_id) / upload.file_name


def _write(path: Path, chunks: Iterable[bytes]) -> None:
    path.parent.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    path.parent.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    written = 0
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE)
    with os.fdopen(handle, "wb") as kept:
        for chunk in chunks:
            written += len(chunk)
            if written > BYTES_MAX:
                raise UploadTooLarge(bytes_max=BYTES_MAX)
            kept.write(chunk)


def _delete(upload: ReceiptUpload) -> None:
    shutil.rmtree(_path(upload).parent, ignore_errors=True)


@transaction.atomic
def _record(upload: ReceiptUpload, actor: Actor) -> None:
    upload.save(force_insert=True)
    audit.record("uploaded", upload, organization_id=upload.organization_id, actor=actor)


def _move(upload_id: int, before: Iterable[Status], after: Status, actor: Actor) -> ReceiptUpload:
    """Bring an upload from one of some states to another, unless somebody was faster."""
    upload = ReceiptUpload.objects.filter(pk=upload_id).first()
    if upload is None:
        raise Missing
    here = ReceiptUpload.objects.filter(pk=upload_id, status__in=list(before))
    if not here.update(status=after, problem=""):
        raise StateChangeRefused
    upload.status = after
    audit.record(
        "changed",
        upload,
        organization_id=upload.organization_id,
        actor=actor,
        fields=["status"],
    )
    return upload


# --- working ----------------------------------------------------------------------------------


def _work_on(upload_id: int, seconds: float) -> None:
    uploads = ReceiptUpload.objects.select_related("organization")
    upload = uploads.filter(pk=upload_id, status__in=DUE).first()
    if upload is None:
        return
    with translation.override(upload.organization.language):
        try:
            file = _opened(upload)
            with alone_with(file):
                _carry_out(upload, file, seconds)
        except (ImportRunning, Unavailable):
            return  # somebody else is at it; the next round looks again
        except Refusal as refusal:
            _finish(upload, Status.FAILED, problem=str(refusal)[:MESSAGE_MAX])
            _delete(upload)


def _opened(upload: ReceiptUpload) -> ReadFile:
    organization_id, path = upload.organization_id, _path(upload)
    file: ReadFile
    if upload.kind == FileKind.BALANCES:
        settings = BalanceSettings.from_data(upload.mapping)
        file = open_balance_file(organization_id=organization_id, path=path, settings=settings)
    else:
        file = open_import_file(
            organization_id=organization_id,
            path=path,
            mapping=parse_mapping(upload.mapping),
            store_code=upload.store_code or None,
        )
    _note(upload, rows=file.rows)
    return file


def _carry_out(upload: ReceiptUpload, file: ReadFile, seconds: float) -> None:
    if upload.status == Status.CHECKING:
        _finish(upload, Status.CHECKED, **_tried(file))
        return
    job = begin_import(file=file, resume=True)
    _note(upload, receipt_import=job)
    try:
        _run(file, job, seconds)
    except _TimeIsUp:
        return
    _finish(upload, Status.FINISHED)
    _delete(upload)


def _tried(file: ReadFile) -> dict[str, Any]:
    """Import the file and take everything back; return what came of it."""
    with transaction.atomic():
        job = begin_import(file=file, resume=True)
        try:
            _run(file, job, TRIAL_SECONDS_MAX)
        except _TimeIsUp:
            is_whole = False
        else:
            is_whole = True
        refusals = list(
            job.refusals.order_by("row").values("row", "receipt", "code", "message")[
                : REFUSALS_KEPT if file.kind == FileKind.BALANCES else TRIAL_REFUSALS
            ]
        )
        transaction.set_rollback(True)
    return {"trial": {"report": job.report, "refusals": refusals, "is_whole": is_whole}}


def _run(file: ReadFile, job: ReceiptImport, seconds: float) -> None:
    """Import what is left of the file, unless it is finished or takes too long."""
    if job.status == ReceiptImport.Status.FINISHED:
        return
    told = _until(time.monotonic() + seconds)
    if isinstance(file, BalanceFile):
        run_balances(file=file, job=job, told=told)
    elif isinstance(file, ImportFile):
        run_import(file=file, job=job, told=told)


def _until(end: float) -> Callable[[int], None]:
    def told(_rows: int) -> None:
        if time.monotonic() > end:
            raise _TimeIsUp

    return told


def _note(upload: ReceiptUpload, **values: Any) -> None:
    ReceiptUpload.objects.filter(pk=upload.pk).update(**values)


def _finish(upload: ReceiptUpload, status: Status, **values: Any) -> None:
    """Move on, unless somebody moved the upload meanwhile."""
    here = ReceiptUpload.objects.filter(pk=upload.pk, status=upload.status)
    here.update(status=status, **values)
