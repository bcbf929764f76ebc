"""What falls due by itself: points that end, and returns whose sale has come."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from core.actors import SYSTEM
from core.outbox import event, tell
from loyalty.models import Account, Batch, Lot, Purchase, Return
from loyalty.services.ledger import expire, open_book
from loyalty.services.returns import settle

CHUNK = 500


def expire_due_points(*, now: datetime | None = None, chunk: int = CHUNK) -> int:
    """Book every lot that has ended by now, in transactions of bounded size; return how many.

    It can be killed and started again, or run twice at once: what is left in a lot is read under
    the account's lock, so no lot ends twice.
    """
    moment = now or timezone.now()
    expired = 0
    after = 0
    while accounts := _accounts_with_due_lots(moment, after, chunk):
        for organization_id, account_ids in _by_organization(accounts).items():
            expired += _expire(organization_id, account_ids, moment)
        after = max(accounts)
    return expired


def match_parked_returns() -> int:
    """Carry out parked returns whose sale was recorded at the same moment; return how many."""
    matched = 0
    for row in Return.objects.filter(status=Return.Status.PARKED).order_by("pk")[:CHUNK]:
        purchase = Purchase.objects.filter(
            organization_id=row.organization_id,
            source=row.sale_source,
            external_id=row.sale_external_id,
        ).first()
        if purchase is not None:
            settle(row=row, purchase_id=purchase.pk, actor=SYSTEM)
            matched += 1
    return matched


def _accounts_with_due_lots(moment: datetime, after: int, chunk: int) -> list[int]:
    due = Lot.objects.filter(expires_at__lte=moment, remaining__gt=F("held"), account_id__gt=after)
    ids = due.order_by("account_id").values_list("account_id", flat=True).distinct()
    return list(ids[:chunk])


def _by_organization(account_ids: list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    rows = Account.objects.filter(pk__in=account_ids)
    for account_id, organization_id in rows.values_list("pk", "program__organization_id"):
        found[organization_id].append(account_id)
    return found


@transaction.atomic
def _expire(organization_id: int, account_ids: list[int], moment: datetime) -> int:
    batch = Batch.objects.create(organization_id=organization_id, kind="expiry")
    with open_book(account_ids, actor=SYSTEM, now=moment, batch=batch) as book:
        entries = [entry for account_id in account_ids for entry in expire(book, account_id)]
    if not entries:
        transaction.set_rollback(True)  # somebody else was faster: leave no empty batch
        return 0
    points = -sum(entry.points for entry in entries)
    payload = {"entries": len(entries), "points": points}
    tell([event("points.expired", batch, organization_id=organization_id, payload=payload)])
    return len(entries)
