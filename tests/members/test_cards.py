import pytest

from core.errors import TextNotAllowed
from members.cards import check_digit, is_card_number, last_digits, new_number, parse_card
from members.errors import CardInvalid


@pytest.mark.parametrize(
    ("body", "digit"), [("400638133393", "1"), ("590123412345", "7"), ("290000000000", "1")]
)
def test_the_check_digit_is_that_of_ean_13(body, digit):
    assert check_digit(body) == digit


def test_new_numbers_are_valid_and_different():
    numbers = {new_number() for _ in range(1_000)}

    assert len(numbers) == 1_000
    assert {(len(number), number[:2]) for number in numbers} == {(13, "29")}
    assert all(is_card_number(number) for number in numbers)


@pytest.mark.proves("input 1", "input 3", "input 5")
@pytest.mark.parametrize(
    "typed",
    [
        "2900000000001",
        "29 0000 000000-1",
        "۲۹۰۰۰۰۰۰۰۰۰۰۱",
        "２９００００００００００１",
        "\u200e2900000000001",
    ],
)
def test_a_card_number_is_read_in_any_notation(typed):
    assert parse_card(typed) == "2900000000001"


def test_every_single_mistyped_digit_is_noticed():
    number = "2912345678905"[:12] + check_digit("291234567890")
    mistyped = {
        number[:place] + digit + number[place + 1 :]
        for place in range(13)
        for digit in "0123456789"
        if digit != number[place]
    }

    assert len(mistyped) == 117
    assert [typed for typed in mistyped if is_card_number(typed)] == []


@pytest.mark.proves("input 15")
@pytest.mark.parametrize(
    "typed",
    ["", "2900000000009", "290000000000", "29000000000010", "4006381333931", "290000000000⁹", "x"],
)
def test_what_is_no_card_number_is_refused(typed):
    with pytest.raises(CardInvalid):
        parse_card(typed)


@pytest.mark.proves("input 20", "input 21")
@pytest.mark.parametrize("typed", ["29\0", "29\ud800"])
def test_a_card_number_holds_no_nul_and_no_surrogate(typed):
    with pytest.raises(TextNotAllowed):
        parse_card(typed)


def test_a_card_is_known_by_its_last_digits():
    assert last_digits("2900000000001") == "0001"
