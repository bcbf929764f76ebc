from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
import time_machine

from core.models import Store
from rewards.models import Redemption
from rewards.services.shelf import offers_for
from tests.ladders import put_up
from tests.shelves import put_in_group, refusal, take

TODAY = datetime(2026, 7, 6, 12, tzinfo=UTC)
LINK = "https://club.example/secret"


@pytest.fixture
def rich(shop, member):
    shop.buys(member, "300.00")  # silver on the ladder of the tests
    return member


def shown(member, **where):
    return [(one.reward.name, one.reason, one.can_have) for one in offers_for(member, **where)]


def closed(shop, **details):
    told = {"kind": "access", "details": {"link": LINK, "access_code": "S3CRET"}}
    return shop.reward(50, name="Back room", **told | details)


# --- tiers and groups ----------------------------------------------------------------------------


def test_who_is_not_in_the_tier_neither_sees_the_reward_nor_learns_of_it(shop, rich):
    put_up(shop)
    reward = shop.reward(50, tiers=["gold"], stock=0)

    assert shown(rich) == []
    assert refusal(rich, reward) == "reward_not_offered"


def test_a_higher_tier_counts_too(shop, rich):
    put_up(shop)
    shop.buys(rich, "400.00")
    reward = shop.reward(50, tiers=["silver"])

    assert shown(rich) == [("Coffee", "", True)]
    assert take(rich, reward).status == "issued"


def test_what_is_shown_to_all_says_that_it_is_for_others(shop, rich):
    put_up(shop)
    reward = shop.reward(50, tiers=["gold"], shown_to_all=True)

    assert shown(rich) == [("Coffee", "not_eligible", False)]
    assert refusal(rich, reward) == "not_eligible"


def test_one_group_of_several_is_enough_and_the_tier_is_asked_for_besides(shop, rich):
    put_up(shop)
    both = shop.reward(50, groups=["friends", "staff"], tiers=["silver"])
    put_in_group(shop, shop.member("+447400123457"))
    stranger = refusal(rich, both)
    put_in_group(shop, rich)

    assert stranger == "reward_not_offered"
    assert refusal(rich, both) == ""


def test_a_program_without_tiers_has_nobody_in_them(shop, rich):
    assert refusal(rich, shop.reward(50, tiers=["gold"])) == "reward_not_offered"


# --- closed resources ----------------------------------------------------------------------------


@pytest.mark.parametrize("state", [{}, {"stock": 0}, {"status": "ended"}, {"points": 9999}])
def test_redeeming_tells_no_stranger_that_something_closed_is_there(shop, rich, state):
    put_up(shop)
    reward = closed(shop, tiers=["gold"])
    for name, value in state.items():
        setattr(reward, name, value)
    if "stock" in state:
        reward.stock_initial = 0
    reward.save()
    nobody = shop.member("+447400123458")  # without an account

    assert (refusal(rich, reward), refusal(nobody, reward)) == ("reward_not_offered",) * 2
    assert shown(rich) == shown(nobody) == []


def test_the_link_is_told_to_whoever_holds_it_and_not_before(shop, rich, api):
    reward = closed(shop)
    offer = api("GET", f"members/{rich.public_id}/rewards/").content.decode()

    taken = api(
        "POST", "redemptions/", {"member": str(rich.public_id), "reward": str(reward.public_id)}
    )

    assert "S3CRET" not in offer
    assert LINK not in offer
    assert taken.json()["access"] == {"link": LINK, "code": "S3CRET"}


def test_what_was_taken_keeps_what_it_opened_then_until_it_is_given_back(shop, rich, api):
    reward = closed(shop)
    taken = take(rich, reward)
    reward.details = {"link": "https://club.example/new"}
    reward.save()
    path = f"redemptions/{taken.public_id}/"
    kept = api("GET", path).json()["access"]

    api("POST", f"{path}cancel/", {"reason": "wrong"})

    assert kept["link"] == LINK
    assert api("GET", path).json()["access"] is None


# --- days and stores -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"starts_on": date(2026, 7, 7)}, "not_yet_offered"),
        ({"ends_on": date(2026, 7, 5)}, "no_longer_offered"),
        ({"starts_on": date(2026, 7, 6), "ends_on": date(2026, 7, 6)}, ""),
    ],
)
def test_a_reward_is_offered_from_its_first_day_to_the_end_of_its_last(shop, days, said):
    with time_machine.travel(TODAY, tick=False):
        member = shop.member()
        shop.buys(member, "100.00", at=TODAY - timedelta(days=1))
        reward = shop.reward(50, **days)

        assert shown(member) == ([] if said else [("Coffee", "", True)])
        assert refusal(member, reward) == said


