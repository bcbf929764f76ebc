"""How finely a currency is counted."""

from __future__ import annotations

from functools import cache

from babel.numbers import get_currency_precision


@cache
def decimals_of(currency: str) -> int:
    """Return the number of decimal places of a currency: 2 for GBP, 0 for JPY, 3 for KWD."""
    return get_currency_precision(currency)
