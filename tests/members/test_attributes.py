import pytest

from core.errors import TextNotAllowed, TextTooLong
from members.attributes import merge_attributes
from members.errors import AttributesInvalid


def test_plain_values_are_kept_and_text_is_cleaned():
    raw = {"size": " M ", "visits_before": 3, "vegan": True, "height": 1.75}

    assert merge_attributes({}, raw) == {
        "size": "M",
        "visits_before": 3,
        "vegan": True,
        "height": 1.75,
    }


@pytest.mark.parametrize(
    "raw",
    [
        {"Size": "M"},
        {"": "M"},
        {"a" * 51: "M"},
        {"__class__": "M"},
        {1: "M"},
        {"size": ["M"]},
        {"size": {"a": 1}},
        {"size": float("nan")},
        {"size": float("inf")},
        {"size": 10**400},
        {f"a{number}": 1 for number in range(51)},
    ],
)
def test_anything_else_is_refused(raw):
    with pytest.raises(AttributesInvalid):
        merge_attributes({}, raw)


@pytest.mark.parametrize(
    ("value", "refusal"),
    [
        pytest.param("\0", TextNotAllowed, marks=pytest.mark.proves("input 20")),
        pytest.param("x" * 501, TextTooLong),
    ],
)
def test_attribute_text_obeys_the_rules_of_text(value, refusal):
    with pytest.raises(refusal):
        merge_attributes({}, {"size": value})


def test_attributes_sent_are_laid_over_those_stored_and_null_takes_one_away():
    stored = {"size": "M", "vegan": True, "visits_before": 3}

    merged = merge_attributes(stored, {"size": "L", "vegan": None, "unknown": None})

    assert merged == {"size": "L", "visits_before": 3}


def test_a_member_has_at_most_fifty_attributes():
    stored = {f"a{number}": 1 for number in range(50)}

    with pytest.raises(AttributesInvalid):
        merge_attributes(stored, {"one_more": 1})
    assert len(merge_attributes(stored, {"a0": 2})) == 50
