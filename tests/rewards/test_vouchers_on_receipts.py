from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from core.services.audit_ledger import violations
from loyalty.models import Purchase
from rewards.models import PurchaseDiscount, Redemption, Reward, Voucher, VoucherUse
from rewards.services.baskets import Number
from rewards.services.checkout import ring_up
from rewards.services.redemptions import redeem
from tests.benefits import percent_off, switch_on
from tests.racing import forget_locks, race, seen
from tests.rewards.receipts import NOTHING, receipt, refused
from tests.shops import assert_audit_is_clean, days_ago, open_shop

FIVE_OFF = {"kind": Reward.Kind.AMOUNT_OFF, "amount": Decimal(5)}
TEA = {"sku": "tea", "quantity": "1", "amount": "20.00"}


@pytest.fixture
def rich(shop, member):
    shop.buys(member, "300.00")
    return member


@pytest.fixture
def voucher(shop, rich):
    return taken(shop, rich)


def taken(shop, member, **details):
    reward = shop.reward(50, **{"name": "Five off", **FIVE_OFF, **details})
    redemption = redeem(
        reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key=f"take-{reward.pk}"
    )
    return redemption.voucher


def quoted(api, **parts):
    return api("POST", "quotes/", receipt(external_id=NOTHING, lines=[TEA], **parts))


def bought(api, **parts):
    return api("POST", "purchases/", receipt(lines=[TEA], **parts))


def returned(api, sold, **parts):
    return api("POST", f"purchases/{sold['id']}/returns/", {"external_id": "back", **parts}).json()


def test_a_voucher_takes_its_amount_off_and_is_used(api, shop, voucher):
    quote = quoted(api, vouchers=[voucher.code]).json()
    assert Voucher.objects.get(pk=voucher.pk).status == "issued"

    sold = bought(api, vouchers=[voucher.code]).json()

    assert (quote["total"], sold["total"], sold["points_total"]) == ("15.00", "15.00", 15)
    [told] = sold["discounts"]
    assert (told["kind"], told["source"], told["amount"]) == ("voucher", voucher.code, "5.00")
    used = VoucherUse.objects.get()
    assert (used.amount, used.purchase.external_id, used.member.name) == (5, "77", "Mina K")
    assert Voucher.objects.get(pk=voucher.pk).status == "used"
    assert PurchaseDiscount.objects.get().voucher_use == used


def test_the_same_receipt_again_is_told_as_that(api, shop, voucher):
    first = bought(api, vouchers=[voucher.code]).json()

    again = refused(bought(api, vouchers=[voucher.code]), 409, "duplicate_receipt")
    refused(bought(api), 409, "receipt_conflict")

    assert again["data"]["purchase"]["discounts"] == first["discounts"]
    assert VoucherUse.objects.count() == 1


def test_a_voucher_is_used_once(api, shop, voucher):
    bought(api, vouchers=[voucher.code])

    refused(bought(api, vouchers=[voucher.code], external_id="78"), 409, "voucher_used")
    refused(quoted(api, vouchers=[voucher.code]), 409, "voucher_used")
    assert Purchase.objects.filter(external_id="78").count() == 0


@pytest.mark.parametrize("surface", [quoted, bought])
def test_what_cannot_be_used_is_refused_by_name(api, shop, rich, surface):
    voucher, over = taken(shop, rich), taken(shop, rich, valid_days=1)
    Voucher.objects.filter(pk=over.pk).update(valid_until=days_ago(1))
    handed = taken(shop, rich, kind=Reward.Kind.FREE_PRODUCT, amount=None)
    wrong = voucher.code[:-1] + ("0" if voucher.code[-1] != "0" else "1")
    shop.member("+447400220000")

    refused(surface(api, vouchers=[over.code]), 409, "voucher_expired")
    refused(surface(api, vouchers=[wrong]), 400, "voucher_mistyped")
    refused(surface(api, vouchers=["nothing"]), 400, "voucher_unknown")
    refused(surface(api, vouchers=[voucher.code] * 2), 400, "sent_twice")
    refused(surface(api, vouchers=[handed.code]), 409, "voucher_takes_nothing_off")
    refused(
        surface(api, vouchers=[voucher.code], member="+447400220000"), 409, "voucher_not_theirs"
    )
    Voucher.objects.filter(pk=voucher.pk).update(valid_from=days_ago(-1))
    refused(surface(api, vouchers=[voucher.code]), 409, "voucher_not_yet")


