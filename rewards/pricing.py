"""What a receipt's lines come to, before anything is recorded.

``amount`` is what the customer pays for a line, tax included, and wins over quantity times price;
without it the line is quantity times unit price less discount, rounded to the currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from loyalty.earning.receipt import Line, LineKind
from loyalty.errors import TotalMismatch
from rewards.errors import AmountNotPositive, DiscountTooLarge, PriceMissing

TOLERANCE_PER_LINE = Decimal("0.01")
AMOUNT_MAX = Decimal(1_000_000_000)


def priced_lines(sold: Sequence[Mapping[str, Any]], *, decimals: int) -> tuple[Line, ...]:
    """Return the lines as the engine reads them, numbered from 1."""
    return tuple(_line(number, one, decimals=decimals) for number, one in enumerate(sold, start=1))


def discounts_on(sold: Sequence[Mapping[str, Any]]) -> dict[int, Decimal]:
    """Return by line number what was taken off before the customer paid."""
    return {
        number: one["discount"] for number, one in enumerate(sold, start=1) if one.get("discount")
    }


def total_only(total: Decimal) -> tuple[Line, ...]:
    """Return the one line of a receipt of which only the total is known."""
    return (Line(number=1, quantity=Decimal(1), amount=total),)


def checked_total(lines: Sequence[Line], stated: Decimal | None) -> Decimal:
    """Return what the lines come to; refuse a stated total that is further off than rounding."""
    total = sum((line.amount for line in lines), Decimal(0))
    if stated is not None and abs(total - stated) > TOLERANCE_PER_LINE * len(lines):
        raise TotalMismatch(lines=format(total, "f"), total=format(stated, "f"))
    if not 0 < total <= AMOUNT_MAX:
        raise AmountNotPositive(field="total")
    return total


def paid_in_all(payments: Iterable[Mapping[str, Any]]) -> Decimal:
    """Add up what was paid."""
    return sum((payment["amount"] for payment in payments), Decimal(0))


def _line(number: int, one: Mapping[str, Any], *, decimals: int) -> Line:
    return Line(
        number=number,
        sku=one.get("sku") or None,
        name=one.get("name", ""),
        brand=one.get("brand") or None,
        category=tuple(one.get("category", ())),
        kind=LineKind(one.get("kind", LineKind.PRODUCT)),
        quantity=one["quantity"],
        amount=_amount(number, one, decimals=decimals),
        tax=one.get("tax"),
        unit_cost=one.get("unit_cost"),
    )


def _amount(number: int, one: Mapping[str, Any], *, decimals: int) -> Decimal:
    if "amount" in one:
        return Decimal(one["amount"])
    if "unit_price" not in one:
        raise PriceMissing(field=f"lines[{number - 1}].amount")
    step = Decimal(1).scaleb(-decimals)
    gross = (one["quantity"] * one["unit_price"]).quantize(step, rounding=ROUND_HALF_UP)
    amount = gross - one.get("discount", Decimal(0))
    if amount < 0:
        raise DiscountTooLarge(field=f"lines[{number - 1}].discount")
    return Decimal(amount)
