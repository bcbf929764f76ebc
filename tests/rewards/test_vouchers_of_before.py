"""Rewards from before there were vouchers."""

from importlib import import_module

from django.apps import apps

from core.actors import SYSTEM
from rewards.models import Voucher
from rewards.services.redemptions import cancel_redemption, redeem
from tests.shops import assert_audit_is_clean

migration = import_module("rewards.migrations.0004_vouchers_of_before")


def test_what_was_handed_over_gets_a_used_voucher_and_what_was_canceled_a_canceled_one(
    shop, member
):
    shop.buys(member, "100.00")
    reward = shop.reward(20)
    first, second = (
        redeem(reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key=key)
        for key in ("first", "second")
    )
    cancel_redemption(redemption_id=second.pk, reason="", actor=SYSTEM, request_key="back")
    Voucher.objects.all().delete()

    migration.issue_vouchers(apps, None)

    found = Voucher.objects.order_by("redemption").values_list("redemption", "status", "used_at")
    assert list(found) == [
        (first.pk, "used", first.created_at),
        (second.pk, "canceled", None),
    ]
    assert_audit_is_clean()
