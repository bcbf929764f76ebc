"""Tiers in the office, on the member's page, in the portal and at the till."""

from datetime import UTC, datetime

import pytest
import time_machine

from core.models.people import Role
from loyalty.models import LadderVersion, TierGrant
from tests.clubs import at, club_of
from tests.ladders import SILVER_AND_GOLD, put_up, steps, tier_of, tiers
from tests.offices import keyed, office_of
from tests.shops import open_shop
from tests.tills import open_till, text_of

pytestmark = pytest.mark.django_db

JUNE = datetime(2026, 6, 10, 12, tzinfo=UTC)


@pytest.fixture
def shop():
    with time_machine.travel(JUNE, tick=False):
        yield open_shop()


@pytest.fixture
def office(shop):
    return office_of(shop.organization)


def filled_in(**typed):
    """What the form of the tiers sends: two tiers unless told otherwise."""
    first = {
        "step": "save",
        "seen": "0",
        "rows": "3",
        "basis": "spend",
        "window": "calendar_year",
        "months": "12",
        "round_up": "year",
        "downgrade": "full",
        "grace_days": "0",
        "returns": "now",
        "counts": "before",
        "name_0": "Silver",
        "kind_0": "earned",
        "threshold_0": "100",
        "multiplier_0": "1.5",
        "points_0": "50",
        "service_0": "A table by the window",
        "name_1": "Gold",
        "kind_1": "earned",
        "threshold_1": "500",
    }
    return keyed(**(first | typed))


def test_tiers_are_set_up_in_the_office(shop, office):
    page = office.get("/office/high-street/program/tiers/edit/")
    saved = office.post("/office/high-street/program/tiers/edit/", filled_in())

    version = LadderVersion.objects.get()
    assert page.status_code == 200
    assert (saved.status_code, saved.url) == (302, "/office/high-street/program/tiers/")
    assert [tier["code"] for tier in version.spec["tiers"]] == ["silver", "gold"]
    assert version.spec["tiers"][0]["benefits"] == {
        "multiplier": "1.5",
        "free_shipping": False,
        "rewards": [],
        "gifts": [{"type": "points", "points": 50}],
        "service": ["A table by the window"],
    }


def test_tiers_are_put_in_order_by_what_they_ask_for(shop, office):
    wrong_way_round = {"threshold_0": "500", "threshold_1": "100"}

    office.post("/office/high-street/program/tiers/edit/", filled_in(**wrong_way_round))

    said = LadderVersion.objects.get().spec["tiers"]
    assert [(tier["name"], tier["threshold"]) for tier in said] == [
        ("Gold", "100"),
        ("Silver", "500"),
    ]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"threshold_1": ""}, "Say from how much on members reach this tier."),
        ({"threshold_1": "100"}, "each with its own"),
        ({"name_1": "Silver"}, "Give each tier a name of its own."),
        ({"kind_1": "paid"}, "Say which article is the membership"),
        ({"window": "rolling", "window_months": ""}, "whole number"),
        ({"months": "0", "round_up": ""}, "Give a number of months, or the end of a period."),
        ({"multiplier_0": "200"}, "at most 100"),
        ({"threshold_0": "lots"}, "number"),
    ],
)
def test_what_is_wrong_with_tiers_is_said_and_nothing_is_kept(office, typed, said):
    page = office.post("/office/high-street/program/tiers/edit/", filled_in(**typed))

    assert page.status_code == 200
    assert said in text_of(page)
    assert not LadderVersion.objects.exists()


def test_tiers_that_somebody_changed_meanwhile_are_looked_at_again(shop, office):
    put_up(shop)

    page = office.post("/office/high-street/program/tiers/edit/", filled_in())

    assert "Somebody has changed the tiers meanwhile" in text_of(page)
    assert LadderVersion.objects.count() == 1


def test_the_preview_says_what_the_tiers_would_do(shop, office):
    member = shop.member()
    shop.buys(member, "120")

    page = office.post("/office/high-street/program/tiers/preview/", filled_in(step="look"))

    said = text_of(page)
    assert "It lifts 1 member: 1 to Silver. It lowers nobody." in said
    assert "£200 more by Dec 31, 2026 and you reach Gold." in said
    assert not LadderVersion.objects.exists()


