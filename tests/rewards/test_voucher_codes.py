import math

import pytest

from core.text import ascii_digits
from rewards.voucher_codes import ALPHABET, LENGTH, RANDOM, check, clean, grouped, image, make

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
        ("too long", "7K2M9QXD4TWHH"),
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
