"""Tiers that are given or bought, whatever was earned."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from core.actors import SYSTEM
from core.models import AuditRecord
from loyalty.earning.receipt import LineKind
from loyalty.errors import TierAlreadyEnded, TierUnknown
from loyalty.models import Entry, TierGrant
from loyalty.services.standing import effective_tiers
from loyalty.services.tier_grants import TierGift, end_tier, give_tier
from loyalty.services.tier_night import look_chunk
from loyalty.services.tiers_audit import disagreements
from tests.ladders import SILVER_AND_GOLD, lines_of, put_up, steps, takes_back, tiers
from tests.shops import assert_audit_is_clean, open_shop

pytestmark = pytest.mark.django_db

JUNE = datetime(2026, 6, 10, 12, tzinfo=UTC)
PAID = {"code": "plus", "name": "Plus", "kind": "paid", "sku": "CLUB", "months": 12}
BLACK = {"code": "black", "name": "Black", "kind": "invitation", "benefits": {"multiplier": "3"}}


@pytest.fixture
def clock():
    with time_machine.travel(JUNE, tick=False) as clock:
        yield clock


@pytest.fixture
def shop(clock):
    shop = open_shop()
    put_up(shop, tiers=[*SILVER_AND_GOLD["tiers"], PAID, BLACK])
    return shop


@pytest.fixture
def member(shop):
    return shop.member()


def held(shop, member, at=None) -> str:
    account = shop.account(member)
    return effective_tiers([account.pk], at or timezone.now())[account.pk].code


def gives(shop, member, tier="black", *, until=None, key="key-1", reason="A friend"):
    gift = TierGift(
        program_id=shop.program.pk, member_id=member.pk, tier=tier, until=until, reason=reason
    )
    return give_tier(gift=gift, actor=SYSTEM, request_key=key)


def buys_membership(shop, member):
    sold = lines_of((LineKind.MEMBERSHIP, "CLUB", "30"), (LineKind.PRODUCT, "tea", "5"))
    return shop.records(shop.draft(member, lines=sold))


def night(shop, due):
    look_chunk(organization_id=shop.organization.pk, due=due)


def assert_explained(shop):
    assert disagreements(shop.organization.pk) == []
    assert_audit_is_clean()


def test_a_given_tier_counts_at_once_and_until_its_end(clock, shop, member):
    gives(shop, member, until=JUNE + timedelta(days=2))

    recorded = shop.buys(member, "10")
    clock.shift(timedelta(days=3))
    before_the_night = shop.buys(member, "10")
    night(shop, JUNE + timedelta(days=2, hours=11))

    assert (recorded.points, before_the_night.points) == (30, 10)
    assert steps(shop, member) == [("granted", "", "black"), ("grant_ended", "black", "")]
    assert TierGrant.objects.get().ended_at == JUNE + timedelta(days=2)
    assert_explained(shop)


def test_a_given_tier_is_ended_by_hand_with_a_reason_and_once(shop, member):
    grant = gives(shop, member)

    end_tier(grant_id=grant.pk, reason="Moved away", actor=SYSTEM)
    with pytest.raises(TierAlreadyEnded):
        end_tier(grant_id=grant.pk, reason="Again", actor=SYSTEM)

    assert held(shop, member) == ""
    reasons = AuditRecord.objects.filter(verb__startswith="tier_").order_by("pk")
    assert list(reasons.values_list("verb", "reason")) == [
        ("tier_given", "A friend"),
        ("tier_ended", "Moved away"),
    ]
    assert_explained(shop)


def test_nobody_is_given_a_tier_that_there_is_not(shop, member):
    with pytest.raises(TierUnknown):
        gives(shop, member, "diamond")

    assert not TierGrant.objects.exists()


def test_the_higher_of_earned_and_given_counts(shop, member):
    gives(shop, member, "silver")
    shop.buys(member, "500")

    assert held(shop, member) == "gold"
    assert_explained(shop)


def test_a_gift_on_entry_is_not_given_for_a_tier_below_the_one_there_is(clock, shop, member):
    gift = {"gifts": [{"type": "points", "points": 7}]}
    clock.shift(60)
    put_up(shop, tiers=[*tiers(silver=gift, gold=gift), PAID, BLACK])
    gives(shop, member, "gold")

    shop.buys(member, "100")

    gifts = Entry.objects.filter(cause="tier").values_list("points", flat=True)
    assert list(gifts) == [7]
    assert_explained(shop)


def test_a_membership_on_a_receipt_gives_its_tier_for_its_months(shop, member):
    buys_membership(shop, member)

    grant = TierGrant.objects.get()
    assert held(shop, member) == "plus"
    assert grant.ends_at == datetime(2027, 6, 10, 23, tzinfo=UTC)
    assert steps(shop, member) == [("granted", "", "plus")]
    assert_explained(shop)


def test_a_membership_that_is_bought_again_goes_on_after_the_one_there_is(shop, member):
    buys_membership(shop, member)
    buys_membership(shop, member)

    ends = TierGrant.objects.order_by("pk").values_list("begins_at", "ends_at")
    assert list(ends) == [
        (JUNE, datetime(2027, 6, 10, 23, tzinfo=UTC)),
        (datetime(2027, 6, 10, 23, tzinfo=UTC), datetime(2028, 6, 10, 23, tzinfo=UTC)),
    ]
    assert_explained(shop)


def test_what_comes_back_beside_a_membership_leaves_it(shop, member):
    recorded = buys_membership(shop, member)

    takes_back(shop, recorded.purchase, "5")

    assert held(shop, member) == "plus"


def test_the_return_of_a_membership_ends_its_tier(shop, member):
    recorded = buys_membership(shop, member)

    done = takes_back(shop, recorded.purchase)

    assert done.row.status == "done"
    assert held(shop, member) == ""
    assert steps(shop, member) == [("granted", "", "plus"), ("grant_ended", "plus", "")]
    assert_explained(shop)
