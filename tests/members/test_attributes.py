import pytest

from core.errors import TextNotAllowed, TextTooLong
from members.attributes import clean_attributes
from members.errors import AttributesInvalid


def test_plain_values_are_kept_and_text_is_cleaned():
    raw = {"size": " M ", "visits_before": 3, "vegan": True, "height": 1.75}

    assert clean_attributes(raw) == {
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
        {"size": None},
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
        clean_attributes(raw)


@pytest.mark.parametrize(
    ("value", "refusal"),
    [
        pytest.param("\0", TextNotAllowed, marks=pytest.mark.proves("input 20")),
        pytest.param("x" * 501, TextTooLong),
    ],
)
def test_attribute_text_obeys_the_rules_of_text(value, refusal):
    with pytest.raises(refusal):
        clean_attributes({"size": value})
