"""Card numbers: EAN-13 with the in-store prefix, so that any scanner can check one."""

from __future__ import annotations

import secrets

from core.errors import DigitsExpected, about
from core.text import typed_number
from members.errors import CardInvalid

PREFIX = "29"
LENGTH = 13
_RANDOM_DIGITS = LENGTH - len(PREFIX) - 1


def check_digit(body: str) -> str:
    """Return the thirteenth digit that belongs to these twelve."""
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(body))
    return str(-weighted % 10)


def new_number() -> str:
    """Draw a card number that cannot be guessed from the last one."""
    body = f"{PREFIX}{secrets.randbelow(10**_RANDOM_DIGITS):0{_RANDOM_DIGITS}d}"
    return body + check_digit(body)


def is_card_number(digits: str) -> bool:
    """Say whether these ASCII digits are a number of ours with the right check digit."""
    ours = len(digits) == LENGTH and digits.startswith(PREFIX)
    return ours and check_digit(digits[:-1]) == digits[-1]


@about("card")
def parse_card(raw: str) -> str:
    """Return a typed or scanned card number as 13 ASCII digits, or refuse it."""
    try:
        digits = typed_number(raw)
    except DigitsExpected:
        raise CardInvalid from None
    if not is_card_number(digits):
        raise CardInvalid
    return digits


def last_digits(number: str) -> str:
    """Return the digits by which a cashier tells two cards apart."""
    return number[-4:]
