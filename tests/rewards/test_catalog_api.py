"""The full catalog as shop systems see it."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from core.actors import SYSTEM
from core.pictures import draw
from core.services.pictures import keep_picture
from rewards.services.categories import add_category
from tests.ladders import put_up
from tests.pictures import painted
from tests.shelves import choice, take


@pytest.fixture
def rich(shop, member):
    shop.buys(member, "300.00")
    return member


def offers(api, member):
    answer = api("GET", f"members/{member.public_id}/rewards/")
    assert answer.status_code == 200
    return answer.json()["results"]


def redeem(api, member, reward, **sent):
    wish = {"member": str(member.public_id), "reward": str(reward.public_id), **sent}
    return api("POST", "redemptions/", wish)


def test_an_offer_says_all_that_a_shelf_needs(shop, rich, api):
    drawn = draw(painted())
    picture = keep_picture(organization_id=shop.organization.pk, drawn=drawn)
    drinks = add_category(program_id=shop.program.pk, name="Drinks", actor=SYSTEM)
    with time_machine.travel(datetime(2026, 7, 6, 12, tzinfo=UTC), tick=False):
        shop.reward(
            100,
            kind="percent_off",
            details={"percent": "20"},
            category=drinks,
            picture=picture,
            picture_alt="A latte",
            price_money="2.00",
            ends_on=date(2026, 7, 6),
            limit_count=2,
            limit_period="week",
            stores=["1"],
        )
        [offer] = offers(api, rich)

    expected = {
        "kind": "percent_off",
        "details": {"percent": "20"},
        "category": "drinks",
        "picture": f"http://testserver/media/{picture.digest}.webp",
        "picture_alt": "A latte",
        "price_money": "2.00",
        "ends_at": "2026-07-07T00:00:00+01:00",
        "limit": {"count": 2, "period": "week"},
        "stores": ["1"],
        "reason": "",
    }
    told = {name: offer[name] for name in expected}
    ends_at = datetime.fromisoformat(told.pop("ends_at"))
    assert ends_at == datetime.fromisoformat(expected.pop("ends_at"))
    assert told == expected


def test_why_not_is_told_as_a_code(shop, rich, api):
    put_up(shop)
    shop.reward(10, name="Gold only", tiers=["gold"], shown_to_all=True)
    shop.reward(20, name="Hidden", tiers=["gold"])
    shop.reward(30, name="Gone", stock=0)

    assert [(one["name"], one["reason"], one["can_have"]) for one in offers(api, rich)] == [
        ("Gold only", "not_eligible", False),
        ("Gone", "sold_out", False),
    ]


def test_one_of_several_asks_for_a_choice(shop, rich, api):
    tea, cake = shop.reward(500, name="Tea"), shop.reward(600, name="Cake", stock=0)
    either = choice(shop, tea, cake, price_money="1.50")
    [shown] = [one for one in offers(api, rich) if one["choices"]]

    without = redeem(api, rich, either)
    odd = redeem(api, rich, either, choice=str(either.public_id))
    gone = redeem(api, rich, either, choice=str(cake.public_id))
    taken = redeem(api, rich, either, choice=str(tea.public_id))

    assert [(one["name"], one["can_have"], one["reason"]) for one in shown["choices"]] == [
        ("Tea", True, ""),
        ("Cake", False, "sold_out"),
    ]
    assert (without.status_code, without.json()["code"]) == (409, "choice_required")
    assert without.json()["data"] == {"choices": [str(tea.public_id), str(cake.public_id)]}
    assert (odd.json()["code"], gone.json()["code"]) == ("choice_unknown", "sold_out")
    answer = taken.json()
    assert (answer["reward"], answer["chosen_from"]) == (str(tea.public_id), str(either.public_id))
    assert (answer["name"], answer["points"], answer["price_money"]) == ("Tea", 100, "1.50")


def test_a_limited_edition_says_its_number(shop, rich, api):
    reward = shop.reward(10, stock=100, is_limited_edition=True)

    assert redeem(api, rich, reward).json()["serial"] == {"number": 1, "of": 100}


def test_a_limit_is_told_with_its_numbers(shop, rich, api):
    reward = shop.reward(10, limit_count=1, limit_period="month")
    take(rich, reward)

    answer = redeem(api, rich, reward)

    assert (answer.status_code, answer.json()["code"]) == (409, "limit_reached")
    assert answer.json()["data"] == {"limit": 1, "period": "month"}


def test_a_choice_that_is_no_id_is_refused(shop, rich, api):
    assert redeem(api, rich, shop.reward(10), choice="tea").status_code == 400
