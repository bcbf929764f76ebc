"""A sale that is paid and canceled over and over ends where its last message says."""

from decimal import Decimal

import pytest
from django.utils import timezone

from core.actors import SYSTEM
from loyalty.errors import AlreadyReturned, DuplicateReceipt, ReceiptConflict
from loyalty.models import Entry, Purchase, Return
from loyalty.services.returns import ReturnWish, record_return
from rewards.services.redemptions import cancel_redemption, redeem

FLAPS = 50
REWARD_FLAPS = 10


def pays(shop, member, number):
    return shop.records(shop.draft(member, "20.00", number=number, at=timezone.now()))


def cancels(shop, number, *, sale=None):
    wish = ReturnWish(
        source="till",
        external_id=f"{number}/canceled",
        sale_source="till",
        sale_external_id=sale or number,
        occurred_at=timezone.now(),
        request_key=f"cancel-{number}",
        quantities={1: Decimal(1)},
    )
    return record_return(organization_id=shop.organization.pk, wish=wish, actor=SYSTEM)


@pytest.mark.proves("R5")
def test_fifty_flaps_of_a_sale_end_where_the_last_message_says(shop, member):
    balances = []
    for flap in range(FLAPS):
        pays(shop, member, f"A-{flap}")
        paid = shop.balance(member)
        cancels(shop, f"A-{flap}")
        balances.append((paid, shop.balance(member)))
    pays(shop, member, "A")

    kinds = [kind for kind, _points, _balance in shop.entries(member)]
    assert balances == [(20, 0)] * FLAPS
    assert (shop.balance(member), shop.account(member).debt) == (20, 0)
    assert (kinds.count("earn"), kinds.count("return")) == (FLAPS + 1, FLAPS)


@pytest.mark.proves("R5")
def test_messages_of_one_sale_that_are_sent_fifty_times_count_once(shop, member):
    sale = shop.draft(member, "20.00", number="A")
    shop.records(sale)
    cancels(shop, "A")
    before = shop.entries(member)

    for _flap in range(FLAPS):
        with pytest.raises(DuplicateReceipt):
            shop.records(sale)
        with pytest.raises(DuplicateReceipt):
            cancels(shop, "A")

    assert before == shop.entries(member) == [("earn", 20, 20), ("return", -20, 0)]
    assert (Purchase.objects.count(), Return.objects.count()) == (1, 1)


@pytest.mark.proves("R5")
def test_a_canceled_sale_is_not_canceled_again_under_another_number(shop, member):
    pays(shop, member, "A")
    cancels(shop, "A")

    for flap in range(FLAPS):
        with pytest.raises(AlreadyReturned):
            cancels(shop, f"A-{flap}", sale="A")
    with pytest.raises(ReceiptConflict):
        shop.records(shop.draft(member, "21.00", number="A"))

    assert shop.entries(member) == [("earn", 20, 20), ("return", -20, 0)]


@pytest.mark.proves("R5")
def test_flaps_of_a_reward_end_where_the_last_one_says(shop, member):
    shop.buys(member, "50.00")
    reward = shop.reward(40, stock=1)
    states = []
    for flap in range(REWARD_FLAPS):
        taken = take(shop, member, reward, flap)
        reward.refresh_from_db()
        states.append((shop.balance(member), reward.stock))
        cancel_redemption(
            redemption_id=taken.pk, reason="", actor=SYSTEM, request_key=f"undo-{flap}"
        )
        reward.refresh_from_db()
        states.append((shop.balance(member), reward.stock))

    take(shop, member, reward, "last")

    reward.refresh_from_db()
    assert states == [(10, 0), (50, 1)] * REWARD_FLAPS
    assert (shop.balance(member), reward.stock) == (10, 0)
    released = Entry.objects.filter(kind="release", reverses__kind="redeem").count()
    assert released == REWARD_FLAPS


def take(shop, member, reward, flap):
    return redeem(
        reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key=f"take-{flap}"
    )
