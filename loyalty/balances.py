"""What an account has at a moment, and how its lots add up to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Expiring:
    """Points that end next, and the instant from which they are gone."""

    points: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account has: ``balance`` can be spent now, the rest is shown beside it."""

    balance: int = 0
    pending: int = 0
    held: int = 0
    debt: int = 0
    next_expiry: Expiring | None = None

    @classmethod
    def of(cls, debt: int, sums: Sequence[int | None] | None) -> Balance:
        """Return what an account that owes so much has, its lots added up by ``LOT_SUMS``."""
        if sums is None:
            return cls(balance=-debt, debt=debt)
        free, pending, held, ends, expiring = sums
        at = _EPOCH + timedelta(microseconds=ends) if ends else None
        return cls(
            balance=(free or 0) - debt,
            pending=pending or 0,
            held=held or 0,
            debt=debt,
            next_expiry=Expiring(expiring or 0, at) if at else None,
        )


NOTHING = Balance()

# What an account has at a moment: free, pending and held points, when the next of them end (in
# microseconds of Unix time), and how many.
LOT_SUMS = """
    SELECT ARRAY[
        coalesce(sum(remaining - held) FILTER (WHERE available_at <= now), 0),
        coalesce(sum(remaining) FILTER (WHERE available_at > now), 0),
        sum(held),
        extract(epoch FROM next_at) * 1000000,
        coalesce(
            sum(remaining - held) FILTER (WHERE available_at <= now AND expires_at = next_at), 0)
    ]::bigint[]
    FROM (
        SELECT remaining, held, available_at, expires_at, now,
            min(expires_at) FILTER (WHERE available_at <= now AND remaining > held)
                OVER () AS next_at
        FROM loyalty_lot, (SELECT %s::timestamptz AS now) moment
        WHERE account_id = {account} AND remaining > 0 AND (expires_at IS NULL OR expires_at > now)
    ) lot
    GROUP BY next_at
"""
