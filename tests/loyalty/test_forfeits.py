"""Points that are given up for good."""

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from core.models import AuditRecord
from loyalty.errors import AccountUnderReview, NothingToForfeit
from loyalty.models import Account, Entry
from loyalty.services.forfeits import forfeit_points
from loyalty.services.households import join_household
from members.errors import MemberInHousehold
from members.services.households import open_household
from rewards.services.redemptions import redeem
from tests.shops import assert_audit_is_clean


def give_up(member, key="forfeit"):
    return forfeit_points(
        member_id=member.pk, reason="They asked for it", actor=SYSTEM, request_key=key
    )


@pytest.mark.proves("INV-2")
def test_all_is_given_up_but_for_what_is_set_aside(shop, member):
    shop.settle(pending_days=5)
    shop.buys(member, "30.00")
    shop.settle(pending_days=0)
    shop.buys(member, "20.00")
    reward = shop.reward(15)
    redeem(
        reward_id=reward.pk,
        member_id=member.pk,
        actor=SYSTEM,
        request_key="held",
        hold_seconds=60,
    )

    [entry] = give_up(member)

    assert (entry.kind, entry.points, entry.reason) == ("forfeit", -35, "They asked for it")
    assert (shop.balance(member), shop.account(member).balance) == (0, 15)
    assert AuditRecord.objects.filter(verb="forfeit", subject_id=entry.pk).count() == 1
    assert_audit_is_clean()


def test_nothing_is_not_given_up(shop, member):
    with pytest.raises(NothingToForfeit):
        give_up(member)
    shop.buys(member, "20.00")
    give_up(member)

    with pytest.raises(NothingToForfeit):
        give_up(member, key="twice")

    assert Entry.objects.count() == 2


def test_points_of_a_household_or_under_review_are_not_given_up(shop, member):
    other = shop.member("+447400222222")
    shop.buys(member, "20.00")
    shop.buys(other, "20.00")
    house = open_household(head_id=member.pk, name="K", actor=SYSTEM, request_key="h")
    join_household(
        household_id=house.pk, member_id=other.pk, most=None, actor=SYSTEM, request_key="j"
    )
    third = shop.member("+447400333333")
    shop.buys(third, "20.00")
    Account.objects.filter(holders__member=third).update(under_review_since=timezone.now())

    for refusal, somebody in (
        (MemberInHousehold, member),
        (MemberInHousehold, other),
        (AccountUnderReview, third),
    ):
        with pytest.raises(refusal):
            give_up(somebody, key=f"forfeit-{somebody.pk}")

    assert (shop.balance(member), shop.balance(other), shop.balance(third)) == (40, 40, 20)
