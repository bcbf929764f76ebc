"""Canceled draws: points for their tickets go back, whatever became of the voucher beside them."""

import pytest

from core.actors import SYSTEM
from rewards.errors import VoucherExpired
from rewards.models import Voucher
from rewards.services import draw_canceling
from rewards.services.draw_canceling import cancel_draw, refund_canceled_draws
from rewards.services.redemptions import cancel_redemption, redeem
from rewards.services.vouchers import expire_vouchers
from tests.draws import opened
from tests.shops import assert_audit_is_clean, days_ago


def taken(shop, member, draw, *, key="t1", **more):
    """Take three tickets for ten points of fifty that are new."""
    shop.buys(member, "50.00")
    reward = shop.reward(10, kind="draw_ticket", details={"draw": draw.code, "tickets": 3}, **more)
    return redeem(reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key=key)


@pytest.mark.parametrize("is_marked", [False, True])
def test_points_go_back_also_when_the_voucher_of_the_tickets_has_lapsed(shop, member, is_marked):
    draw = opened(shop)
    one = taken(shop, member, draw, valid_days=1)
    Voucher.objects.update(issued_at=days_ago(3), valid_until=days_ago(1))
    if is_marked:
        expire_vouchers()

    with pytest.raises(VoucherExpired):
        cancel_redemption(redemption_id=one.pk, reason="", actor=SYSTEM, request_key="back")
    cancel_draw(draw_id=draw.pk, reason="The prize broke", actor=SYSTEM)
    assert refund_canceled_draws() == 1

    assert shop.balance(member) == 50
    assert Voucher.objects.get().status == Voucher.Status.CANCELED
    assert_audit_is_clean()


def test_what_cannot_be_given_back_keeps_nobody_else_from_their_points(shop, member, monkeypatch):
    draw = opened(shop)
    broken = [taken(shop, member, draw, key=f"t{number}").pk for number in range(2)]
    taken(shop, member, draw, key="last")
    cancel_draw(draw_id=draw.pk, reason="The prize broke", actor=SYSTEM)
    before = shop.balance(member)

    def refuse(*, redemption_id, **told):
        if redemption_id in broken:
            raise VoucherExpired
        return cancel_redemption(redemption_id=redemption_id, **told)

    monkeypatch.setattr(draw_canceling, "CHUNK", 2)
    monkeypatch.setattr(draw_canceling, "cancel_redemption", refuse)

    assert refund_canceled_draws() == 1
    assert shop.balance(member) == before + 10
