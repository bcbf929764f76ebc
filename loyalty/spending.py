"""What members spend of points outside any catalog: they pay for purchases with them."""

from __future__ import annotations

# Assembled with the same of every app: the points of each place of a household, of whom it is and
# since when. What went back to the member with returned goods was not spent.
SPENT = """
    SELECT spender.place, sum(payment.points - coalesce(back.points, 0))
    FROM unnest(%(places)s::bigint[], %(members)s::bigint[], %(since)s::timestamptz[])
        AS spender(place, member, since)
    JOIN loyalty_purchase purchase
        ON purchase.member_id = spender.member AND purchase.created_at >= spender.since
    JOIN loyalty_payment payment ON payment.purchase_id = purchase.id AND payment.points > 0
    LEFT JOIN LATERAL (
        SELECT sum(points) AS points FROM loyalty_pointsputback WHERE payment_id = payment.id
    ) back ON true
    GROUP BY spender.place
"""