def test_the_last_day_is_the_organizations(shop):
    """In London summer 23:30 UTC is the next day already."""
    with time_machine.travel(datetime(2026, 7, 6, 22, 30, tzinfo=UTC), tick=False) as clock:
        member = shop.member()
        shop.buys(member, "100.00", at=TODAY)
        reward = shop.reward(10, ends_on=date(2026, 7, 6))
        before = refusal(member, reward)
        clock.shift(timedelta(hours=1))

        assert (before, refusal(member, reward)) == ("", "no_longer_offered")


def test_a_reward_of_one_store_is_not_given_in_another(shop, rich):
    other = Store.objects.create(organization=shop.organization, code="2", name="Two")
    reward = shop.reward(50, stores=["1"])

    assert shown(rich, store="2") == [("Coffee", "not_in_this_store", False)]
    assert refusal(rich, reward, store_id=other.pk) == "not_in_this_store"
    assert refusal(rich, reward, store_id=shop.store.pk) == ""
    assert refusal(rich, reward) == ""  # from home, to be had in its store


def test_what_stands_in_the_way_is_told_in_one_order(shop, rich):
    """Each is mended in turn, and the next one shows."""
    put_up(shop)
    other = Store.objects.create(organization=shop.organization, code="2", name="Two")
    option = shop.reward(1, name="Tea", stock=0)
    reward = shop.reward(
        50_000,
        kind="choose_one",
        details={"options": [option.code, "other"]},
        status="draft",
        starts_on=date(2099, 1, 1),
        tiers=["gold"],
        shown_to_all=True,
        stores=["1"],
        stock=0,
        limit_count=1,
    )
    Redemption.objects.filter(reward=reward).delete()
    mends = [
        ({"status": "active"}, {}),
        ({"starts_on": None}, {}),
        ({"tiers": ["silver"]}, {}),
        ({}, {"store_id": shop.store.pk}),
        ({}, {"choice": UUID(int=1)}),
        ({}, {"choice": option.public_id}),
        ({"stock": 1, "stock_initial": 1}, {}),
        ({"option": True}, {}),
    ]
    how = {"store_id": other.pk}
    told = [refusal(rich, reward, **how)]
    for changes, more in mends:
        how |= more
        for name, value in changes.items():
            if name == "option":
                option.stock = option.stock_initial = 1
                option.save()
            else:
                setattr(reward, name, value)
        reward.save()
        told.append(refusal(rich, reward, **how))

    assert told == [
        "reward_not_offered",
        "not_yet_offered",
        "not_eligible",
        "not_in_this_store",
        "choice_required",
        "choice_unknown",
        "sold_out",
        "sold_out",
        "insufficient_points",
    ]


# --- one judgment for all channels ---------------------------------------------------------------


@pytest.mark.proves("R8")
def test_what_can_be_had_is_what_is_given(shop, rich):
    """Every reward whose offer says yes is given, and every other one is refused."""
    put_up(shop)
    rewards = [
        shop.reward(50, name="Plain"),
        shop.reward(50, name="Gold only", tiers=["gold"], shown_to_all=True),
        shop.reward(50, name="Gone", stock=0),
        shop.reward(50, name="Elsewhere", stores=["2"]),
        shop.reward(9_999, name="Dear"),
        shop.reward(50, name="Once", limit_count=1),
    ]
    take(rich, rewards[-1])

    said = {one.reward.pk: one.can_have for one in offers_for(rich, store="1")}
    done = {one.pk: refusal(rich, one, store_id=shop.store.pk) == "" for one in rewards}

    assert said == done
    assert list(done.values()) == [True, False, False, False, False, False]


@pytest.mark.parametrize("rewards", [1, 3])
def test_the_shelf_asks_a_fixed_number_of_questions(shop, rich, rewards, django_assert_num_queries):
    put_up(shop)
    put_in_group(shop, rich)
    for _ in range(rewards):
        tea, cake = shop.reward(10, limit_count=3), shop.reward(10, tiers=["silver"])
        shop.reward(50, kind="choose_one", details={"options": [tea.code, cake.code]})
        shop.reward(50, groups=["friends"])
    offers_for(rich)

    with django_assert_num_queries(6):
        assert len(offers_for(rich)) == 4 * rewards
