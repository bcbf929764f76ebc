"""The ledger of gift cards: what always holds, found when it is broken, whatever is done."""

from contextlib import suppress
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.actors import SYSTEM
from core.errors import Refusal
from core.services.audit_ledger import violations
from rewards.gift_card_codes import ALPHABET, check, clean, grouped, make
from rewards.models import GiftCard, GiftCardEntry
from rewards.services.gift_cards import (
    adjust,
    charge,
    expire_gift_cards,
    load,
    refund,
)
from rewards.services.gift_cards_given import credit_from_reward
from rewards.services.redemptions import cancel_redemption, redeem
from tests.giftcards import balance_of, booking, entries_of, sold
from tests.shops import open_shop

WITHOUT_GUARDS = """
    SET CONSTRAINTS ALL IMMEDIATE;
    ALTER TABLE rewards_giftcard DROP CONSTRAINT gift_card_balance_is_between_zero_and_its_load;
    SET LOCAL session_replication_role = replica;
"""


@pytest.fixture
def broken(db):
    """A shop whose card was sold, charged for a purchase and refunded, without any guard."""
    shop = open_shop()
    card = sold(shop)
    charge(card_id=card.pk, amount=Decimal(20), booking=booking(reference="api/o-1"))
    refund(card_id=card.pk, amount=Decimal(5), booking=booking(reference="api/o-1"))
    assert violations() == []
    with connection.cursor() as cursor:
        cursor.execute(WITHOUT_GUARDS)
    return card


def found():
    return {row.invariant for row in violations()}


@pytest.mark.proves("INV-9")
@pytest.mark.parametrize("wrong", [{"balance": 36}, {"loaded": 49}, {"entries_count": 4}])
def test_a_card_that_is_not_its_entries_is_found(broken, wrong):
    GiftCard.objects.update(**wrong)

    assert "INV-9" in found()


@pytest.mark.proves("INV-9b")
@pytest.mark.parametrize("wrong", [{"balance_after": 31}, {"sequence": 7}])
def test_entries_that_do_not_follow_each_other_are_found(broken, wrong):
    GiftCardEntry.objects.filter(kind="charge").update(**wrong)

    assert found() == {"INV-9b"}


@pytest.mark.proves("INV-9c")
def test_more_back_than_was_charged_is_found(broken):
    GiftCardEntry.objects.filter(kind="charge").update(reference="api/o-2")

    assert found() == {"INV-9c"}


@pytest.mark.proves("INV-9d")
def test_a_card_of_another_currency_is_found(broken):
    GiftCard.objects.update(currency="EUR")

    assert found() == {"INV-9d"}


@pytest.mark.proves("INV-11")
def test_a_card_of_somebody_elses_member_is_found(broken):
    GiftCard.objects.update(member=open_shop("there").member())

    assert found() == {"INV-11"}


@pytest.mark.proves("INV-9")
@pytest.mark.parametrize(
    "change", ["UPDATE rewards_giftcardentry SET amount = 1", "DELETE FROM rewards_giftcardentry"]
)
def test_what_happened_to_a_card_is_never_changed(shop, change):
    sold(shop)

    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


@pytest.mark.proves("INV-9")
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["load", "charge", "refund", "up", "down"]),
            st.decimals("0.01", "60", places=2),
            st.sampled_from(["api/o-1", "api/o-2"]),
        ),
        max_size=12,
    )
)
def test_whatever_is_done_every_penny_is_explained(shop, steps):
    card = sold(shop)
    for kind, amount, reference in steps:
        because = booking(reference=reference)
        with suppress(Refusal), transaction.atomic():
            if kind in {"up", "down"}:
                signed = amount if kind == "up" else -amount
                key = because.request_key
                adjust(card_id=card.pk, amount=signed, reason="x", actor=SYSTEM, request_key=key)
            else:
                move = {"load": load, "charge": charge, "refund": refund}[kind]
                move(card_id=card.pk, amount=amount, booking=because)

    assert violations() == []
    assert balance_of(card) == f"{sum(Decimal(amount) for _k, amount, _b in entries_of(card)):.2f}"


def test_the_same_booking_moves_money_once(shop):
    card, because = sold(shop), booking(reference="api/o-1")

    for _time in range(2):
        charge(card_id=card.pk, amount=Decimal(20), booking=because)

    assert balance_of(card) == "30.00"


def test_what_is_left_on_the_last_day_is_booked_as_gone_once(shop):
    card = sold(shop)
    GiftCard.objects.update(valid_until=timezone.now() - timedelta(seconds=1))

    with pytest.raises(Refusal):
        charge(card_id=card.pk, amount=Decimal(1), booking=booking())
    assert [expire_gift_cards(), expire_gift_cards()] == [1, 0]

    assert entries_of(card)[-1] == ("expire", "-50.00", "0.00")
    assert violations() == []


def test_a_reward_can_be_a_card_which_goes_again_while_it_is_unspent(shop, member):
    shop.buys(member, "100.00")
    reward = shop.reward(10, kind="gift_card", amount=Decimal(5))
    taken = redeem(reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key="take-it")

    card = GiftCard.objects.get()
    assert credit_from_reward(redemption=taken, now=timezone.now()).pk == card.pk
    assert (balance_of(card), card.member_id) == ("5.00", member.pk)

    cancel_redemption(redemption_id=taken.pk, reason="", actor=SYSTEM, request_key="back")
    assert (balance_of(card), card.status) == ("0.00", "blocked")
    assert shop.balance(member) == 100


def test_the_card_of_a_reward_that_was_spent_stays(shop, member):
    shop.buys(member, "100.00")
    reward = shop.reward(10, kind="gift_card", amount=Decimal(5))
    taken = redeem(reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key="take-it")
    charge(card_id=GiftCard.objects.get().pk, amount=Decimal(1), booking=booking())

    with pytest.raises(Refusal) as refused:
        cancel_redemption(redemption_id=taken.pk, reason="", actor=SYSTEM, request_key="back")

    assert refused.value.code == "gift_card_spent"
    assert shop.balance(member) == 90


@pytest.mark.proves("input 47")
def test_every_slip_of_one_character_and_every_swap_is_caught():
    code = make()
    slips = [
        code[:at] + other + code[at + 1 :]
        for at in range(len(code))
        for other in ALPHABET
        if other != code[at]
    ]
    swaps = [
        code[:a] + code[b] + code[a + 1 : b] + code[a] + code[b + 1 :]
        for a in range(len(code))
        for b in range(a + 1, len(code))
        if code[a] != code[b]
    ]

    assert check(code)
    assert not any(check(slip) for slip in slips + swaps)


def test_codes_are_80_random_bits_and_read_back():
    codes = {make() for _code in range(2000)}

    assert len(codes) == 2000
    assert all(len(code) == 17 and clean(grouped(code).lower()) == code for code in codes)
    assert all({code[at] for code in codes} == set(ALPHABET) for at in range(16))
