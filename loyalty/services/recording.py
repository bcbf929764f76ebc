"""Puts receipts into the database, each once, by the number its source gave it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from core.actors import Actor
from core.bulk import append_rows, array, fresh, insert_many, text_array
from loyalty.earning.exact import ZERO
from loyalty.earning.receipt import Line
from loyalty.models import Batch, Payment, Purchase
from loyalty.receipts import ReceiptDraft

RECEIPT_COLUMNS = {
    "organization_id": "bigint",
    "public_id": "uuid",
    "source": "text",
    "external_id": "text",
    "store_id": "bigint",
    "register_id": "bigint",
    "staff_id": "bigint",
    "member_id": "bigint",
    "channel": "text",
    "occurred_at": "timestamptz",
    "business_date": "date",
    "total": "numeric",
    "returned": "numeric",
    "content_digest": "text",
    "request_key": "text",
    "actor": "text",
    "metadata": "jsonb",
    "batch_id": "bigint",
}
NAMES = ", ".join(RECEIPT_COLUMNS)
ONE = ", ".join(f"%s::{kind}" for kind in RECEIPT_COLUMNS.values())
ARRAYS = ", ".join(f"%s::{kind}[]" for kind in RECEIPT_COLUMNS.values())
CLAIM = f"""
    INSERT INTO loyalty_purchase ({NAMES}, created_at) SELECT {{}}, now() {{}}
    ON CONFLICT (organization_id, source, external_id) DO NOTHING
    RETURNING public_id, id, EXISTS (
        SELECT FROM loyalty_return early
        WHERE early.status = 'parked' AND early.organization_id = loyalty_purchase.organization_id
            AND early.sale_source = loyalty_purchase.source
            AND early.sale_external_id = loyalty_purchase.external_id
    )
"""  # noqa: S608
CLAIM_MANY = CLAIM.format("*", f"FROM unnest({ARRAYS})")
LINE_COLUMNS = {
    "number": "integer",
    "sku": "text",
    "name": "text",
    "brand": "text",
    "category": "text",
    "kind": "text",
    "quantity": "numeric",
    "amount": "numeric",
    "discount": "numeric",
    "tax": "numeric",
    "unit_cost": "numeric",
    "returned_quantity": "numeric",
    "returned_amount": "numeric",
}
IN_LINE = ", ".join(LINE_COLUMNS)
# One receipt with its lines, in one statement. Where a product was never seen before, or the
# receipt is on record, no line is written.
PUT_ONE = f"""
    WITH claimed(public_id, id, is_expected) AS ({CLAIM.format(ONE, "")}),
    said AS MATERIALIZED (
        SELECT line.*, product.id AS product_id
        FROM unnest({", ".join(f"%s::{kind}[]" for kind in LINE_COLUMNS.values())})
            AS line({IN_LINE})
        LEFT JOIN loyalty_product product
            ON product.organization_id = %s AND product.sku = nullif(line.sku, '')
    ),
    written AS (
        INSERT INTO loyalty_purchaseline (purchase_id, product_id, {IN_LINE})
        SELECT claimed.id, product_id, {IN_LINE.replace("category", "category::text[]")}
        FROM claimed, said
        WHERE NOT EXISTS (SELECT FROM said WHERE sku <> '' AND product_id IS NULL)
        RETURNING id
    )
    SELECT public_id, id, is_expected, (SELECT count(*) FROM written) FROM claimed
