"""A voucher that one till sets aside while another one uses it."""

import time
from decimal import Decimal

import pytest

from core.actors import SYSTEM
from loyalty.models import Purchase
from rewards.models import Quote, Reward, VoucherUse
from rewards.services.baskets import Number
from rewards.services.checkout import quote_and_hold, ring_up
from rewards.services.redemptions import redeem
from tests.racing import PAUSE_SECONDS, forget_locks, race, seen
from tests.shops import assert_audit_is_clean, open_shop

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


class Counter:
    """A shop whose member has vouchers, and two tills that want the same one."""

    def __init__(self):
        self.shop = open_shop()
        self.member = self.shop.member()
        self.shop.buys(self.member, "500.00")

    def voucher(self):
        reward = self.shop.reward(10, kind=Reward.Kind.AMOUNT_OFF, amount=Decimal(5))
        key = f"take-{reward.pk}"
        made = redeem(reward_id=reward.pk, member_id=self.member.pk, actor=SYSTEM, request_key=key)
        return made.voucher

    def sent(self, voucher, **more):
        lines = [{"sku": "tea", "quantity": Decimal(1), "amount": Decimal(20)}]
        return {"store": "1", "lines": lines, "vouchers": [voucher.code], **more}

    def holds(self, voucher, key):
        _quote, _view = quote_and_hold(
            organization=self.shop.organization,
            sent=self.sent(voucher),
            actor=SYSTEM,
            request_key=key,
        )
        return "held"

    def sells(self, voucher, key, **more):
        ring_up(
            organization=self.shop.organization,
            sent=self.sent(voucher, **more),
            number=Number(source="till", external_id=key, request_key=key),
            actor=SYSTEM,
        )
        return "sold"


def told(answers):
    return [getattr(one, "code", one) for one in answers]


def hold_and_sale(counter, serial, *, later=0.0):
    """Let one till hold a voucher and another one use it; the hold may come a little later."""
    voucher = counter.voucher()

    def hold():
        time.sleep(later)
        return counter.holds(voucher, f"hold-{serial}")

    return told(race(hold, lambda: counter.sells(voucher, f"sale-{serial}")))


@pytest.mark.proves("C3", "C9")
def test_what_is_set_aside_is_not_used_by_another():
    counter = Counter()

    for serial in range(3):
        assert hold_and_sale(counter, serial) in (
            ["held", "voucher_held"],
            ["voucher_used", "sold"],
        )
    assert Quote.objects.count() + VoucherUse.objects.count() == 3
    assert_audit_is_clean()


def test_without_locks_it_is_set_aside_and_used(monkeypatch):
    """The control: were this to fail, the test above would prove nothing."""
    counter = Counter()
    forget_locks(monkeypatch)

    def both(serial):
        return hold_and_sale(counter, serial, later=PAUSE_SECONDS / 2) == ["held", "sold"]

    assert seen(both, tries=8)


@pytest.mark.proves("C9")
def test_a_quote_is_used_by_one_of_two_purchases():
    counter = Counter()
    voucher = counter.voucher()
    counter.holds(voucher, "hold")
    quote = Quote.objects.get().public_id

    answers = race(
        lambda: counter.sells(voucher, "a", quote=quote),
        lambda: counter.sells(voucher, "b", quote=quote),
    )

    assert sorted(told(answers)) == ["quote_used", "sold"]
    assert Purchase.objects.filter(external_id__in="ab").count() == 1
    assert_audit_is_clean()
