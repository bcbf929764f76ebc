from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from loyalty.earning.receipt import LineKind
from tests.loyalty.earning.making import (
    ONE_PER_POUND,
    cake,
    coffee,
    earn,
    line,
    receipt,
    rule,
    why,
)

LONDON = ZoneInfo("Europe/London")
COFFEE_AND_CAKE = (coffee("4.00", number=1), cake("10.00", number=2))


def points(sold, *conditions):
    return earn(sold, rule(ONE_PER_POUND, *conditions)).points


@pytest.mark.parametrize(
    ("reason", "condition", "expected"),
    [
        ("a name anywhere in the path", {"categories": ["Coffee"]}, 4),
        ("the top of the path", {"categories": ["Drinks"]}, 4),
        ("upper and lower case are the same", {"categories": ["cOFFEE"]}, 4),
        ("a path from the top", {"categories": [["Drinks", "Coffee"]]}, 4),
        ("the start of a path", {"categories": [["Drinks"]]}, 4),
        ("a path must start at the top", {"categories": [["Coffee"]]}, 0),
        ("one of several", {"categories": ["Coffee", "Cake"]}, 14),
        ("no part of a name", {"categories": ["Coff"]}, 0),
        ("none of the list", {"match": "none", "categories": ["Coffee"]}, 10),
        (
            "all of the list, bought together",
            {"match": "all", "categories": ["Coffee", "Cake"]},
            14,
        ),
        ("all of the list, not all bought", {"match": "all", "categories": ["Coffee", "Tea"]}, 0),
    ],
)
def test_category_picks_lines(reason, condition, expected):
    sold = receipt(*COFFEE_AND_CAKE)

    assert points(sold, {"type": "category", **condition}) == expected


@pytest.mark.parametrize(
    ("reason", "condition", "expected"),
    [
        ("any brand of the list", {"type": "brand", "brands": ["ACME", "Other"]}, 4),
        (
            "none of the list, brandless lines too",
            {"type": "brand", "match": "none", "brands": ["Acme"]},
            11,
        ),
        ("all brands together", {"type": "brand", "match": "all", "brands": ["Acme", "Bolt"]}, 14),
        ("an article number", {"type": "sku", "skus": ["85123A"]}, 4),
        ("article numbers are exact", {"type": "sku", "skus": ["85123a"]}, 0),
        ("anything but an article", {"type": "sku", "match": "none", "skus": ["85123A"]}, 11),
        ("all articles together", {"type": "sku", "match": "all", "skus": ["85123A", "B-2"]}, 14),
        (
            "all articles, one is missing",
            {"type": "sku", "match": "all", "skus": ["85123A", "X"]},
            0,
        ),
    ],
)
def test_brand_and_article_pick_lines(reason, condition, expected):
    sold = receipt(
        line("4.00", number=1, brand="Acme", sku="85123A"),
        line("10.00", number=2, brand="Bolt", sku="B-2"),
        line("1.00", number=3),
    )

    assert points(sold, condition) == expected


def test_what_was_given_away_was_not_bought_together_with_the_rest():
    sold = receipt(coffee("4.00", number=1), cake("0.00", number=2))
    both = {"type": "category", "match": "all", "categories": ["Coffee", "Cake"]}

    assert points(sold, both) == 0


def test_line_conditions_must_meet_on_the_same_line():
    sold = receipt(coffee("4.00", number=1, brand="Bolt"), cake("10.00", number=2, brand="Acme"))
    conditions = (
        {"type": "category", "categories": ["Coffee"]},
        {"type": "brand", "brands": ["Acme"]},
    )

    outcome = earn(sold, rule(ONE_PER_POUND, *conditions))

    assert why(outcome.not_applied[0]) == ["no_line_meets_all"]


def test_a_discount_counts_where_its_own_category_puts_it():
    sold = receipt(*COFFEE_AND_CAKE, cake("-3.00", number=3))

    assert points(sold, {"type": "category", "categories": ["Cake"]}) == 7
    assert points(sold, {"type": "category", "categories": ["Coffee"]}) == 4


@pytest.mark.parametrize(
    ("reason", "condition", "expected"),
    [
        ("one of the stores", {"type": "store", "stores": ["harbor", "main"]}, 14),
        ("another store", {"type": "store", "stores": ["harbor"]}, 0),
        ("one of the channels", {"type": "channel", "channels": ["till"]}, 14),
        ("another channel", {"type": "channel", "channels": ["online", "app"]}, 0),
    ],
)
def test_a_purchase_has_a_place(reason, condition, expected):
    assert points(receipt(*COFFEE_AND_CAKE), condition) == expected


