"""Tells the world what happened, by rows that are committed with the effect itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils import timezone

from core.bulk import insert_many
from core.models import OutboxEvent
from core.nudges import nudge
from core.subscriptions import kinds_heard
from core.transactions import write_with_the_whole

RELAY = "core.relay_events"


def event(
    kind: str, row: models.Model, *, organization_id: int, payload: dict[str, Any]
) -> OutboxEvent:
    """Compose, unsaved, what is to be told about ``row``."""
    return OutboxEvent(
        organization_id=organization_id,
        kind=kind,
        subject=row._meta.label_lower,  # noqa: SLF001
        subject_id=row.pk,
        payload=payload,
        done_by=[],
    )


def tell(events: Iterable[OutboxEvent]) -> None:
    """Write the events in the current transaction, in one statement.

    Those that nobody listens to are written as sent; the others a worker hands on.
    """
    write_with_the_whole(_write, events)


def _write(told: list[OutboxEvent]) -> None:
    heard, now = kinds_heard(), timezone.now()
    for one in told:
        one.sent_at = None if one.kind in heard else now
    insert_many(told)
    if any(one.sent_at is None for one in told):
        nudge(RELAY)
