"""What always holds for rewards that open later than they are taken."""

from __future__ import annotations

from core.invariants import Invariant

# What a redemption has done: the credit that it loaded, and the tickets that it gave.
_DONE = """
    SELECT redemption.id AS redemption_id, entry.created_at AS at
    FROM rewards_redemption redemption
    JOIN rewards_giftcardentry entry ON entry.kind = 'load'
        AND entry.reference = 'redemption/' || redemption.public_id::text
    WHERE redemption.opens_at IS NOT NULL
    UNION ALL
    SELECT ticket.redemption_id, ticket.created_at
    FROM rewards_drawticket ticket
    JOIN rewards_redemption redemption ON redemption.id = ticket.redemption_id
    WHERE redemption.opens_at IS NOT NULL
"""
_PUT_OFF = "redemption.promised ->> 'type' IN ('gift_card', 'draw_ticket')"

NOTHING_BEFORE_IT_OPENS = Invariant(
    "INV-5x",
    "What opens later is neither used nor given before, and its voucher says from when on it is.",
    f"""
    SELECT redemption.organization_id, 'rewards.redemption', redemption.id,
        format('opens %%s, voucher from %%s, first used %%s, first given %%s', redemption.opens_at,
            voucher.valid_from, used.at, done.at)
    FROM rewards_redemption redemption
    LEFT JOIN rewards_voucher voucher ON voucher.redemption_id = redemption.id
    LEFT JOIN LATERAL (
        SELECT min(used_at) AS at FROM rewards_voucheruse WHERE voucher_id = voucher.id
    ) used ON true
    LEFT JOIN (SELECT redemption_id, min(at) AS at FROM ({_DONE}) effects GROUP BY 1) done
        ON done.redemption_id = redemption.id
    WHERE redemption.opens_at IS NOT NULL
        AND (%(organization)s::bigint IS NULL OR redemption.organization_id = %(organization)s)
        AND (used.at < redemption.opens_at OR done.at < redemption.opens_at
            OR voucher.id IS NOT NULL
                AND voucher.valid_from IS DISTINCT FROM redemption.opens_at)
    """,
)
PUT_OFF_ONCE = Invariant(
    "INV-5y",
    "What is put off has one opening, on its day, which ended as its redemption did.",
    f"""
    SELECT redemption.organization_id, 'rewards.redemption', redemption.id,
        format('%%s, opens %%s; %%s, due %%s', redemption.status, redemption.opens_at,
            coalesce(opening.status, 'no opening'), opening.due_at)
    FROM rewards_redemption redemption
    LEFT JOIN rewards_opening opening ON opening.redemption_id = redemption.id
    WHERE (redemption.opens_at IS NOT NULL OR opening.id IS NOT NULL)
        AND (%(organization)s::bigint IS NULL OR redemption.organization_id = %(organization)s)
        AND (
            opening.due_at <> redemption.opens_at
            OR opening.id IS NOT NULL AND redemption.opens_at IS NULL
            OR opening.id IS NULL AND redemption.status = 'issued' AND {_PUT_OFF}
            OR (opening.status, redemption.status) NOT IN (
                ('waiting', 'issued'), ('done', 'issued'), ('done', 'canceled'),
                ('canceled', 'canceled'), ('failed', 'canceled')
            )
        )
    """,
)
OPENED_FOR_GOOD = Invariant(
    "INV-5z",
    "What was opened did what its reward does, and what was not did nothing.",
    f"""
    SELECT redemption.organization_id, 'rewards.redemption', redemption.id,
        format('%%s, done %%s times', opening.status, count(done.at))
    FROM rewards_opening opening
    JOIN rewards_redemption redemption ON redemption.id = opening.redemption_id
    LEFT JOIN ({_DONE}) done ON done.redemption_id = redemption.id
    WHERE {_PUT_OFF}
        AND (%(organization)s::bigint IS NULL OR redemption.organization_id = %(organization)s)
    GROUP BY redemption.id, opening.id
    HAVING count(done.at) <> CASE opening.status WHEN 'done' THEN 1 ELSE 0 END
    """,
)

INVARIANTS = [NOTHING_BEFORE_IT_OPENS, PUT_OFF_ONCE, OPENED_FOR_GOOD]
