"""What rules give beside points: how it is counted, limited, carried over and told."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.earning.describe import describe
from loyalty.earning.engine import Standing, evaluate
from loyalty.earning.explain import sentence
from loyalty.earning.receipt import Earner, EarningPolicy
from loyalty.earning.units import Goal, Unit
from loyalty.earning.vocabulary.limits import LimitKind, Room
from loyalty.earning.vocabulary.parse import parse_rule
from loyalty.errors import RuleInvalid
from tests.loyalty.earning.making import (
    DOUBLE,
    coffee,
    earn,
    line,
    receipt,
    rule,
    why,
)

STAMP = {"type": "stamps", "card": "coffee"}
PER_UNIT = {**STAMP, "per": "unit"}
PER_50 = {**STAMP, "per": "amount", "amount": "50"}
COFFEE_ONLY = {"type": "category", "categories": ["Coffee"]}
CARD = Goal(Unit.STAMPS, "coffee")


def stamps(outcome):
    return [(one.desired, one.awarded) for one in outcome.awards if one.goal == CARD]


def with_standing(sold, *rules, **standing):
    return evaluate(sold, Earner(), rules, EarningPolicy(), {}, Standing(**standing))


def said(award):
    return [sentence(reason, "GBP") for reason in award.why]


@pytest.mark.parametrize(
    ("effect", "expected", "words"),
    [
        (STAMP, 1, "1 stamp on card coffee for this purchase"),
        ({**STAMP, "stamps": 2}, 2, "2 stamps on card coffee for this purchase"),
        (PER_UNIT, 3, "1 stamp on card coffee per unit, for 3"),
        (PER_50, 2, "1 stamp on card coffee per £50 on £120.00"),
    ],
)
def test_stamps_are_counted_by_purchase_by_unit_or_by_amount(effect, expected, words):
    sold = receipt(line("120.00", quantity="3"))

    outcome = earn(sold, rule(effect))

    assert stamps(outcome) == [(expected, expected)]
    assert said(outcome.awards[0])[0] == words
    assert outcome.points == 0


def test_things_are_no_points_and_nothing_multiplies_them():
    sold = receipt(coffee("10.00"))

    outcome = earn(sold, rule(), rule(STAMP, key="stamp"), rule(DOUBLE, key="double"))

    assert [(one.goal.unit, one.awarded) for one in outcome.awards] == [
        ("points", 10),
        ("stamps", 1),
        ("points", 10),
    ]
    assert outcome.points == 20


def test_only_what_counts_by_amount_shrinks_with_points_paid():
    sold = receipt(line("100.00", quantity="2"), paid_without_earning="60")

    outcome = earn(sold, rule(PER_50), rule(PER_UNIT, key="unit"), rule(STAMP, key="purchase"))

    assert stamps(outcome) == [(2, 2), (1, 1)]
    assert why(outcome.not_applied[0]) == ["stamps", "part_paid", "whole_down"]


def test_a_stamp_lies_on_the_lines_it_was_given_for():
    sold = receipt(coffee("4.00", number=1), line("9.00", number=2), coffee("4.00", number=3))

    [award] = earn(sold, rule({**PER_UNIT, "stamps": 2}, COFFEE_ONLY)).awards

    assert [tuple(part) for part in award.lines] == [(1, 2), (3, 2)]


def test_a_card_takes_no_more_than_its_own_limit_over_all_rules():
    sold = receipt(line("10.00"))
    rules = [rule({**STAMP, "stamps": 3}, key=str(number)) for number in range(3)]

    outcome = with_standing(sold, *rules, goals={CARD: Room(4, LimitKind.CARD)})

    assert stamps(outcome) == [(3, 3), (3, 1), (3, 0)]
    assert said(outcome.awards[1])[1] == (
        "1 stamp left of what the card takes in a day (desired 3)"
    )


def test_a_card_that_rests_takes_nothing_and_says_so():
    outcome = with_standing(receipt(line("10.00")), rule(STAMP), goals={})

    assert outcome.awards == ()
    assert said(outcome.not_applied[0]) == ["card coffee takes no stamps now"]


def test_where_things_cannot_be_compared_the_priority_decides():
    group = {"exclusive_group": "drinks", "stage": "bonus"}
    points = rule(
        {"type": "fixed_points", "points": 500}, key="points", stacking={**group, "priority": 1}
    )
    stamp = rule(STAMP, key="stamp", stacking={**group, "priority": 2})

    outcome = earn(receipt(line("10.00")), points, stamp)

    assert stamps(outcome) == [(1, 1)]
    assert said(outcome.not_applied[0]) == ["stamp counts instead"]


def test_limits_are_said_in_what_the_rule_gives():
    spec = parse_rule(
        {
            "trigger": {"type": "purchase"},
            "effect": PER_50,
            "conditions": [COFFEE_ONLY],
            "limits": {"per_member": {"day": 3}},
            "carry": True,
        }
    )

    assert describe(spec, "EUR") == (
        "1 stamp on card coffee per €50 on Coffee, what is left over counts next time, "
        "at most 3 stamps per member a day"
    )


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        ({"effect": {**STAMP, "per": "amount"}}, "per_and_amount"),
        ({"effect": {**STAMP, "amount": "50"}}, "per_and_amount"),
        ({"effect": {**STAMP, "card": "Coffee card"}}, "not_a_code"),
        ({"effect": {**STAMP, "stamps": 10**6}}, "less_than_equal"),
        ({"effect": STAMP, "stacking": {"stage": "base"}}, "stage_does_not_fit"),
        ({"effect": PER_UNIT, "carry": True}, "carry_does_not_fit"),
        ({"effect": PER_50, "carry": True, "rounding": "up"}, "carry_does_not_fit"),
        ({"trigger": {"type": "activity", "kind": "custom"}}, "activity_name"),
        ({"trigger": {"type": "activity", "kind": "review", "name": "x"}}, "activity_name"),
        (
            {"trigger": {"type": "activity", "kind": "review"}, "effect": PER_50},
            "activity_has_no_amount",
        ),
        (
            {"trigger": {"type": "activity", "kind": "review"}, "effect": DOUBLE},
            "activity_has_no_amount",
        ),
        (
            {
                "trigger": {"type": "activity", "kind": "review"},
                "effect": STAMP,
                "conditions": [COFFEE_ONLY],
            },
            "condition_needs_a_purchase",
        ),
    ],
)
@pytest.mark.proves("input 114")
def test_what_makes_no_sense_is_refused_by_name(spec, code):
    data = {"trigger": {"type": "purchase"}, "effect": STAMP, **spec}

    with pytest.raises(RuleInvalid) as refused:
        parse_rule(data)

    assert code in [fault["code"] for fault in refused.value.data["errors"]]


@pytest.mark.parametrize(
    ("trigger", "words"),
    [
        ({"kind": "joined"}, "50 points for joining"),
        ({"kind": "birthday"}, "50 points for the birthday"),
        ({"kind": "custom", "name": "recycling"}, "50 points for recycling"),
    ],
)
def test_a_rule_says_for_what_it_gives_points(trigger, words):
    effect = {"type": "fixed_points", "points": 50}
    spec = parse_rule({"trigger": {"type": "activity", **trigger}, "effect": effect})

    assert describe(spec, "EUR") == words


@given(st.lists(st.integers(1, 20_000), min_size=1, max_size=12), st.integers(1, 9))
@pytest.mark.proves("case 6", "case 7")
def test_what_is_carried_over_makes_the_sum_divided_and_rounded_once(pence, points):
    keeps = rule({"type": "points_per_amount", "points": points, "per": "13"}, carry=True)
    total, left = 0, (Decimal(0), Decimal(1))

    for one in pence:
        sold = receipt(line(str(Decimal(one) / 100)))
        outcome = with_standing(sold, keeps, carried={"rule": left})
        [part] = outcome.carried
        above = left[0] * part.per + part.counted * left[1] - part.given * part.per * left[1]
        left = (above, left[1] * part.per)
        total += outcome.points

    assert total == sum(pence) * points // 1300
    assert 0 <= left[0] < left[1]
