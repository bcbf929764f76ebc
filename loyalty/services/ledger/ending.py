"""Points that have ended, booked for many accounts at once: ``expire`` as one statement.

A night ends lots by the hundred thousand, and to read each one takes longer than to book it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from core.actors import SYSTEM
from core.bulk import array
from core.locking import lock_rows
from loyalty.models import Account, Batch, Entry
from loyalty.services.ledger.expiry import never_settled
from loyalty.waiting import NEVER_SETTLED

# One entry per account and due date, those of points that were awaited apart; all parts of the
# statement see the rows as they were before it.
END = """
    WITH due AS (
        SELECT id, account_id, remaining - held AS points, expires_at, awaits_event
        FROM loyalty_lot
        WHERE account_id = ANY(%(accounts)s::bigint[]) AND expires_at <= %(now)s
            AND remaining > 0 AND remaining > held
    ), ends AS (
        SELECT account_id, expires_at, awaits_event, sum(points)::bigint AS points,
            row_number() OVER earlier AS nth, (sum(sum(points)) OVER earlier)::bigint AS so_far
        FROM due GROUP BY account_id, expires_at, awaits_event
        WINDOW earlier AS (PARTITION BY account_id ORDER BY expires_at, awaits_event)
    ), entered AS (
        INSERT INTO loyalty_entry (account_id, sequence, kind, points, balance_after, request_key,
            actor, cause, reason, batch_id, occurred_at, created_at)
        SELECT account.id, account.sequence + nth, %(kind)s, -ends.points,
            account.balance - so_far, format('expire:%%s', account.sequence + nth), %(actor)s,
            CASE WHEN awaits_event THEN %(awaited)s ELSE 'expiry' END,
            CASE WHEN awaits_event THEN %(reason)s ELSE '' END, %(batch)s, expires_at, now()
        FROM ends JOIN loyalty_account account ON account.id = ends.account_id
        RETURNING id, account_id, occurred_at, cause, points
    ), consumed AS (
        INSERT INTO loyalty_consumption (entry_id, lot_id, points)
        SELECT entered.id, due.id, due.points
        FROM due JOIN entered ON entered.account_id = due.account_id
            AND entered.occurred_at = due.expires_at
            AND (entered.cause = %(awaited)s) = due.awaits_event
    ), drained AS (
        UPDATE loyalty_lot lot SET remaining = lot.held FROM due WHERE lot.id = due.id
    ), moved AS (
        UPDATE loyalty_account account
        SET balance = account.balance - sums.points, sequence = account.sequence + sums.entries
        FROM (
            SELECT account_id, sum(points) AS points, count(*) AS entries
            FROM ends GROUP BY account_id
        ) sums
        WHERE account.id = sums.account_id
    )
    SELECT count(*), coalesce(-sum(points), 0)::bigint FROM entered
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How many entries were made, and the points they took."""

    entries: int
    points: int


def end_due_lots(account_ids: Collection[int], *, now: datetime, batch: Batch) -> Ended:
    """Book what has ended by now in accounts of the batch's organization, locking them."""
    lock_rows(Account, account_ids)
    values: dict[str, Any] = {
        "accounts": array(account_ids),
        "now": now,
        "kind": Entry.Kind.EXPIRE.value,
        "actor": SYSTEM.name,
        "awaited": NEVER_SETTLED,
        "reason": never_settled(batch.organization),
        "batch": batch.pk,
    }
    with connection.cursor() as cursor:
        cursor.execute(END, values)
        entries, points = cursor.fetchone() or (0, 0)
    return Ended(entries, points)