def test_the_ladder_shows_who_stands_where(shop, office, django_assert_num_queries):
    put_up(shop, tiers=tiers(silver={"percent_off": "10"}))
    for number, amount in enumerate(["120", "20", "600"]):
        shop.buys(shop.member(f"+44740012300{number}"), amount)
    office.get("/office/high-street/program/tiers/")

    with django_assert_num_queries(9):
        page = office.get("/office/high-street/program/tiers/")

    said = text_of(page)
    assert "Silver 1 member from £100 on" in said
    assert "Gold 1 member from £500 on" in said
    assert "1 member is in no tier." in said
    assert "10% off every purchase" in said


def test_an_analyst_looks_and_changes_nothing(shop):
    put_up(shop)
    browser = office_of(shop.organization, Role.ANALYST)

    looked = browser.get("/office/high-street/program/tiers/")
    changed = browser.post("/office/high-street/program/tiers/edit/", filled_in(seen="1"))

    assert looked.status_code == 200
    assert "Change the tiers" not in text_of(looked)
    assert changed.status_code == 403


def test_tiers_are_put_away(shop, office):
    put_up(shop)

    answer = office.post("/office/high-street/program/tiers/away/", keyed(), follow=True)

    assert "There are no tiers from now on." in text_of(answer)
    assert LadderVersion.objects.order_by("number").last().spec["tiers"] == []


def test_a_member_is_given_a_tier_and_it_is_ended(shop, office):
    put_up(shop)
    member = shop.member()
    at = f"/office/high-street/members/{member.public_id}/tier/"

    given = office.post(at, keyed(tier="gold", until="2026-06-30", reason="A good friend"))
    page = office.get(at)
    grant = TierGrant.objects.get()
    ended = office.post(f"{at}{grant.pk}/end/", keyed(reason="Moved away"), follow=True)

    assert given.status_code == 302
    assert grant.ends_at == datetime(2026, 6, 30, 23, tzinfo=UTC)
    assert "Gold was given" in text_of(page)
    assert "A good friend; it holds until Jun 30" in text_of(page)
    assert "The tier has ended." in text_of(ended)
    assert steps(shop, member) == [("granted", "", "gold"), ("grant_ended", "gold", "")]


def test_a_tier_is_not_given_until_yesterday(shop, office):
    put_up(shop)
    member = shop.member()

    page = office.post(
        f"/office/high-street/members/{member.public_id}/tier/",
        keyed(tier="gold", until="2026-06-09", reason="Late"),
    )

    assert "This day is over." in text_of(page)
    assert not TierGrant.objects.exists()


def test_another_organizations_members_and_tiers_do_not_exist(shop, office):
    other = open_shop("elsewhere")
    put_up(other)
    member = other.member("+447400123999")

    page = office.get(f"/office/high-street/members/{member.public_id}/tier/")

    assert page.status_code == 404


def test_the_till_says_the_tier_and_the_one_sentence(shop):
    put_up(shop)
    member = shop.member()
    shop.buys(member, "120")

    said = text_of(open_till(shop).find("+447400123456"))

    assert "Silver £380 more by Dec 31, 2026 to reach Gold" in said


def test_the_portal_shows_the_tier_with_progress_and_all_tiers(shop):
    put_up(shop, tiers=tiers(gold={"multiplier": "2"}))
    member = shop.member()
    shop.buys(member, "120")
    browser = club_of(member)

    home = text_of(browser.get(at(shop.organization)))
    page = text_of(browser.get(at(shop.organization, "tiers/")))

    assert tier_of(shop, member) == "silver"
    assert "£380 more by Dec 31, 2026 and you reach Gold." in home
    assert "To Gold £120 of £500" in home
    assert "Gold from £500 on 2 times the points" in page
    assert SILVER_AND_GOLD["tiers"][0]["name"] in page
