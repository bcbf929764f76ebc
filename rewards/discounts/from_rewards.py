"""What a voucher for a reward takes off a purchase; most rewards are handed over instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from loyalty.earning.compiled import compile_conditions
from loyalty.earning.vocabulary.conditions import Condition
from loyalty.earning.vocabulary.lines import CategoryCondition
from loyalty.earning.vocabulary.minimum import MinimumAmountCondition
from loyalty.earning.vocabulary.place import StoreCondition
from rewards.discounts.effects import AmountOff, Effect, FreeProduct, FreeShipping, PercentOff
from rewards.discounts.sources import Id, Source, SourceKind
from rewards.discounts.spec import Audience

Details = Mapping[str, Any]


def discount_of(
    key: str,
    name: str,
    told: Details,
    *,
    stores: Sequence[str] = (),
    is_combinable: bool = False,
) -> Source | None:
    """Return a voucher as a source, or nothing when its reward takes nothing off.

    ``told`` is the reward's kind under ``type`` with the amount, percentage, minimum and product
    that belong to it. A free product that no article number or category names is handed over.
    """
    effect = _EFFECTS.get(told["type"], _nothing)(told)
    if effect is None:
        return None
    return Source(
        id=Id(SourceKind.VOUCHER, key),
        name=name,
        effect=effect,
        conditions=compile_conditions(_conditions(told, stores)),
        audience=Audience.EVERYONE,  # whose it is, the voucher says itself
        is_combinable=is_combinable,
    )


def _nothing(told: Details) -> Effect | None:  # noqa: ARG001
    return None


def _amount_off(told: Details) -> Effect:
    return AmountOff(type="amount_off", amount=Decimal(told["amount"]))


def _percent_off(told: Details) -> Effect:
    return PercentOff(type="percent_off", percent=Decimal(told["percent"]))


def _free_shipping(told: Details) -> Effect:  # noqa: ARG001
    return FreeShipping(type="free_shipping")


def _free_product(told: Details) -> Effect | None:
    sku = told.get("product_sku")
    if sku:
        return FreeProduct(type="free_product", skus=(sku,))
    return FreeProduct(type="free_product") if told.get("product_category") else None


# A kind of reward that takes something off a purchase has its line here.
_EFFECTS: Mapping[str, Callable[[Details], Effect | None]] = {
    "amount_off": _amount_off,
    "percent_off": _percent_off,
    "free_shipping": _free_shipping,
    "free_product": _free_product,
    "product_with_purchase": _free_product,
}


def _conditions(told: Details, stores: Sequence[str]) -> list[Condition]:
    conditions: list[Condition] = []
    if stores:
        conditions.append(StoreCondition(type="store", stores=tuple(stores)))
    if told.get("minimum"):
        minimum = Decimal(told["minimum"])
        conditions.append(MinimumAmountCondition(type="minimum_amount", amount=minimum))
    if told.get("product_category") and not told.get("product_sku"):
        named = (told["product_category"],)
        conditions.append(CategoryCondition(type="category", categories=named))
    return conditions
