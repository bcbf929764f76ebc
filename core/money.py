"""How amounts of money are written."""

from __future__ import annotations

from babel.numbers import get_currency_precision

DECIMALS_MAX = 3


def decimals_of(currency: str) -> int:
    """Return how many decimals the currency has: 2 for GBP, 0 for JPY, 3 for KWD."""
    return min(get_currency_precision(currency), DECIMALS_MAX)
