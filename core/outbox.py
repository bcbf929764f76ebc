"""Tells the world what happened, by rows that are committed with the effect itself."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models

from core.models import OutboxEvent


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
    )


def tell(events: Iterable[OutboxEvent]) -> None:
    """Write the events in the current transaction, in one statement."""
    OutboxEvent.objects.bulk_create(events)
