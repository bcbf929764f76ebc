"""Hands events on to those who listen, each once, whatever becomes of the worker meanwhile."""

from __future__ import annotations

import traceback
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.errors import Missing
from core.locking import try_advisory_lock, unlocked
from core.metrics import EVENTS_PARKED
from core.models import OutboxEvent
from core.subscriptions import Subscriber, kinds_heard, subscribers

CHUNK = 100
CHUNKS_MAX = 50
TRIES_MAX = 3
FIRST_PAUSE = timedelta(seconds=15)
UNHEARD_BATCH = 5_000
KEPT_FOR = timedelta(days=30)
FORGOTTEN_BATCH = 5_000

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Chunk:
    """What became of some events in one transaction."""

    sent: list[OutboxEvent] = field(default_factory=list)
    failed: list[OutboxEvent] = field(default_factory=list)


def relay_events(
    *, chunk: int = CHUNK, chunks_max: int = CHUNKS_MAX, now: datetime | None = None
) -> int:
    """Hand on what is due, oldest first, some at a time; return how many were sent.

    Two rounds at once take different events. One that somebody cannot take is overtaken, tried
    again later, and after three tries parked until a person says otherwise.
    """
    _close_unheard()
    sent = 0
    for _round in range(chunks_max):
        done = _relay_chunk(chunk, now or timezone.now())
        sent += len(done.sent)
        if len(done.sent) + len(done.failed) < chunk:
            break
    return sent


def retry_event(event_id: UUID) -> OutboxEvent:
    """Have an event that was parked tried anew."""
    if not _parked().filter(event_id=event_id).update(**_FRESH):
        raise Missing
    return OutboxEvent.objects.get(event_id=event_id)


def retry_parked() -> int:
    """Have every parked event tried anew; return how many there were."""
    return _parked().update(**_FRESH)


def forget_old_events(*, batch: int = FORGOTTEN_BATCH) -> int:
    """Delete what was sent and is past its time, a batch per transaction; say how many."""
    before = timezone.now() - KEPT_FOR
    forgotten, after = 0, 0
    while True:
        deleted, last = _forget_batch(before, after, batch)
        forgotten += deleted
        if last is None:
            return forgotten
        after = last


_FRESH = {"parked_at": None, "attempts": 0, "next_try_at": None}


@transaction.atomic
def _relay_chunk(chunk: int, now: datetime) -> _Chunk:
    is_due = Q(next_try_at__isnull=True) | Q(next_try_at__lte=now)
    due = OutboxEvent.objects.filter(is_due, sent_at__isnull=True, parked_at__isnull=True)
    done = _Chunk()
    for event in unlocked(due.order_by("pk"))[:chunk]:
        (done.sent if _hand_on(event) else done.failed).append(event)
    OutboxEvent.objects.filter(pk__in=[event.pk for event in done.sent]).update(sent_at=now)
    for event in done.failed:
        _try_later(event, now)
    return done


def _hand_on(event: OutboxEvent) -> bool:
    """Hand an event to everybody who has not had it; say whether all have it now."""
    waiting = [
        one
        for one in subscribers()
        if event.kind in one.kinds and one.name not in (event.done_by or [])
    ]
    taken = [one.name for one in waiting if _is_taken(one, event)]
    event.done_by = [*(event.done_by or []), *taken]
    return len(taken) == len(waiting)


def _is_taken(subscriber: Subscriber, event: OutboxEvent) -> bool:
    try:
        with transaction.atomic():
            subscriber.hear(event)
    except Exception as fault:  # noqa: BLE001 whatever is wrong with this event, others are due too
        event.last_error = f"{subscriber.name}: {type(fault).__name__}"
        place = traceback.extract_tb(fault.__traceback__)[-1]
        # Its words may repeat what the event holds; its kind and its place never do.
        log.warning(
            "event_not_taken",
            event_id=str(event.event_id),
            fault=event.last_error,
            place=f"{place.filename}:{place.lineno}",
        )
        return False
    return True


def _try_later(event: OutboxEvent, now: datetime) -> None:
    event.attempts += 1
    if event.attempts >= TRIES_MAX:
        event.parked_at = now
        EVENTS_PARKED.labels(event.kind).inc()
        log.error("event_parked", event_id=str(event.event_id), kind=event.kind)
    event.next_try_at = now + FIRST_PAUSE * 4 ** (event.attempts - 1)
    event.save(update_fields=["attempts", "next_try_at", "parked_at", "done_by", "last_error"])


def _close_unheard() -> None:
    """Mark as sent what nobody listens to any more."""
    unheard = OutboxEvent.objects.filter(sent_at__isnull=True, parked_at__isnull=True)
    unheard = unheard.exclude(kind__in=kinds_heard()).order_by("pk")
    closed = UNHEARD_BATCH
    while closed == UNHEARD_BATCH:
        closed = _close_batch(unheard)


@transaction.atomic
def _close_batch(unheard: QuerySet[OutboxEvent]) -> int:
    pks = list(unlocked(unheard).values_list("pk", flat=True)[:UNHEARD_BATCH])
    return OutboxEvent.objects.filter(pk__in=pks).update(sent_at=timezone.now()) if pks else 0


@transaction.atomic
def _forget_batch(before: datetime, after: int, batch: int) -> tuple[int, int | None]:
    """Look at the next events by number; return how many went, and where to go on if anywhere."""
    # Two of these at once would only wait for one another's rows.
    if not try_advisory_lock("core.forget_old_events"):
        return 0, None
    rows = OutboxEvent.objects.filter(pk__gt=after).order_by("pk")
    seen = list(rows.values_list("pk", "created_at", "sent_at")[:batch])
    old = [(pk, sent_at) for pk, created_at, sent_at in seen if created_at < before]
    gone = OutboxEvent.objects.filter(pk__in=[pk for pk, sent_at in old if sent_at is not None])
    deleted = gone.delete()[0]
    return deleted, seen[-1][0] if len(old) == batch else None


def _parked() -> QuerySet[OutboxEvent]:
    return OutboxEvent.objects.filter(parked_at__isnull=False)
