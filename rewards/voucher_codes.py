"""Voucher codes: Crockford's base 32 with a check character, so that nobody guesses one by mistake.

Eleven random characters are 55 bits; the twelfth tells a slip of the finger from a wrong code.
"""

from __future__ import annotations

import secrets
import unicodedata

import segno

from core.text import ascii_digits, without_spaces

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM = 11
LENGTH = RANDOM + 1
GROUP = 4

_CHECK_MODULUS = 37  # a prime, which is what catches two characters that changed places
_LOOKS_LIKE = str.maketrans("OIL", "011")
_DASHES = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2212")


def make() -> str:
    """Draw a code that is no number, so that no phone or card is ever taken for one."""
    while True:
        body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
        # Crockford's five further check signs are on no keypad: such a code is drawn again.
        if _remainder(body) < len(ALPHABET):
            code = body + ALPHABET[_remainder(body)]
            if not code.isdecimal():
                return code


def clean(text: str) -> str:
    """Return what was typed or scanned as a code is kept, or nothing when it cannot be one."""
    wide = ascii_digits(unicodedata.normalize("NFKC", text))
    typed = "".join(char for char in without_spaces(wide) if char not in _DASHES)
    code = typed.upper().translate(_LOOKS_LIKE)
    is_code = len(code) == LENGTH and set(code) <= set(ALPHABET) and not code.isdecimal()
    return code if is_code else ""


def check(code: str) -> bool:
    """Say whether the last character of a clean code belongs to the others."""
    if not code:
        return False
    remainder = _remainder(code[:-1])
    return remainder < len(ALPHABET) and ALPHABET[remainder] == code[-1]


def grouped(code: str) -> str:
    """Write a code as people read it out: ``7K2M-9QXD-4TWH``."""
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def image(code: str) -> str:
    """Return a QR code of the code itself, as the address of an SVG image."""
    drawn: str = segno.make(code, error="m", micro=False).svg_data_uri(scale=4, border=4)
    return drawn


def _remainder(body: str) -> int:
    value = 0
    for char in body:
        value = (value * len(ALPHABET) + ALPHABET.index(char)) % _CHECK_MODULUS
    return value
