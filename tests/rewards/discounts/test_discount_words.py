import pytest
from django.utils.translation import override

from loyalty.earning.reasons import Reason
from rewards.discounts.describe import describe
from rewards.discounts.explain import CODES, as_json, sentence
from rewards.discounts.spec import parse_benefit
from tests.rewards.discounts.making import COFFEE, amount_off, free, prices

TOLD = {
    "percent_off": ({"percent": "10"}, "10% off"),
    "amount_off": ({"amount": "5"}, "£5 off"),
    "part_of_amount_off": (
        {"amount": "3.20", "of": "5"},
        "£3.20 of £5 off: there was no more to take it from",
    ),
    "member_price": ({}, "the price for members"),
    "scale": ({"percent": "5", "spent": "120.00"}, "5% off for £120.00 spent before"),
    "scale_goes_on": ({"missing": "80", "next": "10"}, "£80.00 more and it is 10%"),
    "scale_not_reached": (
        {"from": "100", "spent": "60", "missing": "40"},
        "only from £100 spent; £40.00 more are needed",
    ),
    "free_shipping": ({}, "shipping is free"),
    "free_product": ({"quantity": 2}, "2 are free, the cheapest"),
    "better_discount": ({"instead": ["Gold"]}, "Gold takes more off"),
    "no_effect": (
        {"instead": ["Gold"]},
        "not used and still good: with Gold it would take nothing more off",
    ),
    "nothing_off": ({}, "nothing is left to take it off"),
    "no_line_to_discount": ({}, "nothing was bought that it is about"),
    "members_only": ({}, "only for members"),
    "bearer_card_needed": ({}, "only for whoever shows a bearer card"),
}


def test_every_reason_has_its_words():
    assert TOLD.keys() == CODES
    for code, (params, words) in TOLD.items():
        assert sentence(Reason(code, params), "GBP") == words


def test_what_the_vocabulary_says_is_said_in_its_words():
    reason = Reason("below_minimum", {"minimum": "20", "amount": "12.40", "over": "receipt"})

    assert as_json(reason, "GBP")["text"] == "only from £20; this came to £12.40"


@pytest.mark.parametrize("language", ["de", "fa"])
def test_reasons_are_said_in_the_readers_notation(language):
    with override(language):
        assert sentence(Reason("amount_off", {"amount": "5"}), "EUR") != "€5 off"


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"effect": amount_off(5)}, "£5 off"),
        ({"effect": prices(A="2", B="3.50")}, "member price: A for £2 and B for £3.50"),
        ({"effect": free("A", "B")}, "1 of A or B free"),
        (
            {"effect": free(quantity=2), "conditions": [COFFEE]},
            "2 articles free, the cheapest on Coffee",
        ),
        (
            {"effect": {"type": "free_shipping"}, "audience": "everyone"},
            "free shipping, for everyone",
        ),
        ({"effect": amount_off(5), "kinds": ["product", "tip"]}, "£5 off, on tips too"),
        (
            {"effect": amount_off(5), "ends_at": "2026-08-01T00:00:00+01:00"},
            "£5 off, until the end of 31 Jul 2026",
        ),
    ],
)
def test_a_benefit_is_one_sentence(spec, words):
    with override("en-gb"):
        assert describe(parse_benefit(spec), "GBP") == words
