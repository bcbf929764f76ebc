"""Conditions as data, in the sentence of a rule, and in the reason when they do not hold."""

from decimal import Decimal

import pytest
from django.utils import translation

from loyalty.earning.describe import describe_conditions
from loyalty.earning.explain import sentence
from loyalty.earning.reasons import Reason
from loyalty.earning.vocabulary.parse import dump_rule, parse_rule
from loyalty.errors import RuleInvalid
from tests.loyalty.earning.making import ONE_PER_POUND

# Each in its one spelling, and what a rule's sentence says of it.
IN_WORDS = [
    ({"type": "region", "regions": ["north", "coast"]}, "in region north or coast"),
    (
        {"type": "minimum_quantity", "quantity": "3", "over": "matching_lines"},
        "when 3 or more of these are bought",
    ),
    (
        {"type": "minimum_quantity", "quantity": "1.5", "over": "receipt"},
        "on purchases of 1.5 units or more",
    ),
    (
        {"type": "payment_method", "methods": ["cash", "gift_card"]},
        "when paid with cash or a gift card",
    ),
    (
        {"type": "tier", "tiers": ["silver", "gold"], "or_higher": False},
        "for tier silver or gold",
    ),
    ({"type": "tier", "tiers": ["silver"], "or_higher": True}, "for tier silver and above"),
    ({"type": "group", "groups": ["staff", "friends"]}, "for group staff or friends"),
    ({"type": "birthday", "within": "month"}, "in the month of the birthday"),
    ({"type": "birthday", "within": "week"}, "in the week of the birthday, from Monday"),
    ({"type": "birthday", "within": "day"}, "on the birthday"),
    (
        {"type": "attribute", "name": "size", "values": ["M", "L"]},
        "for members whose size is M or L",
    ),
    ({"type": "nth_purchase", "number": 1, "every": False}, "on the first purchase"),
    ({"type": "nth_purchase", "number": 5, "every": False}, "on purchase number 5"),
    ({"type": "nth_purchase", "number": 10, "every": True}, "on one of every 10 purchases"),
    ({"type": "visits", "at_least": 3, "days": 30}, "with 3 visits within 30 days"),
]
CONDITIONS_SAID = [
    (
        "other_region",
        {"regions": ["north"], "store": "harbor"},
        "only in region north, where store harbor is not",
    ),
    (
        "too_few_units",
        {"minimum": Decimal(3), "units": Decimal(2), "over": "matching_lines"},
        "only from 3 units; these were 2",
    ),
    (
        "other_payment",
        {"methods": ["cash"], "paid": ["card", "points"]},
        "only when paid with cash; this was paid with a card and points",
    ),
    ("other_payment", {"methods": ["cash"], "paid": []}, "only when paid with cash"),
    (
        "other_tier",
        {"tiers": ["gold"], "or_higher": True, "tier": "silver"},
        "only for tier gold and above; this member is in silver",
    ),
    (
        "other_tier",
        {"tiers": ["gold"], "or_higher": False, "tier": ""},
        "only for tier gold; this member is in no tier",
    ),
    (
        "other_group",
        {"groups": ["staff"]},
        "only for group staff, in which the member was not",
    ),
    ("not_the_birthday", {"within": "month"}, "only in the month of the birthday"),
    (
        "attribute_differs",
        {"name": "size", "values": ["M", "L"]},
        "only for members whose size is M or L",
    ),
    (
        "other_purchase",
        {"number": 1, "every": False, "this": 7},
        "only on the first purchase; this is purchase 7",
    ),
    (
        "other_purchase",
        {"number": 10, "every": True, "this": None},
        "only on one of every 10 purchases of a member",
    ),
    (
        "too_few_visits",
        {"at_least": 3, "days": 30, "visits": 1},
        "only with 3 visits within 30 days; this is 1",
    ),
    (
        "too_few_visits",
        {"at_least": 3, "days": 30, "visits": 2},
        "only with 3 visits within 30 days; these are 2",
    ),
]


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def with_condition(condition):
    return {
        "trigger": {"type": "purchase"},
        "effect": ONE_PER_POUND,
        "conditions": [condition],
    }


@pytest.mark.parametrize(("condition", "expected"), IN_WORDS)
def test_a_condition_is_read_written_and_said(condition, expected):
    spec = parse_rule(with_condition(condition))

    assert describe_conditions(spec, "GBP") == expected
    assert dump_rule(spec)["conditions"] == [condition]


@pytest.mark.parametrize(("code", "params", "expected"), CONDITIONS_SAID)
def test_why_a_condition_does_not_hold_is_said_in_plain_words(code, params, expected):
    assert sentence(Reason(code, params), "GBP") == expected


@pytest.mark.proves("input 114")
@pytest.mark.parametrize(
    ("reason", "condition", "faults"),
    [
        ("no region", {"type": "region", "regions": []}, {"regions": "too_short"}),
        (
            "no quantity",
            {"type": "minimum_quantity", "quantity": "0"},
            {"quantity": "greater_than"},
        ),
        (
            "a negative quantity",
            {"type": "minimum_quantity", "quantity": "-1"},
            {"quantity": "not_a_decimal"},
        ),
        ("no such means", {"type": "payment_method", "methods": ["shells"]}, {"methods.0": "enum"}),
        ("no means at all", {"type": "payment_method", "methods": []}, {"methods": "too_short"}),
        (
            "too many tiers",
            {"type": "tier", "tiers": [str(n) for n in range(201)]},
            {"tiers": "too_long"},
        ),
        (
            "an expression",
            {"type": "group", "groups": ["x" * 10_000]},
            {"groups.0": "text_too_long"},
        ),
        ("no such span", {"type": "birthday", "within": "year"}, {"within": "enum"}),
        (
            "no value",
            {"type": "attribute", "name": "size", "values": []},
            {"values": "too_short"},
        ),
        (
            "a value in parts",
            {"type": "attribute", "name": "size", "values": [{"a": 1}]},
            {"values.0": "string_type"},
        ),
        ("no purchase", {"type": "nth_purchase", "number": 0}, {"number": "greater_than_equal"}),
        (
            "the millionth purchase",
            {"type": "nth_purchase", "number": 10**6},
            {"number": "less_than_equal"},
        ),
        ("half a purchase", {"type": "nth_purchase", "number": 1.5}, {"number": "int_type"}),
        (
            "every purchase",
            {"type": "nth_purchase", "number": 1, "every": True},
            {"": "every_purchase"},
        ),
        (
            "one visit",
            {"type": "visits", "at_least": 1, "days": 7},
            {"at_least": "greater_than_equal"},
        ),
        (
            "more visits than days",
            {"type": "visits", "at_least": 8, "days": 7},
            {"": "too_many_visits"},
        ),
        (
            "a window of years",
            {"type": "visits", "at_least": 8, "days": 3660},
            {"days": "less_than_equal"},
        ),
    ],
)
def test_conditions_beyond_reason_are_refused_by_name(reason, condition, faults):
    with pytest.raises(RuleInvalid) as refused:
        parse_rule(with_condition(condition))

    assert {fault["field"]: fault["code"] for fault in refused.value.data["errors"]} == {
        f"conditions.0.{field}".removesuffix("."): code for field, code in faults.items()
    }
