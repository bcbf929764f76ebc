"""Before a rule is switched on its author sees what it would have given lately."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from core.models.people import Role
from loyalty.earning.vocabulary.parse import parse_rule
from loyalty.models import Entry, Rule
from loyalty.services import looking_back
from loyalty.services.looking_back import look_back
from loyalty.services.trying import RuleOnTrial
from tests.ladders import takes_back
from tests.offices import office_of
from tests.shops import days_ago
from tests.tills import text_of

DOUBLE = {"trigger": {"type": "purchase"}, "effect": {"type": "multiplier", "times": "2"}}
SECOND = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "fixed_points", "points": 7},
    "conditions": [{"type": "nth_purchase", "number": 2}],
    "stacking": {"stage": "bonus"},
}
JOINED = {
    "trigger": {"type": "activity", "kind": "joined"},
    "effect": {"type": "fixed_points", "points": 50},
}


def reckoned(shop, spec=DOUBLE):
    return look_back(
        organization=shop.organization,
        program=shop.program,
        rule=RuleOnTrial(name="Tried", spec=parse_rule(spec)),
        now=timezone.now(),
    )


@pytest.mark.proves("input 114")
def test_it_says_what_the_rule_would_have_given_beside_the_others(shop):
    shop.settle(point_value="0.01")
    mina, nora = shop.member(), shop.member("+447400123457")
    shop.buys(mina, "30.00", at=days_ago(20))
    shop.buys(nora, "20.00", at=days_ago(2))
    shop.buys(nora, "99.00", at=days_ago(29))  # too long ago
    shop.buys(None, "99.00", at=days_ago(1))  # by nobody who is known

    figures = reckoned(shop)

    assert (figures.sales, figures.looked_at, figures.reached) == (2, 2, 2)
    assert (figures.points, figures.others, figures.share) == (50, 50, 100)
    assert figures.worth == Decimal("0.50")
    assert Entry.objects.filter(kind="earn").count() == 3  # nothing was given


def test_what_members_did_before_counts_as_it_would_have_counted_then(shop):
    mina, nora = shop.member(), shop.member("+447400123457")
    for who in (mina, mina, mina, nora):
        shop.buys(who, "10.00")

    figures = reckoned(shop, SECOND)

    assert (figures.reached, figures.points) == (1, 7)


def test_what_came_back_is_not_reckoned(shop):
    mina = shop.member()
    takes_back(shop, shop.buys(mina, "50.00").purchase, "30.00")
    takes_back(shop, shop.buys(mina, "99.00").purchase)

    figures = reckoned(shop)

    assert (figures.looked_at, figures.reached, figures.points) == (2, 1, 20)


def test_of_many_purchases_the_latest_stand_for_all(shop, monkeypatch):
    monkeypatch.setattr(looking_back, "SALES_MAX", 2)
    mina = shop.member()
    for amount, days in (("90.00", 9), ("10.00", 2), ("30.00", 1), ("10.00", 3)):
        shop.buys(mina, amount, at=days_ago(days))

    figures = reckoned(shop)

    assert (figures.sales, figures.looked_at, figures.is_part) == (4, 2, True)
    assert (figures.points, figures.others) == (80, 80)


def test_of_an_activity_nothing_is_said_and_of_no_purchases_no_share(shop):
    assert reckoned(shop, JOINED) is None
    assert (reckoned(shop).points, reckoned(shop).share) == (0, None)


@pytest.mark.parametrize("sales", [1, 3])
def test_it_asks_a_fixed_number_of_questions(shop, sales, django_assert_num_queries):
    mina = shop.member()
    for _ in range(sales):
        shop.buys(mina, "10.00")
    reckoned(shop, SECOND)

    with django_assert_num_queries(6):
        reckoned(shop, SECOND)


def test_a_draft_shows_it_and_a_rule_that_counts_does_not(shop):
    office = office_of(shop.organization, Role.MANAGER)
    shop.settle(point_value="0.01")
    shop.buys(shop.member(), "30.00", at=timezone.now() - timedelta(hours=1))
    draft = shop.add_rule(DOUBLE)
    address = f"/office/high-street/program/rules/{draft.public_id}/"

    Rule.objects.filter(pk=draft.pk).update(status=Rule.Status.DRAFT)
    before = text_of(office.get(address))
    Rule.objects.filter(pk=draft.pk).update(status=Rule.Status.ACTIVE)
    after = text_of(office.get(address))

    said = "30 points more , worth £0.30 (100 % on top of what the other rules gave)."
    assert said in before
    assert "What it would have given" not in after
