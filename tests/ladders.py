"""Ladders of tiers for tests, put up as a shop puts them up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from django.utils import timezone

from core.actors import SYSTEM
from loyalty.earning.receipt import Line, LineKind
from loyalty.models import LadderVersion, Purchase, Standing, TierChange
from loyalty.services.ladder import LadderWish, change_ladder
from loyalty.services.returns import ReturnWish, record_return
from loyalty.services.sold import Returned
from loyalty.services.tier_lifts import lift_everybody
from members.models import Member
from tests.shops import Shop

_numbers = count(1)
SILVER_AND_GOLD = {
    "basis": "spend",
    "window": {"type": "calendar_year"},
    "valid": {"type": "months", "months": 12, "round_up": "year"},
    "tiers": [
        {"code": "silver", "name": "Silver", "threshold": "100"},
        {"code": "gold", "name": "Gold", "threshold": "500"},
    ],
}


def ladder(**said: Any) -> dict[str, Any]:
    """Return Silver from 100 on and Gold from 500 on, with what is said instead."""
    return SILVER_AND_GOLD | said


def tiers(**benefits: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return Silver and Gold with these benefits, by code."""
    told = SILVER_AND_GOLD["tiers"]
    return [one | {"benefits": benefits.get(one["code"], {})} for one in told]


def put_up(shop: Shop, spec: dict[str, Any] | None = None, **said: Any) -> LadderVersion:
    """Let a program have this ladder from now on, and lift everybody who qualifies."""
    version = change(shop, spec or ladder(**said))
    lift_everybody()
    return version


def change(
    shop: Shop, spec: dict[str, Any], *, counts_from: datetime | None = None
) -> LadderVersion:
    """Let a program have this ladder, as somebody in the office decides it."""
    newest = LadderVersion.objects.filter(program=shop.program).order_by("-number").first()
    wish = LadderWish(spec=spec, counts_from=counts_from, seen=newest.number if newest else 0)
    return change_ladder(program_id=shop.program.pk, wish=wish, actor=SYSTEM)


def tier_of(shop: Shop, member: Member) -> str:
    """Return the code of the tier that a member has earned."""
    return Standing.objects.get(account=shop.account(member)).tier


def standing(shop: Shop, member: Member) -> tuple[str, str]:
    """Return the tier that a member has earned and the local day before which it ends."""
    row = Standing.objects.get(account=shop.account(member))
    zone = shop.organization.zone
    return row.tier, row.until.astimezone(zone).date().isoformat() if row.until else ""


def steps(shop: Shop, member: Member) -> list[tuple[str, str, str]]:
    """Return what happened to a member's tier: why, and from which to which."""
    rows = TierChange.objects.filter(account=shop.account(member)).order_by("pk")
    return list(rows.values_list("why", "before", "after"))


def takes_back(shop: Shop, purchase: Purchase, amount: str | None = None) -> Returned:
    """Let a purchase come back, whole or for an amount."""
    left = purchase_left(purchase)
    wish = ReturnWish(
        source="till",
        external_id=f"back-{next(_numbers)}",
        sale_source=purchase.source,
        sale_external_id=purchase.external_id,
        occurred_at=timezone.now(),
        request_key=f"back-{next(_numbers)}",
        quantities={} if amount else left,
        amount=Decimal(amount) if amount else None,
    )
    return record_return(organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)


def purchase_left(purchase: Purchase) -> dict[int, Decimal]:
    """Return what has not come back yet, by line."""
    lines = purchase.lines.values_list("number", "quantity", "returned_quantity")
    return {number: sold - back for number, sold, back in lines if sold > back}


def lines_of(*lines: tuple[LineKind, str, str]) -> tuple[Line, ...]:
    """Return receipt lines: kind, article and price."""
    return tuple(
        Line(number=n, kind=kind, sku=sku, quantity=Decimal(1), amount=Decimal(amount))
        for n, (kind, sku, amount) in enumerate(lines, start=1)
    )
