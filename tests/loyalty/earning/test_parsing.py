from datetime import date, time
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.earning.vocabulary.effects import Stage
from loyalty.earning.vocabulary.parse import dump_rule, parse_rule
from loyalty.errors import RuleInvalid
from tests.loyalty.earning.making import DOUBLE, ONE_PER_POUND
from tests.loyalty.earning.strategies import rules

PURCHASE = {"trigger": {"type": "purchase"}}
FULL = {
    **PURCHASE,
    "effect": {"type": "points_per_amount", "points": 2, "per": "1.5"},
    "conditions": [
        {"type": "store", "stores": ["main", "harbor"]},
        {"type": "channel", "channels": ["till"]},
        {"type": "category", "match": "any", "categories": ["Coffee", ["Drinks", "Tea"]]},
        {"type": "brand", "match": "none", "brands": ["Acme"]},
        {"type": "sku", "match": "all", "skus": ["85123A"]},
        {"type": "minimum_amount", "amount": "20", "over": "matching_lines"},
        {"type": "dates", "from": "2026-07-01", "until": "2026-07-31"},
        {
            "type": "weekdays_and_hours",
            "weekdays": ["monday", "tuesday"],
            "from": "07:00",
            "to": "10:00",
        },
    ],
    "rounding": "half_even",
    "carry": False,
    "limits": {"per_purchase": 200, "per_member": {"day": 300, "ever": 5000}, "budget": 10**6},
    "stacking": {"stage": "bonus", "exclusive_group": "summer", "priority": 3},
    "pending_days": 14,
    "waits_for": {"type": "event", "deadline_days": 30},
    "expires": {"type": "after", "months": 12},
    "label": "Summer coffee",
}


def rule_with(**parts):
    return {**PURCHASE, "effect": ONE_PER_POUND, **parts}


def conditioned(**condition):
    return rule_with(conditions=[condition])


def faults_of(data):
    with pytest.raises(RuleInvalid) as refused:
        parse_rule(data)
    return {fault["field"]: fault["code"] for fault in refused.value.data["errors"]}


def test_a_rule_that_says_everything_is_written_as_it_was_read():
    assert dump_rule(parse_rule(FULL)) == FULL


def test_a_rule_that_says_little_gets_the_usual_rest():
    spec = parse_rule(rule_with())

    assert (spec.rounding, spec.stage, spec.conditions) == ("down", Stage.BASE, ())
    assert (spec.pending_days, spec.expires, spec.label) == (None, None, None)
    assert spec.limits.by_kind == {}


@settings(max_examples=50, deadline=None)
@given(rules())
def test_what_was_written_is_read_as_the_same_rule(made):
    for rule in made:
        assert parse_rule(dump_rule(rule.spec)) == rule.spec


@pytest.mark.parametrize(
    ("reason", "one", "other"),
    [
        ("zeros behind the point", {"per": "1.500"}, {"per": "1.5"}),
        ("whole numbers", {"per": 100}, {"per": "100.0"}),
    ],
)
def test_two_spellings_of_one_rule_are_written_alike(reason, one, other):
    effect = {"type": "points_per_amount", "points": 1}

    written = [dump_rule(parse_rule(rule_with(effect=effect | rate))) for rate in (one, other)]

    assert written[0] == written[1]


def test_names_are_cleaned_and_said_once():
    spec = parse_rule(conditioned(type="brand", brands=[" Acme ", "Acme", "B\u200bolt"]))

    assert spec.conditions[0].brands == ("Acme", "Bolt")


def test_weekdays_come_in_the_order_of_the_week():
    days = ["sunday", "monday", "sunday"]

    spec = parse_rule(conditioned(type="weekdays_and_hours", weekdays=days))

    assert spec.conditions[0].weekdays == ("monday", "sunday")


def test_forms_may_hand_over_dates_times_and_decimals():
    conditions = [
        {"type": "dates", "from": date(2026, 7, 1)},
        {"type": "weekdays_and_hours", "from": time(7), "to": time(10)},
        {"type": "minimum_amount", "amount": Decimal("2E+1")},
    ]

    written = dump_rule(parse_rule(rule_with(conditions=conditions)))["conditions"]

    assert written[0]["from"] == "2026-07-01"
    assert (written[1]["from"], written[1]["to"]) == ("07:00", "10:00")
    assert written[2]["amount"] == "20"


