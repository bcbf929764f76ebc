"""What issuing a reward does besides its voucher, and how that is undone."""

from decimal import Decimal

import pytest

from loyalty.models import Grant
from rewards.gift_card_errors import GiftCardSpent
from rewards.models import GiftCard, Reward
from rewards.services import issuing
from rewards.services.gift_cards import charge
from tests.giftcards import balance_of, booking
from tests.shelves import choice, give_back, take


@pytest.fixture
def rich(shop, member):
    shop.buys(member, "1000.00")
    return member


@pytest.fixture
def noted(monkeypatch):
    """What was done for a kind that does nothing else."""
    done = []
    monkeypatch.setitem(
        issuing.ISSUED, "experience", lambda redemption, **_told: done.append(redemption.pk)
    )
    monkeypatch.setitem(
        issuing.UNDONE, "experience", lambda redemption, **_told: done.append(-redemption.pk)
    )
    return done


def test_credit_comes_onto_a_card_and_goes_when_it_is_given_back(shop, rich):
    reward = shop.reward(100, kind="gift_card", amount=10)
    held = take(rich, reward, hold_seconds=60)
    before = GiftCard.objects.count()
    give_back(held)

    taken = take(rich, reward)
    card = GiftCard.objects.get()
    full = balance_of(card)
    give_back(taken)

    assert (before, full, balance_of(card)) == (0, "10.00", "0.00")
    assert shop.balance(rich) == 1000


def test_the_credit_is_what_was_promised(shop, rich):
    reward = shop.reward(100, kind="gift_card", amount=10)
    taken = take(rich, reward, hold_seconds=60)
    Reward.objects.filter(pk=reward.pk).update(amount=99)
    issuing.take_effect(taken, taken.created_at)
    card = GiftCard.objects.get()

    assert balance_of(card) == "10.00"


def test_what_cannot_be_undone_stays(shop, rich, monkeypatch):
    def refuse(**_told):
        raise GiftCardSpent

    taken = take(rich, shop.reward(100, kind="experience"))
    monkeypatch.setitem(issuing.UNDONE, "experience", refuse)

    with pytest.raises(GiftCardSpent):
        give_back(taken)

    taken.refresh_from_db()
    assert (taken.status, taken.voucher.status) == ("issued", "issued")
    assert shop.balance(rich) == 900


@pytest.mark.proves("R3")
def test_a_purchase_comes_back_when_the_card_it_gave_is_spent_meanwhile(shop, member, api):
    reward = shop.reward(100, kind="gift_card", amount=10)
    shop.add_rule(
        {"trigger": {"type": "purchase"}, "effect": {"type": "voucher", "reward": reward.code}}
    )
    sold = shop.buys(member, "20.00").purchase
    charge(card_id=GiftCard.objects.get().pk, amount=Decimal(1), booking=booking())

    back = api(
        "POST", f"purchases/{sold.public_id}/returns/", {"external_id": "back", "amount": "20.00"}
    )

    assert (back.status_code, shop.balance(member)) == (201, 0)
    assert (balance_of(GiftCard.objects.get()), Grant.objects.get().status) == ("9.00", "given")


def test_what_is_chosen_takes_effect(shop, rich, noted):
    evening, tea = shop.reward(10, kind="experience"), shop.reward(10)
    taken = take(rich, choice(shop, evening, tea), choice=evening.public_id)
    give_back(taken)

    assert noted == [taken.pk, -taken.pk]


def test_what_is_only_set_aside_takes_no_effect(shop, rich, noted):
    give_back(take(rich, shop.reward(10, kind="experience"), hold_seconds=60))

    assert noted == []
