"""Carries an import out, in one piece or in lanes that run side by side."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from multiprocessing.connection import Connection
from typing import Any

from django.db import connection, connections

from core.errors import Unavailable
from core.locking import only_one
from core.memory import collecting_rarely
from loyalty.errors import ImportRunning
from loyalty.importing.grouping import Group
from loyalty.models import ImportLane, ReceiptImport
from loyalty.services.import_chunks import make_ahead, read_chunk, record_chunk
from loyalty.services.import_lanes import can_be_split, close_lanes, groups_of, open_lanes
from loyalty.services.imports import (
    ImportFile,
    chunks_of,
    context_of,
    finish_import,
    keep_chunk,
)

ROWS_MIN = 10_000  # of fewer rows nobody waits long enough for a second process
LANE_PATIENCE_SECONDS = 30.0  # until a process has noticed that the one that began it is gone

Told = Callable[[int], None]
# What a process got from the one that began it, which alone may close it.
_INHERITED: list[Any] = []


def run_import(*, file: ImportFile, job: ReceiptImport, told: Told) -> ReceiptImport:
    """Import what is left of the file and finish; ``told`` is called with the rows just done."""
    lanes = list(job.lanes.order_by("number"))
    with collecting_rarely():
        for lane in lanes:
            with _alone_in(lane):
                _run(file, job, lane, groups_of(file, lane), told)
        if not lanes:
            _run(file, job, job, islice(file.groups(), job.position, None), told)
    if lanes:
        close_lanes(job)
    return finish_import(job=job)


def run_side_by_side(
    *, file: ImportFile, job: ReceiptImport, told: Told, rows_min: int = ROWS_MIN
) -> ReceiptImport:
    """Do the same in several processes where that comes to the same end, else in this one."""
    lanes = list(job.lanes.order_by("number"))
    if not (lanes or job.position) and file.rows >= rows_min and _has_room() and can_be_split(file):
        lanes = open_lanes(job)
    if not lanes or not _has_room():
        return run_import(file=file, job=job, told=told)
    with collecting_rarely():
        _have_run(file, job, lanes, told)
    close_lanes(job)
    return finish_import(job=job)


def _has_room() -> bool:
    """Say whether processes can be begun here, and would see what this one has written."""
    alone = sys.platform != "linux" or (os.cpu_count() or 1) < 2
    return not alone and not connection.in_atomic_block


def _run(
    file: ImportFile,
    job: ReceiptImport,
    progress: ReceiptImport | ImportLane,
    groups: Iterator[tuple[int, Group]],
    told: Told,
) -> None:
    context = context_of(file, job)
    for chunk in chunks_of(file, groups):
        read = read_chunk(context, chunk)
        if isinstance(progress, ImportLane):
            make_ahead(context, read)
        keep_chunk(progress, len(chunk.groups), partial(record_chunk, context, read))
        told(chunk.rows)


def _have_run(file: ImportFile, job: ReceiptImport, lanes: list[ImportLane], told: Told) -> None:
    """Let a process run each lane, and wait for all: what one of them cannot do is left undone."""
    begin = multiprocessing.get_context("fork")
    heard, tell = begin.Pipe(duplex=False)
    workers = [
        begin.Process(target=_work, args=(file, job, lane.pk, heard, tell)) for lane in lanes
    ]
    try:
        for worker in workers:
            worker.start()
        tell.close()
        _listen(heard, told)
    except BaseException:
        for worker in workers:
            worker.terminate()
        raise
    finally:
        for worker in workers:
            worker.join()
    if any(worker.exitcode for worker in workers):
        raise Unavailable


def _listen(heard: Connection, told: Told) -> None:
    """Hand on what the workers say until the last of them has ended."""
    while True:
        try:
            rows = heard.recv()
        except EOFError:
            return
        told(rows)


def _work(
    file: ImportFile, job: ReceiptImport, lane_id: int, heard: Connection, tell: Connection
) -> None:
    """Run a lane in a process of its own, on a connection of its own.

    It ends with its chunk when nobody listens any more.
    """
    heard.close()
    for alias in connections:
        _INHERITED.append(connections[alias].connection)
        connections[alias].connection = None
    lane = ImportLane.objects.get(pk=lane_id)
    with _alone_in(lane), suppress(BrokenPipeError):
        _run(file, job, lane, groups_of(file, lane), tell.send)
    connection.close()


@contextmanager
def _alone_in(lane: ImportLane) -> Iterator[None]:
    """Wait for a process that was broken off and is not gone yet, and see how far it came."""
    with only_one(f"import-lane:{lane.pk}", patience=LANE_PATIENCE_SECONDS) as is_free:
        if not is_free:
            raise ImportRunning
        lane.refresh_from_db(fields=["position", "report"])
        yield
