from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from loyalty.earning.describe import describe, vocabulary_table
from loyalty.earning.explain import CODES, as_json, sentence
from loyalty.earning.reasons import Reason
from loyalty.earning.vocabulary.rule import CONDITIONS, EFFECTS
from loyalty.earning.wording import Wording
from tests.loyalty.earning.making import DOUBLE, ONE_PER_POUND, earn, line, receipt, rule
from tests.loyalty.earning.said_of_things import SAID as SAID_OF_THINGS
from tests.loyalty.earning.test_condition_words import CONDITIONS_SAID

TWO_PER_POUND = {"type": "points_per_amount", "points": 2, "per": "1"}
COFFEE = {"type": "category", "categories": ["coffee"]}
EARLY = {
    "type": "weekdays_and_hours",
    "weekdays": ["monday", "tuesday"],
    "from": "07:00",
    "to": "10:00",
}


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("effect", "conditions", "rest", "expected"),
    [
        (
            TWO_PER_POUND,
            [COFFEE, EARLY],
            {"limits": {"per_purchase": 200}},
            "2 points per £1 on coffee, Mondays and Tuesdays 7:00–10:00, at most 200 per purchase",
        ),
        (ONE_PER_POUND, [], {}, "1 point per £1"),
        (
            {"type": "points_per_amount", "points": 1, "per": "2.5"},
            [],
            {"pending_days": 14, "expires": {"type": "after", "months": 12}},
            "1 point per £2.50, usable after 14 days, usable for 12 months",
        ),
        (
            ONE_PER_POUND,
            [],
            {"pending_days": 3, "waits_for": {"type": "event", "deadline_days": 1}},
            "1 point per £1, usable once the purchase is settled, within 1 day",
        ),
        (
            ONE_PER_POUND,
            [],
            {"waits_for": {"type": "date", "date": "2027-01-31"}},
            "1 point per £1, usable from Jan 31, 2027 on",
        ),
        (
            {"type": "points_per_unit", "points": 5},
            [{"type": "sku", "match": "all", "skus": ["A", "B"]}],
            {"expires": {"type": "on", "date": "2027-01-31"}},
            "5 points per unit on A and B bought together, usable until Jan 31, 2027",
        ),
        (
            {"type": "fixed_points", "points": 1500},
            [
                {"type": "minimum_amount", "amount": "20"},
                {"type": "store", "stores": ["main", "harbor"]},
                {"type": "channel", "channels": ["till"]},
                {"type": "dates", "from": "2026-07-01", "until": "2026-07-31"},
            ],
            {"expires": {"type": "never"}},
            "1,500 points, on purchases of £20 or more, in store main or harbor, through till, "
            "from Jul 1, 2026 until Jul 31, 2026, usable without end",
        ),
        (
            {"type": "multiplier", "times": "2.5"},
            [
                {"type": "category", "match": "none", "categories": [["Drinks", "Wine"], "Beer"]},
                {"type": "minimum_amount", "amount": "9.90", "over": "matching_lines"},
                {"type": "dates", "from": "2026-07-01"},
                {"type": "weekdays_and_hours", "weekdays": ["friday", "saturday", "sunday"]},
            ],
            {"expires": {"type": "after", "days": 1, "round_up": "year"}},
            "2.5 times the points on everything but Drinks › Wine and Beer, when these come to "
            "£9.90 or more, from Jul 1, 2026, Fridays to Sundays, usable for 1 day, to the end of "
            "that year",
        ),
        (
            DOUBLE,
            [
                {"type": "dates", "until": "2026-07-01"},
                {"type": "weekdays_and_hours", "from": "22:00", "to": "02:00"},
            ],
            {"limits": {"per_member": {"day": 1, "week": 2, "month": 3, "year": 4, "ever": 5}}},
            "2 times the points, until Jul 1, 2026, 22:00–2:00, at most 1 per member a day, at "
            "most 2 per member a week, at most 3 per member a month, at most 4 per member a year, "
            "at most 5 per member ever",
        ),
        (
            DOUBLE,
            [],
            {"limits": {"budget": 100000}, "pending_days": 1},
            "2 times the points, at most 100,000 for all members together, usable after 1 day",
        ),
    ],
)
def test_a_rule_is_one_sentence(effect, conditions, rest, expected):
    assert describe(rule(effect, *conditions, **rest).spec, "GBP") == expected


