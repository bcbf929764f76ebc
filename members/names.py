"""Names: one free field in any script, shown whole or with all but the first word shortened."""

from __future__ import annotations

import unicodedata

from core.errors import about
from core.text import clean_line
from members.errors import NameEmpty

LENGTH_MAX = 150


@about("name")
def clean_name(raw: str) -> str:
    """Return the name as it is stored; no name is fine, an invisible one is not."""
    name = clean_line(raw, max_length=LENGTH_MAX)
    if not name and raw.strip():
        raise NameEmpty
    return name


def masked_name(name: str) -> str:
    """Return ``Sara M.``: what a cashier needs to greet somebody and to tell two apart."""
    words = name.split()
    if len(words) < 2:
        return name
    return f"{words[0]} {_initial(words[-1])}."


def _initial(word: str) -> str:
    """Return the first letter with the marks that belong to it."""
    length = 1
    while length < len(word) and unicodedata.category(word[length]).startswith("M"):
        length += 1
    return word[:length]
