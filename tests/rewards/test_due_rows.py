"""What the periodic rounds look for must be found by an index, however long the history is."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.actors import SYSTEM
from loyalty.services.due import expire_due_points
from rewards.services.redemptions import end_overdue_redemptions, redeem


def plan_of(round_, *, about):
    """Return how the database would look for due rows in a table that is too long to read."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        round_()
    [query] = [
        one["sql"] for one in asked if one["sql"].startswith("SELECT") and about in one["sql"]
    ][:1]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {query}")
        return "\n".join(row[0] for row in cursor.fetchall())


def test_points_that_are_due_are_found_by_an_index(shop, member):
    shop.buys(member, "10.00")

    plan = plan_of(expire_due_points, about="loyalty_lot")

    assert "lots_with_points_left" in plan or "lots_that_will_expire" in plan


def test_rewards_set_aside_too_long_are_found_by_an_index(shop, member):
    shop.buys(member, "10.00")
    redeem(
        reward_id=shop.reward(5).pk,
        member_id=member.pk,
        actor=SYSTEM,
        request_key="take",
        hold_seconds=60,
    )

    plan = plan_of(end_overdue_redemptions, about="rewards_redemption")

    assert "holds_that_are_open" in plan
