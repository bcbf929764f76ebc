"""What always holds for what is sent or picked up."""

from __future__ import annotations

from core.invariants import Invariant

DELIVERED_ONCE = Invariant(
    "INV-F1",
    "What is issued to be sent or picked up has one fulfillment, and nothing else has one.",
    """
    SELECT redemption.organization_id, 'rewards.redemption', redemption.id,
        format('%%s, %%s, fulfillment %%s', redemption.status,
            coalesce(nullif(redemption.delivery, ''), 'at the till'),
            coalesce(delivered.method, 'missing'))
    FROM rewards_redemption redemption
    LEFT JOIN rewards_fulfillment delivered ON delivered.redemption_id = redemption.id
    WHERE (%(organization)s::bigint IS NULL OR redemption.organization_id = %(organization)s)
        AND coalesce(delivered.method, '') <> CASE
            WHEN redemption.entry_id IS NULL AND redemption.grant_id IS NULL THEN ''
            ELSE redemption.delivery END
    """,
)
VOUCHER_GOES_WITH_IT = Invariant(
    "INV-F2",
    "What is done has used its voucher, what is canceled has none that is good, and what is on "
    "its way has one; once the shop is at work that one has no last day.",
    """
    SELECT delivered.organization_id, 'rewards.fulfillment', delivered.id,
        format('%%s, voucher %%s until %%s', delivered.status,
            coalesce(voucher.status, 'missing'), coalesce(voucher.valid_until::text, 'ever'))
    FROM rewards_fulfillment delivered
    LEFT JOIN rewards_voucher voucher ON voucher.redemption_id = delivered.redemption_id
    WHERE (%(organization)s::bigint IS NULL OR delivered.organization_id = %(organization)s)
        AND ((delivered.status, coalesce(voucher.status, 'none')) NOT IN (
                ('waiting', 'issued'), ('open', 'issued'), ('ready', 'issued'),
                ('done', 'used'), ('canceled', 'canceled'), ('canceled', 'expired'))
            OR delivered.status IN ('open', 'ready') AND voucher.valid_until IS NOT NULL)
    """,
)
STEPS_FOLLOW = Invariant(
    "INV-F3",
    "Its state agrees with the steps that were taken, and none of them was left out.",
    """
    SELECT organization_id, 'rewards.fulfillment', id,
        format('%%s, open %%s, ready %%s, done %%s, canceled %%s', status, opened_at, ready_at,
            done_at, canceled_at)
    FROM rewards_fulfillment
    WHERE (%(organization)s::bigint IS NULL OR organization_id = %(organization)s)
        AND (status <> CASE
                WHEN canceled_at IS NOT NULL THEN 'canceled'
                WHEN done_at IS NOT NULL THEN 'done'
                WHEN ready_at IS NOT NULL THEN 'ready'
                WHEN opened_at IS NOT NULL THEN 'open'
                ELSE 'waiting' END
            OR ready_at IS NOT NULL AND opened_at IS NULL
            OR method = 'shipping' AND done_at IS NOT NULL AND ready_at IS NULL)
    """,
)
NO_FULFILLMENT_CROSSES = Invariant(
    "INV-11",
    "Nothing is sent or picked up in the name of another organization.",
    """
    SELECT delivered.organization_id, 'rewards.fulfillment', delivered.id,
        'fulfillment, redemption and store are not of one organization'
    FROM rewards_fulfillment delivered
    JOIN rewards_redemption redemption ON redemption.id = delivered.redemption_id
    LEFT JOIN core_store store ON store.id = delivered.store_id
    WHERE (%(organization)s::bigint IS NULL OR delivered.organization_id = %(organization)s)
        AND delivered.organization_id <> ANY(ARRAY[redemption.organization_id,
            store.organization_id])
    """,
)

INVARIANTS = [DELIVERED_ONCE, VOUCHER_GOES_WITH_IT, STEPS_FOLLOW, NO_FULFILLMENT_CROSSES]
