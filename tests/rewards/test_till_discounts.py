from decimal import Decimal

import pytest

from core.actors import SYSTEM
from loyalty.models import Purchase
from rewards.models import Reward, Voucher
from rewards.services.redemptions import cancel_redemption, redeem
from tests.benefits import TEN_PERCENT, switch_on


@pytest.fixture
def voucher(shop, member):
    shop.buys(member, "100.00")
    reward = shop.reward(50, name="Five off", kind=Reward.Kind.AMOUNT_OFF, amount=Decimal(5))
    return redeem(
        reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key="take"
    ).voucher


def sold(till, member, **typed):
    return till.filled_in(member, amount="20.00", **typed)


def quoted(till, member, **typed):
    return till.client.post("/till/quote/", sold(till, member, **typed)).content.decode()


def test_a_voucher_in_the_one_field_joins_the_ring_up(till, member, voucher):
    page = till.find(voucher.code)

    assert page.redirect_chain[-1][0].endswith(f"vouchers={voucher.code}")
    assert str(member.public_id) in page.redirect_chain[-1][0]
    assert voucher.code in page.content.decode()


def test_what_is_handed_over_is_shown_as_before(till, shop, member):
    shop.buys(member, "100.00")
    reward = shop.reward(50, name="A cup")
    cup = redeem(reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key="take")

    page = till.find(cup.voucher.code)

    assert "Use it" in page.content.decode()


def test_the_quote_tells_what_is_taken_off_and_why(till, shop, member, voucher):
    switch_on(shop, TEN_PERCENT, name="Club price")

    told = till.client.post(
        "/till/quote/", sold(till, member, vouchers=voucher.code)
    ).content.decode()

    assert "£13.00" in told
    for words in ("Before discounts", "Club price", "10% off", "Five off", "£5.00", "£2.00"):
        assert words in told


def test_a_voucher_that_cannot_be_used_is_left_out_with_a_word(till, member, voucher):
    cancel_redemption(
        redemption_id=voucher.redemption_id, reason="gone", actor=SYSTEM, request_key="gone"
    )

    told = till.client.post(
        "/till/quote/", sold(till, member, vouchers=voucher.code)
    ).content.decode()

    assert "This voucher was canceled" in told
    assert "£20.00" in told


def test_ringing_up_uses_the_voucher_and_undoing_makes_it_good_again(till, shop, member, voucher):
    sent = sold(till, member, vouchers=voucher.code)
    page = till.client.post("/till/purchases/", sent, follow=True)

    purchase = Purchase.objects.get(external_id__endswith="/1001")
    assert (purchase.total, Voucher.objects.get().status) == (Decimal(15), "used")
    assert "Discounts on" in page.content.decode()
    till.client.post(f"/till/receipts/{purchase.public_id}/undo/", {"request_key": "u" * 20})
    assert Voucher.objects.get().status == "issued"


def test_a_used_voucher_is_said_beside_its_field(till, member, voucher):
    till.rings_up(member, vouchers=voucher.code)

    page = till.rings_up(member, vouchers=voucher.code, receipt="1002").content.decode()

    assert "This voucher was used before." in page
    assert 'name="vouchers"' in page
