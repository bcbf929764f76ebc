"""What cannot be meant in a set of rules: what is said of it is certain."""

from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.earning.cautions import Acting, World, never_applies, overlaps
from loyalty.earning.engine import evaluate
from loyalty.earning.receipt import Earner, EarningPolicy
from loyalty.earning.vocabulary.parse import parse_rule
from tests.loyalty.earning.making import DOUBLE, ONE_PER_POUND, line, receipt, rule
from tests.loyalty.earning.strategies import BRANDS, PATHS

TODAY = date(2026, 7, 6)
QUICK = settings(max_examples=100, deadline=None)
WORLD = World(
    today=TODAY,
    stores=frozenset({"main", "harbor"}),
    regions={"coast": frozenset({"harbor"}), "hills": frozenset()},
    groups=frozenset({"staff"}),
)
MORNING = {"type": "weekdays_and_hours", "weekdays": ["monday"], "from": "07:00", "to": "10:00"}
NIGHT = {"type": "weekdays_and_hours", "weekdays": ["sunday"], "from": "22:00", "to": "08:00"}
EVENING = {"type": "weekdays_and_hours", "from": "18:00", "to": "20:00"}


def acting(*conditions, effect=ONE_PER_POUND, name="rule", begins=None, **rest):
    data = {"trigger": {"type": "purchase"}, "effect": effect, "conditions": conditions, **rest}
    given = {} if begins is None else {"begins": begins}
    return Acting(key=name, name=name, spec=parse_rule(data), **given)


def dates(first=None, last=None):
    return {"type": "dates", "from": first, "until": last}


def store(*codes):
    return {"type": "store", "stores": codes}


def category(*names, match="any"):
    return {"type": "category", "match": match, "categories": names}


def brand(*names, match="any"):
    return {"type": "brand", "match": match, "brands": names}


def codes(found):
    return [caution.code for caution in found]


NEVER = [
    ("dates_over", [dates(last="2026-07-05")]),
    ("dates_apart", [dates("2026-08-01"), dates(last="2026-07-31")]),
    ("hours_apart", [MORNING, EVENING]),
    ("hours_apart", [{**MORNING, "weekdays": ["tuesday"]}, NIGHT]),
    ("no_such_day", [dates("2026-07-07", "2026-07-10"), MORNING]),
    ("no_such_day", [dates("2026-07-01", "2026-07-08"), {**EVENING, "weekdays": ["friday"]}]),
    ("stores_gone", [store("closed", "gone")]),
    ("stores_apart", [store("main"), store("harbor", "gone")]),
    ("stores_apart", [store("main"), {"type": "region", "regions": ["coast"]}]),
    ("regions_empty", [{"type": "region", "regions": ["hills", "unknown"]}]),
    ("groups_gone", [{"type": "group", "groups": ["friends"]}]),
    ("tiers_apart", [{"type": "tier", "tiers": ["gold"]}, {"type": "tier", "tiers": ["silver"]}]),
    (
        "purchases_apart",
        [{"type": "nth_purchase", "number": 7}, {"type": "nth_purchase", "number": 1}],
    ),
    (
        "purchases_apart",
        [
            {"type": "nth_purchase", "number": 7},
            {"type": "nth_purchase", "number": 2, "every": True},
        ],
    ),
    (
        "channels_apart",
        [{"type": "channel", "channels": ["online"]}, {"type": "channel", "channels": ["store"]}],
    ),
    ("brands_apart", [brand("Acme", "Bolt"), brand("bolt", "acme", match="none")]),
    ("brands_apart", [brand("Acme"), brand("Bolt")]),
    ("skus_apart", [{"type": "sku", "skus": ["A"]}, {"type": "sku", "skus": ["a", "B"]}]),
    ("categories_apart", [category("coffee"), category("Coffee", match="none")]),
    ("categories_apart", [category(["Drinks", "Tea"]), category("Drinks", match="none")]),
    ("categories_apart", [category(["Drinks"]), category(["Bakery", "Cake"])]),
]
EITHER = [
    [dates("2026-07-06", "2026-07-06"), MORNING],
    [dates("2026-07-06", "2026-07-06"), NIGHT],
    [MORNING, NIGHT],
    [store("main", "gone")],
    [store("harbor"), {"type": "region", "regions": ["coast"]}],
    [category("Drinks"), category("Coffee")],
    [category("Coffee"), category(["Drinks"])],
    [category("Coffee"), category(["Coffee"], match="none")],
    [category(["Drinks"]), category(["Drinks", "Tea"], match="none")],
    [category(["Drinks"]), category(["drinks", "coffee"])],
    [brand("Acme", "Bolt"), brand("Acme", match="none")],
    [category("Coffee", "Tea", match="all"), category("Coffee")],
    [{"type": "tier", "tiers": ["gold"]}, {"type": "tier", "tiers": ["silver"], "or_higher": True}],
    [{"type": "nth_purchase", "number": 6}, {"type": "nth_purchase", "number": 2, "every": True}],
]


@pytest.mark.parametrize(("code", "conditions"), NEVER)
def test_conditions_that_exclude_one_another_are_named(code, conditions):
    assert codes(never_applies(acting(*conditions), [], WORLD)) == [code]


@pytest.mark.parametrize("conditions", EITHER)
def test_conditions_that_may_hold_together_are_left_alone(conditions):
    assert never_applies(acting(*conditions), [], WORLD) == []


