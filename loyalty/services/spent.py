"""What members have spent: what their purchases came to, less what came back."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection

from loyalty.services.facts import PEOPLE

# Of a member who was merged counts what they bought under either name.
SPENT = f"""
    {PEOPLE}
    SELECT coalesce(sum(purchase.total - purchase.returned), 0)
    FROM people JOIN loyalty_purchase purchase ON purchase.member_id = people.member
    WHERE purchase.occurred_at >= %(since)s AND purchase.occurred_at < %(before)s
"""  # noqa: S608


def spent_between(member_id: int, since: datetime, before: datetime) -> Decimal:
    """Return what a member paid from one moment until just before another, less what came back."""
    values: dict[str, Any] = {"members": f"{{{member_id}}}", "since": since, "before": before}
    with connection.cursor() as cursor:
        cursor.execute(SPENT, values)
        [(amount,)] = cursor.fetchall()
    return Decimal(amount)
