"""What the till gives of the catalog: choices, money, stores, and how long it can be undone."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from core.actors import SYSTEM
from core.models import Store
from rewards.catalog_errors import NotInThisStore
from rewards.models import Redemption, Reward
from rewards.services.redemptions import cancel_redemption
from tests.shelves import choice, take
from tests.tills import shown, text_of
from tests.vouchers import use


@pytest.fixture
def rich(shop, member):
    shop.buys(member, "1240.00")
    return member


def panel(till, member):
    page = till.client.get("/till/", {"member": member.public_id})
    return page.context["member"]


def hand_over(till, member, reward, **sent):
    wish = {
        "member": member.public_id,
        "reward": reward.public_id,
        "points": reward.points,
        "request_key": uuid4().hex,
        **sent,
    }
    return till.client.post("/till/rewards/", wish)


def test_a_choice_is_made_in_the_sheet(shop, rich, till):
    tea, cake = shop.reward(50, name="Tea"), shop.reward(60, name="Cake", stock=0)
    either = choice(shop, tea, cake)
    [offer] = [one for one in panel(till, rich).offers if one.reward == either.public_id]

    page = shown(till, hand_over(till, rich, either, choice=tea.public_id))

    assert [(one.name, one.can_have) for one in offer.choices] == [("Tea", True), ("Cake", False)]
    assert page.context["given"].name == "Tea"
    assert Redemption.objects.get().voucher.status == "used"


def test_nothing_is_handed_over_before_somebody_chose(shop, rich, till):
    either = choice(shop, shop.reward(50, name="Tea"), shop.reward(60, name="Cake"))

    page = till.client.get(hand_over(till, rich, either).url)

    assert "Say which one is wanted." in text_of(page)
    assert Redemption.objects.count() == 0


def test_the_money_is_shown_and_agreed_to(shop, rich, till):
    reward = shop.reward(100, name="Mug", price_money="2.00")
    [offer] = panel(till, rich).offers
    Reward.objects.update(price_money="3.00")
    stale = till.client.get(hand_over(till, rich, reward, price_money="2.00").url)

    page = shown(till, hand_over(till, rich, reward, price_money="3.000"))

    assert offer.price_money == 2
    assert "has just changed" in text_of(stale)
    assert "£3.00" in text_of(page)
    assert Redemption.objects.count() == 1


def test_the_shelf_is_that_of_the_store(shop, rich, till):
    Store.objects.create(organization=shop.organization, code="2", name="Two")
    shop.reward(100, name="Here", stores=["1"])
    there = shop.reward(100, name="There", stores=["2"])

    page = till.client.get(hand_over(till, rich, there).url)

    assert [one.name for one in panel(till, rich).offers] == ["Here"]
    assert "not given in this store" in text_of(page)


def test_a_voucher_of_another_store_is_not_used_here(shop, rich):
    other = Store.objects.create(organization=shop.organization, code="2", name="Two")
    taken = take(rich, shop.reward(100, stores=["1"]))
    chosen = take(rich, choice(shop, shop.reward(5), shop.reward(6), stores=["1"]), **first(shop))

    for one in (taken, chosen):
        with pytest.raises(NotInThisStore):
            use(one.voucher, store=other)
        assert use(one.voucher, store=shop.store).status == "used"


def first(shop):
    reward = Reward.objects.get(points=5)
    return {"choice": reward.public_id}


@pytest.mark.proves("R7")
@pytest.mark.parametrize(("minutes", "later", "offers_undo"), [(5, 4, True), (5, 6, False)])
def test_the_reward_says_how_long_it_can_be_taken_back(
    shop, rich, till, minutes, later, offers_undo
):
    reward = shop.reward(100, undo_minutes=minutes)
    answer = hand_over(till, rich, reward)
    with time_machine.travel(timezone.now() + timedelta(minutes=later), tick=False):
        page = shown(till, answer)
        url = f"/till/rewards/{Redemption.objects.get().public_id}/undo/"
        till.client.post(url, {"request_key": uuid4().hex})

    assert bool(page.context.get("undo")) == offers_undo
    assert Redemption.objects.get().status == ("canceled" if offers_undo else "issued")


def test_points_that_ended_meanwhile_come_back_for_the_days_the_reward_says(shop, rich, till):
    shop.settle(expiry={"type": "after", "months": 1})
    other = shop.member("+447400123459")
    shop.buys(other, "100.00")
    taken = [take(other, shop.reward(40, goodwill_days=days)) for days in (7, 0)]
    with time_machine.travel(timezone.now() + timedelta(days=60), tick=False):
        for one in taken:
            cancel_redemption(
                redemption_id=one.pk, reason="wrong", actor=SYSTEM, request_key=uuid4().hex
            )
        balance = shop.balance(other)

    assert balance == 40
