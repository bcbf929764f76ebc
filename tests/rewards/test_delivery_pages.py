"""Rewards on their way in the portal and at the till: where they go, how far, and handed over."""

from uuid import uuid4

import pytest
from django.test import Client

from core.models import Store
from rewards.models import Fulfillment, Redemption, VoucherUse
from rewards.voucher_codes import grouped
from tests.clubs import at, club_of
from tests.deliveries import done, move, placed, ready, say, stands, taken
from tests.offices import keyed
from tests.shelves import give_back
from tests.shops import assert_audit_is_clean, open_shop
from tests.tills import text_of

LONDON = {
    "name": "Mina K",
    "line1": "1 High Street",
    "line2": "",
    "postal_code": "N1 1AA",
    "city": "London",
    "region": "",
    "country": "GB",
    "phone": "07400 123456",
    "note": "",
}


@pytest.fixture
def member(shop):
    mina = shop.member(name="Mina K")
    shop.buys(mina, "500.00")
    return mina


@pytest.fixture
def club(member):
    return club_of(member)


@pytest.fixture
def station(shop):
    return Store.objects.create(organization=shop.organization, code="ST", name="Station")


def of(found):
    return f"vouchers/{found.redemption.public_id}/"


def page(club, shop, name="", status=200):
    answer = club.get(at(shop.organization, name))
    assert answer.status_code == status
    return answer


def get(club, shop, reward, **sent):
    address = at(shop.organization, f"rewards/{reward.public_id}/get/")
    return club.post(address, keyed(**sent), follow=True)


def where(club, shop, found, **sent):
    return club.post(at(shop.organization, f"{of(found)}where/"), keyed(**sent), follow=True)


# --- taking it in the portal ------------------------------------------------------------------


def test_a_member_takes_a_reward_and_says_in_the_same_breath_where_it_goes(shop, club, member):
    reward = shop.reward(10, name="Mug", delivery="shipping")
    form = page(club, shop, f"rewards/{reward.public_id}/").context["where"]
    assert (form["name"].value(), form["country"].value()) == ("Mina K", "GB")
    assert form["postal_code"].field.widget.attrs["autocomplete"] == "postal-code"

    text = text_of(get(club, shop, reward, **LONDON))

    assert "We are packing it" in text
    assert "1 High Street" in text
    assert "United Kingdom" in text
    found = Fulfillment.objects.get()
    assert (found.status, found.city, found.phone) == ("open", "London", "+447400123456")
    assert_audit_is_clean()


def test_a_store_is_chosen_from_those_that_give_it(shop, club, station):
    third = Store.objects.create(organization=shop.organization, code="QU", name="Quay")
    reward = shop.reward(10, delivery="pickup", stores=[shop.store.code, station.code])
    form = page(club, shop, f"rewards/{reward.public_id}/").context["where"]
    assert [code for code, _name in form["store"].field.choices] == [
        shop.store.code,
        station.code,
    ]

    refused = get(club, shop, reward, store=third.code)
    assert list(refused.context["where"].errors) == ["store"]
    assert Redemption.objects.count() == 0

    text = text_of(get(club, shop, reward, store="ST"))
    assert "You can pick it up at Station once it is ready." in text


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"line1": ""}, "line1"),
        ({"city": ""}, "city"),
        ({"country": "ZZ"}, "country"),
        ({"phone": "12"}, "phone"),
        ({"postal_code": "9" * 21}, "postal_code"),
        ({"request_key": ""}, "request_key"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    shop, club, member, wrong, field
):
    reward = shop.reward(10, delivery="shipping")

    answer = get(club, shop, reward, **LONDON | wrong)

    form = answer.context["where"]
    assert list(form.errors) == [field]
    kept = LONDON | wrong
    assert {name: form[name].value() for name in kept} == kept
    assert (Redemption.objects.count(), shop.balance(member)) == (0, 500)


@pytest.mark.proves("C4")
def test_a_double_click_takes_it_once(shop, club, member):
    reward = shop.reward(10, delivery="shipping")
    sent = keyed(**LONDON)
    address = at(shop.organization, f"rewards/{reward.public_id}/get/")

    first, second = (club.post(address, sent) for _click in range(2))

    assert first.url == second.url
    assert (Redemption.objects.count(), shop.balance(member)) == (1, 490)


