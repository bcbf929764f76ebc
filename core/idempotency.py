"""Answers a keyed request once: the same key gets the same answer, whatever the retries.

The key row is written in the transaction of the effect itself, so that a killed process leaves
neither of them, and a finished one both. A business refusal is an answer too and is remembered;
a request that was malformed, forbidden or met a busy database leaves nothing behind.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, OperationalError, connection, transaction
from psycopg import errors as pg

from core.canonical import as_json, canonical, canonical_json, first_difference
from core.errors import (
    IdempotencyKeyRequired,
    IdempotencyKeyReused,
    Refusal,
    RequestInProgress,
    Unavailable,
)
from core.metrics import TRANSACTION_RETRIES
from core.models import IdempotentRequest
from core.transactions import as_one

KEY_LENGTH_MIN = 16
KEY_LENGTH_MAX = 128
ATTEMPTS_MAX = 3
STATUS_REFUSED = 409


@dataclass(frozen=True, slots=True)
class Keyed:
    """A request with its key: who asks, what for, and the canonical form of what was sent."""

    organization_id: int
    caller: str
    key: str
    route: str
    body: Any
    request_id: str = ""  # kept with a refusal, so that its replay is the same to the byte


@dataclass(frozen=True, slots=True)
class Answer:
    """What the caller is told; ``replayed`` when it was worked out before."""

    status: int
    body: Any
    replayed: bool = False


class RememberedRefusal(Refusal):
    """The refusal that was given to the first request under this key."""

    def __init__(self, stored: dict[str, Any]) -> None:
        super().__init__(stored["message"], field=stored["field"], **stored["data"])
        self.code = stored["code"]  # type: ignore[misc]
        self.request_id: str = stored["request_id"]


def answer_once(request: Keyed, act: Callable[[str], Answer]) -> Answer:
    """Run ``act`` in one transaction with its key, or return what it answered before.

    ``act`` receives the prefix for ledger request keys. Raises the refusal of ``act``, remembered
    when it is a business refusal; ``RequestInProgress`` while a twin is still running;
    ``IdempotencyKeyReused`` for other contents; ``Unavailable`` when the database is too busy.
    """
    check_key(request.key)
    for attempt in range(1, ATTEMPTS_MAX + 1):
        try:
            return _attempt(request, act)
        except OperationalError as fault:
            if not _is_worth_retrying(fault) or attempt == ATTEMPTS_MAX:
                raise Unavailable(retry_after=1) from fault
            TRANSACTION_RETRIES.inc()
            time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311
    raise Unavailable(retry_after=1)


def _attempt(request: Keyed, act: Callable[[str], Answer]) -> Answer:
    with as_one():
        row = _claim(request)
        if row.status is not None:
            return _replay(row, request)
        try:
            answer = act(str(row.pk))
        except Refusal as refused:
            if not refused.definitive:
                raise
            transaction.set_rollback(True)  # of what was refused nothing stays, not even the key
            refusal = refused
        else:
            kept = as_json(answer.body)
            _remember(row, answer.status, kept)
            return Answer(answer.status, json.loads(kept))
    replayed = _keep(request, refusal)
    if replayed is None:
        raise refusal
    return replayed


@transaction.atomic
def _keep(request: Keyed, refusal: Refusal) -> Answer | None:
    """Keep a refusal under its key, unless a twin was answered meanwhile: then that is said."""
    row = _claim(request)
    if row.status is not None:
        return _replay(row, request)
    _remember(row, STATUS_REFUSED, as_json({**refusal.as_data(), "request_id": request.request_id}))
    return None


def _claim(request: Keyed) -> IdempotentRequest:
    """Insert the key row, or wait for the twin that did and read what it left."""
    row = IdempotentRequest(
        organization_id=request.organization_id,
        caller=request.caller,
        key=request.key,
        route=request.route,
        body=request.body,
    )
    try:
        inserted = _insert_unless_there(row)
    except OperationalError as fault:
        if isinstance(fault.__cause__, pg.LockNotAvailable):
            raise RequestInProgress(retry_after=1) from fault
        raise
    if inserted is not None:
        row.pk = inserted
        return row
    return IdempotentRequest.objects.get(
        organization_id=request.organization_id, caller=request.caller, key=request.key
    )


def _insert_unless_there(row: IdempotentRequest) -> int | None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO core_idempotentrequest
                (organization_id, caller, key, route, body, answer, created_at)
            VALUES (%s, %s, %s, %s, %s::jsonb, '', now())
            ON CONFLICT (organization_id, caller, key) DO NOTHING
            RETURNING id
            """,
            [
                row.organization_id,
                row.caller,
                row.key,
                row.route,
                canonical_json(row.body),
            ],
        )
        inserted = cursor.fetchone()
    return inserted[0] if inserted else None


def _remember(row: IdempotentRequest, status: int, kept: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_idempotentrequest SET status = %s, answer = %s WHERE id = %s",
            [status, kept, row.pk],
        )


def _replay(row: IdempotentRequest, request: Keyed) -> Answer:
    if row.route != request.route:
        raise IdempotencyKeyReused(field="route")
    differing = first_difference(row.body, canonical(request.body))
    if differing is not None:
        raise IdempotencyKeyReused(field=differing)
    assert row.status is not None, "a committed key row carries its answer"
    if row.status == STATUS_REFUSED:
        raise RememberedRefusal(json.loads(row.answer))
    return Answer(row.status, json.loads(row.answer), replayed=True)


def check_key(key: str) -> None:
    """Refuse a key that is absent, too short to be unique, or not plain ASCII."""
    if not KEY_LENGTH_MIN <= len(key) <= KEY_LENGTH_MAX:
        raise IdempotencyKeyRequired
    if not (key.isascii() and key.isprintable()):
        raise IdempotencyKeyRequired


def _is_worth_retrying(fault: DatabaseError) -> bool:
    return isinstance(fault.__cause__, (pg.DeadlockDetected, pg.SerializationFailure))
