"""What happened has a request, an actor and an event."""

from __future__ import annotations

from core.invariants import Invariant
from loyalty.invariants.scope import HERE, ORGANIZATION, of_account

ENTRIES_ARE_TOLD = Invariant(
    "INV-12",
    # Events are forgotten after 30 days, and clocks of two machines may differ by a day at most.
    "Each entry of the last weeks has its event, its own or its batch's; no event lacks its entry.",
    f"""
    SELECT program.organization_id, 'loyalty.entry', entry.id, 'no event tells of it'
    FROM loyalty_entry entry
    {of_account("entry")}
    WHERE {HERE} AND entry.created_at > now() - interval '29 days' AND NOT EXISTS (
        SELECT FROM core_outboxevent event
        WHERE (event.subject, event.subject_id) IN (
            ('loyalty.entry', entry.id), ('loyalty.batch', entry.batch_id)
        )
    ) AND NOT EXISTS (
        SELECT FROM loyalty_receiptimport reading
        WHERE reading.batch_id = entry.batch_id AND reading.status = 'running'
    )
    UNION ALL
    SELECT event.organization_id, 'core.outboxevent', event.id, 'it tells of no entry'
    FROM core_outboxevent event
    LEFT JOIN loyalty_entry entry ON entry.id = event.subject_id
    WHERE event.subject = 'loyalty.entry' AND entry.id IS NULL
        AND {ORGANIZATION.format("event")}
    """,
)
EFFECTS_HAPPEN_ONCE = Invariant(
    "INV-13",
    "A request has one effect on an account, and every effect names its request and its actor.",
    f"""
    SELECT program.organization_id, 'loyalty.entry', max(entry.id),
        format('%%s entries of request %%s', count(*), entry.request_key)
    FROM loyalty_entry entry
    {of_account("entry")}
    WHERE {HERE}
    GROUP BY program.organization_id, entry.account_id, entry.request_key
    HAVING count(*) > 1
    UNION ALL
    SELECT program.organization_id, 'loyalty.entry', entry.id, 'no request or no actor'
    FROM loyalty_entry entry
    {of_account("entry")}
    WHERE {HERE} AND (entry.request_key = '' OR entry.actor = '')
    UNION ALL
    SELECT program.organization_id, 'loyalty.hold', max(hold.id),
        format('%%s holds of request %%s', count(*), hold.request_key)
    FROM loyalty_hold hold
    {of_account("hold")}
    WHERE {HERE}
    GROUP BY program.organization_id, hold.account_id, hold.request_key
    HAVING count(*) > 1
    """,
)
FIGURES_ARE_EXACT = Invariant(
    "INV-16",
    "No column of the ledger is a float, and points are integers.",
    """
    SELECT NULL::bigint, tables.relname::text, columns.attnum::bigint,
        format('%%s is %%s', columns.attname, kinds.typname)
    FROM pg_attribute columns
    JOIN pg_class tables ON tables.oid = columns.attrelid AND tables.relkind = 'r'
    JOIN pg_type kinds ON kinds.oid = columns.atttypid
    WHERE tables.relname ~ '^(loyalty|rewards)_'
        AND columns.attnum > 0 AND NOT columns.attisdropped
        AND (
            kinds.typname IN ('float4', 'float8', 'money')
            -- What is on a gift card is money.
            OR (kinds.typname = 'numeric' AND tables.relname !~ '^rewards_giftcard'
                AND columns.attname ~
                'points|balance|debt|remaining|^held$|awarded|desired|reversed|sequence')
        )
    """,
)

INVARIANTS = [ENTRIES_ARE_TOLD, EFFECTS_HAPPEN_ONCE, FIGURES_ARE_EXACT]
