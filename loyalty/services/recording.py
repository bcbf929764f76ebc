"""Puts receipts into the database, each once, by the number its source gave it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from psycopg.types.json import Jsonb

from core.actors import Actor
from loyalty.earning.receipt import Line
from loyalty.models import Batch, Payment, Product, Purchase, PurchaseLine
from loyalty.receipts import ReceiptDraft

COLUMNS = (
    "organization_id, public_id, source, external_id, store_id, register_id, staff_id, member_id,"
    " channel, occurred_at, business_date, total, returned, content_digest, request_key, actor,"
    " metadata, batch_id, created_at"
)
ROW = f"({', '.join(['%s'] * 18)}, now())"


def claim_receipts(
    drafts: Sequence[ReceiptDraft],
    *,
    organization_id: int,
    actor: Actor,
    batch: Batch | None,
) -> list[Purchase | None]:
    """Insert the receipts that are new, in one statement; ``None`` stands for one that is not.

    A twin that is being recorded at this moment is waited for.
    """
    purchases = [_purchase(draft, organization_id, actor, batch) for draft in drafts]
    ids = _insert_new(purchases)
    for purchase in purchases:
        purchase.pk = ids.get(purchase.public_id)
    return [purchase if purchase.pk else None for purchase in purchases]


def store_contents(recorded: Sequence[tuple[Purchase, ReceiptDraft]]) -> list[PurchaseLine]:
    """Write the lines and payments of new receipts, making products that were never seen."""
    if not recorded:
        return []
    products = _products_of(recorded)
    lines = [
        _line(purchase, line, draft, products)
        for purchase, draft in recorded
        for line in draft.lines
    ]
    PurchaseLine.objects.bulk_create(lines, batch_size=2000)
    Payment.objects.bulk_create(
        Payment(purchase=purchase, method=paid.method, amount=paid.amount)
        for purchase, draft in recorded
        for paid in draft.payments
    )
    return lines


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


def _insert_new(purchases: Sequence[Purchase]) -> dict[UUID, int]:
    values = [value for purchase in purchases for value in _values(purchase)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO loyalty_purchase ({COLUMNS}) VALUES {', '.join([ROW] * len(purchases))}"  # noqa: S608
            " ON CONFLICT (organization_id, source, external_id) DO NOTHING"
            " RETURNING public_id, id",
            values,
        )
        return dict(cursor.fetchall())


def _values(purchase: Purchase) -> list[Any]:
    return [
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
        0,
        purchase.content_digest,
        purchase.request_key,
        purchase.actor,
        Jsonb(purchase.metadata),
        purchase.batch_id,
    ]


def _line(
    purchase: Purchase, line: Line, draft: ReceiptDraft, products: dict[str, int]
) -> PurchaseLine:
    return PurchaseLine(
        purchase=purchase,
        number=line.number,
        product_id=products.get(line.sku or ""),
        sku=line.sku or "",
        name=line.name,
        brand=line.brand or "",
        category=list(line.category),
        kind=line.kind.value,
        quantity=line.quantity,
        amount=line.amount,
        discount=draft.discounts.get(line.number, 0),
        tax=line.tax,
        unit_cost=line.unit_cost,
    )


def _products_of(recorded: Sequence[tuple[Purchase, ReceiptDraft]]) -> dict[str, int]:
    """Return the ids of the products named, by SKU; the first receipt to name one makes it."""
    named = {line.sku: line for _purchase_, draft in recorded for line in draft.lines if line.sku}
    organization_id = recorded[0][0].organization_id
    known = _known_products(organization_id, list(named))
    missing = sorted(named.keys() - known.keys())
    if missing:
        Product.objects.bulk_create(
            [_product(organization_id, named[sku]) for sku in missing], ignore_conflicts=True
        )
        known |= _known_products(organization_id, missing)
    return known


def _known_products(organization_id: int, skus: list[str]) -> dict[str, int]:
    if not skus:
        return {}
    products = Product.objects.filter(organization_id=organization_id, sku__in=skus)
    return dict(products.values_list("sku", "pk"))


def _product(organization_id: int, line: Line) -> Product:
    return Product(
        organization_id=organization_id,
        sku=line.sku or "",
        name=line.name,
        brand=line.brand or "",
        category=list(line.category),
    )
