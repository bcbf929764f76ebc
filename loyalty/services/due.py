"""What falls due by itself: points that end, and returns whose sale has come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from core.actors import SYSTEM
from core.bulk import array
from core.errors import Refusal
from core.outbox import event, tell
from core.services.nights import at_rest
from core.services.rounds import one_by_one
from loyalty.models import Batch, Lot, Purchase, Return
from loyalty.services.ledger import end_due_lots
from loyalty.services.returns import settle

CHUNK = 500
ORGANIZATIONS = """
    SELECT account.id, program.organization_id
    FROM loyalty_account account JOIN loyalty_program program ON program.id = account.program_id
    WHERE account.id = ANY(%s::bigint[])
"""


def expire_between_nights() -> int:
    """Book what ended at odd instants, or was held at its end, where the night is over.

    Where it is not, the night books what has ended, after all that comes before it.
    """
    now = timezone.now()
    return expire_due_points(now=now, of=at_rest(now=now))


def expire_chunk(
    *, organization_id: int, now: datetime, after: int = 0, chunk: int = CHUNK
) -> int | None:
    """Book what of the next accounts has ended; return the last of them, or nothing at the end."""
    accounts = _accounts_with_due_lots(now, after, chunk, [organization_id])
    if not accounts:
        return None
    _expire_or_skip(organization_id, accounts, now)
    return max(accounts)


def expire_due_points(
    *, now: datetime | None = None, chunk: int = CHUNK, of: Collection[int] | None = None
) -> int:
    """Book every lot that has ended by now, in transactions of bounded size; return how many.

    It can be killed and started again, or run twice at once: what is left in a lot is read under
    the account's lock, so no lot ends twice. ``of`` names organizations; without it all are meant.
    """
    moment = now or timezone.now()
    expired = 0
    after = 0
    while accounts := _accounts_with_due_lots(moment, after, chunk, of):
        expired += sum(
            _expire_or_skip(organization_id, account_ids, moment)
            for organization_id, account_ids in _by_organization(accounts).items()
        )
        after = max(accounts)
    return expired


def match_parked_returns(*, chunk: int = CHUNK) -> int:
    """Carry out parked returns whose sale was recorded at the same moment; return how many.

    Those that still wait for their sale, perhaps for ever, stand in nobody's way.
    """
    sale = Purchase.objects.filter(
        organization=OuterRef("organization"),
        source=OuterRef("sale_source"),
        external_id=OuterRef("sale_external_id"),
    )
    parked = Return.objects.filter(Exists(sale), status=Return.Status.PARKED)
    found = parked.annotate(sale_id=sale.values("pk")[:1]).order_by("pk")[:chunk]
    return one_by_one(found, _settle, what="parked returns")


def _settle(row: Return) -> int:
    sale_id: int = row.sale_id  # type: ignore[attr-defined]  # the query found it
    settle(row=row, purchase_id=sale_id, actor=SYSTEM)
    return 1


def _accounts_with_due_lots(
    moment: datetime, after: int, chunk: int, of: Collection[int] | None
) -> list[int]:
    # "Something remains" follows from "more than is held", but the indexes want to be told.
    remains = Lot.objects.filter(remaining__gt=0).filter(remaining__gt=F("held"))
    # What cannot be spent anyway is booked when the account is in order again.
    sound = remains.filter(account__under_review_since__isnull=True)
    due = sound.filter(expires_at__lte=moment, account_id__gt=after)
    if of is not None:
        due = due.filter(account__program__organization_id__in=of)
    ids = due.order_by("account_id").values_list("account_id", flat=True).distinct()
    return list(ids[:chunk])


def _by_organization(account_ids: list[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(ORGANIZATIONS, [array(account_ids)])
        for account_id, organization_id in cursor.fetchall():
            found[organization_id].append(account_id)
    return found


def _expire_or_skip(organization_id: int, account_ids: list[int], moment: datetime) -> int:
    """Expire the accounts together, or one by one when something is wrong with one of them."""
    try:
        return _expire(organization_id, account_ids, moment)
    except (IntegrityError, Refusal):
        return one_by_one(
            account_ids,
            lambda account_id: _expire(organization_id, [account_id], moment),
            what="points that end",
        )


@transaction.atomic
def _expire(organization_id: int, account_ids: list[int], moment: datetime) -> int:
    batch = Batch.objects.create(organization_id=organization_id, kind="expiry")
    ended = end_due_lots(account_ids, now=moment, batch=batch)
    if not ended.entries:
        transaction.set_rollback(True)  # somebody else was faster: leave no empty batch
        return 0
    payload = {"entries": ended.entries, "points": ended.points}
    tell([event("points.expired", batch, organization_id=organization_id, payload=payload)])
    return ended.entries
