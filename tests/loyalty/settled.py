"""What is done with points that wait for their purchase, for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from django.utils import timezone

from core.actors import SYSTEM
from loyalty.models import Lot
from loyalty.queries import balance_of
from loyalty.services.returns import ReturnWish, record_return
from loyalty.services.settling import settle_purchase
from rewards.services.redemptions import redeem

MARCH = datetime(2026, 3, 1, 10, tzinfo=UTC)
EVENT = {"type": "event", "deadline_days": 14}
DEADLINE = datetime(2026, 3, 16, tzinfo=UTC)
A_YEAR = {"type": "after", "months": 12}


def settles(purchase):
    """Settle a purchase."""
    return settle_purchase(purchase_id=purchase.pk, actor=SYSTEM)


def brings_back(shop, number, amount):
    """Return goods of a receipt for so much."""
    wish = ReturnWish(
        source="till",
        external_id=f"back-{number}-{amount}",
        sale_source="till",
        sale_external_id=number,
        occurred_at=timezone.now(),
        request_key=f"back-{number}-{amount}",
        amount=Decimal(amount),
    )
    return record_return(organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)


def spends(shop, member, points):
    """Take a reward of this price."""
    reward = shop.reward(points)
    key = f"take-{reward.pk}"
    return redeem(reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key=key)


def figures(shop, member):
    """Return what can be spent, what waits and what is owed."""
    shown = balance_of(shop.account(member))
    return shown.balance, shown.pending, shown.debt


def left():
    """Return what is left in each lot."""
    return list(Lot.objects.order_by("pk").values_list("remaining", flat=True))
