"""The list of rules: by stage, with budgets, and with what to look at."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from core.models import Region, Store
from core.models.people import Role
from loyalty.caution_words import advice_of, codes
from loyalty.earning import cautions
from loyalty.earning.receipt import Line
from loyalty.earning.wording import Wording
from loyalty.models import Rule, RuleBudget
from loyalty.services import advice as advising
from tests.offices import office_of
from tests.shops import ONE_PER_POUND, days_ago
from tests.tills import text_of

RULES = "/office/high-street/program/rules/"
DOUBLE = {"trigger": {"type": "purchase"}, "effect": {"type": "multiplier", "times": "2"}}
FIVE = {
    "trigger": {"type": "purchase"},
    "effect": {"type": "fixed_points", "points": 5},
    "stacking": {"stage": "bonus"},
}
JOINED = {
    "trigger": {"type": "activity", "kind": "joined"},
    "effect": {"type": "fixed_points", "points": 50},
}


@pytest.fixture
def office(shop):
    return office_of(shop.organization, Role.MANAGER)


def advice(office):
    """What the list says to look at, by the name of the rule."""
    rows = office.get(RULES).context["rules"]
    return {row.name: [one.text for one in row.advice] for row in rows if row.advice}


def on(*conditions, spec=ONE_PER_POUND, **rest):
    return {**spec, "conditions": list(conditions), **rest}


def test_rules_stand_by_stage_and_those_that_act_before_those_that_do_not(shop, office):
    bonus, double = shop.add_rule(FIVE), shop.add_rule(DOUBLE)
    joined, second = shop.add_rule(JOINED), shop.add_rule(on({"type": "store", "stores": ["1"]}))
    Rule.objects.filter(pk=shop.rule.pk).update(status=Rule.Status.PAUSED)

    stages = office.get(RULES).context["stages"]

    assert [[row.name for row in stage.rows] for stage in stages] == [
        [second.name, "Base"],
        [double.name],
        [bonus.name],
        [joined.name],
    ]


def test_ended_rules_stand_apart(shop, office):
    Rule.objects.filter(pk=shop.rule.pk).update(status=Rule.Status.ENDED)

    page = office.get(RULES)

    assert [row.name for row in page.context["over"]] == ["Base"]
    assert page.context["stages"] == []


def test_a_budget_is_shown_as_it_is_used_up(shop, office):
    rule = shop.add_rule({**FIVE, "limits": {"budget": 200}})
    RuleBudget.objects.create(rule=rule, used=50)
    spent = shop.add_rule({**DOUBLE, "limits": {"budget": 10}})
    RuleBudget.objects.create(rule=spent, used=10)

    page = office.get(RULES)

    shown = {row.name: row.budget_percent for row in page.context["rules"]}
    assert shown == {"Base": 0, rule.name: 25, spent.name: 100}
    assert 'value="25"' in page.content.decode()
    assert advice(office) == {spent.name: ["Gives nothing any more: its budget is spent."]}


def test_two_rules_that_give_for_one_line_are_named_until_they_share_a_group(shop, office):
    second = shop.add_rule(on({"type": "category", "categories": ["Coffee"]}))
    before = advice(office)
    for rule in (shop.rule, second):
        spec = rule.versions.get().spec | {"stacking": {"exclusive_group": "one"}}
        shop.add_version(rule, spec, since=days_ago(1))

    after = advice(office)

    assert list(before) == ["Base"]
    assert f"Gives together with {second.name}" in before["Base"][0]
    assert after == {}


def test_rules_of_stores_that_do_not_meet_are_left_alone(shop, office):
    Store.objects.create(organization=shop.organization, code="2", name="Two")
    shop.add_version(shop.rule, on({"type": "store", "stores": ["1"]}), since=days_ago(1))
    shop.add_rule(on({"type": "store", "stores": ["2"]}))

    assert advice(office) == {}


def test_a_rule_that_can_never_apply_says_why_and_where_that_is_mended(shop, office):
    gone = shop.add_rule(on({"type": "store", "stores": ["closed"]}, spec=FIVE))
    Region.objects.create(organization=shop.organization, code="hills", name="Hills")
    empty = shop.add_rule(on({"type": "region", "regions": ["hills"]}, spec=FIVE))
    past = shop.add_rule(on({"type": "dates", "until": "2020-01-01"}, spec=FIVE))

    found = advice(office)
    row = next(row for row in office.get(RULES).context["rules"] if row.name == gone.name)

    assert found == {
        gone.name: ["Can never apply: there is no store closed."],
        empty.name: ["Can never apply: no store lies in region hills."],
        past.name: ["Gives nothing any more: its last day was Jan 1, 2020."],
    }
    assert office.get(row.advice[0].url).status_code == 200


def test_a_version_to_come_that_can_apply_is_reason_enough(shop, office):
    rule = shop.add_rule(on({"type": "store", "stores": ["closed"]}, spec=FIVE))
    shop.add_version(rule, FIVE, since=days_ago(-1))

    assert advice(office) == {}


def test_a_multiplier_without_points_to_multiply_is_named(shop, office):
    shop.add_rule(DOUBLE)
    Rule.objects.filter(pk=shop.rule.pk).update(status=Rule.Status.PAUSED)

    [said] = advice(office).values()

    assert said == [
        "Can never apply: it multiplies the points of the purchase, and no rule gives any."
    ]


def sold(shop, member, amount, cost, **options):
    line = Line(
        number=1,
        sku="A",
        quantity=Decimal(2),
        amount=Decimal(amount),
        unit_cost=None if cost is None else Decimal(cost),
    )
    shop.records(shop.draft(member, lines=(line,), **options))


@pytest.mark.parametrize(
    ("amount", "cost", "told"),
    [
        ("10.00", "4.00", "Gives away 50% of the margin"),
        ("10.00", "5.00", "sold without any margin"),
        ("10.00", "1.50", None),
        ("10.00", None, None),
    ],
)
def test_a_rule_that_gives_away_too_much_of_the_margin_is_named(
    shop, member, office, amount, cost, told
):
    shop.settle(point_value="0.10")
    sold(shop, member, amount, cost)

    found = advice(office)

    assert [told in text for text in found.get("Base", ())] == [True] * (told is not None)


def test_how_much_of_the_margin_is_too_much_is_the_programs_to_say(shop, member, office):
    shop.settle(point_value="0.10", margin_share_max=60)
    sold(shop, member, "10.00", "4.00")
    sold(shop, member, "10.00", "5.00", at=days_ago(100))

    assert advice(office) == {}


def test_an_analyst_sees_what_to_look_at_without_a_way_to_change_it(shop):
    shop.add_rule(on({"type": "store", "stores": ["closed"]}, spec=FIVE))

    page = office_of(shop.organization, Role.ANALYST).get(RULES)

    assert "there is no store closed" in text_of(page)
    assert "/edit/" not in page.content.decode()


def test_every_caution_has_words():
    source = (Path(cautions.__file__).read_text(), Path(advising.__file__).read_text())
    raised = {code for text in source for code in re.findall(r'Caution\("(\w+)"', text)}
    raised |= {"brands_apart", "skus_apart"}  # from a table

    assert raised == set(codes())


def test_many_rules_are_named_by_a_few():
    caution = cautions.Caution("overlap", {"rules": list("abcdefgh")})

    advice = advice_of(caution, Wording.for_reader("GBP"), "#")

    assert "a, b, c, d, e, and 3 others" in advice.text
