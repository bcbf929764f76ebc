"""Conditions on the member: tier, groups, birthday, what is noted, and what they did before."""

from datetime import date, timedelta

import pytest

from loyalty.earning.receipt import Earner
from members.birthdays import Birthday
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

SOLD = receipt(line("10.00"))


def holds(earner, **condition):
    return earn(SOLD, rule(ONE_PER_POUND, condition), earner=earner).points == 10


SILVER = Earner(tier="silver", tiers=frozenset({"bronze", "silver"}))


@pytest.mark.parametrize(
    ("reason", "condition", "expected"),
    [
        ("the member's own tier", {"tiers": ["silver"]}, True),
        ("one of several", {"tiers": ["gold", "silver"]}, True),
        ("a lower tier is another one", {"tiers": ["bronze"]}, False),
        ("a higher tier is another one", {"tiers": ["gold"]}, False),
        ("above a lower one", {"tiers": ["bronze"], "or_higher": True}, True),
        ("the same or higher", {"tiers": ["silver"], "or_higher": True}, True),
        ("not as high", {"tiers": ["gold"], "or_higher": True}, False),
    ],
)
def test_a_tier_is_met_exactly_or_from_below(reason, condition, expected):
    assert holds(SILVER, type="tier", **condition) is expected


def test_any_of_the_groups_will_do():
    earner = Earner(groups=frozenset({"staff", "friends"}))

    assert holds(earner, type="group", groups=["vip", "friends"])
    assert not holds(earner, type="group", groups=["vip"])


LEAP = Birthday(2, 29)


@pytest.mark.proves("T7")
@pytest.mark.parametrize(
    ("reason", "birthday", "within", "today", "expected"),
    [
        ("on the day", Birthday(7, 6), "day", date(2026, 7, 6), True),
        ("the day after", Birthday(7, 6), "day", date(2026, 7, 7), False),
        ("the month begins", Birthday(7, 6), "month", date(2026, 7, 1), True),
        ("the month ends", Birthday(7, 6), "month", date(2026, 7, 31), True),
        ("another month", Birthday(7, 6), "month", date(2026, 8, 1), False),
        ("the Monday of the week", Birthday(7, 8), "week", date(2026, 7, 6), True),
        ("the Sunday of the week", Birthday(7, 8), "week", date(2026, 7, 12), True),
        ("the Monday after", Birthday(7, 8), "week", date(2026, 7, 13), False),
        ("a week over New Year, before", Birthday(1, 1), "week", date(2026, 12, 28), True),
        ("a week over New Year, after", Birthday(12, 31), "week", date(2027, 1, 3), True),
        ("a leap day in a leap year", LEAP, "day", date(2028, 2, 29), True),
        ("and not the day before", LEAP, "day", date(2028, 2, 28), False),
        ("a leap day in another year", LEAP, "day", date(2027, 2, 28), True),
        ("and not the day after", LEAP, "day", date(2027, 3, 1), False),
        ("the month of a leap day is February", LEAP, "month", date(2027, 2, 1), True),
        ("and never March", LEAP, "month", date(2027, 3, 1), False),
        ("no century's leap day", LEAP, "day", date(2100, 2, 28), True),
    ],
)
def test_a_birthday_comes_back_every_year(reason, birthday, within, today, expected):
    earner = Earner(birthday=birthday, today=today)

    assert holds(earner, type="birthday", within=within) is expected


@pytest.mark.proves("T7")
@pytest.mark.parametrize(
    "birthday", [LEAP, Birthday(2, 28), Birthday(3, 1), Birthday(12, 31, 1990)]
)
def test_every_birthday_comes_exactly_once_a_year(birthday):
    days = [date(2023, 1, 1) + timedelta(days=count) for count in range(3 * 365 + 366)]

    met = [
        day
        for day in days
        if holds(Earner(birthday=birthday, today=day), type="birthday", within="day")
    ]

    assert [day.year for day in met] == [2023, 2024, 2025, 2026]


NOTED = Earner(
    attributes={"size": "M", "pets": 2, "vegan": True, "height": 1.75, "since": "2026-07-06"}
)


@pytest.mark.parametrize(
    ("attribute", "values", "expected"),
    [
        ("size", ["L", "m"], True),
        ("size", ["L"], False),
        ("pets", ["2.0"], True),
        ("pets", ["20"], False),
        ("height", ["1.750"], True),
        ("vegan", ["yes"], True),
        ("vegan", ["no"], False),
        ("vegan", ["1"], False),
        ("since", ["2026-07-06"], True),
        ("unknown", ["yes", "no"], False),
    ],
)
def test_what_is_noted_is_compared_by_its_worth(attribute, values, expected):
    assert holds(NOTED, type="attribute", name=attribute, values=values) is expected


