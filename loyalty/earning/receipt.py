"""What the engine reads: a receipt as it was rung up, and the member who earns on it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from loyalty.earning.exact import ZERO

if TYPE_CHECKING:
    from datetime import datetime


class LineKind(StrEnum):
    """What a receipt line sells; only products earn unless the program says more."""

    PRODUCT = "product"
    SHIPPING = "shipping"
    TIP = "tip"
    FEE = "fee"
    GIFT_CARD = "gift_card"
    MEMBERSHIP = "membership"


# Reading a name off an enum is slow, and the engine asks for these on every line.
_PRODUCT, _GIFT_CARD = LineKind.PRODUCT, LineKind.GIFT_CARD


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a receipt; ``amount`` is what the member pays for it, tax included."""

    number: int
    quantity: Decimal
    amount: Decimal
    name: str = ""
    sku: str | None = None
    brand: str | None = None
    category: tuple[str, ...] = ()
    kind: LineKind = LineKind.PRODUCT
    tax: Decimal | None = None
    unit_cost: Decimal | None = None
    eligible: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One purchase as the rules see it; ``local`` is its time on the store's own clock."""

    occurred_at: datetime
    local: datetime
    store: str
    channel: str
    lines: tuple[Line, ...]
    total: Decimal
    paid_without_earning: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Earner:
    """What conditions may ask about the member; a condition on tier or group adds its fact here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarningPolicy:
    """What a program decided about the lines and money that earn."""

    product_kinds_only: bool = True
    net_of_tax: bool = False
    earn_on_part_paid_with_points: bool = False

    def lets_earn(self, line: Line) -> bool:
        """Say whether a line may earn: sold, priced, and never the sale of a gift card."""
        if not (line.eligible and line.amount) or line.quantity <= ZERO:
            return False
        if line.kind == _PRODUCT:
            return True
        return not self.product_kinds_only and line.kind != _GIFT_CARD

    def earning_amount(self, line: Line) -> Decimal:
        """Return the money of a line that points are counted on."""
        if self.net_of_tax and line.tax is not None:
            return line.amount - line.tax
        return line.amount
