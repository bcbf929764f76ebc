"""Members who share one account: with a head, and with what each may spend."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from core.actors import SYSTEM
from core.errors import Missing
from loyalty.errors import HouseholdLimitReached, PointsSetAside
from loyalty.models import Account, AccountHolder, AccountMerge
from loyalty.services.household_limits import share_of
from loyalty.services.households import brought_along, join_household, leave_household
from loyalty.services.member_merges import merge_members, unmerge_members
from members.errors import (
    HeadOfHousehold,
    HouseholdNameEmpty,
    MemberBlocked,
    MemberInHousehold,
    NotInHousehold,
)
from members.models import Household, HouseholdMember
from members.queries import place_in_household
from members.services.blocking import block_member
from members.services.households import limit_spending, open_household
from rewards.services.redemptions import cancel_redemption, redeem
from tests.shops import assert_audit_is_clean, open_shop


@pytest.fixture
def ada(shop):
    return shop.member("+447400111111", name="Ada")


@pytest.fixture
def ben(shop):
    return shop.member("+447400222222", name="Ben")


@pytest.fixture
def house(ada):
    return open_household(head_id=ada.pk, name="The Byrons", actor=SYSTEM, request_key="open")


def joins(house, member, most=None, key=None):
    return join_household(
        household_id=house.pk,
        member_id=member.pk,
        most=most,
        actor=SYSTEM,
        request_key=key or f"join-{member.pk}",
    )


def leaves(place, *, with_points=True, key="leave"):
    return leave_household(
        place_id=place.pk, with_points=with_points, actor=SYSTEM, request_key=key
    )


def takes(reward, member, key, **options):
    return redeem(
        reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key=key, **options
    )


@pytest.mark.proves("INV-4")
def test_who_joins_brings_their_points_and_all_spend_from_one_account(shop, ada, ben, house):
    shop.buys(ada, "10.00")
    shop.buys(ben, "30.00")

    joins(house, ben)
    shop.buys(ben, "2.00")
    takes(shop.reward(25), ada, "coffee")

    assert shop.account(ada) == shop.account(ben)
    assert (shop.balance(ada), shop.balance(ben)) == (17, 17)
    assert_audit_is_clean()


def test_who_had_nothing_shares_the_points_at_once(shop, ada, ben, house):
    shop.buys(ada, "10.00")

    joins(house, ben)

    assert shop.balance(ben) == 10
    assert_audit_is_clean()


def test_the_first_points_of_anybody_are_the_households(shop, ada, ben, house):
    joins(house, ben)
    shop.buys(ben, "10.00")

    assert (shop.balance(ada), shop.balance(ben)) == (10, 10)
    assert Account.objects.count() == 1
    assert_audit_is_clean()


def test_the_heads_account_is_opened_for_points_that_come_with_somebody(shop, ada, ben, house):
    shop.buys(ben, "10.00")

    joins(house, ben)

    assert (shop.balance(ada), shop.balance(ben)) == (10, 10)
    assert_audit_is_clean()


def test_who_leaves_takes_what_is_left_of_what_they_brought(shop, ada, ben, house):
    shop.buys(ada, "10.00")
    shop.buys(ben, "30.00")
    place = joins(house, ben)
    shop.buys(ben, "5.00")
    takes(shop.reward(12), ben, "coffee")
    told = [(one.brought, one.points) for one in brought_along(place)]

    given = leaves(place)

    assert told == [(one.brought, one.points) for one in given]
    assert shop.balance(ada) + shop.balance(ben) == 33
    assert shop.balance(ben) == told[0][1]
    assert_audit_is_clean()


def test_who_leaves_without_their_points_begins_anew(shop, ada, ben, house):
    shop.buys(ben, "30.00")
    sale = shop.buys(ben, "5.00", number="before")
    place = joins(house, ben)

    leaves(place, with_points=False)
    nothing = AccountHolder.objects.filter(member=ben).count()
    shop.buys(ben, "1.00")

    assert nothing == 0
    assert (shop.balance(ada), shop.balance(ben)) == (35, 1)
    assert sale.points == 5
    assert_audit_is_clean()


def test_the_head_goes_last_and_ends_the_household(shop, ada, ben, house):
    place = joins(house, ben)
    own = place_in_household(ada)

    with pytest.raises(HeadOfHousehold):
        leaves(own)
    leaves(place)
    leaves(own, key="last")

    assert Household.objects.get().closed_at is not None
    assert HouseholdMember.objects.filter(left_at=None).count() == 0
    with pytest.raises(NotInHousehold):
        leaves(own, key="again")


def test_only_who_takes_part_and_is_in_no_household_can_join(shop, ada, ben, house):
    stranger = open_shop("low-road").member()
    blocked = shop.member("+447400333333")
    block_member(member_id=blocked.pk, actor=SYSTEM, reason="x")
    joins(house, ben)

    for refusal, member in (
        (Missing, stranger),
        (MemberBlocked, blocked),
        (MemberInHousehold, ben),
        (MemberInHousehold, ada),
    ):
        with pytest.raises(refusal):
            joins(house, member, key=f"again-{member.pk}")

    assert HouseholdMember.objects.count() == 2


def test_a_household_has_a_name_and_one_head(ada, house):
    for refusal, name in ((HouseholdNameEmpty, " "), (MemberInHousehold, "Again")):
        other = ada if refusal is MemberInHousehold else house.head
        if refusal is HouseholdNameEmpty:
            leaves(place_in_household(ada))
        with pytest.raises(refusal):
            open_household(head_id=other.pk, name=name, actor=SYSTEM, request_key=name)
        if refusal is HouseholdNameEmpty:
            open_household(head_id=ada.pk, name="New", actor=SYSTEM, request_key="new")

    assert Household.objects.filter(closed_at=None).count() == 1


def test_points_that_are_set_aside_stand_in_the_way(shop, ada, ben, house):
    shop.buys(ben, "30.00")
    takes(shop.reward(10), ben, "held", hold_seconds=60)

    with pytest.raises(PointsSetAside):
        joins(house, ben)

    assert place_in_household(ben) is None
    assert AccountMerge.objects.count() == 0


@pytest.mark.proves("case 47")
def test_a_member_of_a_household_can_take_another_in_but_not_be_taken_in(shop, ada, ben, house):
    twin = shop.member("+447400333333")
    shop.buys(twin, "7.00")
    shop.buys(ben, "30.00")
    place = joins(house, ben)
    options = {"organization_id": shop.organization.pk, "actor": SYSTEM}

    with pytest.raises(MemberInHousehold):
        merge_members(kept_id=twin.pk, merged_id=ben.pk, request_key="no", **options)
    merge = merge_members(kept_id=ben.pk, merged_id=twin.pk, request_key="yes", **options)
    together = shop.balance(ada)
    leaves(place)
    unmerge_members(merge_id=merge.pk, request_key="undo", **options)

    assert together == 37
    assert [shop.balance(one) for one in (ben, twin)] == [30, 7]
    assert_audit_is_clean()


@pytest.mark.parametrize("most", [20, None])
def test_a_member_spends_no_more_than_they_may_in_a_month(shop, ada, ben, house, most):
    shop.buys(ada, "100.00")
    joins(house, ben, most)
    reward = shop.reward(10)
    takes(reward, ben, "1")
    back = takes(reward, ben, "2")

    if most is not None:
        with pytest.raises(HouseholdLimitReached) as refused:
            takes(reward, ben, "3")
        assert refused.value.data == {"limit": 20, "left": 0, "needed": 10}
        cancel_redemption(redemption_id=back.pk, reason="x", actor=SYSTEM, request_key="c")
    takes(reward, ben, "4")
    takes(reward, ada, "5")

    assert shop.balance(ada) == (70 if most else 60)
    assert_audit_is_clean()


def test_a_month_begins_at_home(shop, ada, ben, house):
    with time_machine.travel(datetime(2026, 6, 1, 12, tzinfo=UTC), tick=False):
        shop.buys(ada, "100.00")
        joins(house, ben, 10)
    reward = shop.reward(10)
    before_midnight = datetime(2026, 6, 30, 22, 59, tzinfo=UTC)  # 23:59 in London
    with time_machine.travel(before_midnight, tick=False):
        takes(reward, ben, "june")
        with pytest.raises(HouseholdLimitReached):
            takes(reward, ben, "june again")

    with time_machine.travel(before_midnight + timedelta(minutes=1), tick=False):
        takes(reward, ben, "july")

        assert share_of(ben, now=timezone.now()).left == 0


def test_a_limit_can_be_changed_and_lifted(shop, ada, ben, house):
    shop.buys(ada, "100.00")
    place = joins(house, ben, 5)
    reward = shop.reward(10)

    limit_spending(place_id=place.pk, most=15, actor=SYSTEM)
    takes(reward, ben, "1")
    limited = share_of(ben, now=timezone.now())
    limit_spending(place_id=place.pk, most=None, actor=SYSTEM)

    assert (limited.household.name, limited.most, limited.left) == ("The Byrons", 15, 5)
    assert share_of(ben, now=timezone.now()).left is None
    assert share_of(shop.member("+447400333333"), now=timezone.now()) is None
