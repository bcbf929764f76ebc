"""Cards lapse when nobody stamps them; the night books what time has decided already."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet

from core.locking import lock_all
from core.models import OutboxEvent
from core.outbox import event, tell
from loyalty.models import Account, StampMove, StampSheet

CHUNK = 500


def lapse_chunk(
    *, organization_id: int, now: datetime, after: int = 0, chunk: int = CHUNK
) -> int | None:
    """Book the sheets of the next accounts that have lapsed; return the last of those accounts.

    Which are due is read again under the locks, so that none is told of twice.
    """
    due = _due(now).filter(account__program__organization=organization_id, account_id__gt=after)
    ids = due.order_by("account_id").values_list("account_id", flat=True).distinct()
    account_ids = list(ids[:chunk])
    if not account_ids:
        return None
    accounts = lock_all(Account, account_ids)
    rows = list(_due(now).filter(account__in=accounts).select_related("card").order_by("pk"))
    for row in rows:
        row.lapsed_at = row.expires_at
        row.account = accounts[row.account_id]
    StampSheet.objects.bulk_update(rows, ["lapsed_at"])
    tell(_events(organization_id, rows))
    return max(account_ids)


def _due(now: datetime) -> QuerySet[StampSheet]:
    return StampSheet.objects.filter(
        expires_at__lte=now, completed_at__isnull=True, lapsed_at__isnull=True
    )


def _events(organization_id: int, rows: Sequence[StampSheet]) -> list[OutboxEvent]:
    """Tell of cards that had stamps, once for the last move on each: a late stamp may revive it."""
    last = _last_moves(rows)
    return [
        event(
            "stamp_card.lapsed",
            last[row.account_id, row.card_id],
            organization_id=organization_id,
            payload={
                "account": str(row.account.public_id),
                "card": row.card.code,
                "sheet": row.number,
                "stamps": row.stamps,
            },
        )
        for row in rows
        if row.stamps > 0
    ]


def _last_moves(rows: Sequence[StampSheet]) -> dict[tuple[int, int], StampMove]:
    moves = StampMove.objects.filter(
        account__in={row.account_id for row in rows}, card__in={row.card_id for row in rows}
    )
    last = moves.order_by("account_id", "card_id", "-sequence").distinct("account_id", "card_id")
    return {(move.account_id, move.card_id): move for move in last}
