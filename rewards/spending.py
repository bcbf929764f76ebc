"""What members spend of points on rewards; what was canceled or let go was not spent."""

from __future__ import annotations

# Assembled with the same of every app: the points of each place of a household, of whom it is and
# since when.
SPENT = """
    SELECT spender.place, sum(redemption.points)
    FROM unnest(%(places)s::bigint[], %(members)s::bigint[], %(since)s::timestamptz[])
        AS spender(place, member, since)
    JOIN rewards_redemption redemption
        ON redemption.member_id = spender.member AND redemption.created_at >= spender.since
    WHERE redemption.status IN ('held', 'issued')
    GROUP BY spender.place
"""
