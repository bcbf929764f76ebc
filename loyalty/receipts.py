"""A receipt on its way in: priced, complete, and not yet recorded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from core.canonical import canonical_json
from loyalty.earning.exact import plain
from loyalty.earning.receipt import Line, Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A part of the total and the means it was paid with; ``points`` are the member's own.

    ``wished`` is what was to be paid so, where that could be more than there was.
    """

    method: str
    amount: Decimal
    points: int = 0
    wished: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsWish:
    """How many points of a program the member wishes to pay with; ``hold_id`` set them aside."""

    program_id: int
    points: int
    hold_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDraft:
    """What a shop says was sold; ``external_id`` is unique within ``source``.

    ``local`` is ``occurred_at`` on the store's own clock; a receipt that came without its time is
    not ``is_dated``, and the moment it arrived at is no part of its contents. Of ``points_wish``
    there is a payment in points, once it is known what they pay. ``sent`` are the lines as they
    came, where something was taken off them since, and ``wishes`` names what was to do so.
    """

    source: str
    external_id: str
    store_id: int
    store_code: str
    occurred_at: datetime
    local: datetime
    business_date: date
    lines: tuple[Line, ...]
    total: Decimal
    request_key: str
    member_id: int | None = None
    register_id: int | None = None
    staff_id: int | None = None
    channel: str = "store"
    discounts: dict[int, Decimal] = field(default_factory=dict)
    payments: tuple[Paid, ...] = ()
    points_wish: PointsWish | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    is_dated: bool = True
    sent: tuple[Line, ...] = ()
    wishes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Fingerprint the contents, so that a repeated receipt is told apart from another."""
        lines = self.sent or self.lines
        contents: dict[str, Any] = {
            "store": self.store_id,
            "member": self.member_id,
            "at": self.occurred_at if self.is_dated else None,
            "total": sum((line.amount for line in lines), Decimal(0)) if self.sent else self.total,
            "lines": "\n".join([_told(line) for line in lines]),
            "payments": self._paid_in_money(),
        }
        if self.points_wish is not None:
            # What was wished, because what the points were worth may be said anew meanwhile.
            contents["points"] = [self.points_wish.program_id, self.points_wish.points]
        if self.wishes:
            contents["wishes"] = list(self.wishes)
        return hashlib.sha256(canonical_json(contents).encode()).hexdigest()

    def _paid_in_money(self) -> list[list[Any]]:
        money = (paid for paid in self.payments if not paid.points)
        return [[paid.method, paid.wished or paid.amount] for paid in money]

    @property
    def receipt(self) -> Receipt:
        """Return the receipt as the rules see it."""
        return Receipt(
            occurred_at=self.occurred_at,
            local=self.local,
            store=self.store_code,
            channel=self.channel,
            lines=self.lines,
            total=self.total,
            paid_without_earning=self.paid_by("points", "gift_card"),
            payment_methods=frozenset([paid.method for paid in self.payments]),
        )

    @property
    def paid_in_points(self) -> Paid | None:
        """Return the part that is paid with the member's own points, if any is."""
        return next((paid for paid in self.payments if paid.points), None)

    def paid_by(self, *methods: str) -> Decimal:
        """Add up what was paid with these means."""
        parts = (paid.amount for paid in self.payments if paid.method in methods)
        return sum(parts, Decimal(0))


def _told(line: Line) -> str:
    # As text, which is fingerprinted faster than lists within a list.
    what = f"{line.number}|{line.sku or ''}|{line.kind}"
    return f"{what}|{_plain(str(line.quantity))}|{_plain(str(line.amount))}"


@lru_cache(maxsize=65_536)
def _plain(digits: str) -> str:
    return plain(Decimal(digits))  # prices and quantities come again and again
