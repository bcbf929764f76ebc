"""Tries a benefit that is still being written on a basket that somebody typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.currencies import decimals_of
from core.days import local_day
from core.models import Organization, Store
from loyalty.earning.receipt import Earner, Line, Receipt
from loyalty.services.trying import described
from rewards.discounts.effects import Scale
from rewards.discounts.reckoning import Discounted, Offered, reckon
from rewards.discounts.sources import Shopper, of_benefit
from rewards.discounts.spec import BenefitSpec

TRIED = "tried"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedBasket:
    """What is bought where and when, by a member who spent so much before."""

    articles: Sequence[tuple[str, Decimal]]
    store: Store
    at: datetime
    spent: Decimal = Decimal(0)


def try_benefit(
    *, organization: Organization, name: str, spec: BenefitSpec, basket: TypedBasket
) -> Discounted:
    """Return what a benefit alone would take off a basket; of the member nothing else is known.

    What is known of the articles is read from the catalog of products.
    """
    typed = [
        Line(number=number, sku=sku, name=sku, quantity=Decimal(1), amount=amount)
        for number, (sku, amount) in enumerate(basket.articles, start=1)
    ]
    lines = tuple(described(organization, typed))
    receipt = Receipt(
        occurred_at=basket.at,
        local=basket.at.astimezone(basket.store.zone),
        store=basket.store.code,
        channel="store",
        lines=lines,
        total=sum((line.amount for line in lines), Decimal(0)),
    )
    windows = [spec.effect.window] if isinstance(spec.effect, Scale) else []
    shopper = Shopper(
        is_member=True,
        shows_bearer_card=True,
        earner=Earner(today=local_day(basket.at, organization.zone), purchases_before=0),
        spent=dict.fromkeys(windows, basket.spent),
    )
    tried = Offered(of_benefit(TRIED, name, spec), shopper)
    return reckon(receipt, [tried], decimals=decimals_of(organization.currency))
