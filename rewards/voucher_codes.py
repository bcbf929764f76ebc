"""Voucher codes: Crockford's base 32 with a check character, so that nobody guesses one by mistake.

A unique code is a prefix that the shop may choose, random characters and one that checks them all:
12 to 24 characters, and never 17, which is what gift cards have. A shared code is a word that the
shop chooses; one of 12 characters or more needs a U, which no unique code has, so that the two are
told apart before anything is looked up.
"""

from __future__ import annotations

import math
import secrets
import unicodedata

import segno

from core.text import ascii_digits, without_spaces

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM = 11
RANDOM_MAX = 16
PREFIX_MAX = 8
LENGTH = RANDOM + 1
LENGTH_MAX = 24
GIFT_CARD_LENGTH = 17
LENGTHS = frozenset(range(LENGTH, LENGTH_MAX + 1)) - {GIFT_CARD_LENGTH}
BITS_MIN = 50
GROUP = 4
WORD_MIN = 4
WORD_MAX = 20
NEVER_IN_A_CODE = "U"
HOURS_A_YEAR = 8_766

LOOKS_LIKE = ("OIL", "011")

_BITS_EACH = 5
_CHECK_MODULUS = 37  # a prime, which is what catches two characters that changed places
_READ_AS = str.maketrans(*LOOKS_LIKE)
_DASHES = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2212")
_WORD_SIGNS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


def make(*, prefix: str = "", random_chars: int = RANDOM) -> str:
    """Draw a code that is no number, so that no phone or card is ever taken for one."""
    while True:
        drawn = secrets.randbits(_BITS_EACH * random_chars)
        places = range(_BITS_EACH * (random_chars - 1), -1, -_BITS_EACH)
        body = prefix + "".join([ALPHABET[drawn >> place & 31] for place in places])
        remainder = _remainder(body)
        # Crockford's five further check signs are on no keypad: such a code is drawn again.
        if remainder < len(ALPHABET):
            code = body + ALPHABET[remainder]
            if not code.isdecimal():
                return code


def strength(random_chars: int) -> float:
    """Return the random bits of a code: five a character, less what is drawn again."""
    return _BITS_EACH * random_chars + math.log2(len(ALPHABET) / _CHECK_MODULUS)


def length_of(prefix: str, random_chars: int) -> int:
    """Return how many characters such codes have, the one that checks them included."""
    return len(prefix) + random_chars + 1


def is_prefix(text: str) -> bool:
    """Say whether codes can begin like this: it is read back as it is printed."""
    return len(text) <= PREFIX_MAX and set(text) <= set(ALPHABET)


def clean(text: str, *, length: int | None = None) -> str:
    """Return what was typed or scanned as a code is kept, or nothing when it cannot be one.

    Without a length it is read as a voucher's, whichever of theirs it has.
    """
    code = _letters(text).translate(_READ_AS)
    fits = len(code) in LENGTHS if length is None else len(code) == length
    return code if fits and set(code) <= set(ALPHABET) and not code.isdecimal() else ""


def clean_word(text: str) -> str:
    """Return a shared code as it is kept, in plain capitals, or nothing when it cannot be one."""
    word = _letters(text)
    fits = WORD_MIN <= len(word) <= WORD_MAX and set(word) <= _WORD_SIGNS
    could_be_unique = len(word) >= LENGTH and NEVER_IN_A_CODE not in word
    return word if fits and not could_be_unique and not word.isdecimal() else ""


def clean_ending(text: str) -> str:
    """Return the end of a unique code as it is kept, or nothing when it cannot be one."""
    ending = _letters(text).translate(_READ_AS)
    return ending if set(ending) <= set(ALPHABET) else ""


def read_alike(word: str) -> str:
    """Return what two shared codes have in common that people cannot tell apart."""
    return word.translate(_READ_AS)


def check(code: str) -> bool:
    """Say whether the last character of a clean code belongs to the others."""
    if not code:
        return False
    remainder = _remainder(code[:-1])
    return remainder < len(ALPHABET) and ALPHABET[remainder] == code[-1]


def grouped(code: str) -> str:
    """Write a code as people read it out: ``7K2M-9QXD-4TWH``; a shared one is a word, and stays.

    A last group of one character joins the one before it.
    """
    if clean_word(code) == code:
        return code
    ends = [*range(GROUP, len(code) - 1, GROUP), len(code)]
    return "-".join(code[start:end] for start, end in zip([0, *ends], ends, strict=False))


def image(code: str) -> str:
    """Return a QR code of the code itself, as the address of an SVG image."""
    drawn: str = segno.make(code, error="m", micro=False).svg_data_uri(scale=4, border=4)
    return drawn


def _letters(text: str) -> str:
    """Return a text in capitals and plain digits, without the spaces and dashes people put in."""
    wide = ascii_digits(unicodedata.normalize("NFKC", text))
    return "".join(char for char in without_spaces(wide) if char not in _DASHES).upper()


def _remainder(body: str) -> int:
    return int(body.translate(_AS_PYTHON_COUNTS), 32) % _CHECK_MODULUS


_AS_PYTHON_COUNTS = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")


def years_to_guess(random_chars: int, codes: int, *, guesses_an_hour: int) -> int:
    """Return for how many years somebody guesses on average until one of so many codes is hit."""
    hours = 2 ** strength(random_chars) / max(codes, 1) / guesses_an_hour
    return int(hours / HOURS_A_YEAR)
