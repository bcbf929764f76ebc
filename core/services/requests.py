"""Forgets answered requests once nobody repeats them any more."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from core.locking import try_advisory_lock
from core.models import IdempotentRequest

KEPT_FOR = timedelta(days=30)
BATCH = 5_000


def forget_old_requests(*, batch: int = BATCH) -> int:
    """Delete every key that is past its time, a batch per transaction; say how many."""
    forgotten = 0
    while gone := _forget_batch(batch):
        forgotten += gone
    return forgotten


@transaction.atomic
def _forget_batch(size: int) -> int:
    # Two of these at once would only wait for one another's rows.
    if not try_advisory_lock("core.forget_old_requests"):
        return 0
    old = IdempotentRequest.objects.filter(created_at__lt=timezone.now() - KEPT_FOR)
    batch = old.order_by("created_at").values("pk")[:size]
    return IdempotentRequest.objects.filter(pk__in=batch).delete()[0]
