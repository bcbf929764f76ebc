"""Writes down who changed what."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models

from core.actors import Actor
from core.models import AuditRecord


def record(
    verb: str,
    row: models.Model,
    *,
    organization_id: int | None,
    actor: Actor,
    fields: Iterable[str] = (),
    reason: str = "",
) -> AuditRecord:
    """Note in the current transaction that ``actor`` did ``verb`` to ``row``."""
    return AuditRecord.objects.create(
        organization_id=organization_id,
        actor=actor.name,
        verb=verb,
        subject=row._meta.label_lower,  # noqa: SLF001
        subject_id=row.pk,
        fields=sorted(fields),
        reason=reason,
    )
