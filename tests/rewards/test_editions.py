from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction

from core.services.audit_ledger import violations
from rewards.errors import StockBelowTaken
from rewards.models import LIVE, Redemption, Reward
from rewards.services.catalog_changes import change
from tests.racing import forget_locks, race, seen
from tests.rewards.parts import part_of
from tests.shelves import give_back, take, tamper
from tests.shops import assert_audit_is_clean, open_shop


@pytest.fixture
def rich(shop, member):
    shop.buys(member, "1000.00")
    return member


def edition(shop, of=100):
    return shop.reward(10, name="Print", stock=of, is_limited_edition=True)


def test_each_has_its_number(shop, rich):
    reward = edition(shop)

    told = [(one.serial, one.serial_of) for one in (take(rich, reward), take(rich, reward))]

    assert told == [(1, 100), (2, 100)]


def test_the_number_of_what_came_back_is_given_again(shop, rich):
    reward = edition(shop, of=3)
    first, _second, _third = [take(rich, reward) for _ in range(3)]
    give_back(first)

    again = take(rich, reward)

    assert again.serial == 1
    first.refresh_from_db()
    assert (first.serial, first.status) == (1, "canceled")


def test_what_is_no_edition_has_no_number(shop, rich):
    assert take(rich, shop.reward(10, stock=5)).serial is None


def test_there_are_as_many_as_the_highest_number_says(shop, rich):
    reward = edition(shop)
    taken = [take(rich, reward) for _ in range(4)]
    give_back(taken[0])

    with pytest.raises(StockBelowTaken):
        change(reward, part_of(reward, stock=3))
    change(Reward.objects.get(pk=reward.pk), part_of(reward, stock=4))


@pytest.mark.proves("INV-5n")
def test_no_number_is_held_twice(shop, rich):
    reward = edition(shop)
    first, second = take(rich, reward), take(rich, reward)

    with pytest.raises(IntegrityError), transaction.atomic():
        Redemption.objects.filter(pk=second.pk).update(serial=1)
    tamper(f"UPDATE rewards_reward SET stock_initial = 1, stock = 0 WHERE id = {reward.pk}")
    found = {row.invariant for row in violations()}
    tamper(f"UPDATE rewards_reward SET stock_initial = 100, stock = 98 WHERE id = {reward.pk}")

    assert "INV-5n" in found
    assert first.serial != second.serial


@pytest.fixture
def crowded(transactional_db):
    shop = open_shop()
    members = [shop.member(f"+44740012345{digit}") for digit in range(4)]
    for one in members:
        shop.buys(one, "900.00")
    return shop, members


def rush(members, reward):
    """Let all of them take one at once; return the numbers they hold."""

    def take_one(member):
        taken = take(member, reward)
        connection.close()
        return taken

    race(*[partial(take_one, one) for one in members])
    held = Redemption.objects.filter(reward=reward, status__in=LIVE)
    return sorted(held.values_list("serial", flat=True))


@pytest.mark.proves("INV-5n")
def test_in_a_rush_everybody_has_a_number_of_their_own(crowded):
    shop, members = crowded
    for _ in range(3):
        assert rush(members, edition(shop)) == [1, 2, 3, 4]
    assert_audit_is_clean()


def test_without_locks_some_would_go_away_with_none(crowded, monkeypatch):
    shop, members = crowded
    forget_locks(monkeypatch)

    assert seen(lambda _n: rush(members, edition(shop)) != [1, 2, 3, 4], tries=5)
