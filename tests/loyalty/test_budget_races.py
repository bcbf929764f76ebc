"""A rule's budget is exact, however many tills draw on it at the same moment."""

import pytest
from django.db import transaction

from loyalty.models import Award, RuleBudget
from tests.racing import forget_locks, race, seen
from tests.shops import assert_audit_is_clean, open_shop

TILLS = 8
EACH = 25
BONUS = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "fixed_points", "points": 7},
    "stacking": {"stage": "bonus"},
}


@pytest.fixture
def shop(transactional_db):
    return open_shop()


def sell(shop, rule, *, times, serial):
    """Let each till sell to a member of its own; return what the rule gave in all."""
    members = [shop.member(f"+4474{serial:04}{till:04}") for till in range(TILLS)]
    drafts = [[shop.draft(member, "5.00") for _ in range(times)] for member in members]

    def till(mine):
        for draft in mine:
            shop.records(draft)

    race(*(lambda mine=mine: till(mine) for mine in drafts))
    awards = Award.objects.filter(rule_version__rule=rule)
    return sum(awards.values_list("awarded", flat=True)), sum(
        awards.values_list("desired", flat=True)
    )


@pytest.mark.proves("case 5")
def test_a_budget_is_exact_under_two_hundred_purchases_at_eight_tills(shop):
    rule = shop.add_rule({**BONUS, "limits": {"budget": 1000}})

    given, desired = sell(shop, rule, times=EACH, serial=1)

    assert (given, desired) == (1000, TILLS * EACH * 7)
    assert RuleBudget.objects.get(rule=rule).used == 1000
    assert_audit_is_clean()


@pytest.mark.proves("case 5")
def test_a_budget_of_stamps_or_credits_counts_them(shop):
    effect = {"type": "tier_credits", "credits": 3}
    rule = shop.add_rule({**BONUS, "effect": effect, "limits": {"budget": 20}})

    given, desired = sell(shop, rule, times=2, serial=1)

    assert (given, desired) == (20, TILLS * 2 * 3)


def test_without_locks_a_budget_is_overdrawn(shop, monkeypatch):
    forget_locks(monkeypatch)

    def is_overdrawn(serial):
        rule = shop.add_rule({**BONUS, "limits": {"budget": 10}})
        with transaction.atomic():
            RuleBudget.objects.create(rule=rule)
        return sell(shop, rule, times=1, serial=serial)[0] > 10

    assert seen(is_overdrawn)
