"""Stamp cards for tests, made through the services that shops make them with."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from core.actors import SYSTEM
from loyalty.models import Grant, StampCard, StampMove, StampSheet
from loyalty.services.returns import ReturnWish, record_return
from loyalty.services.sold import Returned
from loyalty.services.stamp_cards import load_cards
from members.models import Member
from rewards.models import Reward
from tests.shops import ALWAYS, Shop

COFFEE = {"type": "voucher", "reward": "coffee"}
COOKIE = {"type": "voucher", "reward": "cookie"}
TEN_POINTS = {"type": "points", "points": 10}


def offer_coffee(shop: Shop) -> None:
    """Put what the cards give into the catalog, at a price that nobody can pay."""
    if Reward.objects.filter(program=shop.program, code="coffee").exists():
        return
    for code in ("coffee", "cookie"):
        reward = shop.reward(100_000, name=code.title())
        reward.code = code
        reward.save(update_fields=["code"])


def card_of(shop: Shop, size: int = 3, code: str = "coffee", **spec: Any) -> StampCard:
    """Switch on a card that counts for every receipt, and offer what it gives."""
    offer_coffee(shop)
    version = {"effective_from": "2000-01-01T00:00:00Z", "spec": spec_of(size, **spec)}
    load_card(shop, code, [version], status="active")
    return StampCard.objects.get(program=shop.program, code=code)


def spec_of(size: int, **spec: Any) -> dict[str, Any]:
    """Compose what a card says."""
    return {"size": size, "gifts": [COFFEE], **spec}


def load_card(shop: Shop, code: str, versions: list[dict[str, Any]], **details: Any) -> list[str]:
    """Bring one card to what a file says."""
    part = {"code": code, "name": "Coffee card", "versions": versions, **details}
    return load_cards(shop.program.pk, [part], SYSTEM)


def stamps_by(
    shop: Shop, per: str = "purchase", *, stamps: int = 1, card: str = "coffee", **more: Any
) -> None:
    """Let a rule give stamps, by purchase, unit or amount."""
    effect = {"type": "stamps", "card": card, "stamps": stamps, "per": per}
    if "amount" in more:
        effect["amount"] = more.pop("amount")
    shop.add_rule({"trigger": {"type": "purchase"}, "effect": effect, **more}, since=ALWAYS)


def sheets_of(shop: Shop, member: Member) -> list[tuple[int, str]]:
    """Return how many stamps each sheet of the member has, and what has become of it."""
    rows = StampSheet.objects.filter(account=shop.account(member)).order_by("card", "number")
    return [(row.stamps, _state(row)) for row in rows]


def moves_of(shop: Shop, member: Member) -> list[tuple[str, int, int]]:
    """Return cause, stamps and balance of each move in order."""
    rows = StampMove.objects.filter(account=shop.account(member)).order_by("card", "sequence")
    return list(rows.values_list("cause", "stamps", "balance_after"))


def grants_of(shop: Shop, member: Member) -> list[tuple[str, str, str]]:
    """Return what was given of which reward for which cause, and whether it stands."""
    rows = Grant.objects.filter(account=shop.account(member)).order_by("pk")
    return list(rows.values_list("cause", "target", "status"))


def _state(row: StampSheet) -> str:
    if row.completed_at is not None:
        return "full"
    return "open" if row.lapsed_at is None else "lapsed"


def returns(
    shop: Shop, sale: str, *lines: int, number: str | None = None, at: datetime | None = None
) -> Returned:
    """Take lines of a sale back, by default the first."""
    number = number or f"back-{sale}-{'-'.join(map(str, lines))}"
    wish = ReturnWish(
        source="till",
        external_id=number,
        sale_source="till",
        sale_external_id=sale,
        occurred_at=at or timezone.now(),
        request_key=f"return-{number}",
        quantities={line: Decimal(1) for line in lines or (1,)},
    )
    return record_return(organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)
