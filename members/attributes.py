"""Attributes an organization keeps about its members: short names with plain values."""

from __future__ import annotations

import re
from collections.abc import Mapping

from core.errors import about
from core.text import clean_line
from members.errors import AttributesInvalid

COUNT_MAX = 50
TEXT_LENGTH_MAX = 500
_NAME = re.compile(r"[a-z][a-z0-9_]{0,49}")
_NUMBER_MAX = 10**15

Attribute = str | int | float | bool


@about("attributes")
def clean_attributes(raw: Mapping[str, object]) -> dict[str, Attribute]:
    """Return the attributes as they are stored, or refuse what is not a plain value."""
    if len(raw) > COUNT_MAX:
        raise AttributesInvalid(limit=COUNT_MAX)
    return {_clean_key(name): _clean_value(name, value) for name, value in raw.items()}


def _clean_key(name: object) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise AttributesInvalid
    return name


def _clean_value(name: str, value: object) -> Attribute:
    if isinstance(value, str):
        return clean_line(value, max_length=TEXT_LENGTH_MAX)
    # The bound also keeps out infinity and NaN, which JSON in PostgreSQL cannot hold.
    if isinstance(value, (bool, int, float)) and abs(value) < _NUMBER_MAX:
        return value
    raise AttributesInvalid(name=name)
