from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from core.actors import SYSTEM
from core.services.audit_ledger import violations
from loyalty.services.member_merges import merge_members
from rewards.models import Redemption
from rewards.periods import period_start
from rewards.services.shelf import offers_for
from tests.racing import forget_locks, race, seen
from tests.shelves import give_back, refusal, take
from tests.shops import assert_audit_is_clean, open_shop

NOW = datetime(2026, 7, 8, 12, tzinfo=UTC)  # a Wednesday


@pytest.fixture
def rich(shop, member):
    shop.buys(member, "1000.00")
    return member


def test_a_member_takes_so_many_and_no_more(shop, rich):
    reward = shop.reward(10, limit_count=2)

    told = [refusal(rich, reward) for _ in range(3)]

    assert told == ["", "", "limit_reached"]
    assert [one.reason for one in offers_for(rich)] == ["limit_reached"]


def test_what_came_back_counts_no_more_and_what_is_set_aside_does(shop, rich):
    reward = shop.reward(10, limit_count=1)
    give_back(take(rich, reward))
    take(rich, reward, hold_seconds=60)

    assert refusal(rich, reward) == "limit_reached"


def test_others_have_a_limit_of_their_own(shop, rich):
    reward = shop.reward(10, limit_count=1)
    other = shop.member("+447400123457")
    shop.buys(other, "100.00")
    take(other, reward)

    assert refusal(rich, reward) == ""


def test_who_was_merged_is_the_same_person(shop, rich):
    reward = shop.reward(10, limit_count=1)
    other = shop.member("+447400123457")
    shop.buys(other, "100.00")
    take(other, reward)
    merge_members(
        organization_id=shop.organization.pk,
        kept_id=rich.pk,
        merged_id=other.pk,
        actor=SYSTEM,
        request_key="merge",
    )

    assert refusal(rich, reward) == "limit_reached"


@pytest.mark.parametrize(
    ("period", "later"),
    [("day", timedelta(days=1)), ("week", timedelta(days=5)), ("month", timedelta(days=24))],
)
def test_a_new_period_begins_at_its_first_local_midnight(shop, period, later):
    with time_machine.travel(NOW, tick=False) as clock:
        member = shop.member()
        shop.buys(member, "100.00", at=NOW)
        reward = shop.reward(10, limit_count=1, limit_period=period)
        take(member, reward)
        start = period_start(period, NOW + later, shop.organization.zone)
        clock.move_to(start - timedelta(seconds=1))
        before = refusal(member, reward)
        clock.move_to(start)

        assert (before, refusal(member, reward)) == ("limit_reached", "")


def test_a_year_begins_in_january_and_ever_never(shop):
    zone = shop.organization.zone

    assert period_start("year", NOW, zone) == datetime(2026, 1, 1, tzinfo=UTC)
    assert period_start("ever", NOW, zone) is None


# --- the audit -----------------------------------------------------------------------------------


@pytest.mark.proves("INV-5l")
def test_whoever_lets_a_member_have_more_is_found_out(shop, rich):
    reward = shop.reward(10)
    first = take(rich, reward)
    take(rich, reward)
    reward.limit_count, reward.limited_since = 1, first.created_at
    reward.save()
    found = {row.invariant for row in violations()}
    reward.limited_since = timezone.now()
    reward.save()  # as who sets the limit now does

    assert found == {"INV-5l"}


# --- many tabs -----------------------------------------------------------------------------------


@pytest.fixture
def crowded(transactional_db):
    shop = open_shop()
    member = shop.member()
    shop.buys(member, "9000.00")
    return shop, member


def tabs(shop, member, reward, how_many=4):
    def take_in_a_tab():
        taken = take(member, reward, hold_seconds=600)
        connection.close()
        return taken

    answers = race(*[partial(take_in_a_tab)] * how_many)
    return sum(isinstance(one, Redemption) for one in answers)


@pytest.mark.proves("C1", "INV-5l")
def test_in_several_tabs_a_member_takes_one_and_no_more(crowded):
    shop, member = crowded
    for _ in range(5):
        assert tabs(shop, member, shop.reward(10, limit_count=1)) == 1
    assert_audit_is_clean()


def test_without_locks_the_tabs_would_take_more(crowded, monkeypatch):
    shop, member = crowded
    forget_locks(monkeypatch)

    assert seen(lambda _n: tabs(shop, member, shop.reward(10, limit_count=1)) > 1, tries=5)


@pytest.mark.proves("C1")
def test_the_last_one_goes_to_one(crowded):
    shop, member = crowded
    for _ in range(3):
        assert tabs(shop, member, shop.reward(10, stock=1)) == 1
    assert_audit_is_clean()
