"""Ways to look through a list, which stay in the address."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.http import urlencode


@dataclass(frozen=True, slots=True)
class Filter:
    """One way to look: a link, and whether it is the one that is on."""

    label: str
    url: str
    is_on: bool


def address_of(**asked: str) -> str:
    """Return the address of a look; what asks for nothing is left out of it."""
    told = urlencode({name: value for name, value in asked.items() if value})
    return f"?{told}" if told else "?"