@pytest.mark.parametrize(
    ("reason", "amount", "over", "expected"),
    [
        ("reached exactly", "14", "receipt", 4),
        ("missed by a penny", "14.01", "receipt", 0),
        ("only the lines the rule works on, reached", "4", "matching_lines", 4),
        ("only the lines the rule works on, missed", "4.01", "matching_lines", 0),
    ],
)
def test_a_minimum_is_reached_or_missed(reason, amount, over, expected):
    sold = receipt(*COFFEE_AND_CAKE)
    minimum = {"type": "minimum_amount", "amount": amount, "over": over}

    assert points(sold, {"type": "category", "categories": ["Coffee"]}, minimum) == expected


@pytest.mark.parametrize(
    ("reason", "extra"),
    [
        ("a gift card does not help", line("50.00", number=2, kind=LineKind.GIFT_CARD)),
        ("shipping does not help", line("50.00", number=2, kind=LineKind.SHIPPING)),
    ],
)
def test_a_minimum_counts_only_lines_that_can_earn(reason, extra):
    sold = receipt(line("10.00"), extra)

    outcome = earn(sold, rule(ONE_PER_POUND, {"type": "minimum_amount", "amount": "20"}))

    assert outcome.not_applied[0].why[0].params["amount"] == Decimal("10.00")


def test_a_minimum_counts_what_was_paid_with_points_too():
    sold = receipt(line("25.00"), paid_without_earning="10.00")

    assert points(sold, {"type": "minimum_amount", "amount": "20"}) == 15


@pytest.mark.parametrize(
    ("reason", "dates", "day", "holds"),
    [
        ("the first day is included", {"from": "2026-07-06"}, 6, True),
        ("the day before is not", {"from": "2026-07-06"}, 5, False),
        ("the last day is included", {"until": "2026-07-06"}, 6, True),
        ("the day after is not", {"until": "2026-07-06"}, 7, False),
        ("a single day", {"from": "2026-07-06", "until": "2026-07-06"}, 6, True),
    ],
)
def test_dates_are_local_days_and_both_ends_belong(reason, dates, day, holds):
    last_minute = datetime(2026, 7, day, 23, 59, 59, tzinfo=LONDON)
    sold = receipt(line("10.00"), local=last_minute)

    assert (points(sold, {"type": "dates", **dates}) == 10) is holds


MONDAYS_EARLY = {"weekdays": ["monday"], "from": "07:00", "to": "10:00"}
FRIDAY_NIGHTS = {"weekdays": ["friday"], "from": "22:00", "to": "02:00"}


@pytest.mark.parametrize(
    ("reason", "hours", "moment", "holds"),
    [
        ("the first minute is included", MONDAYS_EARLY, (6, 7, 0), True),
        ("the last is not", MONDAYS_EARLY, (6, 10, 0), False),
        ("just before the end", MONDAYS_EARLY, (6, 9, 59), True),
        ("too early", MONDAYS_EARLY, (6, 6, 59), False),
        ("another day", MONDAYS_EARLY, (7, 8, 0), False),
        ("a whole day", {"weekdays": ["monday"]}, (6, 0, 0), True),
        ("hours of every day", {"from": "07:00", "to": "10:00"}, (9, 8, 0), True),
        ("until midnight", {"from": "18:00", "to": "00:00"}, (9, 23, 59), True),
        ("midnight itself is the next day", {"from": "18:00", "to": "00:00"}, (9, 0, 0), False),
        ("Friday before midnight", FRIDAY_NIGHTS, (10, 23, 0), True),
        ("Friday's night lasts into Saturday", FRIDAY_NIGHTS, (11, 1, 59), True),
        ("and ends there", FRIDAY_NIGHTS, (11, 2, 0), False),
        ("Thursday's night is not Friday's", FRIDAY_NIGHTS, (10, 1, 0), False),
        ("Saturday evening is not Friday's", FRIDAY_NIGHTS, (11, 23, 0), False),
    ],
)
def test_hours_follow_the_clock_of_the_store(reason, hours, moment, holds):
    day, hour, minute = moment
    sold = receipt(line("10.00"), local=datetime(2026, 7, day, hour, minute, tzinfo=LONDON))

    assert (points(sold, {"type": "weekdays_and_hours", **hours}) == 10) is holds


def test_every_condition_that_fails_is_named():
    conditions = (
        {"type": "store", "stores": ["harbor"]},
        {"type": "channel", "channels": ["online"]},
        {"type": "dates", "until": "2026-01-01"},
        {"type": "weekdays_and_hours", "weekdays": ["sunday"]},
    )

    outcome = earn(receipt(line("10.00")), rule(ONE_PER_POUND, *conditions))

    assert why(outcome.not_applied[0]) == [
        "other_store",
        "other_channel",
        "outside_dates",
        "outside_hours",
    ]
