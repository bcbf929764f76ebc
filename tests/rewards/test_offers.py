import pytest

from core.actors import SYSTEM
from loyalty.models import Program
from rewards.models import Reward
from rewards.services.redemptions import redeem
from rewards.services.shelf import offers_for
from tests.shops import open_shop


def shown(member):
    return [
        (offer.reward.name, offer.missing, offer.is_sold_out, offer.can_have)
        for offer in offers_for(member)
    ]


@pytest.fixture
def catalog(shop):
    """Two things for 40 points, one of which is gone, and one for 180."""
    shop.reward(180, name="Cake")
    shop.reward(40, name="Mug", stock=0)
    shop.reward(40, name="Coffee")


def test_offers_say_what_can_be_had_cheapest_first(shop, member, catalog):
    shop.buys(member, "100.00")

    offers = shown(member)

    assert offers == [
        ("Mug", 0, True, False),
        ("Coffee", 0, False, True),
        ("Cake", 80, False, False),
    ]


def test_who_never_bought_anything_sees_what_there_is(shop, member, catalog):
    assert [missing for _, missing, _, _ in shown(member)] == [40, 40, 180]


def test_a_blocked_member_can_have_nothing(shop, member, catalog):
    shop.buys(member, "500.00")
    member.status = "blocked"
    member.save(update_fields=["status"])

    assert [can_have for *_, can_have in shown(member)] == [False, False, False]


def test_only_active_rewards_of_live_programs_are_offered(shop, member, catalog):
    Reward.objects.filter(name="Mug").update(status="paused")
    first = [name for name, *_ in shown(member)]
    Program.objects.update(status="paused")

    assert (first, shown(member)) == (["Coffee", "Cake"], [])


def test_a_program_by_invitation_offers_nothing_to_strangers(shop, member, catalog):
    stranger = shop.member("+447400123457")
    shop.buys(member, "1.00")
    Program.objects.update(is_open=False)

    assert (len(shown(member)), shown(stranger)) == (3, [])


@pytest.mark.parametrize("rewards", [1, 3])
def test_offers_cost_as_many_questions_however_many_there_are(
    shop, member, rewards, django_assert_num_queries
):
    shop.buys(member, "100.00")
    for _ in range(rewards):
        shop.reward(40)

    with django_assert_num_queries(3):  # with the organization, whose day it is
        offers = offers_for(member)

    assert len(offers) == rewards


def test_the_api_lists_rewards_of_a_member(shop, member, api):
    shop.buys(member, "100.00")
    reward = shop.reward(
        150, name="£5 off", kind="amount_off", amount=5, description="Off anything", terms="Once."
    )

    answer = api("get", f"members/{member.public_id}/rewards/")

    assert answer.status_code == 200
    assert answer.json() == {
        "results": [
            {
                "reward": str(reward.public_id),
                "program": "club",
                "name": "£5 off",
                "kind": "amount_off",
                "amount": "5.00",
                "details": {},
                "category": None,
                "description": "Off anything",
                "terms": "Once.",
                "picture": None,
                "picture_alt": "",
                "points": 150,
                "price_money": None,
                "ends_at": None,
                "stores": [],
                "limit": None,
                "missing": 50,
                "sold_out": False,
                "reason": "",
                "choices": [],
                "can_have": False,
            }
        ]
    }


def test_the_api_lists_vouchers_of_a_member_newest_first(shop, member, api):
    shop.buys(member, "100.00")
    reward = shop.reward(40, name="Coffee")
    taken = [
        redeem(reward_id=reward.pk, member_id=member.pk, actor=SYSTEM, request_key=key)
        for key in ("one", "two")
    ]

    every = api("get", f"members/{member.public_id}/vouchers/").json()
    used = api("get", f"members/{member.public_id}/vouchers/?status=used").json()
    wrong = api("get", f"members/{member.public_id}/vouchers/?status=lost")

    assert [row["redemption"] for row in every["results"]] == [
        str(taken[1].public_id),
        str(taken[0].public_id),
    ]
    assert {(row["name"], row["status"], row["valid_until"]) for row in every["results"]} == {
        ("Coffee", "issued", None)
    }
    assert (used["results"], wrong.status_code) == ([], 400)


def test_the_api_answers_a_redemption_with_its_voucher(shop, member, api):
    shop.buys(member, "100.00")
    reward = shop.reward(40, valid_days=1)
    wish = {"member": str(member.public_id), "reward": str(reward.public_id)}

    taken = api("post", "redemptions/", wish).json()
    held = api("post", "redemptions/", {**wish, "hold": True}).json()

    assert taken["voucher"]["status"] == "issued"
    assert taken["voucher"]["qr"].startswith("data:image/svg+xml")
    assert len(taken["voucher"]["code"]) == 14
    assert taken["expires_at"] is not None
    assert (held["voucher"], held["status"]) == (None, "held")


def test_another_organizations_member_has_no_rewards_here(shop, api):
    stranger = open_shop("elsewhere").member()

    answers = [
        api("get", f"members/{stranger.public_id}/{what}/").status_code
        for what in ("rewards", "vouchers")
    ]

    assert answers == [404, 404]