@pytest.mark.parametrize(
    ("before", "number", "every", "expected"),
    [
        (0, 1, False, True),
        (1, 1, False, False),
        (9, 10, False, True),
        (19, 10, False, False),
        (19, 10, True, True),
        (20, 10, True, False),
        (0, 10, True, False),
    ],
)
def test_purchases_are_numbered_from_the_first(before, number, every, expected):
    earner = Earner(purchases_before=before)

    assert holds(earner, type="nth_purchase", number=number, every=every) is expected


TODAY = date(2026, 7, 6)


def days_before(*counts):
    return frozenset(TODAY - timedelta(days=count) for count in counts)


@pytest.mark.parametrize(
    ("reason", "before", "at_least", "days", "expected"),
    [
        ("this visit is one of them", days_before(1), 2, 30, True),
        ("too few", days_before(1), 3, 30, False),
        ("today counts once, however often they came", days_before(0, 1), 3, 30, False),
        ("the first day of the window", days_before(6), 2, 7, True),
        ("the day before it", days_before(7), 2, 7, False),
        ("every day", days_before(1, 2, 3, 4, 5, 6), 7, 7, True),
        ("what came later is no visit before", days_before(-1, -2), 2, 7, False),
    ],
)
def test_visits_are_days_of_a_window_that_ends_today(reason, before, at_least, days, expected):
    earner = Earner(today=TODAY, days_before=before)

    assert holds(earner, type="visits", at_least=at_least, days=days) is expected


def test_of_a_guest_nothing_is_known_and_no_condition_on_members_holds():
    asked = [
        {"type": "tier", "tiers": ["bronze"], "or_higher": True},
        {"type": "group", "groups": ["staff"]},
        {"type": "birthday"},
        {"type": "attribute", "name": "vegan", "values": ["no"]},
        {"type": "nth_purchase", "number": 1},
        {"type": "visits", "at_least": 2, "days": 7},
    ]

    outcome = earn(SOLD, rule(ONE_PER_POUND, *asked))

    assert why(outcome.not_applied[0]) == [
        "other_tier",
        "other_group",
        "not_the_birthday",
        "attribute_differs",
        "other_purchase",
        "too_few_visits",
    ]


@pytest.mark.parametrize(
    ("reason", "regions", "expected"),
    [
        ("one of the store's regions", {"north", "coast"}, 10),
        ("another region", {"south"}, 0),
        ("a store in no region", set(), 0),
    ],
)
def test_a_store_lies_in_regions(reason, regions, expected):
    sold = receipt(line("10.00"), regions=frozenset(regions))

    outcome = earn(sold, rule(ONE_PER_POUND, {"type": "region", "regions": ["coast", "hills"]}))

    assert outcome.points == expected


@pytest.mark.parametrize(
    ("reason", "paid", "expected"),
    [
        ("by one of the means", {"card"}, 10),
        ("a part of it", {"cash", "card"}, 10),
        ("by another", {"cash"}, 0),
        ("nobody said how", set(), 0),
    ],
)
def test_a_purchase_is_paid_by_some_means(reason, paid, expected):
    sold = receipt(line("10.00"), payment_methods=frozenset(paid))
    condition = {"type": "payment_method", "methods": ["card", "gift_card"]}

    assert earn(sold, rule(ONE_PER_POUND, condition)).points == expected


@pytest.mark.proves("case 2")
@pytest.mark.parametrize(
    ("reason", "quantity", "over", "expected"),
    [
        ("reached by the coffees", "3", "matching_lines", 9),
        ("missed by the coffees", "3.001", "matching_lines", 0),
        ("reached by all that was bought", "5", "receipt", 9),
        ("a discount line is no unit", "5.5", "receipt", 0),
    ],
)
def test_units_are_counted_and_discounts_are_none(reason, quantity, over, expected):
    sold = receipt(
        coffee("10.00", number=1, quantity="3"),
        coffee("-1.00", number=2, quantity="1"),
        cake("5.00", number=3, quantity="2"),
    )
    minimum = {"type": "minimum_quantity", "quantity": quantity, "over": over}

    outcome = earn(
        sold, rule(ONE_PER_POUND, {"type": "category", "categories": ["Coffee"]}, minimum)
    )

    assert outcome.points == expected


def test_rules_say_which_facts_they_ask_for():
    plain = rule(ONE_PER_POUND, {"type": "store", "stores": ["main"]})
    asking = rule(
        ONE_PER_POUND,
        {"type": "group", "groups": ["staff"]},
        {"type": "visits", "at_least": 3, "days": 30},
    )

    assert (plain.asks, plain.looks_back_days) == (frozenset(), 0)
    assert (asking.asks, asking.looks_back_days) == ({"groups", "days"}, 29)
