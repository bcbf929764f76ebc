"""Awards, returns and holds agree with the entries they made."""

from __future__ import annotations

from core.invariants import Invariant
from loyalty.invariants.scope import ACCOUNT, HERE, ORGANIZATION, of_account

AWARDS_MAKE_THE_ENTRY = Invariant(
    "INV-7",
    "A purchase or activity earns once in an account, and its rules' points are its entry's.",
    f"""
    SELECT program.organization_id, 'loyalty.entry', entry.id,
        format('entry %%s, awards %%s', entry.points, coalesce(sum(award.awarded), 0))
    FROM loyalty_entry entry
    {of_account("entry")}
    LEFT JOIN loyalty_award award ON award.entry_id = entry.id
    WHERE {HERE} AND entry.kind = 'earn' AND entry.cause IN ('purchase', 'activity')
    GROUP BY program.organization_id, entry.id
    HAVING entry.points <> coalesce(sum(award.awarded), 0)
    UNION ALL
    SELECT program.organization_id, 'loyalty.entry', max(entry.id),
        format('%%s %%s earned %%s times', entry.cause, entry.cause_id, count(*))
    FROM loyalty_entry entry
    {of_account("entry")}
    WHERE {HERE} AND entry.kind = 'earn' AND entry.cause IN ('purchase', 'activity')
    GROUP BY program.organization_id, entry.account_id, entry.cause, entry.cause_id
    HAVING count(*) > 1
    UNION ALL
    SELECT program.organization_id, 'loyalty.award', award.id,
        format('%%s points without their entry', award.awarded)
    FROM loyalty_award award
    {of_account("award")}
    WHERE {HERE} AND award.unit = 'points' AND award.awarded > 0 AND award.entry_id IS NULL
    """,
)
WAITING_IS_FOR_A_PURCHASE = Invariant(
    "INV-7b",
    "What waits to be settled was earned by a purchase that is not, and cannot be spent before.",
    f"""
    WITH RECURSIVE line AS (
        SELECT id, id AS first, origin_id FROM loyalty_lot
        WHERE awaits_event AND remaining > 0 AND {ACCOUNT.format("account_id")}
        UNION ALL
        SELECT line.id, lot.id, lot.origin_id
        FROM line JOIN loyalty_lot lot ON lot.id = line.origin_id
    )
    SELECT program.organization_id, 'loyalty.lot', lot.id,
        format('%%s points wait for %%s %%s, settled %%s, held %%s, from %%s until %%s',
            lot.remaining, earned.cause, earned.cause_id, purchase.settled_at, lot.held,
            lot.available_at, lot.expires_at)
    FROM line
    JOIN loyalty_lot lot ON lot.id = line.id
    JOIN loyalty_lot first ON first.id = line.first
    JOIN loyalty_entry earned ON earned.id = first.entry_id
    {of_account("lot")}
    LEFT JOIN loyalty_purchase purchase
        ON purchase.id = earned.cause_id AND earned.cause = 'purchase'
    WHERE {HERE} AND line.origin_id IS NULL AND (
        purchase.id IS NULL OR purchase.settled_at IS NOT NULL
        OR lot.held > 0 OR lot.available_at < lot.expires_at
    )
    """,
)
REVERSED_NO_MORE_THAN_GIVEN = Invariant(
    "INV-8",
    "What returns took of an award is what their reversals say, line by line never beyond it.",
    f"""
    SELECT program.organization_id, 'loyalty.award', award.id,
        format('reversed %%s of %%s, reversals %%s', award.reversed, award.awarded,
            coalesce(sum(reversal.points), 0))
    FROM loyalty_award award
    {of_account("award")}
    LEFT JOIN loyalty_awardreversal reversal ON reversal.award_id = award.id
    WHERE {HERE}
    GROUP BY program.organization_id, award.id
    HAVING award.reversed <> coalesce(sum(reversal.points), 0)
    """,
)
GOODS_ADD_UP = Invariant(
    "INV-8b",
    "What came back of a line and of a purchase is the sum of what its returns say.",
    f"""
    SELECT purchase.organization_id, 'loyalty.purchaseline', line.id,
        format('returned %%s for %%s, returns %%s for %%s', line.returned_quantity,
            line.returned_amount, coalesce(back.quantity, 0), coalesce(back.amount, 0))
    FROM loyalty_purchaseline line
    JOIN loyalty_purchase purchase ON purchase.id = line.purchase_id
    LEFT JOIN (
        SELECT purchase_line_id, sum(quantity) AS quantity, sum(amount) AS amount
        FROM loyalty_returnline GROUP BY purchase_line_id
    ) back ON back.purchase_line_id = line.id
    WHERE {ORGANIZATION.format("purchase")}
        AND (line.returned_quantity, line.returned_amount)
            IS DISTINCT FROM (coalesce(back.quantity, 0), coalesce(back.amount, 0))
    """,
)
HOLD_ENDS_ONCE = Invariant(
    "INV-10",
    "A captured hold was paid by an entry of its points; an ended hold holds nothing.",
    f"""
    SELECT program.organization_id, 'loyalty.hold', hold.id,
        format('hold %%s is %%s, entry %%s', hold.points, hold.status, entry.points)
    FROM loyalty_hold hold
    {of_account("hold")}
    LEFT JOIN loyalty_entry entry ON entry.id = hold.entry_id
    WHERE {HERE} AND (
        (hold.status = 'captured' AND entry.points IS DISTINCT FROM -hold.points)
        OR hold.points <> (
            SELECT coalesce(sum(part.points), 0) FROM loyalty_holdlot part
            WHERE part.hold_id = hold.id
        )
    )
    """,
)

INVARIANTS = [
    AWARDS_MAKE_THE_ENTRY,
    WAITING_IS_FOR_A_PURCHASE,
    REVERSED_NO_MORE_THAN_GIVEN,
    GOODS_ADD_UP,
    HOLD_ENDS_ONCE,
]