def test_days_beyond_the_end_of_a_version_never_come():
    late = acting(dates("2026-09-03"), ends_at="2026-09-01T00:00:00Z")
    early = acting(dates(last="2026-08-01"), begins=datetime(2026, 8, 3, tzinfo=UTC))
    in_time = acting(dates("2026-08-31"), ends_at="2026-09-01T00:00:00Z")

    found = [never_applies(one, [], WORLD) for one in (late, early, in_time)]

    assert list(map(codes, found)) == [["dates_apart"], ["dates_apart"], []]


@pytest.mark.parametrize(
    ("bases", "found"),
    [
        ([], ["no_base"]),
        ([acting(dates(last="2026-07-01"))], ["no_base"]),
        ([acting(stacking={"stage": "bonus"})], ["no_base"]),
        ([acting(effect={"type": "stamps", "card": "coffee"})], ["no_base"]),
        ([acting(brand("Bolt"), name="Bolts")], ["base_apart"]),
        ([acting(ends_at="2026-07-31T00:00:00Z", name="July")], ["base_apart"]),
        ([acting(brand("Bolt")), acting(brand("Acme"))], []),
    ],
)
def test_a_multiplier_needs_points_to_multiply(bases, found):
    double = acting(brand("Acme"), effect=DOUBLE, begins=datetime(2026, 8, 1, tzinfo=UTC))

    assert codes(never_applies(double, bases, WORLD)) == found


@pytest.mark.parametrize(
    ("second", "meet"),
    [
        (acting(category("Coffee")), True),
        (acting(effect={"type": "fixed_points", "points": 5}), True),
        (acting(brand("Bolt")), False),
        (acting(EVENING), False),
        (acting(stacking={"stage": "bonus"}), False),
        (acting(stacking={"exclusive_group": "one"}), False),
        (acting(stacking={"exclusive_group": "other"}), True),
        (acting(effect={"type": "stamps", "card": "coffee"}), False),
        (acting(ends_at="2026-07-31T00:00:00Z"), False),
        (acting(dates(last="2026-07-05")), False),
    ],
)
def test_rules_of_one_stage_overlap_where_they_can_meet(second, meet):
    first = acting(
        MORNING,
        brand("Acme"),
        stacking={"exclusive_group": "one"},
        begins=datetime(2026, 8, 1, tzinfo=UTC),
        name="first",
    )

    assert bool(overlaps([first, second], WORLD)) == meet


days = st.dates(TODAY - timedelta(days=9), TODAY + timedelta(days=9)).map(str)
clocks = st.times().map(lambda at: f"{at.hour:02}:{at.minute:02}")
weekdays = st.sampled_from(["monday", "wednesday", "sunday"])
names = st.sampled_from(["Coffee", "Tea", "Drinks", ["Drinks"], ["Drinks", "Coffee"], ["Bakery"]])
matches = st.sampled_from(["any", "all", "none"])
some_conditions = st.lists(
    st.one_of(
        st.tuples(days, days).map(lambda two: dates(min(two), max(two))),
        st.builds(
            lambda on, first, last: {
                "type": "weekdays_and_hours",
                "weekdays": on,
                "from": first,
                "to": last,
            },
            st.lists(weekdays, max_size=2),
            clocks,
            clocks,
        ).filter(lambda part: part["from"] != part["to"]),
        st.lists(st.sampled_from(["main", "harbor", "gone"]), min_size=1).map(lambda s: store(*s)),
        st.builds(
            lambda match, listed: category(*listed, match=match),
            matches,
            st.lists(names, min_size=1, max_size=2),
        ),
        st.builds(
            lambda match, listed: brand(*listed, match=match),
            matches,
            st.lists(st.sampled_from(["Acme", "Bolt"]), min_size=1, max_size=2),
        ),
    ),
    max_size=4,
)


def some_receipts(seed):
    """Fifty baskets of two weeks; hypothesis itself would take a second for them."""
    chance = Random(seed)
    return [_sold(chance) for _ in range(50)]


def _sold(chance):
    at = datetime(2026, 7, 6, tzinfo=UTC) + timedelta(minutes=chance.randrange(14 * 24 * 60))
    lines = [
        line("1.00", number=number, category=chance.choice(PATHS), brand=chance.choice(BRANDS))
        for number in range(1, chance.randint(2, 4))
    ]
    return receipt(*lines, local=at, store=chance.choice(["main", "harbor"]))


seeds = st.integers(0, 10**6)


@QUICK
@given(some_conditions, some_conditions, seeds)
def test_what_never_applies_gives_nothing_for_any_receipt(first, second, seed):
    base, double = acting(*first, name="base"), acting(*second, effect=DOUBLE, name="double")
    never = {one.name for one in (base, double) if never_applies(one, [base, double], WORLD)}

    compiled = [rule(ONE_PER_POUND, *first, key="base", rounding="up")]
    compiled += [rule(DOUBLE, *second, key="double", rounding="up")]
    outcomes = [evaluate(one, Earner(), compiled, EarningPolicy()) for one in some_receipts(seed)]

    assert never.isdisjoint(award.rule for outcome in outcomes for award in outcome.awards)


@QUICK
@given(some_conditions, some_conditions, seeds)
def test_rules_that_do_not_overlap_never_give_for_one_line(first, second, seed):
    pair = [acting(*first, name="one"), acting(*second, name="two")]
    meet = bool(overlaps(pair, WORLD))

    compiled = [
        rule(ONE_PER_POUND, *first, key="one", rounding="up"),
        rule(ONE_PER_POUND, *second, key="two", rounding="up"),
    ]
    outcomes = [evaluate(one, Earner(), compiled, EarningPolicy()) for one in some_receipts(seed)]

    for outcome in outcomes:
        lines = [{share.number for share in award.lines} for award in outcome.awards]
        assert meet or len(lines) < 2 or lines[0].isdisjoint(lines[1])
