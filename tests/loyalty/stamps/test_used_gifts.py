"""Gifts of cards that were used before the goods came back."""

import pytest

from core.actors import SYSTEM
from loyalty.services.member_merges import merge_members
from rewards.models import Voucher
from tests.stampcards import (
    COOKIE,
    TEN_POINTS,
    card_of,
    grants_of,
    returns,
    sheets_of,
    stamps_by,
)
from tests.vouchers import use as use_voucher


def use(shop, reward):
    voucher = Voucher.objects.get(redemption__reward__code=reward, status="issued")
    use_voucher(voucher, store=shop.store)


def states():
    vouchers = Voucher.objects.order_by("pk")
    return list(vouchers.values_list("redemption__reward__code", "status"))


def test_the_gift_of_a_full_card_is_a_voucher(shop, member):
    card_of(shop, 2)
    stamps_by(shop, stamps=2)

    shop.buys(member, "1.00")

    assert states() == [("coffee", "issued")]


@pytest.mark.proves("case 39")
def test_a_voucher_that_nobody_used_is_worthless_after_the_return(shop, member):
    card_of(shop, 2)
    stamps_by(shop, stamps=2)
    shop.buys(member, "1.00", number="A")

    returns(shop, "A")

    assert states() == [("coffee", "canceled")]
    assert sheets_of(shop, member) == [(0, "open")]


@pytest.mark.proves("case 39")
def test_stamps_of_a_used_gift_are_owed_and_the_next_ones_make_up_for_them(shop, member):
    card_of(shop, 2)
    stamps_by(shop, stamps=2)
    shop.buys(member, "1.00", number="A")
    use(shop, "coffee")

    returns(shop, "A")
    owing = sheets_of(shop, member)
    shop.buys(member, "1.00")
    shop.buys(member, "1.00")

    assert owing == [(2, "full"), (-2, "open")]
    assert sheets_of(shop, member) == [(2, "full"), (2, "full")]
    assert states() == [("coffee", "used"), ("coffee", "issued")]


def test_nothing_of_several_gifts_is_taken_when_one_was_used(shop, member):
    card_of(shop, 2, gifts=[{"type": "voucher", "reward": "coffee"}, COOKIE, TEN_POINTS])
    stamps_by(shop, stamps=2)
    shop.buys(member, "1.00", number="A")
    use(shop, "cookie")

    returns(shop, "A")

    assert states() == [("coffee", "issued"), ("cookie", "used")]
    assert sheets_of(shop, member) == [(2, "full"), (-2, "open")]
    assert shop.balance(member) == 10


def test_a_used_gift_on_the_way_stays_and_is_not_given_again(shop, member):
    card_of(shop, 5, milestones=[{"at": 1, "gifts": [COOKIE]}])
    stamps_by(shop)
    shop.buys(member, "1.00", number="A")
    use(shop, "cookie")

    returns(shop, "A")
    shop.buys(member, "1.00")

    assert states() == [("cookie", "used")]
    assert sheets_of(shop, member) == [(1, "open")]


def test_a_card_whose_gift_on_the_way_was_used_does_not_vanish(shop, member):
    card_of(shop, 2, milestones=[{"at": 1, "gifts": [COOKIE]}])
    stamps_by(shop, stamps=3)
    shop.buys(member, "1.00", number="A")
    first, second = Voucher.objects.filter(redemption__reward__code="cookie").order_by("pk")
    use_voucher(second, store=shop.store)

    returns(shop, "A")

    assert sheets_of(shop, member) == [(2, "full"), (-2, "open")]
    assert [status for _cause, _target, status in grants_of(shop, member)] == ["given"] * 3
    assert first.status == "issued"


def test_stamps_that_are_owed_are_owed_by_who_carries_the_card_on(shop, member):
    other = shop.member("+447400555555")
    card_of(shop, 2)
    stamps_by(shop, stamps=2)
    shop.buys(other, "1.00", number="A")
    use(shop, "coffee")
    returns(shop, "A")

    merge_members(
        organization_id=shop.organization.pk,
        kept_id=member.pk,
        merged_id=other.pk,
        actor=SYSTEM,
        request_key="merge",
    )
    shop.buys(member, "1.00")

    assert sheets_of(shop, member) == [(0, "open")]
