from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from loyalty.models import LadderVersion, Purchase, PurchaseLine
from members.models import Card
from rewards.models import Benefit, PurchaseDiscount
from rewards.services.benefit_editing import BenefitWish, change_benefit, set_benefit_status
from tests.benefits import TEN_PERCENT, percent_off, switch_on
from tests.rewards.receipts import NOTHING, receipt, refused
from tests.shops import ALWAYS, days_ago

BEARER = "2900000000018"
SCALE = {
    "effect": {
        "type": "scale",
        "steps": [{"spent": "50", "percent": "5"}, {"spent": "100", "percent": "10"}],
        "window": {"type": "rolling", "months": 12},
    }
}


def basket(total="100.00", **parts):
    return receipt(lines=[{"sku": "tea", "quantity": "1", "amount": total}], **parts)


def quoted(api, **parts):
    return api("POST", "quotes/", basket(external_id=NOTHING, **parts)).json()


def bought(api, **parts):
    return api("POST", "purchases/", basket(**parts))


def test_a_benefit_applies_by_itself_and_is_told_with_its_reason(api, shop, member):
    benefit = switch_on(shop, TEN_PERCENT, name="Club price")

    quote, purchase = quoted(api), bought(api).json()

    [told] = quote["discounts"]
    assert {name: told[name] for name in ("kind", "source", "name", "amount", "lines")} == {
        "kind": "benefit",
        "source": str(benefit.public_id),
        "name": "Club price",
        "amount": "10.00",
        "lines": [{"line": 1, "amount": "10.00"}],
    }
    assert told["why"] == [{"code": "percent_off", "text": "10% off", "params": {"percent": "10"}}]
    same = ("discounts", "total", "total_due", "points_total")
    assert {name: quote[name] for name in same} == {name: purchase[name] for name in same}
    assert (quote["total"], quote["points_total"]) == ("90.00", 90)


def test_what_was_taken_off_stays_on_record(api, shop, member):
    benefit = switch_on(shop, TEN_PERCENT)
    purchase = bought(api).json()
    set_benefit_status(benefit_id=benefit.pk, status=Benefit.Status.ENDED, actor=SYSTEM)

    later = api("GET", f"purchases/{purchase['id']}/").json()

    assert later["discounts"] == purchase["discounts"]
    line = PurchaseLine.objects.get()
    assert (line.amount, line.discount) == (Decimal("90.000"), Decimal("10.000"))


def test_the_same_receipt_again_is_the_same_whatever_benefits_say_now(api, shop, member):
    benefit = switch_on(shop, TEN_PERCENT)
    first = bought(api).json()
    set_benefit_status(benefit_id=benefit.pk, status=Benefit.Status.PAUSED, actor=SYSTEM)

    again = refused(bought(api), 409, "duplicate_receipt")
    expecting = refused(bought(api, expected_total_due="90.00"), 409, "duplicate_receipt")

    assert again["data"]["purchase"]["discounts"] == first["discounts"]
    assert expecting["data"]["purchase"]["total"] == "90.00"
    refused(bought(api, total="101.00"), 409, "receipt_conflict")


def test_another_amount_than_expected_changes_nothing_and_brings_the_new_quote(api, shop, member):
    switch_on(shop, TEN_PERCENT)

    changed = refused(bought(api, expected_total_due="100.00"), 409, "quote_changed")

    assert changed["data"]["quote"]["total_due"] == "90.00"
    assert not Purchase.objects.exists()
    assert bought(api, expected_total_due="90.00").status_code == 201


def test_who_paid_the_price_without_the_discount_is_told_the_new_one(api, shop, member):
    switch_on(shop, TEN_PERCENT)

    paid = bought(api, payments=[{"method": "cash", "amount": "100.00"}])

    assert refused(paid, 409, "quote_changed")["data"]["quote"]["total"] == "90.00"
    refused(
        bought(api, payments=[{"method": "cash", "amount": "100.01"}]), 400, "payments_exceed_total"
    )


def test_a_stated_total_is_compared_before_our_discounts(api, shop, member):
    switch_on(shop, TEN_PERCENT)
    lines = [{"sku": "tea", "quantity": "1", "amount": "100.00"}]

    answer = api("POST", "purchases/", receipt(lines=lines, total="100.00"))

    assert answer.json()["total"] == "90.00"


