"""What two versions of a rule say differently, in words."""

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from loyalty.earning.changes import changes
from loyalty.earning.vocabulary.labels import FIELDS
from tests.loyalty.earning.making import DOUBLE, ONE_PER_POUND, rule
from tests.loyalty.earning.strategies import conditions, limits, roundings

COFFEE = {"type": "category", "categories": ["Coffee"]}
TEA = {"type": "category", "categories": ["Tea"]}
STORE = {"type": "store", "stores": ["main"]}
DAILY = {"limits": {"per_member": {"day": 200}}}


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


def told(before, after):
    """Changes from one rule to another, each a (conditions, rest)."""
    first, second = (rule(ONE_PER_POUND, *parts, **rest).spec for parts, rest in (before, after))
    return [(one.part, one.before, one.after) for one in changes(first, second, "GBP")]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (([], {}), ([], {}), []),
        (
            ([], DAILY),
            ([], {"limits": {"per_member": {"day": 300}}}),
            [("At most", "at most 200 per member a day", "at most 300 per member a day")],
        ),
        (
            ([], DAILY),
            ([], {"limits": {"budget": 5000}}),
            [
                ("At most", "at most 200 per member a day", ""),
                ("At most", "", "at most 5,000 for all members together"),
            ],
        ),
        (([COFFEE], {}), ([TEA], {}), [("Only certain categories", "on Coffee", "on Tea")]),
        (
            ([COFFEE, STORE], {}),
            ([STORE, COFFEE, TEA], {}),
            [("Only certain categories", "", "on Tea")],
        ),
        (([STORE], {}), ([], {}), [("In certain stores", "in store main", "")]),
        (
            ([], {"rounding": "up"}),
            ([], {"rounding": "down"}),
            [("Fractions of a point", "make a whole point", "are dropped")],
        ),
        (
            ([], {"pending_days": 14}),
            ([], {"waits_for": {"type": "event", "deadline_days": 3}}),
            [
                (
                    "When the points can be spent",
                    "after 14 days",
                    "usable once the purchase is settled, within 3 days",
                )
            ],
        ),
        (
            ([], {}),
            ([], {"expires": {"type": "never"}}),
            [("How long the points last", "as the program says", "usable without end")],
        ),
        (
            ([], {"ends_at": "2027-01-01T00:00:00+02:00"}),
            ([], {"ends_at": "2027-01-01T18:30:00Z"}),
            [
                (
                    "Counts until",
                    "until the end of Dec 31, 2026",
                    "until Jan 1, 2027, 18:30",
                )
            ],
        ),
        (
            ([], {"stacking": {"exclusive_group": "coffee", "priority": 1}}),
            ([], {"stacking": {"stage": "bonus"}}),
            [
                ("When it counts", "First, as points of the purchase", "Last, on top"),
                ("Group of rules of which one counts", "coffee", ""),
                ("Priority when two give the same", "1", "0"),
            ],
        ),
        (
            ([], {"label": "Points"}),
            ([], {"label": "Thank you"}),
            [("Name for members, when it is not the rule's own", "Points", "Thank you")],
        ),
        (([], {"carry": True}), ([], {}), [(FIELDS["rule.carry"], "yes", "no")]),
    ],
)
def test_each_part_that_differs_is_named_with_both_sayings(before, after, expected):
    assert told(before, after) == expected


def test_another_effect_is_one_change():
    first, second = rule(ONE_PER_POUND).spec, rule(DOUBLE).spec

    found = changes(first, second, "GBP")

    assert (found[0].before, found[0].after) == ("1 point per £1", "2 times the points")
    assert [one.kind for one in found] == ["changed", "changed"]


specs = st.builds(
    lambda parts, rounding, most: rule(ONE_PER_POUND, *parts, rounding=rounding, limits=most).spec,
    conditions,
    roundings,
    limits,
)


@settings(max_examples=60, deadline=None)
@given(specs, specs)
def test_what_was_added_one_way_is_removed_the_other_way(first, second):
    there, back = changes(first, second, "GBP"), changes(second, first, "GBP")

    assert sorted((one.part, one.before, one.after) for one in there) == sorted(
        (one.part, one.after, one.before) for one in back
    )


@settings(max_examples=60, deadline=None)
@given(specs)
def test_a_version_does_not_differ_from_itself(spec):
    assert changes(spec, spec.model_copy(), "GBP") == []