def test_what_cannot_be_had_is_told_on_the_form(shop, club, member):
    reward = shop.reward(10, delivery="shipping", status="paused")

    answer = get(club, shop, reward, **LONDON)

    assert answer.status_code == 404
    assert shop.balance(member) == 500


# --- what the member has ----------------------------------------------------------------------


def test_the_member_sees_in_plain_words_how_far_it_is(shop, club, member):
    parcel = [taken, placed, ready, done]
    pickup = [taken, placed, ready, done]
    name = shop.store.name

    told = [text_of(page(club, shop, of(step(shop, member)))) for step in parcel]
    fetched = [text_of(page(club, shop, of(step(shop, member, "pickup")))) for step in pickup]

    for text, words in zip(
        [*told, *fetched],
        [
            "Where shall we send it?",
            "We are packing it",
            "It is packed",
            "Sent on",
            "Where will you pick it up?",
            f"You can pick it up at {name} once it is ready.",
            f"Ready at {name}",
            "Picked up on",
        ],
        strict=True,
    ):
        assert words in text
    codes = [
        b"QR code of the voucher" in page(club, shop, of(one)).content
        for one in Fulfillment.objects.order_by("pk")
    ]
    assert codes == [False, False, False, False, False, False, True, False]


def test_a_parcel_can_be_followed(shop, club, member):
    found = done(shop, member)
    Fulfillment.objects.filter(pk=found.pk).update(
        carrier="Swift Post", tracking="https://swift.example/1"
    )

    answer = page(club, shop, of(found))

    assert "Swift Post" in text_of(answer)
    assert 'href="https://swift.example/1"' in answer.content.decode()


def test_what_waits_for_an_answer_is_the_first_thing_at_home(shop, club, member):
    found = taken(shop, member)
    ready(shop, member, "pickup")

    matters = page(club, shop).context["matters"]

    assert [one.title for one in matters[:2]] == [
        f"Ready at {shop.store.name}",
        "Where shall we send it?",
    ]
    assert matters[1].url == at(shop.organization, f"{of(found)}where/")


def test_where_is_said_later_and_changed_until_it_is_packed(shop, club, member):
    found = taken(shop, member)
    assert "We are packing it" in text_of(where(club, shop, found, **LONDON))

    known = page(club, shop, f"{of(found)}where/").context["form"]
    assert (known["line1"].value(), known["phone"].value()) == ("1 High Street", "+447400123456")
    assert "2 Low Road" in text_of(where(club, shop, found, **LONDON | {"line1": "2 Low Road"}))
    assert_audit_is_clean()


def test_what_is_packed_can_no_longer_be_changed(shop, club, member):
    found = ready(shop, member)

    text = text_of(where(club, shop, found, **LONDON | {"line1": "2 Low Road"}))

    assert "Where it goes can no longer be changed." in text
    assert Fulfillment.objects.get().line1 == "1 High Street"


def test_a_wrong_address_stays_as_it_was_typed(shop, club, member):
    found = taken(shop, member)

    answer = where(club, shop, found, **LONDON | {"phone": "12"})

    form = answer.context["form"]
    assert (list(form.errors), form["line1"].value()) == (["phone"], "1 High Street")
    assert stands(found)[0] == "waiting"


@pytest.mark.proves("X2", "X3")
def test_whose_it_is_not_knows_nothing_of_it(shop, club, member):
    other, elsewhere = shop.member("+447400654321"), open_shop("low-road")
    stranger = elsewhere.member("+447400654322")
    shop.buys(other, "100.00")
    elsewhere.buys(stranger, "100.00")
    foreign = [placed(shop, other), placed(elsewhere, stranger)]

    for found in foreign:
        page(club, shop, f"{of(found)}where/", status=404)
        assert where(club, shop, found, **LONDON | {"city": "Rome"}).status_code == 404
    assert {one.city for one in Fulfillment.objects.all()} == {"London"}


def test_what_was_canceled_says_so(shop, club, member):
    found = placed(shop, member)
    give_back(found.redemption)

    text = text_of(page(club, shop, of(found)))

    assert "This was canceled" in text
    assert "its points came back to you" in text


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("", 21), ("rewards/", 7)])
def test_a_page_asks_the_same_number_of_questions(
    shop, club, member, count, name, queries, django_assert_num_queries
):
    for _each in range(count):
        taken(shop, member)
        ready(shop, member, "pickup")
    shop.buys(member, "10.00")

    with django_assert_num_queries(queries):
        page(club, shop, name)