@pytest.mark.proves("input 114")
@pytest.mark.parametrize(
    ("reason", "data", "faults"),
    [
        (
            "a multiplier of a million",
            rule_with(effect={"type": "multiplier", "times": "1000000"}),
            {"effect.times": "less_than_equal"},
        ),
        (
            "a multiplier that takes away",
            rule_with(effect={"type": "multiplier", "times": "0.5"}),
            {"effect.times": "greater_than"},
        ),
        (
            "too many points",
            rule_with(effect={"type": "fixed_points", "points": 1_000_001}),
            {"effect.points": "less_than_equal"},
        ),
        (
            "no points",
            rule_with(effect={"type": "points_per_unit", "points": 0}),
            {"effect.points": "greater_than_equal"},
        ),
        (
            "points per nothing",
            rule_with(effect={"type": "points_per_amount", "points": 1, "per": "0"}),
            {"effect.per": "greater_than"},
        ),
        (
            "a rate beyond all measure",
            rule_with(effect={"type": "points_per_amount", "points": 10**6, "per": "0.001"}),
            {"effect": "rate_too_high"},
        ),
        (
            "a negative cap",
            rule_with(limits={"per_purchase": -1}),
            {"limits.per_purchase": "greater_than_equal"},
        ),
        (
            "an endless budget",
            rule_with(limits={"budget": 10**30}),
            {"limits.budget": "less_than_equal"},
        ),
        (
            "an expression of 10 kB",
            conditioned(type="store", stores=["x" * 10_240]),
            {"conditions.0.stores.0": "text_too_long"},
        ),
        (
            "a list without end",
            conditioned(type="sku", skus=[str(number) for number in range(201)]),
            {"conditions.0.skus": "too_long"},
        ),
        (
            "conditions without end",
            rule_with(conditions=[{"type": "store", "stores": ["main"]}] * 21),
            {"conditions": "too_long"},
        ),
        ("waiting for ever", rule_with(pending_days=367), {"pending_days": "less_than_equal"}),
        (
            "waiting a year and a day for an event",
            rule_with(waits_for={"type": "event", "deadline_days": 366}),
            {"waits_for.deadline_days": "less_than_equal"},
        ),
        (
            "an event with no time for it",
            rule_with(waits_for={"type": "event", "deadline_days": 0}),
            {"waits_for.deadline_days": "greater_than_equal"},
        ),
        (
            "a day after which no year is left",
            rule_with(waits_for={"type": "date", "date": "9999-12-31"}),
            {"waits_for.date": "not_a_date"},
        ),
    ],
)
def test_what_is_out_of_bounds_is_refused_by_name(reason, data, faults):
    assert faults_of(data) == faults


