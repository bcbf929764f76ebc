"""What a purchase would earn, and what would not count and why: by the API and at the till."""

from datetime import timedelta

from django.utils import timezone

from loyalty.models import Purchase
from tests.rewards.receipts import NOTHING, receipt
from tests.tills import text_of

FIVE = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "fixed_points", "points": 5},
    "stacking": {"stage": "bonus"},
}
FROM_FIFTY = {"type": "minimum_amount", "amount": "50"}


def test_a_quote_may_ask_about_a_time_to_come_and_a_purchase_may_not(shop, member, api):
    at = timezone.now() + timedelta(days=3)
    shop.add_rule(FIVE, since=timezone.now() + timedelta(days=2))
    body = {"occurred_at": at.isoformat(), "member": str(member.public_id)}

    now = api("POST", "quotes/", receipt(external_id=NOTHING)).json()
    then = api("POST", "quotes/", receipt(external_id=NOTHING, **body)).json()
    refused = api("POST", "purchases/", receipt(**body))

    assert (now["points_total"], then["points_total"]) == (11, 16)
    assert (refused.status_code, refused.json()["code"]) == (400, "future_date")
    assert Purchase.objects.count() == 0


def test_a_quote_names_every_rule_that_gives_nothing_and_what_was_capped(shop, api):
    left = shop.add_rule({**FIVE, "conditions": [FROM_FIFTY]})
    shop.add_rule({**FIVE, "limits": {"per_purchase": 2}})

    told = api("POST", "quotes/", receipt(external_id=NOTHING, member=NOTHING)).json()

    assert [(one["points"], one["desired"]) for one in told["points"]] == [(11, 11), (2, 5)]
    assert told["points"][1]["why"][-1]["code"] == "capped"
    assert [(one["source"], one["why"][0]["text"]) for one in told["not_applied"]] == [
        (str(left.public_id), "only from £50; this came to £11.00")
    ]


def test_the_till_says_what_did_not_count_and_why_while_it_is_typed(shop, member, till):
    shop.add_rule({**FIVE, "conditions": [FROM_FIFTY]})

    told = text_of(
        till.client.post("/till/quote/", till.filled_in(member, receipt="", amount="12.50"))
    )

    assert "What did not count" in told
    assert "only from £50; this came to £12.50" in told


def test_the_till_says_why_also_when_nothing_is_earned(shop, member, till):
    shop.add_version(shop.rule, {**FIVE, "conditions": [FROM_FIFTY]}, since=timezone.now())

    told = text_of(
        till.client.post("/till/quote/", till.filled_in(member, receipt="", amount="12.50"))
    )

    assert "Earns 0 points" in told
    assert "only from £50" in told
