"""What the engine reads: a receipt as it was rung up, and the member who earns on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from loyalty.earning.exact import ZERO

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from members.attributes import Attribute
    from members.birthdays import Birthday


class LineKind(StrEnum):
    """What a receipt line sells; only products earn unless the program says more."""

    PRODUCT = "product"
    SHIPPING = "shipping"
    TIP = "tip"
    FEE = "fee"
    GIFT_CARD = "gift_card"
    MEMBERSHIP = "membership"


class Fact(StrEnum):
    """What is read for the rules only when one of them asks for it."""

    REGIONS = "regions"
    TIER = "tier"
    GROUPS = "groups"
    PERSON = "person"
    PURCHASES = "purchases"
    DAYS = "days"


# Facts that every purchase changes.
COUNTED = frozenset([Fact.PURCHASES, Fact.DAYS])

# Reading a name off an enum is slow, and the engine asks for these on every line.
_PRODUCT, _GIFT_CARD = LineKind.PRODUCT, LineKind.GIFT_CARD


class Line(NamedTuple):
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
    """One purchase as the rules see it; ``local`` is its time on the store's own clock.

    ``activity`` says what else it was that a member did, by its kind and name: then nothing was
    bought.
    """

    occurred_at: datetime
    local: datetime
    store: str
    channel: str
    lines: tuple[Line, ...]
    total: Decimal
    paid_without_earning: Decimal = ZERO
    payment_methods: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    activity: tuple[str, str] | None = None

    @property
    def as_activity(self) -> dict[str, str]:
        """Return what was done besides buying, as explanations tell it."""
        return (
            {}
            if self.activity is None
            else {"activity": self.activity[0], "name": self.activity[1]}
        )


class Boost(NamedTuple):
    """How many times the points a tier gives; ``is_new`` on the purchase that has reached it."""

    tier: str
    times: Decimal
    is_new: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Earner:
    """What conditions may ask about the member; of a guest, and unless asked for, nothing is known.

    ``tiers`` are the member's own and those below it, ``today`` is the organization's date at the
    time of purchase, ``purchases_before`` are those recorded earlier, and ``days_before`` the
    organization's dates on which they were made, as far back as a rule looks.
    """

    tier: str = ""
    tiers: frozenset[str] = frozenset()
    boost: Boost | None = None
    groups: frozenset[str] = frozenset()
    today: date | None = None
    birthday: Birthday | None = None
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    purchases_before: int | None = None
    days_before: frozenset[date] | None = None


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
