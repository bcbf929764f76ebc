"""What belongs to the time before a merge and comes after it."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from core.actors import SYSTEM
from loyalty.earning.matching import Goods
from loyalty.models import Account, AccountMerge, Lot
from loyalty.services.account_merges import left_of
from loyalty.services.accounts import lock_holders
from loyalty.services.adjustments import adjust_points
from loyalty.services.member_merges import merge_members, unmerge_members
from loyalty.services.returns import ReturnWish, record_return
from loyalty.services.settling import settle_purchase
from loyalty.services.transfers import Handing, transfer_points
from loyalty.services.unnamed_returns import ReturnDraft, record_unnamed_returns
from members.errors import MemberBlocked
from members.models import Channel, Purpose, Source
from members.queries import consents_now
from members.services.blocking import block_member
from members.services.consents import ConsentGiven, record_consent
from rewards.queries import last_visits, redemptions_by, vouchers_held_by
from rewards.services.redemptions import cancel_redemption, redeem
from tests.clubs import at, club_of
from tests.shops import assert_audit_is_clean, days_ago
from tests.vouchers import use

A_YEAR = {"type": "after", "months": 12}


@pytest.fixture
def ada(shop):
    return shop.member("+447400111111", name="Ada Byron")


@pytest.fixture
def ben(shop):
    return shop.member("+447400222222")


def merge(shop, kept, merged, key="merge"):
    return merge_members(
        organization_id=shop.organization.pk,
        kept_id=kept.pk,
        merged_id=merged.pk,
        actor=SYSTEM,
        request_key=key,
    )


def undo(shop, merge):
    return unmerge_members(
        organization_id=shop.organization.pk, merge_id=merge.pk, actor=SYSTEM, request_key="undo"
    )


def brings_back(shop, sale, quantity=1):
    wish = ReturnWish(
        source="till",
        external_id=f"back-{sale.pk}",
        sale_source=sale.source,
        sale_external_id=sale.external_id,
        occurred_at=timezone.now(),
        request_key=f"back-{sale.pk}",
        quantities={1: Decimal(quantity)},
    )
    return record_return(organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)


def left(shop, member):
    lots = Lot.objects.filter(account=shop.account(member), remaining__gt=0)
    return list(lots.order_by("expires_at").values_list("remaining", flat=True))


@pytest.mark.proves("case 47", "INV-8")
def test_goods_that_come_back_take_the_points_that_they_gave(shop, ada, ben):
    shop.settle(expiry=A_YEAR)
    shop.buys(ada, "30.00", at=days_ago(100))
    sale = shop.buys(ben, "40.00", at=days_ago(20)).purchase
    shop.buys(ada, "7.00")
    merge(shop, ada, ben)

    done = brings_back(shop, sale)

    assert (done.points, done.debt, left(shop, ada)) == (40, 0, [30, 7])
    assert_audit_is_clean()


@pytest.mark.proves("case 47")
def test_goods_that_come_back_after_two_merges_find_their_points_too(shop, ada, ben):
    third = shop.member("+447400333333")
    shop.settle(expiry=A_YEAR)
    shop.buys(ada, "30.00", at=days_ago(100))
    sale = shop.buys(third, "40.00").purchase
    merge(shop, ben, third, key="first")
    merge(shop, ada, ben, key="second")

    done = brings_back(shop, sale)

    assert (done.points, left(shop, ada)) == (40, [30])
    assert_audit_is_clean()


def test_points_that_ended_after_the_merge_are_not_taken_again(shop, ada, ben):
    shop.settle(expiry={"type": "after", "days": 5})
    sale = shop.buys(ben, "40.00").purchase
    shop.settle(expiry={"type": "never"})
    shop.buys(ada, "30.00")
    merge(shop, ada, ben)

    with time_machine.travel(timezone.now() + timedelta(days=7)):
        done = brings_back(shop, sale)

        assert (done.points, done.expired, shop.balance(ada)) == (0, 40, 30)
    assert_audit_is_clean()


@pytest.mark.proves("case 47")
def test_goods_that_come_back_after_the_parting_take_from_who_bought_them(shop, ada, ben):
    sale = shop.buys(ben, "40.00").purchase
    shop.buys(ada, "30.00")
    joined = merge(shop, ada, ben)
    undo(shop, joined)

    brings_back(shop, sale)

    assert (shop.balance(ada), shop.balance(ben)) == (30, 0)
    assert_audit_is_clean()


def test_goods_without_a_receipt_are_found_on_what_the_merged_one_bought(shop, ada, ben):
    shop.buys(ben, "40.00", at=days_ago(2))
    merge(shop, ada, ben)
    draft = ReturnDraft(
        source="till",
        external_id="back",
        store_id=shop.store.pk,
        occurred_at=timezone.now(),
        goods=(Goods("sku-1", Decimal(1), Decimal(40)),),
        request_key="back",
        member_id=ada.pk,
    )

    [done] = record_unnamed_returns(
        organization_id=shop.organization.pk, drafts=[draft], actor=SYSTEM
    )

    assert (done.points, shop.balance(ada)) == (40, 0)
    assert_audit_is_clean()


def test_points_that_wait_for_their_purchase_come_to_the_survivor(shop, ada, ben):
    shop.settle(waits_for={"type": "event", "deadline_days": 14}, expiry=A_YEAR)
    sale = shop.buys(ben, "40.00").purchase
    joined = merge(shop, ada, ben)

    settle_purchase(purchase_id=sale.pk, actor=SYSTEM)
    together = shop.balance(ada)
    undo(shop, joined)

    assert (together, shop.balance(ben)) == (40, 40)
    assert_audit_is_clean()


def test_vouchers_and_visits_of_the_merged_one_are_the_survivors(shop, ada, ben):
    shop.buys(ben, "40.00")
    taken = redeem(
        reward_id=shop.reward(25).pk, member_id=ben.pk, actor=SYSTEM, request_key="coffee"
    )
    before = vouchers_held_by(ada).count()
    joined = merge(shop, ada, ben)

    assert before == 0
    assert [one.redemption for one in vouchers_held_by(ada)] == [taken]
    assert list(redemptions_by(ada)) == [taken]
    assert [one.total for one in last_visits(ada, 3)] == [Decimal(40)]
    use(taken.voucher)
    undo(shop, joined)
    assert [vouchers_held_by(one).count() for one in (ada, ben)] == [0, 1]


def test_a_voucher_of_the_merged_one_is_refused_when_the_survivor_is_blocked(shop, ada, ben):
    shop.buys(ben, "40.00")
    taken = redeem(
        reward_id=shop.reward(25).pk, member_id=ben.pk, actor=SYSTEM, request_key="coffee"
    )
    merge(shop, ada, ben)
    block_member(member_id=ada.pk, actor=SYSTEM, reason="x")

    with pytest.raises(MemberBlocked):
        use(taken.voucher)

    taken.voucher.refresh_from_db()
    assert taken.voucher.status == "issued"


def test_a_redemption_of_the_time_together_gives_its_points_to_the_survivor(shop, ada, ben):
    shop.buys(ben, "40.00")
    joined = merge(shop, ada, ben)
    taken = redeem(
        reward_id=shop.reward(25).pk, member_id=ada.pk, actor=SYSTEM, request_key="coffee"
    )
    undo(shop, joined)

    cancel_redemption(redemption_id=taken.pk, reason="x", actor=SYSTEM, request_key="cancel")

    assert (shop.balance(ada), shop.balance(ben)) == (25, 15)
    assert_audit_is_clean()


def test_what_is_left_is_told_through_a_second_merge(shop, ada, ben):
    third = shop.member("+447400333333")
    shop.buys(third, "40.00")
    merge(shop, ben, third, key="first")
    merge(shop, ada, ben, key="second")
    first = AccountMerge.objects.earliest("pk")

    told = left_of(first)

    assert (told.brought, told.points, told.gone) == (40, 40, 0)


def test_points_are_handed_and_corrected_on_the_survivors_account(shop, ada, ben):
    third = shop.member("+447400333333")
    shop.buys(ben, "40.00")
    shop.buys(third, "10.00")
    merge(shop, ada, ben)

    wish = Handing(
        program_id=shop.program.pk, from_id=ada.pk, to_id=third.pk, points=15, reason="A present"
    )
    transfer_points(wish=wish, actor=SYSTEM, request_key="hand")
    adjust_points(
        program_id=shop.program.pk,
        member_id=ada.pk,
        points=5,
        reason="Goodwill",
        actor=SYSTEM,
        request_key="adjust",
    )

    assert (shop.balance(ada), shop.balance(third)) == (30, 25)
    assert_audit_is_clean()


def test_the_latest_word_of_either_counts(shop, ada, ben):
    said = {"source": Source.OFFICE, "actor": SYSTEM}
    yes = ConsentGiven(Channel.EMAIL, Purpose.MARKETING, "v1")
    no = ConsentGiven(Channel.EMAIL, Purpose.MARKETING, "v1", granted=False)
    record_consent(member_id=ada.pk, given=yes, **said)
    record_consent(member_id=ben.pk, given=no, **said)

    joined = merge(shop, ada, ben)
    together = consents_now(ada)
    undo(shop, joined)

    assert (together, consents_now(ada)) == (
        {("email", "marketing"): False},
        {("email", "marketing"): True},
    )


def test_who_comes_in_by_the_merged_ones_phone_sees_the_survivors_card(shop, ada, ben):
    shop.buys(ben, "40.00")
    old = club_of(ben)
    merge(shop, ada, ben)

    refused = old.get(at(shop.organization))
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):  # codes come one by one
        shown = club_of(ada, "+447400222222").get(at(shop.organization)).content.decode()

    assert refused.status_code == 302
    assert "Ada Byron" in shown


def test_a_file_of_history_locks_the_survivor_too(shop, ada, ben):
    merge(shop, ada, ben)

    with transaction.atomic():
        lock_holders([ben.pk])
        late = shop.buys(ben, "5.00")

    assert (late.points, shop.balance(ada)) == (5, 5)


@pytest.mark.proves("case 47", "C14")
def test_a_purchase_of_the_merged_one_that_comes_late_lands_on_the_survivor(shop, ada, ben):
    shop.buys(ben, "10.00")
    late = [shop.draft(ben, "5.00"), shop.draft(ben, "3.00")]

    merge(shop, ada, ben)
    for draft in late:
        shop.records(draft)

    assert (shop.balance(ada), Account.objects.count()) == (18, 2)
    assert_audit_is_clean()


def test_a_late_purchase_opens_the_survivors_account_where_neither_had_one(shop, ada, ben):
    draft = shop.draft(ben, "5.00")
    merge(shop, ada, ben)

    shop.records(draft)

    assert (shop.balance(ada), Account.objects.count()) == (5, 1)
    assert_audit_is_clean()
