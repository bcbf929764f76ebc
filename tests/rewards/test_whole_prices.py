"""A reward costs its whole price, and what is left over stays."""

import pytest

from core.actors import SYSTEM
from loyalty.errors import InsufficientPoints
from rewards.models import Redemption
from rewards.services.redemptions import redeem
from tests.callers import Caller, problem


@pytest.mark.proves("L7", "case 29")
@pytest.mark.parametrize(
    ("price", "balance", "times", "left"),
    [(100, 250, 2, 50), (2, 3, 1, 1), (100, 99, 0, 99), (100, 100, 1, 0), (7, 50, 7, 1)],
)
def test_a_reward_is_had_as_often_as_its_price_fits_into_the_balance(
    shop, member, price, balance, times, left
):
    shop.buys(member, f"{balance}.00")
    reward = shop.reward(price)

    def take(number):
        return redeem(
            reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key=f"take-{number}"
        )

    for number in range(times):
        take(number)
    with pytest.raises(InsufficientPoints) as refusal:
        take("one too many")

    assert refusal.value.data == {"balance": left, "needed": price, "held": 0}
    assert shop.balance(member) == left
    assert list(Redemption.objects.values_list("points", flat=True)) == [price] * times


@pytest.mark.proves("L7")
@pytest.mark.parametrize("part", [{"points": 50}, {"quantity": "0.5"}, {"points": "50"}])
def test_nobody_can_ask_for_a_part_of_a_reward(shop, member, part):
    shop.buys(member, "250.00")
    body = {"member": str(member.public_id), "reward": str(shop.reward(100).public_id), **part}

    answer = Caller(shop.api_key()).post("redemptions/", body)

    assert problem(answer)[:2] == (400, "unknown_field")
    assert (shop.balance(member), Redemption.objects.count()) == (250, 0)
