"""Points that paid for purchases, and what of them went back, agree with entries and returns."""

from __future__ import annotations

from core.invariants import Invariant
from loyalty.invariants.scope import HERE, ORGANIZATION, of_account

POINTS_PAID_ARE_SPENT = Invariant(
    "INV-17",
    "What points paid of a purchase is what its entry spent, and no more of it goes back.",
    f"""
    SELECT program.organization_id, 'loyalty.entry', entry.id,
        format('spent %%s, paid %%s, back %%s for %%s of %%s', -entry.points,
            coalesce(paid.points, 0), paid.back, paid.amount_back, paid.amount)
    FROM loyalty_entry entry
    {of_account("entry")}
    LEFT JOIN (
        SELECT payment.purchase_id, purchase.organization_id, payment.points, payment.amount,
            coalesce(sum(back.points), 0) AS back,
            coalesce(sum(back.amount), 0) AS amount_back
        FROM loyalty_payment payment
        JOIN loyalty_purchase purchase ON purchase.id = payment.purchase_id
        LEFT JOIN loyalty_pointsputback back ON back.payment_id = payment.id
        WHERE payment.points > 0
        GROUP BY payment.id, purchase.organization_id
    ) paid ON paid.purchase_id = entry.cause_id
    WHERE {HERE} AND entry.kind = 'redeem' AND entry.cause = 'purchase' AND (
        paid.points IS DISTINCT FROM -entry.points
        OR paid.back > paid.points OR paid.amount_back > paid.amount
        OR paid.organization_id <> program.organization_id
    )
    UNION ALL
    SELECT purchase.organization_id, 'loyalty.purchase', purchase.id, 'no entry spent its points'
    FROM loyalty_payment payment
    JOIN loyalty_purchase purchase ON purchase.id = payment.purchase_id
    WHERE {ORGANIZATION.format("purchase")} AND payment.points > 0 AND NOT EXISTS (
        SELECT FROM loyalty_entry entry
        WHERE entry.cause = 'purchase' AND entry.cause_id = purchase.id AND entry.kind = 'redeem'
    )
    """,
)
RETURNS_PUT_BACK_WHAT_THEY_SAY = Invariant(
    "INV-17b",
    "What a return says it put back is what its entries gave back, payment by payment.",
    f"""
    SELECT back.organization_id, 'loyalty.return', back.id,
        format('put back %%s, payments %%s, entries %%s', back.points_put_back,
            coalesce(paid.points, 0), coalesce(given.points, 0))
    FROM loyalty_return back
    LEFT JOIN (
        SELECT parent_id, sum(points) AS points FROM loyalty_pointsputback GROUP BY parent_id
    ) paid ON paid.parent_id = back.id
    LEFT JOIN (
        SELECT cause_id, sum(points) AS points FROM loyalty_entry
        WHERE cause = 'return' AND kind = 'release' GROUP BY cause_id
    ) given ON given.cause_id = back.id
    WHERE {ORGANIZATION.format("back")} AND (back.points_put_back, back.points_put_back)
        IS DISTINCT FROM (coalesce(paid.points, 0), coalesce(given.points, 0))
    UNION ALL
    SELECT back.organization_id, 'loyalty.return', back.id, 'it puts back what paid elsewhere'
    FROM loyalty_return back
    JOIN loyalty_pointsputback part ON part.parent_id = back.id
    JOIN loyalty_payment payment ON payment.id = part.payment_id
    JOIN loyalty_purchase purchase ON purchase.id = payment.purchase_id
    WHERE {ORGANIZATION.format("back")} AND (
        purchase.organization_id <> back.organization_id OR back.purchase_id <> purchase.id
    )
    """,
)

INVARIANTS = [POINTS_PAID_ARE_SPENT, RETURNS_PUT_BACK_WHAT_THEY_SAY]
