"""Reads single cells: numbers, moments and text, each in one strict spelling."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from core.errors import InvalidInput
from core.text import clean_line
from loyalty.importing.mapping import ISO
from loyalty.importing.reasons import Unfit

if TYPE_CHECKING:
    from collections.abc import Callable
    from zoneinfo import ZoneInfo

    from loyalty.importing.mapping import Moment, Numbers

AMOUNT_END = Decimal(10) ** 11
QUANTITY_END = Decimal(10) ** 10
STEP = Decimal("0.001")
CACHED = 65_536
SKU_MAX, NAME_MAX, BRAND_MAX, CATEGORY_MAX = 64, 200, 100, 100

_EXPONENT = r"(?:[eE][-+]?\d{1,2})?"


def number_reader(written: Numbers) -> Callable[[str], Decimal]:
    """Return what reads the numbers of a file; it remembers, because prices repeat."""
    mark, thousands = re.escape(written.decimal_mark), re.escape(written.thousands_mark)
    grouped = rf"|\d{{1,3}}(?:{thousands}\d{{3}})+" if thousands else ""
    tail = "" if written.round_to is None else _EXPONENT
    shape = re.compile(rf"-?(?:\d{{1,12}}{grouped})(?:{mark}\d{{1,30}})?{tail}", re.ASCII)

    @lru_cache(maxsize=CACHED)
    def read(text: str) -> Decimal:
        digits = text.strip()
        if not shape.fullmatch(digits):
            raise Unfit("not_a_number", text=quoted(text))
        if written.thousands_mark:
            digits = digits.replace(written.thousands_mark, "")
        return Decimal(digits.replace(written.decimal_mark, "."))

    return read


def exact_amount(amount: Decimal, round_to: int | None) -> Decimal:
    """Return an amount as it is kept, or refuse one that would have to be shortened."""
    if round_to is not None and -AMOUNT_END < amount < AMOUNT_END:
        amount = amount.quantize(Decimal(1).scaleb(-round_to), rounding=ROUND_HALF_UP)
    return _within(amount, AMOUNT_END)


def exact_quantity(quantity: Decimal) -> Decimal:
    """Return a quantity as it is kept, or refuse one that would have to be shortened."""
    return _within(quantity, QUANTITY_END)


def _within(value: Decimal, end: Decimal) -> Decimal:
    if not -end < value < end:
        raise Unfit("too_large", value=value)
    if value.as_tuple().exponent < -3 and value != value.quantize(STEP):  # type: ignore[operator]
        raise Unfit("too_many_decimals", value=value)
    return value


def moment_reader(written: Moment) -> Callable[[str], datetime]:
    """Return what reads the moments of a file; a moment without an offset stays without one."""

    @lru_cache(maxsize=CACHED)
    def read(text: str) -> datetime:
        try:
            if written.format == ISO:
                return datetime.fromisoformat(text.strip())
            return datetime.strptime(text.strip(), written.format)  # noqa: DTZ007
        except ValueError as error:
            raise Unfit("not_a_time", text=quoted(text)) from error

    return read


def instant(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the instant that a clock in the zone showed.

    An hour that came twice is taken as the first; a time that the clock skipped is moved on by
    what it skipped.
    """
    local = moment if moment.utcoffset() is not None else moment.replace(tzinfo=zone, fold=0)
    try:
        return local.astimezone(UTC)
    except OverflowError as error:
        raise Unfit("not_a_time", text=moment) from error


@lru_cache(maxsize=CACHED)
def text_of(text: str, max_length: int) -> str:
    """Return text as it is kept, or refuse what cannot be."""
    try:
        return clean_line(text, max_length=max_length)
    except InvalidInput as refusal:
        raise Unfit.like(refusal, quoted(text)) from refusal


def quoted(text: str) -> str:
    """Return the beginning of a cell in a form that is safe to print."""
    return repr(text[:40])