"""  # noqa: S608


class Claimed(NamedTuple):
    """A new receipt: its id, whether a return waits for it, and whether its lines are there."""

    pk: int
    is_expected: bool
    has_lines: bool


def put_on_record(
    drafts: Sequence[ReceiptDraft],
    *,
    organization_id: int,
    actor: Actor,
    batch: Batch | None,
) -> tuple[list[Purchase | None], list[Purchase]]:
    """Insert the receipts that are new, with their contents; ``None`` stands for one that is not.

    Those of which something came back before they came themselves are returned apart. A twin that
    is being recorded at this moment is waited for.
    """
    if not drafts:
        return [], []
    purchases = [_purchase(draft, organization_id, actor, batch) for draft in drafts]
    new = _put_one(purchases[0], drafts[0]) if len(drafts) == 1 else _claim_many(purchases)
    for purchase in purchases:
        purchase.pk = new[purchase.public_id].pk if purchase.public_id in new else None
    claimed = [purchase if purchase.pk else None for purchase in purchases]
    recorded = [(one, draft) for one, draft in zip(claimed, drafts, strict=True) if one]
    _store_lines([pair for pair in recorded if not new[pair[0].public_id].has_lines])
    _store_payments(recorded)
    return claimed, [one for one, _draft in recorded if new[one.public_id].is_expected]


def _store_lines(recorded: Sequence[tuple[Purchase, ReceiptDraft]]) -> None:
    """Write the lines of new receipts, making products that were never seen."""
    if not recorded:
        return
    lines = (line for _purchase, draft in recorded for line in draft.lines)
    products = products_of(recorded[0][0].organization_id, lines)
    append_rows(
        "loyalty_purchaseline",
        ("purchase_id", "product_id", *LINE_COLUMNS),
        [
            (purchase.pk, products.get(line.sku or ""), *_line(line, draft))
            for purchase, draft in recorded
            for line in draft.lines
        ],
    )


def _store_payments(recorded: Sequence[tuple[Purchase, ReceiptDraft]]) -> None:
    insert_many(
        [
            Payment(purchase=purchase, method=paid.method, amount=paid.amount, points=paid.points)
            for purchase, draft in recorded
            for paid in draft.payments
        ]
    )


def products_of(organization_id: int, lines: Iterable[Line]) -> dict[str, int]:
    """Return the ids of the products named, by SKU; the first line to name one makes it."""
    named = {line.sku: line for line in lines if line.sku}
    known = _known_products(organization_id, list(named))
    missing = sorted(named.keys() - known.keys())
    if missing:
        known |= _new_products(organization_id, [named[sku] for sku in missing])
    if len(known) < len(named):  # somebody else was faster with a few
        known |= _known_products(organization_id, sorted(named.keys() - known.keys()))
    return known


def _purchase(
    draft: ReceiptDraft, organization_id: int, actor: Actor, batch: Batch | None
) -> Purchase:
    return fresh(
        Purchase,
        organization_id=organization_id,
        source=draft.source,
        external_id=draft.external_id,
        store_id=draft.store_id,
        register_id=draft.register_id,
        staff_id=draft.staff_id,
        member_id=draft.member_id,
        channel=draft.channel,
        occurred_at=draft.occurred_at,
        business_date=draft.business_date,
        total=draft.total,
        content_digest=draft.digest,
        request_key=draft.request_key,
        actor=actor.name,
        metadata=draft.metadata,
        batch=batch,
    )


def _put_one(purchase: Purchase, draft: ReceiptDraft) -> dict[UUID, Claimed]:
    """Insert one receipt and its lines, if it is new and its products were seen before."""
    columns = zip(*(_line(line, draft) for line in draft.lines), strict=True)
    arrays = [array(column) for column in columns] or ["{}"] * len(LINE_COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(PUT_ONE, [*_values(purchase), *arrays, purchase.organization_id])
        return {
            public_id: Claimed(pk, is_expected, written == len(draft.lines))
            for public_id, pk, is_expected, written in cursor.fetchall()
        }


def _claim_many(purchases: Sequence[Purchase]) -> dict[UUID, Claimed]:
    rows = [_values(purchase) for purchase in purchases]
    with connection.cursor() as cursor:
        cursor.execute(CLAIM_MANY, [array(column) for column in zip(*rows, strict=True)])
        return {
            public_id: Claimed(pk, is_expected, has_lines=False)
            for public_id, pk, is_expected in cursor.fetchall()
        }


def _values(purchase: Purchase) -> Sequence[Any]:
    return (
        purchase.organization_id,
        purchase.public_id,
        purchase.source,
        purchase.external_id,
        purchase.store_id,
        purchase.register_id,
        purchase.staff_id,
        purchase.member_id,
        purchase.channel,
        purchase.occurred_at,
        purchase.business_date,
        purchase.total,
        ZERO,
        purchase.content_digest,
        purchase.request_key,
        purchase.actor,
        json.dumps(purchase.metadata),
        purchase.batch_id,
    )


def _line(line: Line, draft: ReceiptDraft) -> Sequence[Any]:
    return (
        line.number,
        line.sku or "",
        line.name,
        line.brand or "",
        text_array(line.category),
        line.kind.value,
        line.quantity,
        line.amount,
        draft.discounts.get(line.number, ZERO),
        line.tax,
        line.unit_cost,
        ZERO,
        ZERO,
    )


def _known_products(organization_id: int, skus: list[str]) -> dict[str, int]:
    if not skus:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sku, id FROM unnest(%s::text[]) AS named(sku)"
            " JOIN loyalty_product USING (sku) WHERE organization_id = %s",
            [array(skus), organization_id],
        )
        return dict(cursor.fetchall())


def _new_products(organization_id: int, lines: Sequence[Line]) -> dict[str, int]:
    described = [
        (line.sku or "", line.name, line.brand or "", text_array(line.category)) for line in lines
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO loyalty_product (organization_id, sku, name, brand, category)
            SELECT %s, sku, name, brand, category::text[]
            FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[])
                AS new(sku, name, brand, category)
            ON CONFLICT (organization_id, sku) DO NOTHING
            RETURNING sku, id
            """,
            [organization_id, *(array(column) for column in zip(*described, strict=True))],
        )
        return dict(cursor.fetchall())
