"""Goods that came back: the lines of returns, and what is left of purchases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from core.bulk import insert_many, update_rows
from loyalty.models import PurchaseLine, Return, ReturnLine
from loyalty.services.sold import Taking


def take_goods(takings: Sequence[Taking]) -> None:
    """Store what comes back, and that the purchases stand without it."""
    insert_many([line for taking in takings for line in _return_lines(taking)])
    parts = [part for taking in takings for part in taking.parts]
    lines = {
        line.pk: line
        for sold, plan in parts
        for line in (sold.lines[part.number] for part in plan.lines)
    }
    purchases = {sold.purchase.pk: sold.purchase for sold, _plan in parts}
    _store_lines(lines.values())
    update_rows(
        "loyalty_purchase",
        {"returned": "numeric"},
        [(purchase.pk, purchase.returned) for purchase in purchases.values()],
    )


def _return_lines(taking: Taking) -> Iterator[ReturnLine]:
    for sold, plan in taking.parts:
        for part in plan.lines:
            line = sold.lines[part.number]
            yield ReturnLine(
                parent=taking.row,
                purchase_line=line,
                sku=line.sku,
                quantity=part.quantity,
                amount=part.amount,
            )
    for goods in taking.unmatched:
        yield ReturnLine(parent=taking.row, **goods._asdict())


def _store_lines(lines: Iterable[PurchaseLine]) -> None:
    update_rows(
        "loyalty_purchaseline",
        {"returned_quantity": "numeric", "returned_amount": "numeric"},
        [(line.pk, line.returned_quantity, line.returned_amount) for line in lines],
    )


def store_returns(returns: Iterable[Return]) -> None:
    """Write what returns took, once it is known."""
    columns = {
        "status": "text",
        "purchase_id": "bigint",
        "member_id": "bigint",
        "store_id": "bigint",
        "amount": "numeric",
        "points_reversed": "bigint",
        "debt": "bigint",
        "points_put_back": "bigint",
        "deduction": "numeric",
        "problem": "text",
    }
    asked = attrgetter("pk", *columns)
    update_rows("loyalty_return", columns, [asked(row) for row in returns])
