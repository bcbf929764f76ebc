"""Stamps of two members who become one, and of one who becomes two again."""

import pytest

from core.actors import SYSTEM
from loyalty.services.member_merges import merge_members, unmerge_members
from members.models import MemberMerge
from tests.stampcards import (
    COOKIE,
    card_of,
    grants_of,
    load_card,
    moves_of,
    returns,
    sheets_of,
    spec_of,
    stamps_by,
)


@pytest.fixture
def other(shop):
    return shop.member("+447400555555", name="Mina Again")


def merge(shop, kept, merged):
    return merge_members(
        organization_id=shop.organization.pk,
        kept_id=kept.pk,
        merged_id=merged.pk,
        actor=SYSTEM,
        request_key="merge",
    )


def part(shop):
    [merged] = MemberMerge.objects.all()
    return unmerge_members(
        organization_id=shop.organization.pk,
        merge_id=merged.pk,
        actor=SYSTEM,
        request_key="part",
    )


@pytest.mark.proves("case 47")
def test_open_cards_of_two_members_become_one(shop, member, other):
    card_of(shop, 8)
    stamps_by(shop)
    shop.buys(member, "1.00")
    shop.buys(other, "1.00")
    shop.buys(other, "1.00")
    emptied = shop.account(other)

    merge(shop, member, other)

    assert sheets_of(shop, member) == [(3, "open")]
    assert moves_of(shop, member) == [("purchase", 1, 1), ("merge", 2, 3)]
    assert list(emptied.stamp_sheets.values_list("stamps", flat=True)) == [0]


def test_stamps_that_fill_a_card_together_give_its_gift(shop, member, other):
    card_of(shop, 3)
    stamps_by(shop, stamps=2)
    shop.buys(member, "1.00")
    shop.buys(other, "1.00")

    merge(shop, member, other)

    assert sheets_of(shop, member) == [(3, "full"), (1, "open")]
    assert grants_of(shop, member) == [("stamp_sheet", "coffee", "given")]


def test_a_member_without_a_card_takes_over_the_version_that_was_begun(shop, member, other):
    card_of(shop, 3)
    stamps_by(shop)
    shop.buys(other, "1.00")
    load_card(shop, "coffee", [{"spec": spec_of(9)}])

    merge(shop, member, other)

    [sheet] = shop.account(member).stamp_sheets.all()
    assert (sheet.stamps, sheet.version.number) == (1, 1)


def test_a_gift_on_the_way_is_not_given_once_more_for_stamps_that_gave_it(shop, member, other):
    card_of(shop, 8, milestones=[{"at": 2, "gifts": [COOKIE]}])
    stamps_by(shop)
    shop.buys(member, "1.00")
    for _visit in range(2):
        shop.buys(other, "1.00")

    merge(shop, member, other)

    assert sheets_of(shop, member) == [(3, "open")]
    assert grants_of(shop, member) == []


@pytest.mark.proves("case 47")
def test_what_was_brought_goes_back_as_far_as_it_is_there(shop, member, other):
    card_of(shop, 4)
    stamps_by(shop)
    shop.buys(member, "1.00")
    for _visit in range(2):
        shop.buys(other, "1.00")
    merge(shop, member, other)
    shop.buys(member, "1.00")
    shop.buys(member, "1.00")

    part(shop)

    assert sheets_of(shop, member) == [(4, "full"), (0, "open")]
    assert sheets_of(shop, other) == [(1, "open")]


def test_parted_members_have_what_they_had(shop, member, other):
    card_of(shop, 8, milestones=[{"at": 2, "gifts": [COOKIE]}])
    stamps_by(shop)
    shop.buys(member, "1.00")
    for _visit in range(2):
        shop.buys(other, "1.00")
    merge(shop, member, other)

    part(shop)
    shop.buys(member, "1.00")

    assert (sheets_of(shop, member), sheets_of(shop, other)) == ([(2, "open")], [(2, "open")])
    assert grants_of(shop, member) == [("stamp_milestone", "cookie", "given")]
    assert grants_of(shop, other) == [("stamp_milestone", "cookie", "given")]


def test_what_the_merged_member_bought_is_taken_off_the_common_card(shop, member, other):
    card_of(shop, 8)
    stamps_by(shop)
    shop.buys(member, "1.00")
    shop.buys(other, "1.00", number="A")
    merge(shop, member, other)

    returns(shop, "A")

    assert sheets_of(shop, member) == [(1, "open")]


def test_what_comes_back_after_they_were_parted_is_taken_from_who_bought_it(shop, member, other):
    card_of(shop, 8)
    stamps_by(shop, stamps=2)
    shop.buys(member, "1.00")
    shop.buys(other, "1.00", number="A")
    merge(shop, member, other)
    part(shop)
    owing = sheets_of(shop, other)

    returns(shop, "A")

    assert owing == [(2, "open")]
    assert sheets_of(shop, other) == [(0, "open")]
