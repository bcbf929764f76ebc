"""What tests of the catalog do again and again."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from core.actors import SYSTEM
from core.errors import Refusal
from members.models import Group
from members.services.groups import create_group, join_group
from rewards.models import Redemption, Reward
from rewards.services.redemptions import cancel_redemption, redeem
from tests.shops import Shop


def take(member: Any, reward: Reward, **how: Any) -> Redemption:
    """Take a reward, in some request of its own."""
    return redeem(
        reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key=uuid4().hex, **how
    )


def give_back(taken: Redemption) -> Redemption:
    """Undo a redemption, in some request of its own."""
    return cancel_redemption(
        redemption_id=taken.pk, reason="wrong", actor=SYSTEM, request_key=uuid4().hex
    )


def refusal(member: Any, reward: Reward, **how: Any) -> str:
    """Return the code of what a member is refused a reward with, or nothing."""
    try:
        take(member, reward, **how)
    except Refusal as refused:
        return refused.code
    return ""


def put_in_group(shop: Shop, member: Any, code: str = "friends") -> Group:
    """Put a member into a group, which is made when there is none."""
    known = Group.objects.filter(organization=shop.organization, code=code).first()
    group = known or create_group(
        organization_id=shop.organization.pk, name=code, code=code, actor=SYSTEM
    )
    join_group(group_id=group.pk, member_ids=[member.pk], actor=SYSTEM)
    return group


def choice(shop: Shop, *options: Reward, points: int = 100, **details: Any) -> Reward:
    """Offer one of several."""
    codes = [option.code for option in options]
    return shop.reward(
        points, name="One of these", kind="choose_one", details={"options": codes}, **details
    )


def tamper(statement: str) -> None:
    """Change rows behind the backs of their constraints, as only a superuser can."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")
