"""Whatever is earned anywhere can be spent anywhere: what is checked is what is spent."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from loyalty.models import Entry
from rewards.models import Redemption
from rewards.queries import spendable_by
from rewards.services.shelf import offers_for
from tests.callers import Caller
from tests.clubs import at, club_of
from tests.loyalty.importing.files import import_file, row, text_of
from tests.offices import keyed, office_of
from tests.tills import open_till

PRICE = 60
ALL = 100


@pytest.fixture(autouse=True)
def quick(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def member(shop):
    return shop.member(name="Mina K", external_id="17850")


# --- ways in: each gives 100 points --------------------------------------------------------------


def sold_at_the_till(shop, member, tmp_path):
    assert open_till(shop).rings_up(member, amount="100.00").status_code == 303


def sold_by_the_shop_system(shop, member, tmp_path):
    sold = {"external_id": "77", "store": "1", "total": "100.00"}
    body = {**sold, "member": str(member.public_id)}
    assert Caller(shop.api_key(name="Checkout")).post("purchases/", body).status_code == 201


def imported(shop, member, tmp_path):
    at = timezone.localtime(timezone=shop.organization.zone).isoformat()[:19]
    path = tmp_path / "receipts.csv"
    path.write_text(text_of([row("1", quantity=10, price="10.00", at=at)]), encoding="utf-8")
    assert import_file(path).code == 0


def given_in_the_office(shop, member, tmp_path):
    page = f"/office/{shop.organization.slug}/members/{member.public_id}/adjust/"
    typed = keyed(direction="give", points="100", reason="Lost receipt", confirmed="on")
    assert office_of(shop.organization).post(page, typed).status_code in {302, 303}


WAYS_IN = [sold_at_the_till, sold_by_the_shop_system, imported, given_in_the_office]


# --- ways out: each takes one reward, or is refused ----------------------------------------------


def at_the_till(shop, member):
    till = open_till(shop)

    def take(reward):
        sent = keyed(member=member.public_id, reward=reward.public_id, points=reward.points)
        assert till.client.post("/till/rewards/", sent).status_code == 303

    return take


def through_the_shop_system(shop, member):
    caller = Caller(shop.api_key())

    def take(reward):
        body = {"member": str(member.public_id), "reward": str(reward.public_id)}
        assert caller.post("redemptions/", body).status_code in {201, 409}

    return take


def in_the_portal(shop, member):
    club = club_of(member)

    def take(reward):
        page = at(shop.organization, f"rewards/{reward.public_id}/get/")
        assert club.post(page, keyed()).status_code == 302

    return take


WAYS_OUT = [at_the_till, through_the_shop_system, in_the_portal]


def taken():
    return list(Redemption.objects.order_by("pk").values_list("status", "points"))


@pytest.mark.proves("R8", "case 33")
@pytest.mark.parametrize("way_out", WAYS_OUT)
@pytest.mark.parametrize("way_in", WAYS_IN)
def test_points_of_any_way_in_pay_the_price_on_any_way_out(shop, member, tmp_path, way_in, way_out):
    reward = shop.reward(PRICE)
    way_in(shop, member, tmp_path)
    take = way_out(shop, member)
    before = spendable_by(member).balance

    take(reward)
    once = spendable_by(member).balance
    take(reward)

    assert (before, once, spendable_by(member).balance) == (ALL, ALL - PRICE, ALL - PRICE)
    assert taken() == [("issued", PRICE)]
    assert list(Entry.objects.filter(kind="redeem").values_list("points", flat=True)) == [-PRICE]


@pytest.mark.proves("R8", "L7")
@pytest.mark.parametrize("way_out", WAYS_OUT)
def test_points_of_all_ways_in_together_pay_whole_prices_to_the_last_point(
    shop, member, tmp_path, way_out
):
    for way_in in WAYS_IN:
        way_in(shop, member, tmp_path)
    dear, cheap, rest = (shop.reward(points) for points in (250, 100, 50))
    take = way_out(shop, member)

    for reward in (dear, cheap, cheap, rest, rest):
        take(reward)

    assert taken() == [("issued", 250), ("issued", 100), ("issued", 50)]
    assert spendable_by(member).balance == 0


@pytest.mark.proves("R8")
@pytest.mark.parametrize("way_out", WAYS_OUT)
def test_points_that_have_ended_are_offered_and_taken_nowhere(shop, member, tmp_path, way_out):
    shop.settle(expiry={"type": "after", "days": 10})
    for way_in in WAYS_IN:
        way_in(shop, member, tmp_path)
    reward = shop.reward(PRICE)
    later = timezone.now() + timedelta(days=12)

    with time_machine.travel(later):
        way_out(shop, member)(reward)
        offered = [(offer.missing, offer.can_have) for offer in offers_for(member)]

    assert (taken(), offered) == ([], [(PRICE, False)])
