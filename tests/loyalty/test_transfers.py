"""Points handed from member to member, and points given up."""

from datetime import timedelta
from functools import partial

import pytest
import time_machine
from django.utils import timezone

from core.actors import SYSTEM
from loyalty.errors import (
    AdjustmentTooLarge,
    InsufficientPoints,
    NothingAdjusted,
    TransferToSelf,
)
from loyalty.models import Entry, Lot
from loyalty.services.accounts import accounts_for
from loyalty.services.ledger import Cause, forfeit, open_book
from loyalty.services.transfers import Handing, transfer_points
from members.errors import MemberBlocked
from members.services.blocking import block_member
from tests.racing import race
from tests.shops import assert_audit_is_clean, days_ago, open_shop

A_YEAR = {"type": "after", "months": 12}


@pytest.fixture
def ada(shop):
    return shop.member("+447400111111")


@pytest.fixture
def ben(shop):
    return shop.member("+447400222222")


def hand_over(shop, giver, receiver, points, key="hand-over"):
    wish = Handing(
        program_id=shop.program.pk,
        from_id=giver.pk,
        to_id=receiver.pk,
        points=points,
        reason="A present",
    )
    return transfer_points(wish=wish, actor=SYSTEM, request_key=key)


def ends_of(shop, member):
    lots = Lot.objects.filter(account=shop.account(member), remaining__gt=0)
    return list(lots.order_by("expires_at").values_list("remaining", "expires_at"))


@pytest.mark.proves("case 24", "INV-4")
def test_points_that_are_handed_on_keep_their_end_and_the_sum_stays(shop, ada, ben):
    shop.settle(expiry=A_YEAR)
    shop.buys(ada, "40.00", at=days_ago(20))
    shop.buys(ada, "30.00")
    (_first, soonest), (_second, latest) = ends_of(shop, ada)

    given, received = hand_over(shop, ada, ben, 50)

    assert (given.points, received.points) == (-50, 50)
    assert ends_of(shop, ben) == [(40, soonest), (10, latest)]
    assert (shop.balance(ada), shop.balance(ben)) == (20, 50)
    assert_audit_is_clean()


@pytest.mark.proves("case 24")
def test_points_that_wait_or_have_ended_are_not_handed_on(shop, ada, ben):
    shop.settle(expiry={"type": "after", "days": 5}, pending_days=10)
    shop.buys(ada, "40.00")

    with pytest.raises(InsufficientPoints):
        hand_over(shop, ada, ben, 1)
    with (
        time_machine.travel(timezone.now() + timedelta(days=30)),
        pytest.raises(InsufficientPoints),
    ):
        hand_over(shop, ada, ben, 1)

    assert Entry.objects.filter(kind=Entry.Kind.TRANSFER).count() == 0
    assert_audit_is_clean()


def test_what_the_receiver_owes_is_paid_first(shop, ada, ben):
    shop.buys(ada, "40.00")
    owe(shop, ben, 15)

    hand_over(shop, ada, ben, 25)

    assert (shop.account(ben).debt, shop.balance(ben)) == (0, 10)
    assert_audit_is_clean()


def owe(shop, member, points):
    [account] = accounts_for([(shop.program.pk, member.pk)]).values()
    with open_book([account], actor=SYSTEM) as book:
        cause = Cause("return", None, "owe", timezone.now())
        from_nothing = book.enter(account, Entry.Kind.RETURN, -points, cause)
        book.accounts[account].debt += points
    return from_nothing


@pytest.mark.parametrize(
    ("points", "refusal"),
    [(0, NothingAdjusted), (-5, NothingAdjusted), (10_001, AdjustmentTooLarge)],
)
def test_a_number_that_nobody_may_hand_on_changes_nothing(shop, ada, ben, points, refusal):
    shop.buys(ada, "40.00")

    with pytest.raises(refusal):
        hand_over(shop, ada, ben, points)

    assert shop.entries(ada) == [("earn", 40, 40)]


def test_points_are_not_handed_to_oneself_nor_to_or_from_who_is_blocked(shop, ada, ben):
    shop.buys(ada, "40.00")

    with pytest.raises(TransferToSelf):
        hand_over(shop, ada, ada, 5)
    block_member(member_id=ben.pk, reason="card lost", actor=SYSTEM)
    with pytest.raises(MemberBlocked):
        hand_over(shop, ada, ben, 5)

    assert shop.entries(ada) == [("earn", 40, 40)]


def test_points_are_not_handed_to_another_organization(shop, ada):
    stranger = open_shop("elsewhere").member("+447400333333")
    shop.buys(ada, "40.00")

    with pytest.raises(MemberBlocked):
        hand_over(shop, ada, stranger, 5)

    assert shop.entries(ada) == [("earn", 40, 40)]


def test_what_is_given_up_is_gone_with_what_was_waiting(shop, ada):
    shop.buys(ada, "40.00")
    shop.settle(pending_days=10)
    shop.buys(ada, "30.00")
    account = shop.account(ada)

    with open_book([account.pk], actor=SYSTEM) as book:
        forfeit(book, account.pk, Cause("erasure", ada.pk, "erase", timezone.now()))

    assert shop.entries(ada)[-1] == ("forfeit", -70, 0)
    assert_audit_is_clean()


@pytest.mark.race
@pytest.mark.proves("C6")
@pytest.mark.django_db(transaction=True)
def test_two_members_who_give_to_each_other_at_once_do_not_block_each_other(shop, ada, ben):
    shop.buys(ada, "40.00")
    shop.buys(ben, "40.00")
    pairs = [(ada, ben), (ben, ada)] * 4

    given = race(
        *(
            partial(hand_over, shop, giver, receiver, 10, key=f"key-{number}")
            for number, (giver, receiver) in enumerate(pairs)
        )
    )

    assert [one for one in given if isinstance(one, Exception)] == []
    assert shop.balance(ada) + shop.balance(ben) == 80
    assert_audit_is_clean()