@pytest.mark.proves("case 31")
def test_everything_may_be_free(api, shop, member):
    switch_on(shop, percent_off(100))
    lines = [{"sku": "tea", "quantity": "3", "unit_price": "3.33", "tax": "1.30"}]

    answer = api("POST", "purchases/", receipt(lines=lines)).json()

    assert (answer["total"], answer["total_due"], answer["points_total"]) == ("0.00", "0.00", 0)
    assert PurchaseLine.objects.get().tax == 0


def test_a_guest_is_told_what_members_save(api, shop):
    switch_on(shop, TEN_PERCENT, name="Club price")

    quote = quoted(api, member=NOTHING)

    [told] = [one for one in quote["not_applied"] if one["kind"] == "benefit"]
    assert (quote["total"], told["why"][0]["text"]) == ("100.00", "only for members")


def test_a_later_version_counts_from_its_moment(api, shop, member):
    benefit = switch_on(shop, TEN_PERCENT)
    wish = BenefitWish(name="Twenty", spec=percent_off(20), seen=benefit.versions.count())
    change_benefit(benefit_id=benefit.pk, wish=wish, actor=SYSTEM)

    before = timezone.now() - timedelta(minutes=1)
    assert quoted(api)["total"] == "80.00"
    assert quoted(api, occurred_at=before.isoformat())["total"] == "100.00"


def test_a_tier_takes_off_what_it_promises(api, shop, member):
    tier = {"code": "gold", "name": "Gold", "threshold": "10", "benefits": {"percent_off": "5"}}
    LadderVersion.objects.create(
        program=shop.program,
        number=1,
        spec={"tiers": [tier]},
        effective_from=ALWAYS,
        created_by="system",
    )
    first = bought(api, external_id="1").json()
    second = bought(api, external_id="2").json()

    assert (first["total"], second["total"]) == ("100.00", "95.00")
    assert [one["kind"] for one in second["discounts"]] == ["tier"]
    assert PurchaseDiscount.objects.get().tier == "gold"


def test_a_scale_counts_what_was_spent_before_less_what_came_back(api, shop, member):
    switch_on(shop, SCALE)
    first = bought(api, external_id="1").json()
    shop.buys(member, "500.00", at=days_ago(400))

    assert first["total"] == "100.00"
    assert quoted(api)["total"] == "90.00"
    api("POST", f"purchases/{first['id']}/returns/", {"external_id": "r", "amount": "40.00"})
    assert quoted(api)["total"] == "95.00"


def test_whoever_shows_a_bearer_card_needs_no_name(api, shop):
    Card.objects.create(organization=shop.organization, number=BEARER, kind="bearer")
    refused(bought(api, member=BEARER), 400, "member_unknown")
    switch_on(shop, percent_off(5, audience="bearer_card"))

    answer = bought(api, member=BEARER).json()

    assert (answer["total"], answer["member"]) == ("95.00", None)
    refused(bought(api, member="2900000000025"), 400, "member_unknown")


def test_the_owner_of_a_bearer_card_has_it_too(api, shop):
    member = shop.member(name="Mina")
    Card.objects.create(organization=shop.organization, number=BEARER, kind="bearer", member=member)
    switch_on(shop, percent_off(5, audience="bearer_card"))

    assert quoted(api, member=BEARER)["total"] == "95.00"
    assert quoted(api)["total"] == "100.00"


def test_points_pay_what_the_discount_left(api, shop, member):
    shop.settle(point_value="1", pay_with_points={})
    shop.buys(member, "300.00")
    switch_on(shop, TEN_PERCENT)

    answer = bought(api, points_to_spend=300).json()

    assert answer["paid_with_points"] == {"points": 90, "amount": "90.00"}
    assert answer["total_due"] == "0.00"


def test_without_benefits_a_quote_asks_one_question_more(
    api, shop, member, django_assert_num_queries
):
    api("GET", "ping/")
    quoted(api)
    with django_assert_num_queries(8):
        quoted(api)


@pytest.mark.parametrize("benefits", [1, 3])
def test_more_benefits_ask_no_more_questions(
    api, shop, member, benefits, django_assert_max_num_queries
):
    for percent in range(1, benefits + 1):
        switch_on(shop, percent_off(percent))
    api("GET", "ping/")
    quoted(api)
    with django_assert_max_num_queries(14):
        quoted(api)


def test_a_return_gives_back_what_was_paid(api, shop, member):
    switch_on(shop, TEN_PERCENT)
    sold = bought(api).json()

    back = api(
        "POST",
        f"purchases/{sold['id']}/returns/",
        {"external_id": "r", "lines": [{"line": 1, "quantity": "1"}]},
    ).json()

    assert (back["amount"], back["points_reversed"]) == ("90.00", 90)
