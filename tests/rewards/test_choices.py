from uuid import UUID

import pytest

from core.services.audit_ledger import violations
from rewards.catalog_errors import ChoiceRequired
from rewards.errors import RewardNotOffered
from rewards.models import Reward
from rewards.services.promising import refuse_unknown_rewards
from rewards.services.shelf import offers_for
from tests.ladders import put_up
from tests.shelves import choice, give_back, refusal, take, tamper
from tests.shops import open_shop


@pytest.fixture
def rich(shop, member):
    shop.buys(member, "1000.00")
    return member


@pytest.fixture
def tea(shop):
    return shop.reward(70, name="Tea", stock=2, is_for_points=False)


@pytest.fixture
def cake(shop):
    return shop.reward(300, name="Cake", stock=1, limit_count=1)


@pytest.fixture
def either(shop, tea, cake):
    return choice(shop, tea, cake, points=100, stock=5, price_money="1.50")


def stock(*rewards):
    left = dict(Reward.objects.values_list("pk", "stock"))
    return [left[one.pk] for one in rewards]


def test_what_is_chosen_is_had_at_the_price_of_the_whole(shop, rich, either, tea, cake):
    taken = take(rich, either, choice=tea.public_id)

    assert (taken.reward, taken.chosen_from, taken.name) == (tea, either, "Tea")
    assert (taken.points, str(taken.price_money)) == (100, "1.500")
    assert taken.voucher.reward == tea
    assert stock(either, tea, cake) == [4, 1, 1]


def test_both_get_it_back(shop, rich, either, tea):
    give_back(take(rich, either, choice=tea.public_id))

    assert stock(either, tea) == [5, 2]
    assert shop.balance(rich) == 1000


def test_somebody_has_to_choose_and_is_told_between_what(rich, either, tea, cake):
    with pytest.raises(ChoiceRequired) as refused:
        take(rich, either)

    assert refused.value.data == {"choices": [str(tea.public_id), str(cake.public_id)]}


def test_only_what_is_offered_can_be_chosen(shop, rich, either):
    stranger = open_shop("other").reward(10)
    beside = shop.reward(10, name="Mug")
    asleep = shop.reward(10, status="paused")
    either.details["options"].append(asleep.code)
    either.save()

    told = [
        refusal(rich, either, choice=one)
        for one in (UUID(int=1), stranger.public_id, beside.public_id, asleep.public_id)
    ]

    assert told == ["choice_unknown"] * 4
    assert refusal(rich, beside, choice=either.public_id) == "choice_unknown"


def test_a_choice_is_asked_what_it_would_be_asked_alone(shop, rich, either, cake):
    """Its own stock and limit count, and who took it alone took it."""
    put_up(shop)
    first = take(rich, either, choice=cake.public_id)
    sold_out = refusal(rich, either, choice=cake.public_id)
    Reward.objects.filter(pk=cake.pk).update(stock=1, stock_initial=2)
    limited = refusal(rich, either, choice=cake.public_id)
    alone = refusal(rich, cake)
    give_back(first)

    assert (sold_out, limited, alone) == ("sold_out", "limit_reached", "limit_reached")
    assert refusal(rich, cake) == ""


def test_a_choice_hidden_from_the_member_is_none(shop, rich, either, tea):
    put_up(shop)
    tea.tiers = ["gold"]
    tea.save()
    poor = shop.member("+447400123457")
    shop.buys(poor, "200.00")

    assert refusal(poor, either, choice=tea.public_id) == "choice_unknown"
    [offer] = [one for one in offers_for(poor) if one.reward == either]
    assert [one.reward.name for one in offer.options] == ["Cake"]


def test_a_choice_between_nothing_is_sold_out(shop, rich, either, tea, cake):
    Reward.objects.filter(pk__in=[tea.pk, cake.pk]).update(stock=0, stock_initial=0)

    [offer] = [one for one in offers_for(rich) if one.reward == either]

    assert (offer.reason, offer.can_have) == ("sold_out", False)


def test_nobody_is_promised_a_choice(shop, either):
    with pytest.raises(RewardNotOffered):
        refuse_unknown_rewards(shop.program, [either.code])


@pytest.mark.proves("INV-5o", "INV-5")
def test_whoever_crosses_a_choice_is_found_out(shop, rich, either, tea):
    taken = take(rich, either, choice=tea.public_id)
    tamper(f"UPDATE rewards_redemption SET chosen_from_id = {tea.pk} WHERE id = {taken.pk}")
    found = {row.invariant for row in violations()}
    tamper(f"UPDATE rewards_redemption SET chosen_from_id = {either.pk} WHERE id = {taken.pk}")

    assert {"INV-5o", "INV-5"} <= found
