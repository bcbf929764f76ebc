"""Tiers of accounts that become one, and part again."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.utils import timezone

from core.actors import SYSTEM
from loyalty.services.member_merges import merge_members, unmerge_members
from loyalty.services.standing import effective_tiers
from loyalty.services.tier_grants import TierGift, give_tier
from loyalty.services.tiers_audit import disagreements
from tests.ladders import put_up, standing, steps, takes_back, tier_of
from tests.shops import assert_audit_is_clean, open_shop

pytestmark = pytest.mark.django_db

JUNE = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.fixture
def clock():
    with time_machine.travel(JUNE, tick=False) as clock:
        yield clock


@pytest.fixture
def shop(clock):
    shop = open_shop()
    put_up(shop)
    return shop


@pytest.fixture
def two(shop):
    return shop.member(), shop.member("+447400123457")


def become_one(shop, kept, other):
    return merge_members(
        organization_id=shop.organization.pk,
        kept_id=kept.pk,
        merged_id=other.pk,
        actor=SYSTEM,
        request_key="merge-1",
    )


def part(shop, merge):
    unmerge_members(
        organization_id=shop.organization.pk, merge_id=merge.pk, actor=SYSTEM, request_key="part-1"
    )


def assert_explained(shop):
    assert disagreements(shop.organization.pk) == []
    assert_audit_is_clean()


@pytest.mark.proves("case 47")
@pytest.mark.parametrize("amounts", [("500", "100"), ("100", "500")])
def test_merged_members_keep_the_higher_tier(clock, shop, two, amounts):
    for member, amount in zip(two, amounts, strict=True):
        shop.buys(member, amount)
    clock.shift(60)

    become_one(shop, *two)

    assert standing(shop, two[0]) == ("gold", "2028-01-01")
    assert steps(shop, two[0])[-1][0] == "merged"
    assert_explained(shop)


def test_what_both_did_counts_together(clock, shop, two):
    shop.buys(two[0], "60")
    shop.buys(two[1], "60")
    clock.shift(60)

    become_one(shop, *two)

    assert tier_of(shop, two[0]) == "silver"
    assert_explained(shop)


def test_parted_each_has_what_they_would_have_alone(clock, shop, two):
    shop.buys(two[0], "60")
    bought = shop.buys(two[1], "100")
    clock.shift(60)
    merge = become_one(shop, *two)
    clock.shift(60)
    shop.buys(two[0], "30")
    takes_back(shop, bought.purchase, "1")
    together = tier_of(shop, two[0])
    clock.shift(60)

    part(shop, merge)

    assert together == "silver"
    assert (tier_of(shop, two[0]), tier_of(shop, two[1])) == ("", "")
    assert_explained(shop)


def test_after_a_merge_purchases_and_returns_go_on(clock, shop, two):
    bought = shop.buys(two[1], "100")
    clock.shift(60)
    become_one(shop, *two)
    clock.shift(60)

    shop.buys(two[0], "400")
    gold = tier_of(shop, two[0])
    takes_back(shop, bought.purchase)

    assert (gold, tier_of(shop, two[0])) == ("gold", "silver")
    assert_explained(shop)


def test_a_given_tier_goes_along_and_comes_back(clock, shop, two):
    gift = TierGift(
        program_id=shop.program.pk, member_id=two[1].pk, tier="gold", until=None, reason="Friend"
    )
    give_tier(gift=gift, actor=SYSTEM, request_key="give")
    shop.buys(two[0], "1")
    own, other = shop.account(two[0]).pk, shop.account(two[1]).pk
    clock.shift(60)
    merge = become_one(shop, *two)
    together = effective_tiers([own], timezone.now())[own].code
    clock.shift(60)

    part(shop, merge)

    parted = effective_tiers([own, other], timezone.now())
    assert together == "gold"
    assert (parted[own].code, parted[other].code) == ("", "gold")
    assert_explained(shop)
