"""The short codes that people and receipts use for stores, registers and staff."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from itertools import chain, count

from django.utils.text import slugify

from core.errors import CodeInvalid, SlugInvalid
from core.text import caseless, clean_user_name

CODE_LENGTH_MAX = 32
SHORT_NAME_LENGTH_MAX = 40

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


def short_name_of(name: str, taken: Collection[str], otherwise: str) -> str:
    """Make a code from a name, or from another word where it has no such letters."""
    stem = slugify(name)[:SHORT_NAME_LENGTH_MAX].strip("-_") or otherwise
    if len(stem) < 2:
        stem = f"{otherwise}-{stem}"
    numbered = (f"{stem}-{number}" for number in count(2))
    return next(code for code in chain([stem], numbered) if code not in taken)


def next_number(taken: Iterable[str]) -> str:
    """Return the lowest number that is no code yet."""
    codes = set(taken)
    return next(str(number) for number in count(1) if str(number) not in codes)


def is_taken(code: str, taken: Iterable[str]) -> bool:
    """Say whether someone typing this code could mean another."""
    return caseless(code) in {caseless(other) for other in taken}
