import math

import pytest

from core.text import ascii_digits
from rewards.voucher_codes import (
    ALPHABET,
    GIFT_CARD_LENGTH,
    LENGTH,
    LENGTHS,
    RANDOM,
    check,
    clean,
    clean_ending,
    clean_word,
    grouped,
    image,
    is_prefix,
    length_of,
    make,
    read_alike,
    strength,
    years_to_guess,
)

CODE = "7K2M9QXD4TWH"


def with_check(body):
    """The body with the one last character that fits it."""
    return next(body + last for last in ALPHABET if check(body + last))


def test_a_code_is_drawn_from_more_than_fifty_random_bits():
    # Five of 37 draws are drawn again, and so are codes without a letter.
    bits = RANDOM * math.log2(len(ALPHABET)) + math.log2(32 / 37)

    assert bits > 54


def test_every_code_reads_back_as_itself_and_is_no_number():
    codes = {make() for _ in range(2000)}

    assert len(codes) == 2000
    assert [code for code in codes if len(code) != LENGTH or not check(code)] == []
    assert [code for code in codes if clean(code) != code or code.isdecimal()] == []


@pytest.mark.parametrize(
    ("why", "typed"),
    [
        ("in groups", "7k2m-9qxd-4tw0"),
        ("with spaces", " 7K2M 9QXD\u00a04TW0 "),
        ("without groups", "7k2m9qxd4two"),
        ("O for 0", "7K2M9QXD4TWO"),
        ("long dashes", "7K2M\u20139QXD\u20144TW0"),
        ("full width", "\uff17\uff2b2M9QXD4TW0"),
        ("Persian digits", "\u06f7K\u06f2M\u06f9QXD\u06f4TW\u06f0"),
        ("marks of direction", "\u200e7K2M9QXD4TW0\u200f"),
    ],
)
def test_a_code_is_read_however_it_is_typed(why, typed):
    assert clean(typed) == "7K2M9QXD4TW0"


def test_what_looks_like_a_one_is_a_one():
    assert clean("iIlL-1234-5ABC") == "111112345ABC"


@pytest.mark.parametrize(
    ("why", "typed"),
    [
        ("nothing", ""),
        ("too short", "7K2M9QXD4TW"),
        ("as long as a gift card", "7K2M9QXD4TWH00000"),
        ("longer than any", "7K2M9QXD4TWH0000000000000"),
        ("a letter that is none of ours", "7K2M9QXD4TWU"),
        ("a phone number", "447400123456"),
        ("a card", "2912345678901"),
        ("an address", "mina@shop.io"),
        ("unstorable", "7K2M9QXD4TW\0"),
    ],
)
def test_what_can_be_no_code_is_none(why, typed):
    assert clean(typed) == ""


def test_every_single_slip_is_noticed():
    code = with_check("7K2M9QXD4TW")
    slips = [
        code[:at] + other + code[at + 1 :]
        for at in range(LENGTH)
        for other in ALPHABET
        if other != code[at]
    ]

    assert [slip for slip in slips if check(slip)] == []


def test_two_characters_that_changed_places_are_noticed():
    code = with_check("7K2M9QXD4TW")
    swapped = [code[:at] + code[at + 1] + code[at] + code[at + 2 :] for at in range(LENGTH - 1)]

    assert [one for one in swapped if check(one)] == []


def test_a_code_is_written_in_groups_and_as_an_image():
    assert grouped(CODE) == "7K2M-9QXD-4TWH"
    assert image(CODE).startswith("data:image/svg+xml")
    assert ascii_digits(image(CODE)) == image(CODE)


# --- beginnings, and more by chance -----------------------------------------------------------


@pytest.mark.parametrize(
    ("prefix", "random_chars"), [("", 11), ("GH", 11), ("22", 13), ("A" * 8, 15)]
)
def test_longer_codes_read_back_as_themselves(prefix, random_chars):
    codes = {make(prefix=prefix, random_chars=random_chars) for _ in range(300)}

    assert len(codes) == 300
    for code in codes:
        assert code.startswith(prefix)
        assert (len(code), clean(code.lower()), check(code)) == (
            length_of(prefix, random_chars),
            code,
            True,
        )


def test_a_slip_in_the_beginning_is_noticed_too():
    code = make(prefix="GH")

    assert not check("HG" + code[2:])
    assert not check("G" + code)


@pytest.mark.proves("input 113")
def test_strength_is_what_is_drawn_less_what_is_drawn_again():
    assert round(strength(10), 1) == 49.8
    assert round(strength(11), 1) == 54.8
    assert years_to_guess(11, 100_000, guesses_an_hour=1_000) == 35_546


@pytest.mark.parametrize("text", ["A%", "A_", "HELLO", "U", "a", "ABCDEFGHJ", " A"])
def test_what_codes_cannot_begin_with(text):
    assert not is_prefix(text)


def test_no_code_is_as_long_as_a_gift_cards():
    assert GIFT_CARD_LENGTH not in LENGTHS
    assert clean("7K2M9QXD4TWH00000") == ""
    assert clean("7K2M9QXD4TWH00000", length=17) == "7K2M9QXD4TWH00000"


# --- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("summer-26", "SUMMER26"),
        (" Summer 26 ", "SUMMER26"),
        ("summer\u06f2\u06f6", "SUMMER26"),
        ("FREE", "FREE"),
        ("SUMMERHOLIDAY2026", "SUMMERHOLIDAY2026"),
    ],
)
def test_a_word_is_kept_in_plain_capitals(typed, word):
    assert clean_word(typed) == word
    assert grouped(word) == word


@pytest.mark.proves("input 113")
@pytest.mark.parametrize(
    "typed", ["abc", "a" * 21, "2026", "50%OFF", "A_B_C", "ÄPFEL", "CHRISTMASCARD", "", "M\0RE"]
)
def test_what_is_no_word(typed):
    assert clean_word(typed) == ""


def test_no_unique_code_is_a_word_and_no_word_a_unique_code():
    assert [code for code in (make() for _ in range(500)) if clean_word(code)] == []
    assert [word for word in ("SUMMER26", "SUMMERHOLIDAY2026", "FREE") if clean(word)] == []


def test_words_that_are_read_alike_are_one():
    assert read_alike("WELCOME10") == read_alike("WE1C0MEIO")
    assert read_alike("WELCOME10") != read_alike("WELCOME20")


def test_the_end_of_a_code_is_read_as_codes_are():
    assert clean_ending(" 4t-w o ") == "4TW0"
    assert clean_ending("%") == clean_ending("_U") == ""
