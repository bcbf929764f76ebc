"""Two members who are one person: merged with all they have, and parted again."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from core.actors import SYSTEM
from core.errors import Missing
from loyalty.errors import AccountUnderReview, PointsSetAside
from loyalty.models import Account, AccountHolder, AccountMerge, Entry, Lot
from loyalty.services.member_merges import merge_members, preview_parting, unmerge_members
from loyalty.services.returns import ReturnWish, record_return
from members.errors import MemberBlocked, MemberClosed, MergeIntoSelf, MergeUndone
from members.models import Card, Member, MemberMerge
from members.queries import find_member, get_member, member_by_reference
from members.services.blocking import block_member
from members.services.editing import edit_member
from rewards.services.redemptions import cancel_redemption, redeem
from tests.shops import assert_audit_is_clean, days_ago, open_shop

A_YEAR = {"type": "after", "months": 12}


@pytest.fixture
def ada(shop):
    return shop.member("+447400111111", name="Ada Byron")


@pytest.fixture
def again(shop):
    return shop.member("+447400222222", email="ada@example.com", birthday="12-10")


def merge(shop, kept, merged, key="merge"):
    return merge_members(
        organization_id=shop.organization.pk,
        kept_id=kept.pk,
        merged_id=merged.pk,
        actor=SYSTEM,
        request_key=key,
    )


def undo(shop, merge, key="undo"):
    return unmerge_members(
        organization_id=shop.organization.pk, merge_id=merge.pk, actor=SYSTEM, request_key=key
    )


def ends_of(shop, member):
    lots = Lot.objects.filter(account=shop.account(member), remaining__gt=0)
    return list(lots.order_by("expires_at", "pk").values_list("remaining", "expires_at"))


def owes(shop, member, points):
    """Let a member owe points: they spent what they bring back the goods of."""
    sale = shop.buys(member, f"{points}.00").purchase
    redeem(
        reward_id=shop.reward(points).pk,
        member_id=member.pk,
        actor=SYSTEM,
        request_key=f"spend-{sale.pk}",
    )
    brings_back(shop, sale)


def brings_back(shop, sale):
    wish = ReturnWish(
        source="till",
        external_id=f"back-{sale.pk}",
        sale_source=sale.source,
        sale_external_id=sale.external_id,
        occurred_at=timezone.now(),
        request_key=f"back-{sale.pk}",
        quantities={1: Decimal(1)},
    )
    return record_return(organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)


def everything_about(shop, *members):
    """Return what the organization knows of these, and what they can spend."""
    own = ("phone", "email", "email_key", "name", "birth_month", "birth_day", "status")
    known = {one["pk"]: one for one in Member.objects.values("pk", "merged_into", *own)}
    cards = Card.objects.order_by("pk").values_list("member", "number", "is_primary")
    holders = AccountHolder.objects.values_list("member", "account__balance", "account__debt")
    return [
        (
            known[one.pk],
            [card for card in cards if card[0] == one.pk],
            sorted(held for held in holders if held[0] == one.pk),
        )
        for one in members
    ]


@pytest.mark.proves("case 47", "INV-4")
def test_a_merge_sums_the_lots_with_their_own_end(shop, ada, again):
    shop.settle(expiry=A_YEAR)
    shop.buys(again, "40.00", at=days_ago(20))
    shop.buys(ada, "30.00", at=days_ago(10))
    shop.buys(again, "5.00")
    [first, last], [middle] = ends_of(shop, again), ends_of(shop, ada)

    merge(shop, ada, again)

    assert ends_of(shop, ada) == [first, middle, last]
    assert shop.balance(ada) == 75
    assert_audit_is_clean()


@pytest.mark.proves("case 47")
def test_a_merge_brings_points_that_wait_and_books_what_has_ended(shop, ada, again):
    shop.settle(expiry={"type": "after", "days": 5}, pending_days=10)
    shop.buys(again, "40.00")
    shop.buys(ada, "1.00")
    shop.settle(pending_days=0)
    shop.buys(again, "7.00", at=days_ago(5))
    shop.buys(again, "8.00", at=days_ago(2))
    [waiting] = Lot.objects.filter(points=40)

    with time_machine.travel(timezone.now() + timedelta(days=1), tick=False):
        merge(shop, ada, again)

        came = Lot.objects.get(origin=waiting)
        assert (came.remaining, came.available_at, came.expires_at) == (
            40,
            waiting.available_at,
            waiting.expires_at,
        )
        assert shop.balance(ada) == 8
        old = AccountMerge.objects.get().emptied
        kinds = Entry.objects.filter(account=old).order_by("sequence").values_list("kind", "points")
        assert list(kinds)[-2:] == [("expire", -7), ("merge", -48)]
    assert_audit_is_clean()


@pytest.mark.proves("case 47")
def test_the_survivor_keeps_their_own_and_takes_what_they_lack(shop, ada, again):
    merge(shop, ada, again)

    kept, merged = Member.objects.get(pk=ada.pk), Member.objects.get(pk=again.pk)
    assert (kept.name, kept.phone, kept.email) == ("Ada Byron", "+447400111111", "ada@example.com")
    assert (kept.birth_month, kept.birth_day) == (12, 10)
    assert (merged.status, merged.merged_into, merged.email) == ("merged", kept, None)
    assert Card.objects.filter(member=kept).count() == 2
    assert Card.objects.filter(member=kept, is_primary=True).count() == 1


@pytest.mark.proves("case 47")
def test_a_phone_is_freed_for_the_survivor(shop, again):
    by_mail = shop.member(None, email="b@example.com")
    merge(shop, by_mail, again)
    gone_over = Member.objects.get(pk=by_mail.pk).phone

    other = shop.member("+447400333333")
    merge(shop, by_mail, other, key="second")
    edit_member(member_id=by_mail.pk, actor=SYSTEM, phone="+447400333333")

    assert gone_over == "+447400222222"
    assert Member.objects.get(pk=by_mail.pk).phone == "+447400333333"
    assert Member.objects.get(pk=other.pk).phone is None


@pytest.mark.proves("case 47", "C14")
def test_everything_the_merged_one_was_known_by_leads_to_the_survivor(shop, ada, again):
    card = again.cards.get().number

    merge(shop, ada, again)

    organization = shop.organization
    assert get_member(organization, again.public_id) == ada
    assert find_member(organization, phone="+447400222222") == ada
    assert find_member(organization, email="ada@example.com") == ada
    assert find_member(organization, card=card) == ada
    assert member_by_reference(organization, str(again.public_id)) == ada
    assert shop.member("+447400222222") == ada


@pytest.mark.proves("case 47")
def test_what_is_owed_goes_over_and_is_paid_from_what_is_there(shop, ada, again):
    owes(shop, again, 30)
    shop.buys(ada, "100.00")

    merge(shop, ada, again)

    account, old = shop.account(ada), AccountMerge.objects.get().emptied
    assert (account.balance, account.debt, old.balance, old.debt) == (70, 0, 0, 0)
    assert_audit_is_clean()


def test_what_comes_pays_what_the_survivor_owes(shop, ada, again):
    owes(shop, ada, 30)
    shop.buys(again, "20.00")

    merge(shop, ada, again)

    account = shop.account(ada)
    assert (account.balance, account.debt) == (-10, 10)
    assert_audit_is_clean()


@pytest.mark.proves("case 47")
def test_a_debt_that_nobody_paid_goes_back_when_the_merge_is_undone(shop, ada, again):
    owes(shop, again, 30)
    owes(shop, ada, 5)
    joined = merge(shop, ada, again)

    undo(shop, joined)

    assert (shop.account(ada).debt, shop.account(again).debt) == (5, 30)
    assert_audit_is_clean()


@pytest.mark.proves("case 47")
def test_an_undone_merge_leaves_everything_as_it_was(shop, ada, again):
    shop.settle(expiry=A_YEAR)
    shop.buys(again, "40.00", at=days_ago(20))
    shop.buys(ada, "30.00")
    before = everything_about(shop, ada, again)
    lots = [shop.account(one).lots.values_list("pk", "remaining") for one in (ada, again)]
    had = [list(each) for each in lots]

    joined = merge(shop, ada, again)
    meanwhile = everything_about(shop, ada, again)
    parted = undo(shop, joined)

    assert meanwhile != before
    assert everything_about(shop, ada, again) == before
    assert [[row for row in each.all() if row[1]] for each in lots] == had
    assert [(one.brought, one.points, one.gone) for one in parted.given_back] == [(40, 40, 0)]
    assert_audit_is_clean()


@pytest.mark.proves("case 47")
def test_what_was_spent_meanwhile_stays_spent(shop, ada, again):
    shop.settle(expiry=A_YEAR)
    shop.buys(again, "40.00", at=days_ago(20))
    shop.buys(ada, "30.00")
    joined = merge(shop, ada, again)
    reward = shop.reward(25)
    redeem(reward_id=reward.pk, member_id=ada.pk, actor=SYSTEM, request_key="coffee")
    shop.buys(ada, "2.00")
    told = [(one.brought, one.points, one.gone) for one in preview_parting(joined)]

    parted = undo(shop, joined)

    assert told == [(one.brought, one.points, one.gone) for one in parted.given_back]
    assert told == [(40, 15, 25)]
    assert (shop.balance(ada), shop.balance(again)) == (32, 15)
    assert_audit_is_clean()


def test_a_redemption_of_before_the_merge_gives_its_points_to_the_survivor(shop, ada, again):
    shop.settle(expiry=A_YEAR)
    shop.buys(again, "40.00")
    taken = redeem(
        reward_id=shop.reward(25).pk, member_id=again.pk, actor=SYSTEM, request_key="coffee"
    )
    [ends] = {at for _points, at in ends_of(shop, again)}
    joined = merge(shop, ada, again)

    cancel_redemption(redemption_id=taken.pk, reason="x", actor=SYSTEM, request_key="cancel")

    assert ends_of(shop, ada) == [(15, ends), (25, ends)]
    assert_audit_is_clean()
    undo(shop, joined)
    assert ends_of(shop, again) == [(40, ends)]
    assert_audit_is_clean()


def test_three_who_become_one_are_parted_in_any_order(shop, ada, again):
    third = shop.member("+447400333333")
    for member, amount in ((ada, "1.00"), (again, "20.00"), (third, "300.00")):
        shop.buys(member, amount)
    first = merge(shop, again, third, key="first")
    second = merge(shop, ada, again, key="second")
    together = shop.balance(ada)

    undo(shop, first, key="undo-first")
    undo(shop, second, key="undo-second")

    assert together == 321
    assert [shop.balance(one) for one in (ada, again, third)] == [1, 20, 300]
    assert {one.status for one in Member.objects.all()} == {"active"}
    assert_audit_is_clean()


def test_who_followed_the_merged_one_follows_the_survivor_and_goes_back(shop, ada, again):
    third = shop.member("+447400333333")
    merge(shop, again, third, key="first")

    second = merge(shop, ada, again, key="second")
    led = get_member(shop.organization, third.public_id)
    undo(shop, second)

    assert led == ada
    assert get_member(shop.organization, third.public_id) == again


@pytest.mark.proves("case 47")
def test_points_that_are_set_aside_stand_in_the_way(shop, ada, again):
    shop.buys(again, "40.00")
    shop.buys(ada, "1.00")
    taken = redeem(
        reward_id=shop.reward(25).pk,
        member_id=again.pk,
        actor=SYSTEM,
        request_key="coffee",
        hold_seconds=60,
    )
    before = everything_about(shop, ada, again)

    for kept, merged in ((ada, again), (again, ada)):
        with pytest.raises(PointsSetAside):
            merge(shop, kept, merged, key=f"merge-{kept.pk}")

    assert everything_about(shop, ada, again) == before
    cancel_redemption(redemption_id=taken.pk, reason="x", actor=SYSTEM, request_key="cancel")
    merge(shop, ada, again, key="later")
    assert shop.balance(ada) == 41


def test_an_account_under_review_is_not_merged(shop, ada, again):
    shop.buys(again, "40.00")
    Account.objects.update(under_review_since=timezone.now())

    with pytest.raises(AccountUnderReview):
        merge(shop, ada, again)

    assert MemberMerge.objects.count() == AccountMerge.objects.count() == 0
    assert Member.objects.get(pk=again.pk).status == "active"


def test_only_two_who_take_part_can_be_merged(shop, ada, again):
    stranger = open_shop("low-road").member()
    blocked = shop.member("+447400333333")
    block_member(member_id=blocked.pk, actor=SYSTEM, reason="x")
    joined = merge(shop, ada, again)

    for refusal, kept, merged in (
        (MergeIntoSelf, ada, ada),
        (Missing, ada, stranger),
        (MemberBlocked, ada, blocked),
        (MemberClosed, ada, again),
        (MemberClosed, again, ada),
    ):
        with pytest.raises(refusal):
            merge(shop, kept, merged, key=f"again-{merged.pk}")

    assert list(MemberMerge.objects.all()) == [joined]


def test_a_merge_is_undone_once_and_only_in_its_own_organization(shop, ada, again):
    joined = merge(shop, ada, again)
    with pytest.raises(Missing):
        undo(open_shop("low-road"), joined)
    undo(shop, joined)

    with pytest.raises(MergeUndone):
        undo(shop, joined, key="twice")

    assert get_member(shop.organization, again.public_id) == again


def test_a_contact_that_somebody_else_has_meanwhile_does_not_come_back(shop, again):
    by_mail = shop.member(None, email="b@example.com")
    joined = merge(shop, by_mail, again)
    edit_member(member_id=by_mail.pk, actor=SYSTEM, phone="+447400555555")
    new = shop.member("+447400222222")

    undo(shop, joined)

    assert Member.objects.get(pk=again.pk).phone is None
    assert Member.objects.get(pk=by_mail.pk).phone == "+447400555555"
    assert Member.objects.get(pk=new.pk).phone == "+447400222222"
