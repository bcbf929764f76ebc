"""Where a reward goes, said by shop systems, and how far it is."""

import pytest

from core.models import Store
from rewards.models import Fulfillment, Redemption
from tests.callers import problem
from tests.deliveries import move, ready, taken
from tests.shelves import give_back
from tests.shops import open_shop

HOME = {
    "name": "Mina K",
    "line1": "1 High Street",
    "postal_code": "N1 1AA",
    "city": "London",
    "country": "GB",
}
WAITING = {
    "status": "waiting",
    "method": "shipping",
    "store": None,
    "carrier": None,
    "tracking": None,
    "unpack": False,
}


@pytest.fixture
def member(shop):
    mina = shop.member(name="Mina K")
    shop.buys(mina, "500.00")
    return mina


@pytest.fixture
def redeems(api, member):
    def redeem(reward, **more):
        body = {"member": str(member.public_id), "reward": str(reward.public_id), **more}
        return api("POST", "redemptions/", body)

    return redeem


def test_what_is_had_at_the_till_is_on_no_way(shop, redeems):
    told = redeems(shop.reward(10)).json()

    assert told["fulfillment"] is None


def test_what_is_sent_waits_for_its_address(shop, redeems):
    told = redeems(shop.reward(10, delivery="shipping")).json()

    assert told["fulfillment"] == WAITING


def test_the_address_may_be_told_at_once(shop, redeems):
    told = redeems(shop.reward(10, delivery="shipping"), delivery={"address": HOME}).json()

    assert told["fulfillment"] == {**WAITING, "status": "open"}
    assert told["expires_at"] is None
    assert Fulfillment.objects.get().line1 == "1 High Street"


def test_so_may_the_store(shop, redeems):
    told = redeems(shop.reward(10, delivery="pickup"), delivery={"store": "1"}).json()

    assert told["fulfillment"] == {**WAITING, "status": "open", "method": "pickup", "store": "1"}


@pytest.mark.parametrize(
    ("why", "kind", "delivery", "refusal"),
    [
        ("at the till", "", {"address": HOME}, (400, "nothing_to_deliver", "delivery")),
        ("no address", "shipping", {}, (400, "address_needed", "delivery.address")),
        ("a store", "shipping", {"store": "1"}, (400, "address_needed", "delivery.address")),
        ("no store", "pickup", {}, (400, "pickup_store_needed", "delivery.store")),
        ("no such", "pickup", {"store": "9"}, (400, "store_unknown", "delivery.store")),
        ("not there", "pickup", {"store": "1"}, (409, "not_picked_up_there", "delivery.store")),
        (
            "no city",
            "shipping",
            {"address": {**HOME, "city": ""}},
            (400, "blank", "delivery.address.city"),
        ),
        (
            "no country",
            "shipping",
            {"address": {**HOME, "country": "ZZ"}},
            (400, "country_unknown", "delivery.address.country"),
        ),
        (
            "no phone",
            "shipping",
            {"address": {**HOME, "phone": "1"}},
            (400, "phone_invalid", "delivery.address.phone"),
        ),
        (
            "a word of its own",
            "shipping",
            {"address": {**HOME, "planet": "Mars"}},
            (400, "unknown_field", "delivery.address.planet"),
        ),
    ],
)
def test_a_place_that_is_none_is_refused_by_its_field_and_nothing_is_taken(
    shop, member, redeems, why, kind, delivery, refusal
):
    Store.objects.create(organization=shop.organization, code="2", name="Two")
    response = redeems(shop.reward(10, delivery=kind, stores=["2"]), delivery=delivery)

    assert problem(response) == refusal
    assert (Redemption.objects.count(), shop.balance(member)) == (0, 500)


def test_where_what_is_set_aside_goes_is_asked_later(shop, redeems):
    response = redeems(shop.reward(10, delivery="shipping"), delivery={"address": HOME}, hold=True)

    assert problem(response) == (400, "delivery_too_early", "delivery")
    assert Redemption.objects.count() == 0


