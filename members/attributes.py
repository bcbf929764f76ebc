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
def merge_attributes(
    stored: Mapping[str, Attribute], sent: Mapping[str, object]
) -> dict[str, Attribute]:
    """Return the stored attributes with those sent laid over them; ``None`` takes one away."""
    named = {_clean_key(name): value for name, value in sent.items()}
    kept = {name: value for name, value in stored.items() if name not in named}
    new = {name: _clean_value(value) for name, value in named.items() if value is not None}
    if len(kept) + len(new) > COUNT_MAX:
        raise AttributesInvalid(limit=COUNT_MAX)
    return kept | new


def _clean_key(name: object) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise AttributesInvalid
    return name


def _clean_value(value: object) -> Attribute:
    if isinstance(value, str):
        return clean_line(value, max_length=TEXT_LENGTH_MAX)
    # The bound also keeps out infinity and NaN, which JSON in PostgreSQL cannot hold.
    if isinstance(value, (bool, int, float)) and abs(value) < _NUMBER_MAX:
        return value
    raise AttributesInvalid