@pytest.mark.proves("case 32")
def test_a_voucher_without_effect_is_kept(api, shop, voucher):
    switch_on(shop, percent_off(100))

    sold = bought(api, vouchers=[voucher.code]).json()

    [told] = [one for one in sold["not_applied"] if one["kind"] == "voucher"]
    assert (sold["total"], told["why"][0]["code"]) == ("0.00", "no_effect")
    assert Voucher.objects.get(pk=voucher.pk).status == "issued"
    assert not VoucherUse.objects.exists()


def test_a_guest_may_use_what_they_hold(api, shop, voucher):
    sold = bought(api, vouchers=[voucher.code], member=NOTHING).json()

    assert (sold["total"], sold["member"]) == ("15.00", None)


def test_a_reward_is_taken_and_used_with_the_purchase(api, shop, rich):
    reward = shop.reward(100, name="Five off", **FIVE_OFF)
    named = [str(reward.public_id)]

    quote = quoted(api, rewards=named).json()
    sold = bought(api, rewards=named).json()

    assert (quote["total"], sold["total"]) == ("15.00", "15.00")
    assert shop.balance(rich) == 300 - 100 + 15
    redemption = Redemption.objects.get()
    assert (redemption.status, redemption.voucher.status) == ("issued", "used")
    assert sold["discounts"][0]["source"] == redemption.voucher.code


def test_a_reward_is_not_paid_with_what_its_purchase_earns(api, shop, rich):
    reward = shop.reward(310, name="Five off", **FIVE_OFF)

    for answer in (
        quoted(api, rewards=[str(reward.public_id)]),
        bought(api, rewards=[str(reward.public_id)]),
    ):
        assert refused(answer, 409, "insufficient_points")["data"]["balance"] == 300
    assert not Purchase.objects.filter(external_id="77").exists()


def test_points_pay_for_a_reward_and_for_goods_together(api, shop, rich):
    shop.settle(point_value="1", pay_with_points={})
    reward = shop.reward(290, name="Five off", **FIVE_OFF)
    wish = {"rewards": [str(reward.public_id)], "points_to_spend": 15}

    refused(quoted(api, **wish), 409, "insufficient_points")
    refused(bought(api, **wish), 409, "insufficient_points")
    assert bought(api, **wish | {"points_to_spend": 10}).json()["total_due"] == "5.00"
    assert shop.balance(rich) == 5


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        ({"stock": 0}, "sold_out", 409),
        ({"status": Reward.Status.PAUSED}, "reward_not_offered", 409),
        ({"kind": Reward.Kind.FREE_PRODUCT, "amount": None}, "reward_takes_nothing_off", 409),
    ],
)
def test_a_reward_that_cannot_be_had_is_refused(api, shop, rich, change, code, status):
    reward = shop.reward(100, **{**FIVE_OFF, **change})

    refused(quoted(api, rewards=[str(reward.public_id)]), status, code)
    refused(bought(api, rewards=[str(reward.public_id)]), status, code)
    refused(bought(api, rewards=[str(reward.public_id)], member=NOTHING), 400, "member_needed")


@pytest.mark.proves("case 37")
def test_a_return_of_everything_makes_the_voucher_good_again(api, shop, voucher):
    sold = bought(api, vouchers=[voucher.code]).json()

    part = returned(api, sold, amount="5.00", external_id="part")
    assert Voucher.objects.get(pk=voucher.pk).status == "used"
    rest = returned(api, sold, amount="10.00", external_id="rest")

    assert "stays used" in part["why"][-1]
    assert "can be used again" in rest["why"][-1]
    assert Voucher.objects.get(pk=voucher.pk).status == "issued"
    assert bought(api, vouchers=[voucher.code], external_id="78").status_code == 201


def test_a_program_may_let_the_voucher_stay_used(api, shop, voucher):
    shop.settle(vouchers_on_return="kept")
    sold = bought(api, vouchers=[voucher.code]).json()

    back = returned(api, sold, amount="15.00")

    assert "stays used" in back["why"][-1]
    assert Voucher.objects.get(pk=voucher.pk).status == "used"