def test_a_key_sent_again_is_answered_as_before(shop, member, api):
    reward = shop.reward(10, delivery="shipping")
    body = {
        "member": str(member.public_id),
        "reward": str(reward.public_id),
        "delivery": {"address": HOME},
    }
    first, second = [api("POST", "redemptions/", body, key="one-key-one-parcel") for _ in "ab"]
    body["delivery"] = {"address": {**HOME, "line1": "2 Low Street"}}
    other = api("POST", "redemptions/", body, key="one-key-one-parcel")

    assert first.json() == second.json()
    assert other.status_code == 422
    assert Fulfillment.objects.count() == 1


def test_the_address_is_told_later_and_changed_until_it_is_packed(shop, member, api):
    found = taken(shop, member)
    path = f"redemptions/{found.redemption.public_id}/delivery/"
    first = api("POST", path, {"address": HOME, "note": "Ring twice"})
    second = api("POST", path, {"address": {**HOME, "line1": "2 Low Street"}})
    move(found, "ready")
    third = api("POST", path, {"address": HOME})

    assert (first.status_code, first.json()["fulfillment"]["status"]) == (200, "open")
    assert second.status_code == 200
    assert problem(third) == (409, "place_settled", "delivery")
    found.refresh_from_db()
    assert (found.line1, found.note) == ("2 Low Street", "")


def test_who_says_nothing_of_use_learns_which_field(shop, member, api):
    held = api(
        "POST",
        "redemptions/",
        {
            "member": str(member.public_id),
            "reward": str(shop.reward(10, delivery="shipping").public_id),
            "hold": True,
        },
    ).json()
    over_the_counter = api(
        "POST",
        "redemptions/",
        {"member": str(member.public_id), "reward": str(shop.reward(10).public_id)},
    ).json()

    early = api("POST", f"redemptions/{held['id']}/delivery/", {"address": HOME})
    never = api("POST", f"redemptions/{over_the_counter['id']}/delivery/", {"address": HOME})
    assert problem(early) == (400, "delivery_too_early", "delivery")
    assert problem(never) == (400, "nothing_to_deliver", "delivery")


@pytest.mark.proves("X1")
def test_a_parcel_of_another_organization_does_not_exist(shop, api):
    other = open_shop("elsewhere")
    theirs = other.member(phone="+447400123457")
    other.buys(theirs, "500.00")
    found = taken(other, theirs)
    response = api("POST", f"redemptions/{found.redemption.public_id}/delivery/", {"address": HOME})

    assert response.status_code == 404
    found.refresh_from_db()
    assert found.status == "waiting"


def test_of_what_was_canceled_it_is_said_what_to_unpack(shop, member, api):
    found = ready(shop, member)
    give_back(found.redemption)
    told = api("GET", f"redemptions/{found.redemption.public_id}/").json()

    assert told["fulfillment"] == {**WAITING, "status": "canceled", "unpack": True}
    assert "High Street" not in str(told)


def test_what_was_sent_can_be_followed_and_not_undone(shop, member, api):
    found = ready(shop, member)
    move(found, "done")
    path = f"redemptions/{found.redemption.public_id}/"
    Fulfillment.objects.update(carrier="Post", tracking="AB1")
    told = api("GET", path).json()["fulfillment"]
    undone = api("POST", f"{path}cancel/", {"reason": "wrong"})

    assert (told["status"], told["carrier"], told["tracking"]) == ("done", "Post", "AB1")
    assert problem(undone)[:2] == (409, "fulfillment_done")


def test_what_is_offered_says_how_it_is_had(shop, member, api):
    shop.reward(10)
    shop.reward(20, delivery="pickup")
    told = api("GET", f"members/{member.public_id}/rewards/").json()["results"]

    assert [one["delivery"] for one in told] == ["", "pickup"]


@pytest.mark.parametrize("kind", ["", "pickup", "shipping"])
def test_a_delivered_reward_takes_nothing_off_a_receipt(shop, member, api, kind):
    reward = shop.reward(10, details={"product_sku": "MUG"}, delivery=kind)
    body = {
        "store": "1",
        "currency": "GBP",
        "member": str(member.public_id),
        "lines": [{"sku": "MUG", "quantity": "1", "unit_price": "5.00"}],
        "rewards": [str(reward.public_id)],
    }
    response = api("POST", "quotes/", body)

    if not kind:
        assert response.json()["discounts"][0]["amount"] == "5.00"
    else:
        assert problem(response)[1] == "reward_takes_nothing_off"
