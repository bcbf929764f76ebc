from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from core.actors import SYSTEM
from loyalty.models import Hold, Purchase
from rewards.models import Benefit, Quote, Redemption, Reward, Voucher
from rewards.services.benefit_editing import set_benefit_status
from rewards.services.redemptions import redeem
from rewards.tasks import end_overdue_redemptions
from tests.benefits import TEN_PERCENT, switch_on
from tests.rewards.receipts import NOTHING, receipt, refused

FIVE_OFF = {"kind": Reward.Kind.AMOUNT_OFF, "amount": Decimal(5)}
TEA = {"sku": "tea", "quantity": "1", "amount": "20.00"}
LATER = timedelta(minutes=11)


@pytest.fixture
def rich(shop, member):
    shop.settle(point_value="1", pay_with_points={})
    shop.buys(member, "100.00")
    return member


@pytest.fixture
def voucher(shop, rich):
    reward = shop.reward(20, name="Five off", **FIVE_OFF)
    return redeem(reward_id=reward.pk, member_id=rich.pk, actor=SYSTEM, request_key="t").voucher


def body(**parts):
    return receipt(**{"lines": [TEA], **parts})


def held(api, **parts):
    answer = api("POST", "quotes/", body(external_id=NOTHING, hold=True, **parts))
    assert answer.status_code == 201, answer.json()
    return answer.json()


def quoted(api, **parts):
    return api("POST", "quotes/", body(external_id=NOTHING, **parts))


def bought(api, **parts):
    return api("POST", "purchases/", body(**parts))


@pytest.mark.proves("C9", "case 26")
def test_points_are_held_for_the_quote_and_for_nobody_else(api, shop, rich):
    quote = held(api, points_to_spend=15)

    assert (quote["total_due"], shop.balance(rich)) == ("5.00", 85)
    refused(
        bought(api, points_to_spend=90, external_id="1", lines=[{**TEA, "amount": "90"}]),
        409,
        "points_held",
    )
    sold = bought(api, points_to_spend=15, quote=quote["quote"]).json()

    assert sold["paid_with_points"] == {"points": 15, "amount": "15.00"}
    assert shop.balance(rich) == 85 + 5
    assert Hold.objects.get().status == "captured"
    assert Quote.objects.get().purchase == Purchase.objects.get(external_id="77")


@pytest.mark.proves("C9")
def test_a_voucher_is_held_for_the_quote_and_for_nobody_else(api, voucher):
    quote = held(api, vouchers=[voucher.code])

    refused(bought(api, vouchers=[voucher.code], external_id="1"), 409, "voucher_held")
    refused(quoted(api, vouchers=[voucher.code]), 409, "voucher_held")
    sold = bought(api, vouchers=[voucher.code], quote=quote["quote"]).json()

    assert sold["total"] == "15.00"
    assert Voucher.objects.get().status == "used"


def test_a_reward_is_held_with_its_points(api, shop, rich):
    reward = shop.reward(60, stock=1, **FIVE_OFF)
    wish = {"rewards": [str(reward.public_id)]}
    quote = held(api, **wish)

    refused(bought(api, **wish, external_id="1"), 409, "sold_out")
    sold = bought(api, **wish, quote=quote["quote"]).json()

    assert (sold["total"], shop.balance(rich)) == ("15.00", 100 - 60 + 15)
    assert Redemption.objects.get().status == "issued"


@pytest.mark.proves("T3")
def test_a_price_that_was_promised_is_kept(api, shop, rich):
    benefit = switch_on(shop, TEN_PERCENT)
    quote = held(api)
    set_benefit_status(benefit_id=benefit.pk, status=Benefit.Status.PAUSED, actor=SYSTEM)

    sold = bought(api, quote=quote["quote"]).json()

    assert (sold["total"], sold["discounts"]) == ("18.00", quote["discounts"])


@pytest.mark.proves("T3")
def test_after_its_time_the_price_is_worked_out_anew(api, shop, rich):
    benefit = switch_on(shop, TEN_PERCENT)
    quote = held(api)
    set_benefit_status(benefit_id=benefit.pk, status=Benefit.Status.PAUSED, actor=SYSTEM)

    with time_machine.travel(timezone.now() + LATER):
        changed = refused(bought(api, quote=quote["quote"]), 409, "quote_changed")

    assert changed["data"]["quote"]["total_due"] == "20.00"
    assert not Purchase.objects.filter(external_id="77").exists()


def test_another_basket_is_worked_out_anew_with_what_was_held(api, shop, rich, voucher):
    quote = held(api, vouchers=[voucher.code], points_to_spend=15)
    more = [TEA, {**TEA, "sku": "cake"}]

    other = bought(
        api, lines=more, vouchers=[voucher.code], points_to_spend=15, quote=quote["quote"]
    )
    refused(other, 409, "quote_changed")
    same = bought(api, vouchers=[voucher.code], points_to_spend=15, quote=quote["quote"])

    assert same.json()["total_due"] == "0.00"


@pytest.mark.proves("INV-10", "case 34")
def test_a_quote_whose_time_is_over_holds_nothing(api, shop, rich, voucher):
    held(api, vouchers=[voucher.code], points_to_spend=15)

    with time_machine.travel(timezone.now() + LATER):
        other = bought(
            api, external_id="1", vouchers=[voucher.code], lines=[{**TEA, "amount": "85"}],
            points_to_spend=80,
        )  # fmt: skip
        end_overdue_redemptions()
        end_overdue_redemptions()

    assert other.json()["total_due"] == "0.00"
    assert Hold.objects.get(quote__isnull=False).status == "expired"
    assert shop.balance(rich) == 0


@pytest.mark.proves("case 34", "INV-10")
def test_points_that_nobody_used_come_back_once(api, shop, rich):
    held(api, points_to_spend=20)

    with time_machine.travel(timezone.now() + LATER):
        for _ in range(2):
            end_overdue_redemptions()
        assert shop.balance(rich) == 100


def test_a_quote_is_used_once(api, shop, rich):
    quote = held(api)
    bought(api, quote=quote["quote"])

    refused(bought(api, quote=quote["quote"], external_id="1"), 409, "quote_used")
    refused(bought(api, quote=quote["quote"]), 409, "duplicate_receipt")
    refused(bought(api, quote=str(rich.public_id), external_id="2"), 400, "quote_unknown")


def test_a_quote_that_holds_needs_a_key_and_is_made_once(api, shop, rich):
    sent = body(external_id=NOTHING, hold=True, points_to_spend=10)
    first = api("POST", "quotes/", sent, key="k" * 20).json()

    assert api("POST", "quotes/", sent, key="k" * 20).json() == first
    assert api("POST", "quotes/", sent, key="short").status_code == 400
    assert Hold.objects.count() == 1


def test_what_is_not_there_cannot_be_held(api, shop, rich):
    refused(
        quoted(api, hold=True, points_to_spend=500, lines=[{**TEA, "amount": "500"}]),
        409,
        "insufficient_points",
    )
    assert not Quote.objects.exists()
