"""Vouchers that were used before each of their uses was written down."""

from importlib import import_module

from django.db import connection

from core.actors import SYSTEM
from rewards.models import VoucherUse
from rewards.services.redemptions import redeem
from tests.shops import assert_audit_is_clean
from tests.vouchers import use

migration = import_module("rewards.migrations.0007_vouchers_and_uses")


def test_what_was_used_before_has_its_one_use_and_what_was_not_has_none(shop, member):
    shop.buys(member, "100.00")
    reward = shop.reward(20)
    first, second = (
        redeem(reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key=key).voucher
        for key in ("first", "second")
    )
    used = use(first, store=shop.store)
    VoucherUse.objects.all().delete()

    with connection.cursor() as cursor:
        cursor.execute(migration.USES)

    found = VoucherUse.objects.values_list("voucher", "member", "store", "used_at", "actor")
    assert list(found) == [(first.pk, member.pk, shop.store.pk, used.used_at, SYSTEM.name)]
    assert second.uses == 0
    assert_audit_is_clean()
