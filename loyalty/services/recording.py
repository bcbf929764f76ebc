"""Puts receipts into the database, each once, by the number its source gave it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django.db import connection

from core.actors import Actor
from core.bulk import append_rows, array, insert_many, text_array
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
CLAIM_ONE = CLAIM.format(ONE, "")
CLAIM_MANY = CLAIM.format("*", f"FROM unnest({ARRAYS})")
LINE_COLUMNS = (
    "purchase_id",
    "number",
    "product_id",
    "sku",
    "name",
    "brand",
    "category",
    "kind",
    "quantity",
    "amount",
    "discount",
    "tax",
    "unit_cost",
    "returned_quantity",
    "returned_amount",
)


def claim_receipts(
    drafts: Sequence[ReceiptDraft],
    *,
    organization_id: int,
    actor: Actor,
    batch: Batch | None,
) -> tuple[list[Purchase | None], list[Purchase]]:
    """Insert the receipts that are new, in one statement; ``None`` stands for one that is not.

    Those of which something came back before they came themselves are returned apart. A twin that
    is being recorded at this moment is waited for.
    """
    if not drafts:
        return [], []
    purchases = [_purchase(draft, organization_id, actor, batch) for draft in drafts]
    inserted = _insert_new(purchases)
    for purchase in purchases:
        purchase.pk, _is_expected = inserted.get(purchase.public_id, (None, False))
    claimed = [purchase if purchase.pk else None for purchase in purchases]
    return claimed, [one for one in claimed if one and inserted[one.public_id][1]]


def store_contents(recorded: Sequence[tuple[Purchase, ReceiptDraft]]) -> None:
    """Write the lines and payments of new receipts, making products that were never seen."""
    if not recorded:
        return
    products = _products_of(recorded)
    append_rows(
        "loyalty_purchaseline",
        LINE_COLUMNS,
        [
            _line(purchase.pk, line, draft, products)
            for purchase, draft in recorded
            for line in draft.lines
        ],
    )
    insert_many(
        [
            Payment(purchase=purchase, method=paid.method, amount=paid.amount, points=paid.points)
            for purchase, draft in recorded
            for paid in draft.payments
        ]
    )


def _purchase(
    draft: ReceiptDraft, organization_id: int, actor: Actor, batch: Batch | None
) -> Purchase:
    return Purchase(
        organization_id=organization_id,
        public_id=uuid4(),
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


def _insert_new(purchases: Sequence[Purchase]) -> dict[UUID, tuple[int, bool]]:
    """Return the ids of the new ones, and whether a return has been waiting for them."""
    rows = [_values(purchase) for purchase in purchases]
    with connection.cursor() as cursor:
        if len(rows) == 1:
            cursor.execute(CLAIM_ONE, rows[0])
        else:
            cursor.execute(CLAIM_MANY, [array(column) for column in zip(*rows, strict=True)])
        return {public_id: (pk, is_expected) for public_id, pk, is_expected in cursor.fetchall()}


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


def _line(
    purchase_id: int, line: Line, draft: ReceiptDraft, products: dict[str, int]
) -> Sequence[Any]:
    sku = line.sku or ""
    return (
        purchase_id,
        line.number,
        products.get(sku),
        sku,
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


def _products_of(recorded: Sequence[tuple[Purchase, ReceiptDraft]]) -> dict[str, int]:
    """Return the ids of the products named, by SKU; the first receipt to name one makes it."""
    named = {line.sku: line for _purchase_, draft in recorded for line in draft.lines if line.sku}
    organization_id = recorded[0][0].organization_id
    known = _known_products(organization_id, list(named))
    missing = sorted(named.keys() - known.keys())
    if missing:
        known |= _new_products(organization_id, [named[sku] for sku in missing])
    if len(known) < len(named):  # somebody else was faster with a few
        known |= _known_products(organization_id, sorted(named.keys() - known.keys()))
    return known


def _known_products(organization_id: int, skus: list[str]) -> dict[str, int]:
    if not skus:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sku, id FROM loyalty_product"
            " WHERE organization_id = %s AND sku = ANY(%s::text[])",
            [organization_id, array(skus)],
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
