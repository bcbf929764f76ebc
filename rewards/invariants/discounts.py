"""What always holds for what was taken off purchases, and for quotes that set something aside."""

from __future__ import annotations

from core.invariants import Invariant

# What a discount took off each line, out of what is stored of it.
PARTS = """
    jsonb_to_recordset((
        SELECT jsonb_agg(jsonb_build_object('number', part->0, 'amount', part->>1))
        FROM jsonb_array_elements(taken.lines) part
    )) AS part(number integer, amount numeric)
"""
DISCOUNTS_ADD_UP = Invariant(
    "INV-20",
    "A discount is the sum of its parts, each more than nothing and on a line of its purchase.",
    f"""
    SELECT purchase.organization_id, 'rewards.purchasediscount', taken.id,
        format('%%s, parts %%s on %%s lines', taken.amount, parts.amount, parts.lines)
    FROM rewards_purchasediscount taken
    JOIN loyalty_purchase purchase ON purchase.id = taken.purchase_id
    JOIN LATERAL (
        SELECT sum(part.amount) AS amount, count(line.id) AS lines, count(*) AS parts,
            min(part.amount) AS least
        FROM {PARTS}
        LEFT JOIN loyalty_purchaseline line
            ON line.purchase_id = purchase.id AND line.number = part.number
    ) parts ON true
    WHERE (%(organization)s::bigint IS NULL OR purchase.organization_id = %(organization)s)
        AND (parts.amount IS DISTINCT FROM taken.amount OR parts.lines <> parts.parts
            OR parts.least <= 0)
    """,
)
NO_MORE_IS_TAKEN_OFF_THAN_SAID = Invariant(
    "INV-20b",
    "A line was discounted by at least what benefits, tiers and vouchers took off it.",
    f"""
    SELECT purchase.organization_id, 'loyalty.purchase', purchase.id,
        format('line %%s says %%s off, discounts say %%s', line.number, line.discount,
            sum(part.amount))
    FROM rewards_purchasediscount taken
    JOIN loyalty_purchase purchase ON purchase.id = taken.purchase_id
    CROSS JOIN LATERAL {PARTS}
    JOIN loyalty_purchaseline line ON line.purchase_id = purchase.id AND line.number = part.number
    WHERE (%(organization)s::bigint IS NULL OR purchase.organization_id = %(organization)s)
    GROUP BY purchase.id, line.id
    HAVING sum(part.amount) > line.discount OR line.amount < 0
    """,
)
USED_VOUCHERS_TOOK_SOMETHING_OFF = Invariant(
    "INV-20c",
    "A voucher that took something off a purchase has its discount there, and of that amount.",
    """
    SELECT voucher.organization_id, 'rewards.voucher', voucher.id,
        format('use %%s took %%s off purchase %%s, its discount %%s off %%s', used.id,
            used.amount, used.purchase_id, taken.amount, taken.purchase_id)
    FROM rewards_voucheruse used
    JOIN rewards_voucher voucher ON voucher.id = used.voucher_id
    LEFT JOIN rewards_purchasediscount taken ON taken.voucher_use_id = used.id
    WHERE (%(organization)s::bigint IS NULL OR voucher.organization_id = %(organization)s)
        AND (taken.id IS NOT NULL OR used.amount IS NOT NULL AND used.purchase_id IS NOT NULL)
        AND (used.purchase_id, used.amount) IS DISTINCT FROM (taken.purchase_id, taken.amount)
    """,
)
QUOTES_HOLD_WHAT_THEY_PROMISED = Invariant(
    "INV-10b",
    "A quote that has ended sets no points aside, and no quote joins two organizations.",
    """
    SELECT quote.organization_id, 'rewards.quote', quote.id,
        format('ended %%s, hold %%s', quote.ended_at, hold.status)
    FROM rewards_quote quote
    JOIN core_store store ON store.id = quote.store_id
    LEFT JOIN members_member member ON member.id = quote.member_id
    LEFT JOIN loyalty_hold hold ON hold.id = quote.hold_id
    LEFT JOIN loyalty_purchase purchase ON purchase.id = quote.purchase_id
    WHERE (%(organization)s::bigint IS NULL OR quote.organization_id = %(organization)s)
        AND (
            (quote.ended_at IS NOT NULL AND hold.status = 'open')
            OR quote.organization_id <> ANY(ARRAY[store.organization_id, member.organization_id,
                purchase.organization_id])
        )
    """,
)
NO_DISCOUNT_CROSSES = Invariant(
    "INV-11",
    "No discount comes from another organization than its purchase.",
    """
    SELECT purchase.organization_id, 'rewards.purchasediscount', taken.id,
        'purchase, benefit and voucher are not of one organization'
    FROM rewards_purchasediscount taken
    JOIN loyalty_purchase purchase ON purchase.id = taken.purchase_id
    LEFT JOIN rewards_benefitversion version ON version.id = taken.benefit_version_id
    LEFT JOIN rewards_benefit benefit ON benefit.id = version.benefit_id
    LEFT JOIN loyalty_program program ON program.id = benefit.program_id
    LEFT JOIN rewards_voucheruse used ON used.id = taken.voucher_use_id
    LEFT JOIN rewards_voucher voucher ON voucher.id = used.voucher_id
    WHERE (%(organization)s::bigint IS NULL OR purchase.organization_id = %(organization)s)
        AND purchase.organization_id
            <> ANY(ARRAY[program.organization_id, voucher.organization_id])
    """,
)

INVARIANTS = [
    DISCOUNTS_ADD_UP,
    NO_MORE_IS_TAKEN_OFF_THAN_SAID,
    USED_VOUCHERS_TOOK_SOMETHING_OFF,
    QUOTES_HOLD_WHAT_THEY_PROMISED,
    NO_DISCOUNT_CROSSES,
]
