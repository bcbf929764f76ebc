"""Which parcels and pickups somebody sees: scoped, sought, and in a fixed number of questions."""

from datetime import timedelta

import pytest
import time_machine

from core.models import Store
from core.models.people import Role
from rewards.fulfillment_queries import (
    Sought,
    counts_by_status,
    fulfillment_on,
    fulfillments_of,
    fulfillments_seen_by,
    fulfillments_with,
    pickup_stores,
    pickup_stores_of,
    ready_in,
    sought,
)
from tests.deliveries import done, placed, ready, taken
from tests.offices import hire
from tests.shelves import take
from tests.shops import open_shop


@pytest.fixture
def member(shop):
    mina = shop.member(name="Mina K")
    shop.buys(mina, "500.00")
    return mina


@pytest.mark.proves("X3")
def test_nothing_of_another_organization_is_seen(shop, member):
    other = open_shop("elsewhere")
    theirs = other.member(phone="+447400123457")
    other.buys(theirs, "500.00")
    ours, foreign = placed(shop, member), placed(other, theirs)

    assert list(fulfillments_of(shop.organization)) == [ours]
    assert list(fulfillments_of(other.organization)) == [foreign]
    assert list(fulfillments_with(member)) == [ours]
    assert list(fulfillments_seen_by(hire(other.organization))) == [foreign]


def test_who_is_tied_to_stores_sees_what_is_picked_up_there_and_no_address(shop, member):
    Store.objects.create(organization=shop.organization, code="2", name="Two")
    here = placed(shop, member, "pickup")
    parcel, waiting = placed(shop, member), taken(shop, member, "pickup")
    free = hire(shop.organization, Role.MANAGER)
    tied = hire(shop.organization, Role.CASHIER, stores=["1"])
    elsewhere = hire(shop.organization, Role.CASHIER, stores=["2"])

    assert list(fulfillments_seen_by(free)) == [here, parcel, waiting]
    assert list(fulfillments_seen_by(tied)) == [here]
    assert list(fulfillments_seen_by(elsewhere)) == []


def test_they_are_sought_by_state_way_store_reward_and_age(shop, member):
    with time_machine.travel("2027-01-01T12:00:00+00:00", tick=False) as clock:
        old = placed(shop, member)
        clock.shift(timedelta(days=3))
        waiting, fetched = taken(shop, member), done(shop, member, "pickup")
        rows = fulfillments_of(shop.organization)
        reward = old.redemption.reward

        def found(**wanted):
            return list(sought(rows, Sought(**wanted)))

        assert found() == [old, waiting, fetched]
        assert found(status="open") == [old]
        assert found(method="pickup") == [fetched]
        assert found(store="1") == [fetched]
        assert found(reward=reward.code) == found(reward=str(reward.public_id)) == [old]
        assert found(older_than_days=2) == [old]
        assert found(older_than_days=2, method="pickup") == []


def test_every_state_is_counted_also_where_there_is_none(shop, member, django_assert_num_queries):
    placed(shop, member)
    ready(shop, member)
    placed(shop, member)

    with django_assert_num_queries(1):
        counts = counts_by_status(fulfillments_of(shop.organization))

    assert counts == {"waiting": 0, "open": 2, "ready": 1, "done": 0, "canceled": 0}


@pytest.mark.proves("P1")
@pytest.mark.parametrize("rows", [1, 3])
def test_a_list_asks_the_database_a_fixed_number_of_questions(
    shop, member, rows, django_assert_num_queries
):
    for _ in range(rows):
        placed(shop, member, "pickup")

    with django_assert_num_queries(1):
        for one in fulfillments_of(shop.organization):
            redemption = one.redemption
            shown = (redemption.member.name, redemption.reward.name, redemption.voucher.code)
            assert all((*shown, one.store.name))


def test_a_till_sees_what_lies_ready_in_its_store(shop, member):
    Store.objects.create(organization=shop.organization, code="2", name="Two")
    lying = ready(shop, member, "pickup")
    placed(shop, member, "pickup")
    ready(shop, member)

    assert list(ready_in(shop.store)) == [lying]


def test_stores_to_pick_up_in_are_those_of_the_reward(shop, member):
    second = Store.objects.create(organization=shop.organization, code="2", name="Two")
    open_shop("elsewhere")
    anywhere = taken(shop, member, "pickup")
    somewhere = taken(shop, member, "pickup", stores=["2"])

    assert list(pickup_stores(anywhere)) == [shop.store, second]
    assert list(pickup_stores(somewhere)) == [second]
    assert list(pickup_stores_of(somewhere.redemption.reward)) == [second]


def test_a_choice_of_some_stores_is_picked_up_in_those_of_both(shop, member):
    second = Store.objects.create(organization=shop.organization, code="2", name="Two")
    mug = shop.reward(10, delivery="pickup")
    both = shop.reward(
        20, kind="choose_one", details={"options": [mug.code, shop.reward(5).code]}, stores=["2"]
    )
    had = take(member, both, choice=mug.public_id)

    assert list(pickup_stores(fulfillment_on(had))) == [second]
