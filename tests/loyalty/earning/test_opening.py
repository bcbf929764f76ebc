"""When something that was given can be used."""

from datetime import date

import pytest

from loyalty.earning.describe import describe
from loyalty.earning.opening import AT_ONCE, Opens, is_settable, last_settable
from loyalty.earning.vocabulary.parse import dump_rule, parse_rule
from loyalty.errors import RuleInvalid


def voucher(**effect):
    return {
        "trigger": {"type": "purchase"},
        "effect": {"type": "voucher", "reward": "tea", **effect},
    }


@pytest.mark.parametrize(
    ("why", "opens", "day"),
    [
        ("at once", AT_ONCE, date(2028, 2, 28)),
        ("across a leap day", Opens(after_days=2), date(2028, 3, 1)),
        ("on a date to come", Opens(on=date(2028, 5, 3)), date(2028, 5, 3)),
        ("a date that is over opens at once", Opens(on=date(2028, 1, 1)), date(2028, 2, 28)),
    ],
)
def test_days_count_from_the_day_it_was_earned(why, opens, day):
    assert opens.day(date(2028, 2, 28)) == day, why


@pytest.mark.parametrize(
    ("on", "is_right"),
    [
        (date(2028, 2, 29), False),
        (date(2028, 3, 1), True),
        (date(2033, 2, 28), True),
        (date(2033, 3, 1), False),
    ],
)
def test_a_date_is_to_come_and_not_too_far_away(on, is_right):
    assert is_settable(on, date(2028, 2, 29)) is is_right


def test_five_years_from_another_day_end_on_the_same_day():
    assert last_settable(date(2026, 7, 6)) == date(2031, 7, 6)


@pytest.mark.parametrize(
    ("effect", "field", "code"),
    [
        ({"after_days": 0}, "effect.after_days", "greater_than_equal"),
        ({"after_days": 366}, "effect.after_days", "less_than_equal"),
        ({"after_days": "3"}, "effect.after_days", "int_type"),
        ({"on": "soon"}, "effect.on", "not_a_date"),
        ({"after_days": 3, "on": "2026-12-24"}, "effect.on", "opens_twice"),
    ],
)
def test_what_cannot_be_meant_names_its_field(effect, field, code):
    with pytest.raises(RuleInvalid) as refusal:
        parse_rule(voucher(**effect))

    assert [(one["field"], one["code"]) for one in refusal.value.data["errors"]] == [(field, code)]


@pytest.mark.parametrize(
    ("effect", "sentence"),
    [
        ({}, "1 voucher for tea"),
        ({"after_days": 1}, "1 voucher for tea, to be used 1 day later"),
        ({"after_days": 30}, "1 voucher for tea, to be used 30 days later"),
        ({"on": "2026-12-24"}, "1 voucher for tea, to be used from Dec 24, 2026 on"),
    ],
)
def test_a_rule_says_when(effect, sentence):
    spec = parse_rule(voucher(**effect))

    assert describe(spec, "GBP") == sentence
    assert dump_rule(spec)["effect"] == {"type": "voucher", "reward": "tea", "count": 1, **effect}


def test_what_was_written_down_is_read_as_it_was_meant():
    assert [
        Opens.told_by(dump_rule(parse_rule(voucher(**effect)))["effect"])
        for effect in ({}, {"after_days": 7}, {"on": "2026-12-24"})
    ] == [AT_ONCE, Opens(after_days=7), Opens(on=date(2026, 12, 24))]
