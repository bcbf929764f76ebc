"""Points that end by inactivity last from the last thing their holders did."""

from __future__ import annotations

from core.invariants import Invariant
from loyalty.invariants.scope import HERE, of_account

# Two days are left to calendars: months end on other days, and organizations move, in other zones.
# What came from another account keeps the end it had there, and merged accounts keep the activity
# of both.
INACTIVITY_IS_COUNTED = Invariant(
    "INV-19",
    "Points that end by inactivity last from the last activity, which is watched for.",
    f"""
    SELECT program.organization_id, 'loyalty.lot', lot.id,
        format('ends %%s, active %%s, watched %%s', lot.expires_at, account.active_at,
            account.counts_activity)
    FROM loyalty_lot lot
    JOIN loyalty_entry entry ON entry.id = lot.entry_id
    {of_account("lot")}
    WHERE {HERE}
        AND lot.remaining > 0 AND lot.expires_at > now() AND NOT lot.awaits_event
        AND lot.reckoned_by ->> 'type' = 'inactive'
        AND (
            NOT account.counts_activity
            OR entry.kind NOT IN ('transfer', 'merge')
            AND NOT EXISTS (
                SELECT FROM loyalty_accountmerge merged
                WHERE account.id IN (merged.kept_id, merged.emptied_id)
            )
            AND lot.expires_at < greatest(lot.available_at, account.active_at) + make_interval(
                months => coalesce((lot.reckoned_by ->> 'months')::int, 0),
                days => coalesce((lot.reckoned_by ->> 'days')::int, 0) - 2
            )
        )
    """,
)

INVARIANTS = [INACTIVITY_IS_COUNTED]
