"""A receipt on its way in: priced, complete, and not yet recorded."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from core.canonical import canonical_json
from loyalty.earning.exact import plain
from loyalty.earning.receipt import Line, Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """A part of the total and the means it was paid with; ``points`` are the member's own."""

    method: str
    amount: Decimal
    points: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsWish:
    """How many points of a program the member wishes to pay with."""

    program_id: int
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDraft:
    """What a shop says was sold; ``external_id`` is unique within ``source``.

    ``local`` is ``occurred_at`` on the store's own clock; a receipt that came without its time is
    not ``is_dated``, and the moment it arrived at is no part of its contents. Of ``points_wish``
    there is a payment in points, once it is known what they pay.
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

    @property
    def digest(self) -> str:
        """Fingerprint the contents, so that a repeated receipt is told apart from another."""
        contents: dict[str, Any] = {
            "store": self.store_id,
            "member": self.member_id,
            "at": self.occurred_at if self.is_dated else None,
            "total": self.total,
            "lines": "\n".join([_told(line) for line in self.lines]),
            "payments": [[paid.method, paid.amount] for paid in self.payments if not paid.points],
        }
        if self.points_wish is not None:
            # What was wished, because what the points were worth may be said anew meanwhile.
            contents["points"] = [self.points_wish.program_id, self.points_wish.points]
        return hashlib.sha256(canonical_json(contents).encode()).hexdigest()

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
    return f"{what}|{plain(line.quantity)}|{plain(line.amount)}"