@pytest.mark.parametrize(
    ("reason", "data", "faults"),
    [
        ("nothing", {}, {"trigger": "missing", "effect": "missing"}),
        ("no object", "points", {"": "model_type"}),
        ("no rule either", None, {"": "model_type"}),
        ("a field nobody knows", rule_with(colour="red"), {"colour": "extra_forbidden"}),
        (
            "an effect nobody knows",
            rule_with(effect={"type": "shower"}),
            {"effect": "union_tag_invalid"},
        ),
        ("an effect without a type", rule_with(effect={}), {"effect": "union_tag_not_found"}),
        (
            "a condition nobody knows",
            conditioned(type="weather"),
            {"conditions.0": "union_tag_invalid"},
        ),
        (
            "a condition that is none",
            rule_with(conditions=["x"]),
            {"conditions.0": "model_attributes_type"},
        ),
        (
            "an empty list",
            conditioned(type="store", stores=[]),
            {"conditions.0.stores": "too_short"},
        ),
        (
            "a list that is none",
            conditioned(type="store", stores="main"),
            {"conditions.0.stores": "tuple_type"},
        ),
        (
            "a number for a name",
            conditioned(type="category", categories=[5]),
            {"conditions.0.categories.0": "string_type"},
        ),
        (
            "a control character",
            conditioned(type="category", categories=[["Drinks", "a\x00b"]]),
            {"conditions.0.categories.0.1": "text_not_allowed"},
        ),
        (
            "half a character",
            conditioned(type="sku", skus=["\ud800"]),
            {"conditions.0.skus.0": "text_not_allowed"},
        ),
        (
            "a blank name",
            conditioned(type="brand", brands=[" "]),
            {"conditions.0.brands.0": "blank"},
        ),
        (
            "points as text",
            rule_with(effect={"type": "fixed_points", "points": "5"}),
            {"effect.points": "int_type"},
        ),
        (
            "points as truth",
            rule_with(effect={"type": "fixed_points", "points": True}),
            {"effect.points": "int_type"},
        ),
        ("no day at all", conditioned(type="dates"), {"conditions.0": "empty"}),
        (
            "days backwards",
            conditioned(type="dates", **{"from": "2026-07-02", "until": "2026-07-01"}),
            {"conditions.0": "ends_before_start"},
        ),
        (
            "a day that never comes",
            conditioned(type="dates", **{"from": "2026-02-30"}),
            {"conditions.0.from": "not_a_date"},
        ),
        (
            "a week",
            conditioned(type="dates", **{"from": "2026-W13"}),
            {"conditions.0.from": "not_a_date"},
        ),
        ("no hours at all", conditioned(type="weekdays_and_hours"), {"conditions.0": "empty"}),
        (
            "half the hours",
            conditioned(type="weekdays_and_hours", to="10:00"),
            {"conditions.0": "half_hours"},
        ),
        (
            "hours that end when they start",
            conditioned(type="weekdays_and_hours", **{"from": "10:00", "to": "10:00"}),
            {"conditions.0": "no_hours"},
        ),
        (
            "an hour that never strikes",
            conditioned(type="weekdays_and_hours", **{"from": "24:00", "to": "25:00"}),
            {"conditions.0.from": "not_a_time", "conditions.0.to": "not_a_time"},
        ),
        (
            "a day nobody knows",
            conditioned(type="weekdays_and_hours", weekdays=["funday"]),
            {"conditions.0.weekdays.0": "enum"},
        ),
        (
            "a multiplier as base",
            rule_with(effect=DOUBLE, stacking={"stage": "base"}),
            {"": "stage_does_not_fit"},
        ),
        (
            "an amount as multiplier",
            rule_with(stacking={"stage": "multiplier"}),
            {"": "stage_does_not_fit"},
        ),
        ("no length of life", rule_with(expires={"type": "after"}), {"expires": "one_length"}),
        (
            "two lengths of life",
            rule_with(expires={"type": "after", "months": 1, "days": 1}),
            {"expires": "one_length"},
        ),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(reason, data, faults):
    assert faults_of(data) == faults


@pytest.mark.parametrize(
    "amount",
    [
        "1e2",
        "1_000",
        " 12 ",
        "+5",
        "-1",
        "NaN",
        "Infinity",
        "1.2345",
        "۱۲",
        "",
        1.5,
        True,
        None,
        [],
    ],
)
def test_only_plain_numbers_are_amounts(amount):
    faults = faults_of(conditioned(type="minimum_amount", amount=amount))

    assert faults == {"conditions.0.amount": "not_a_decimal"}


def test_every_fault_is_told_at_once_and_in_the_language_of_the_reader():
    with translation.override("en"), pytest.raises(RuleInvalid) as refused:
        parse_rule(conditioned(type="store", stores=[]) | {"limits": {"budget": 0}})

    assert refused.value.data["errors"] == [
        {"field": "conditions.0.stores", "code": "too_short", "message": "Give at least 1."},
        {
            "field": "limits.budget",
            "code": "greater_than_equal",
            "message": "This must be at least 1.",
        },
    ]


def read_or_refused(data):
    """Return the faults found, none when it is a rule after all."""
    try:
        parse_rule(data)
    except RuleInvalid as refused:
        return refused.data["errors"]
    return []


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)
@given(st.sampled_from([*FULL]), junk)
def test_whatever_is_sent_is_read_or_refused(field, value):
    faults = read_or_refused(FULL | {field: value})

    assert all(fault["message"] and fault["code"] for fault in faults)