def test_what_cost_nothing_comes_back_whole_with_its_lines(api, shop, rich):
    voucher = taken(shop, rich, amount=Decimal(50))
    sold = bought(api, vouchers=[voucher.code]).json()

    back = returned(api, sold, lines=[{"line": 1, "quantity": "1"}])

    assert (sold["total"], back["amount"]) == ("0.00", "0.00")
    assert Voucher.objects.get(pk=voucher.pk).status == "issued"


CAKE = {"sku": "CAKE", "quantity": "1", "amount": "3.00"}


def free_cake(shop, member):
    kind = {"kind": "free_product", "amount": None, "details": {"product_sku": "CAKE"}}
    return taken(shop, member, **kind)


def test_a_voucher_stays_used_while_what_it_made_free_is_kept(api, shop, rich):
    voucher = free_cake(shop, rich)
    sent = receipt(lines=[TEA, CAKE], vouchers=[voucher.code])
    sold = api("POST", "purchases/", sent).json()

    tea = returned(api, sold, lines=[{"line": 1, "quantity": "1"}])
    kept = Voucher.objects.get(pk=voucher.pk).status
    cake = returned(api, sold, lines=[{"line": 2, "quantity": "1"}], external_id="cake")

    assert (sold["total"], tea["amount"], kept) == ("20.00", "20.00", "used")
    assert "can be used again" in cake["why"][-1]
    assert Voucher.objects.get(pk=voucher.pk).status == "issued"


def test_a_voucher_on_a_receipt_is_let_go_of_with_the_receipt_alone(api, shop, voucher):
    bought(api, vouchers=[voucher.code])

    refused = api("POST", "vouchers/release/", {"code": voucher.code, "external_id": "77"})

    assert (refused.status_code, refused.json()["code"]) == (409, "undo_not_possible")
    assert Voucher.objects.get(pk=voucher.pk).status == "used"


def test_a_code_that_a_member_used_up_is_not_quoted_to_them(api, shop, rich):
    code = Voucher.objects.create(
        organization=shop.organization,
        reward=shop.reward(50, name="Five off", **FIVE_OFF),
        kind="shared",
        code="WELCOME",
        issued_at=timezone.now(),
        uses_max=None,
        per_member_max=1,
    )
    bought(api, vouchers=[code.code])

    refused = quoted(api, vouchers=[code.code])

    assert (refused.status_code, refused.json()["code"]) == (409, "voucher_limit_reached")


# --- two tills at once ------------------------------------------------------------------------


def ring(shop, voucher, number):
    sent = receipt(lines=[TEA], vouchers=[voucher.code], external_id=str(number), member=NOTHING)
    lines = [{**TEA, "quantity": Decimal(1), "amount": Decimal(20)}]
    told = Number(source="till", external_id=str(number), request_key=f"ring-{number}")
    return partial(
        ring_up,
        organization=shop.organization,
        sent={**sent, "lines": lines},
        number=told,
        actor=SYSTEM,
    )


def two_tills(shop, member, serial):
    voucher = taken(shop, member)
    answers = race(ring(shop, voucher, f"{serial}a"), ring(shop, voucher, f"{serial}b"))
    return [getattr(one, "code", "sold") for one in answers]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.proves("C3", "case 27")
def test_one_voucher_at_two_tills_takes_something_off_once():
    shop = open_shop()
    member = shop.member()
    shop.buys(member, "500.00")

    for serial in range(3):
        assert sorted(two_tills(shop, member, serial)) == ["sold", "voucher_used"]
    assert VoucherUse.objects.count() == PurchaseDiscount.objects.count() == 3
    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_locks_it_is_used_at_both(monkeypatch):
    """The control: were this to fail, the test above would prove nothing."""
    shop = open_shop()
    member = shop.member()
    shop.buys(member, "500.00")
    forget_locks(monkeypatch)

    assert seen(lambda serial: two_tills(shop, member, serial) == ["sold", "sold"], tries=5)
    assert "INV-5d" in {row.invariant for row in violations()}
