"""The catalog in the portal: cards, filters, a page for each reward, and what vouchers open."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from core.actors import SYSTEM
from rewards.models import Redemption
from rewards.services.categories import add_category
from tests.clubs import at, club_of
from tests.ladders import put_up
from tests.offices import keyed
from tests.shelves import choice, put_in_group, take
from tests.tills import text_of

LINK = "https://club.example/secret"


@pytest.fixture
def club(member):
    return club_of(member)


@pytest.fixture
def rich(shop, member):
    shop.buys(member, "300.00")
    return member


def page(club, shop, name="rewards/", status=200):
    answer = club.get(at(shop.organization, name))
    assert answer.status_code == status
    return answer


def names(club, shop, asked=""):
    groups = page(club, shop, f"rewards/{asked}").context["offers"].values()
    return [view.offer.reward.name for group in groups for view in group]


def one(club, shop, reward, status=200):
    return page(club, shop, f"rewards/{reward.public_id}/", status)


def get(club, shop, reward, **sent):
    return club.post(at(shop.organization, f"rewards/{reward.public_id}/get/"), keyed(**sent))


def test_the_shelf_is_looked_through_by_the_address(shop, club, rich):
    drinks = add_category(program_id=shop.program.pk, name="Drinks", actor=SYSTEM)
    shop.reward(100, name="Coffee", category=drinks)
    shop.reward(400, name="Mug")
    shop.reward(500, name="Cake", category=drinks)

    assert names(club, shop) == ["Coffee", "Mug", "Cake"]
    assert names(club, shop, "?show=now") == ["Coffee"]
    assert names(club, shop, "?show=near") == ["Mug"]  # 75 % of it
    assert names(club, shop, "?category=drinks") == ["Coffee", "Cake"]
    assert names(club, shop, "?show=nonsense") == ["Coffee", "Mug", "Cake"]
    assert "Nothing like that just now" in text_of(page(club, shop, "rewards/?category=x"))


def test_a_card_says_what_it_costs_and_how_long_it_stays(shop):
    with time_machine.travel(datetime(2026, 7, 6, 12, tzinfo=UTC), tick=False):
        member = shop.member()
        shop.buys(member, "300.00")
        shop.reward(100, name="Mug", price_money="2.00", stock=23, is_limited_edition=True)
        for days, name in ((0, "Cake"), (3, "Tea"), (90, "Bag")):
            shop.reward(100, name=name, ends_on=date(2026, 7, 6) + timedelta(days=days))
        text = text_of(page(club_of(member), shop))

    assert "100 points + and £2.00" in text
    assert "23 of 23 left" in text
    assert text.count("days left") == 1
    assert "3 days left" in text
    assert "ends today" in text


def test_what_is_for_others_says_for_whom_and_what_is_closed_says_nothing(shop, club, rich):
    put_up(shop)
    shown = shop.reward(100, name="Evening", tiers=["gold"], shown_to_all=True)
    hidden = shop.reward(100, name="Cellar", kind="access", details={"link": LINK}, tiers=["gold"])
    text = text_of(page(club, shop))

    assert "From Gold on" in text
    assert "Cellar" not in text
    assert "From Gold on" in text_of(one(club, shop, shown))
    one(club, shop, hidden, status=404)
    get(club, shop, hidden)
    assert Redemption.objects.count() == 0


def test_the_voucher_opens_what_was_closed(shop, club, rich):
    put_in_group(shop, rich)
    reward = shop.reward(
        100,
        name="Cellar",
        kind="access",
        details={"link": LINK, "access_code": "OPEN"},
        groups=["friends"],
    )
    before = one(club, shop, reward).content.decode()

    voucher = club.get(get(club, shop, reward).url).content.decode()

    assert LINK not in before
    assert "OPEN" not in before
    assert f'href="{LINK}"' in voucher
    assert "OPEN" in voucher


def test_another_members_voucher_opens_nothing(shop, club, rich):
    reward = shop.reward(100, kind="access", details={"link": LINK})
    other = shop.member("+447400123457")
    shop.buys(other, "200.00")
    url = get(club_of(other), shop, reward).url

    assert club.get(url).status_code == 404


def test_one_of_several_is_chosen_on_its_page(shop, club, rich):
    tea, cake = shop.reward(50, name="Tea"), shop.reward(60, name="Cake", stock=0)
    either = choice(shop, tea, cake)
    text = text_of(one(club, shop, either))
    without = get(club, shop, either)

    voucher = club.get(get(club, shop, either, choice=tea.public_id).url)

    assert "Choose one" in text
    assert "Cake" in text
    assert without.url.endswith("/rewards/")
    assert "Tea" in text_of(voucher)
    assert shop.balance(rich) == 200


def test_a_number_and_the_money_stand_on_the_voucher(shop, club, rich):
    reward = shop.reward(10, stock=100, is_limited_edition=True, price_money="2.00")

    text = text_of(club.get(get(club, shop, reward).url))

    assert "No. 1 of 100" in text
    assert "You pay £2.00 when you use it." in text


def test_a_voucher_keeps_what_it_was_taken_as(shop, club, rich):
    reward = shop.reward(
        10, name="Latte", kind="percent_off", details={"percent": "20"}, terms="Once."
    )
    url = get(club, shop, reward).url
    reward.name, reward.details, reward.terms = "Espresso", {"percent": "5"}, "Never."
    reward.save()

    text = text_of(club.get(url))

    assert "Latte" in text
    assert "20 % off" in text
    assert "Once." in text


def test_an_empty_shelf_is_inviting(shop, club):
    assert "No rewards yet" in text_of(page(club, shop))


@pytest.mark.proves("L7")
def test_two_hundred_and_fifty_points_are_two_rewards_of_a_hundred(shop, club, member):
    shop.buys(member, "250.00")
    reward = shop.reward(100)

    for _ in range(3):
        get(club, shop, reward)

    assert (Redemption.objects.count(), shop.balance(member)) == (2, 50)


@pytest.mark.parametrize("rewards", [1, 3])
def test_the_pages_ask_as_much_however_much_there_is(
    shop, club, rich, rewards, django_assert_num_queries
):
    for _ in range(rewards):
        reward = shop.reward(50, limit_count=5)
        take(rich, reward)
    page(club, shop)

    with django_assert_num_queries(8):
        page(club, shop)
    with django_assert_num_queries(9):
        one(club, shop, reward)
