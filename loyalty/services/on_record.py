"""Composes anew the receipts that purchases on record came from."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from zoneinfo import ZoneInfo

from loyalty.earning.exact import ZERO
from loyalty.earning.receipt import Line, LineKind
from loyalty.models import Payment, Purchase, PurchaseLine
from loyalty.receipts import Paid, ReceiptDraft

STEP = Decimal("0.001")


def draft_on_record(
    purchase: Purchase,
    lines: tuple[Line, ...],
    payments: Iterable[Payment],
    request_key: str = "",
) -> ReceiptDraft:
    """Compose the receipt anew from what is on record and has not come back.

    The purchase has its store and organization read along.
    """
    total = sum((line.amount for line in lines), ZERO)
    store = purchase.store
    zone = ZoneInfo(store.time_zone or purchase.organization.time_zone)
    return ReceiptDraft(
        source=purchase.source,
        external_id=purchase.external_id,
        store_id=store.pk,
        store_code=store.code,
        occurred_at=purchase.occurred_at,
        local=purchase.occurred_at.astimezone(zone),
        business_date=purchase.business_date,
        lines=lines,
        total=total,
        request_key=request_key,
        member_id=purchase.member_id,
        channel=purchase.channel,
        payments=tuple(
            Paid(method=paid.method, amount=_share(paid.amount, total, purchase.total))
            for paid in payments
        ),
    )


def unreturned(lines: Iterable[PurchaseLine]) -> tuple[Line, ...]:
    """Return what has not come back, as it was rung up."""
    return tuple(
        _line(line)
        for line in lines
        if line.returned_quantity < line.quantity and line.returned_amount < line.amount
    )


def _line(line: PurchaseLine) -> Line:
    left = line.amount - line.returned_amount
    return Line(
        number=line.number,
        quantity=line.quantity - line.returned_quantity,
        amount=left,
        name=line.name,
        sku=line.sku or None,
        brand=line.brand or None,
        category=tuple(line.category),
        kind=LineKind(line.kind),
        tax=None if line.tax is None else _share(line.tax, left, line.amount),
        unit_cost=line.unit_cost,
    )


def _share(amount: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    """Return as much of an amount as a part is of the whole."""
    return amount if part == whole else (amount * part / whole).quantize(STEP)
