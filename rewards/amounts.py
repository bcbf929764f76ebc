"""Amounts and quantities as people type them: any script's digits, either decimal sign."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from core.text import ascii_digits, without_spaces
from rewards.errors import AmountTooFine, AmountUnreadable

QUANTITY_DECIMALS = 3

_DECIMAL_SIGN = "\u066b"  # of Arabic and Persian, and never anything else
_GROUPING = str.maketrans(dict.fromkeys("\u066c'\u2019", "_"))
_SPELLINGS = str.maketrans({"\uff0c": ",", "\u060c": ",", "\uff0e": "."})
_WHOLE = re.compile(r"[0-9]{1,15}|[0-9]{1,3}(?:([,._])[0-9]{2,3}(?:\1[0-9]{2,3}){0,3})?")
_ONE_GROUP = re.compile(r"[1-9][0-9]{0,2}[,.][0-9]{3}")


def typed_amount(text: str, *, decimals: int, grouping: str) -> Decimal:
    """Return the amount of money somebody typed, in a currency of so many decimals.

    ``grouping`` is the sign that separates thousands in the reader's language; it decides only
    what ``1,234`` means, where nothing else can.
    """
    return _within(_number(text, grouping=grouping), decimals)


def typed_quantity(text: str) -> Decimal:
    """Return how many or how much somebody typed; nobody groups the digits of a quantity."""
    return _within(_number(text, grouping=""), QUANTITY_DECIMALS)


def _number(text: str, *, grouping: str) -> Decimal:
    plain = _plain(text)
    sign = _decimal_sign(plain, grouping)
    whole, fraction = plain.split(sign) if sign else (plain, "")
    if not _WHOLE.fullmatch(whole or "0") or not (fraction or "0").isdecimal() or plain == sign:
        raise AmountUnreadable
    digits = "".join(char for char in whole if char.isdecimal())
    return Decimal(f"{digits or '0'}.{fraction or '0'}")


def _plain(text: str) -> str:
    """Keep digits and separators, in ASCII; a currency sign beside them says nothing new."""
    plain = ascii_digits(without_spaces(text)).translate(_SPELLINGS).translate(_GROUPING)
    return "".join(char for char in plain if unicodedata.category(char) != "Sc")


def _decimal_sign(plain: str, grouping: str) -> str:
    """Return the sign before the decimals, or nothing when there is none."""
    if _DECIMAL_SIGN in plain:
        return _DECIMAL_SIGN if plain.count(_DECIMAL_SIGN) == 1 else ""
    last = max(".,", key=plain.rfind)
    if plain.count(last) != 1 or (last == grouping and _ONE_GROUP.fullmatch(plain)):
        return ""
    return last


def _within(number: Decimal, decimals: int) -> Decimal:
    """Return the number with its currency's decimals, unless it has more than that."""
    step = Decimal(1).scaleb(-decimals)
    fitting = number.quantize(step)
    if fitting != number:
        raise AmountTooFine(decimals=decimals)
    return fitting
