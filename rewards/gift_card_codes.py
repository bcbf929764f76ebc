"""Gift card codes: sixteen random characters of Crockford's base 32, and one that checks them.

The check is a sum in the field of 32 elements, where every character has a weight of its own: one
wrong character and any two that changed places are always found. It is a character of the same
alphabet, so that no draw is thrown away and the sixteen are 80 bits in full.
"""

from __future__ import annotations

import secrets

from rewards import voucher_codes
from rewards.voucher_codes import ALPHABET, GROUP, image

RANDOM = 16
LENGTH = RANDOM + 1
ENDING = 4
PIN_DIGITS_MIN = 4
PIN_DIGITS_MAX = 8

__all__ = ["ALPHABET", "check", "clean", "ending", "grouped", "image", "make", "masked"]

_FIELD = 0b100101  # x⁵ + x² + 1, which has no factors


def make() -> str:
    """Draw a code that is no number, so that no phone or card is ever taken for one."""
    while True:
        body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
        code = body + _check_character(body)
        if not code.isdecimal():
            return code


def clean(text: str) -> str:
    """Return what was typed or scanned as a code is kept, or nothing when it cannot be one."""
    return voucher_codes.clean(text, length=LENGTH)


def check(code: str) -> bool:
    """Say whether the last character of a clean code belongs to the others."""
    return bool(code) and _check_character(code[:-1]) == code[-1]


def grouped(code: str) -> str:
    """Write a code as people read it out, its check character with the last group."""
    body = [code[at : at + GROUP] for at in range(0, RANDOM - GROUP, GROUP)]
    return "-".join([*body, code[RANDOM - GROUP :]])


def ending(code: str) -> str:
    """Return the end of a code, which tells cards apart and opens none."""
    return code[-ENDING:]


def masked(code: str) -> str:
    """Write the end of a code as the end it is."""
    return f"•••• {ending(code)}"


def _check_character(body: str) -> str:
    total = 0
    for char in body:
        total = _times_two(total ^ ALPHABET.index(char))
    return ALPHABET[total]


def _times_two(element: int) -> int:
    doubled = element << 1
    return doubled ^ _FIELD if doubled & 0b100000 else doubled
