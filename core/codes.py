"""The short codes that people and receipts use for stores, registers and staff."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import count

from core.errors import CodeInvalid, SlugInvalid
from core.text import caseless, clean_user_name

CODE_LENGTH_MAX = 32

RESERVED = frozenset({"components"})  # a page of the office stands at this address

_CODE = re.compile(r"\w[\w.-]{0,31}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,48}[a-z0-9]")


def clean_code(text: str) -> str:
    """Return a code as it is kept: one alphabet, digits 0 to 9, no slash, colon or space."""
    code = clean_user_name(text, max_length=CODE_LENGTH_MAX)
    if not _CODE.fullmatch(code):
        raise CodeInvalid
    return code


def clean_slug(text: str) -> str:
    """Return the part of an address that names an organization."""
    if text in RESERVED or not _SLUG.fullmatch(text):
        raise SlugInvalid
    return text


def next_number(taken: Iterable[str]) -> str:
    """Return the lowest number that is no code yet."""
    codes = set(taken)
    return next(str(number) for number in count(1) if str(number) not in codes)


def is_taken(code: str, taken: Iterable[str]) -> bool:
    """Say whether someone typing this code could mean another."""
    return caseless(code) in {caseless(other) for other in taken}