SAID = [
    (
        "points_per_amount",
        {"points": 2, "per": Decimal(1), "amount": Decimal("12.4")},
        "2 points per £1 on £12.40",
    ),
    ("points_per_unit", {"points": 5, "units": Decimal("1.250")}, "5 points per unit, for 1.25"),
    ("fixed_points", {"points": 50, "amount": Decimal(9)}, "50 points for this purchase"),
    ("multiplier", {"times": Decimal(2), "base": Decimal(24)}, "2 times the base of 24"),
    (
        "part_paid",
        {"paid": Decimal(20), "of": Decimal(100)},
        "£20.00 of £100.00 was paid with points or a gift card and earns nothing",
    ),
    (
        "all_part_paid",
        {"paid": Decimal(20)},
        "all of it was paid with points or a gift card (£20.00)",
    ),
    ("rounded_down", {}, "rounded down to a whole point"),
    ("rounded_up", {}, "rounded up to a whole point"),
    ("rounded_half_up", {}, "rounded to the nearest whole point"),
    ("rounded_half_even", {}, "rounded to the nearest whole point, halves to even"),
    (
        "capped",
        {"limit": "purchase", "points": 200, "desired": 250},
        "capped at 200 per purchase (desired 250)",
    ),
    (
        "capped",
        {"limit": "day", "points": 30, "desired": 50},
        "30 left of the limit per member a day (desired 50)",
    ),
    ("nothing_earns", {}, "nothing on this purchase earns points"),
    ("no_line_meets_all", {}, "no line meets all conditions at once"),
    ("no_base_points", {}, "there are no base points to multiply"),
    (
        "better_rule",
        {"rule": "Double", "given": 50, "instead_of": 30},
        "Double counts instead: 50 points rather than 30",
    ),
    (
        "tier",
        {"tier": "Gold", "times": "2", "base": 30, "is_new": False},
        "Gold, held before this purchase: 2 times the base of 30",
    ),
    (
        "other_store",
        {"stores": ["main"], "store": "harbor"},
        "only in store main; this was in harbor",
    ),
    (
        "other_channel",
        {"channels": ["app", "online"], "channel": "till"},
        "only through app or online; this came through till",
    ),
    (
        "outside_dates",
        {"from": None, "until": date(2026, 7, 31), "date": date(2026, 8, 2)},
        "only until Jul 31, 2026; this was on Aug 2, 2026",
    ),
    (
        "outside_hours",
        {"weekdays": ["monday"], "from": None, "to": None, "weekday": "tuesday", "time": "09:15"},
        "only Mondays; this was Tuesday at 9:15",
    ),
    (
        "outside_hours",
        {"weekdays": [], "from": "07:00", "to": "10:00", "weekday": "tuesday", "time": "10:15"},
        "only 7:00–10:00; this was Tuesday at 10:15",
    ),
    (
        "below_minimum",
        {"minimum": Decimal(20), "amount": Decimal("12.4"), "over": "receipt"},
        "only from £20; this came to £12.40",
    ),
    (
        "no_line_in_category",
        {"match": "any", "names": ["Tea", ["Drinks", "Coffee"]]},
        "only on Tea or Drinks › Coffee, and none was bought",
    ),
    (
        "no_line_of_brand",
        {"match": "none", "names": ["Acme", "Bolt"]},
        "nothing but Acme and Bolt was bought",
    ),
    (
        "no_line_with_sku",
        {"match": "all", "names": ["A", "B"]},
        "only when all of A and B are bought",
    ),
]


@pytest.mark.parametrize(("code", "params", "expected"), [*SAID, *SAID_OF_THINGS])
def test_a_reason_is_said_in_plain_words(code, params, expected):
    assert sentence(Reason(code, params), "GBP") == expected


def test_every_reason_has_words():
    every = [*SAID, *CONDITIONS_SAID, *SAID_OF_THINGS]

    assert {code for code, _params, _expected in every} == CODES


def test_a_reason_from_the_engine_is_said_at_once():
    outcome = earn(receipt(line("10.00")), rule(ONE_PER_POUND, EARLY))

    assert sentence(outcome.not_applied[0].why[0], "GBP") == (
        "only Mondays and Tuesdays 7:00–10:00; this was Monday at 12:00"
    )


@pytest.mark.parametrize("limit", ["week", "month", "year", "ever", "budget"])
def test_every_limit_has_words(limit):
    capped = Reason("capped", {"limit": limit, "points": 1200, "desired": 5000})

    assert sentence(capped, "GBP").startswith("1,200 left of")


def test_a_reason_travels_as_code_words_and_plain_values():
    reason = Reason("below_minimum", {"minimum": Decimal("2E+1"), "amount": Decimal("12.40")})

    assert as_json(reason, "GBP") == {
        "code": "below_minimum",
        "text": "only from £20; this came to £12.40",
        "params": {"minimum": "20", "amount": "12.4"},
    }


@pytest.mark.parametrize("language", ["fi", "fa", "hy", "am", "vi", "xx"])
def test_every_language_of_the_product_has_numbers_and_lists(language):
    with translation.override(language):
        say = Wording.for_reader("EUR")

    assert say.money("12.40") != say.price("12") != ""
    assert say.either(["a", "b"]) != say.every(["a", "b"])
    assert say.weekday("monday") != say.weekday("sunday")


def test_no_pennies_where_a_currency_has_none():
    assert Wording.for_reader("JPY").price("1000") == Wording.for_reader("JPY").money("1000")


def test_the_table_of_the_vocabulary_names_everything_a_rule_can_say():
    table = vocabulary_table()

    assert [row.type for row in table] == [*CONDITIONS, *EFFECTS]
    assert all(row.meaning.endswith(".") for row in table)
    assert {row.type: row.fields for row in table}["dates"] == ("from", "until")


def test_a_reason_is_written_in_the_readers_own_digits():
    with translation.override("fa"):
        say = Wording.for_reader("GBP")
        told = [say.number(1250), say.money("12.50"), say.points(3)]

    assert not set("".join(told)) & set("0123456789")
    assert "۳" in told[2]