# --- at the till ------------------------------------------------------------------------------


def opened(till, member):
    return till.client.get("/till/", {"member": member.public_id})


def hand_over(till, found, key=""):
    address = f"/till/vouchers/{found.redemption.voucher.public_id}/use/"
    return till.client.post(address, {"request_key": key or uuid4().hex}, follow=True)


def takes(till, member, reward, **sent):
    form = keyed(member=member.public_id, reward=reward.public_id, points=reward.points, **sent)
    return till.client.post("/till/rewards/", form, follow=True)


def test_the_till_says_what_lies_ready_here_and_what_elsewhere(shop, member, till, station):
    here = ready(shop, member, "pickup")
    say(taken(shop, member, "pickup"), shop, store_id=station.pk)
    ready(shop, member)

    panel = opened(till, member)

    text, pickups = text_of(panel), panel.context["member"].pickups
    assert [one.voucher for one in pickups.here] == [here.redemption.voucher.public_id]
    assert "Waits for them Mug" in text
    assert "Mug is being packed, to be picked up at Station." in text
    assert len(pickups.elsewhere) == 1


def test_what_lies_ready_elsewhere_is_told_and_not_handed_over(shop, member, till, station):
    found = move(say(taken(shop, member, "pickup"), shop, store_id=station.pk), "ready").fulfillment

    text = text_of(opened(till, member))
    refused = text_of(hand_over(till, found))

    assert "Mug lies ready at Station." in text
    assert "This reward lies ready in another store." in refused
    assert stands(found)[0] == "ready"


@pytest.mark.proves("C5")
def test_what_lies_ready_is_handed_over_once(shop, member, till):
    found, key = ready(shop, member, "pickup"), uuid4().hex

    first = text_of(hand_over(till, found, key))
    again = text_of(hand_over(till, found, key))
    other = text_of(hand_over(till, found))

    assert "Hand over Mug" in first
    assert "Hand over Mug" in again
    assert "This voucher was used before. Hand nothing over." in other
    assert VoucherUse.objects.count() == 1
    assert stands(found) == ("done", "used", "issued")
    assert opened(till, member).context["member"].pickups.here == []
    assert_audit_is_clean()


def test_a_reward_to_be_picked_up_is_taken_here_and_now(shop, member, till):
    reward = shop.reward(10, name="Mug", delivery="pickup")

    text = text_of(takes(till, member, reward))

    assert "Handed over Mug" in text
    assert Fulfillment.objects.get().status == "done"
    assert_audit_is_clean()


def test_or_it_is_put_aside_where_they_like(shop, member, till, station):
    reward = shop.reward(10, name="Mug", delivery="pickup")
    assert "Later, at Station" in text_of(opened(till, member))

    text = text_of(takes(till, member, reward, store="ST"))

    assert "It is put aside for them at Station." in text
    found = Fulfillment.objects.get()
    assert (found.status, found.store) == ("open", station)
    assert takes(till, member, reward, store="nowhere").status_code == 404
    assert_audit_is_clean()


def test_what_is_sent_waits_for_the_address(shop, member, till):
    reward = shop.reward(10, name="Mug", delivery="shipping")
    assert "It is sent to them" in text_of(opened(till, member))

    text = text_of(takes(till, member, reward))

    assert "once they have given the address in their portal" in text
    assert grouped(Redemption.objects.get().voucher.code) in text
    assert Fulfillment.objects.get().status == "waiting"


@pytest.mark.parametrize("rows", [1, 3])
def test_the_panel_asks_as_much_however_much_waits(
    shop, member, till, rows, django_assert_num_queries
):
    for _each in range(rows):
        ready(shop, member, "pickup")
        shop.reward(10, delivery="pickup")

    with django_assert_num_queries(21):
        opened(till, member)


def test_nobody_hands_over_who_is_not_signed_in(shop, member):
    found = ready(shop, member, "pickup")
    address = f"/till/vouchers/{found.redemption.voucher.public_id}/use/"

    assert Client().post(address, keyed()).status_code == 302
    assert stands(found)[0] == "ready"
