"""Who spends many points at a till proves to be there; who earns does not."""

import re
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from core.actors import SYSTEM
from core.models import FailureCount, OutgoingMessage
from loyalty.services.households import join_household
from members.models import Member
from members.services.households import open_household
from rewards import proof_tokens
from rewards.errors import ProofCodeTooSoon, ProofNotAccepted, ProofNotSendable
from rewards.models import Proof, ProofCode, Redemption
from rewards.services import proofs
from rewards.services.baskets import Place
from tests.clubs import club_of
from tests.racing import race
from tests.shops import open_shop
from tests.tills import open_till, text_of


@pytest.fixture
def till(shop):
    shop.settle(proof_points_from=300)
    return open_till(shop)


@pytest.fixture
def rich(shop, member):
    shop.buys(member, "1000.00")
    return member


def place(till):
    return Place(store=till.shop.store, register=till.register, staff=till.staff)


def takes(till, member, reward):
    sent = {
        "member": member.public_id,
        "reward": reward.public_id,
        "points": reward.points,
        "request_key": uuid4().hex,
    }
    return till.client.post("/till/rewards/", sent)


def picture_of(member):
    return proof_tokens.make(member.public_id)


def code_sent():
    return re.search(r"\b\d{6}\b", OutgoingMessage.objects.latest("pk").text).group()


def shows(till, member, proof):
    return till.client.post(f"/till/members/{member.public_id}/proof/shown/", {"proof": proof})


def test_few_points_are_spent_without_a_proof(shop, till, rich):
    takes(till, rich, shop.reward(299))

    assert Redemption.objects.get().status == "issued"


def test_many_points_are_spent_after_the_phone_was_shown(shop, till, rich):
    reward = shop.reward(300)
    refused = takes(till, rich, reward)
    taken_before = Redemption.objects.count()

    shown = till.find(picture_of(rich))
    takes(till, rich, reward)

    assert refused["Location"].endswith(f"/till/members/{rich.public_id}/proof/")
    assert taken_before == 0
    assert shown.redirect_chain[-1][0].endswith(f"member={rich.public_id}")
    assert Redemption.objects.get().status == "issued"


def test_two_tills_take_two_pictures_of_the_same_moment(shop, till, rich):
    first, second = picture_of(rich), picture_of(rich)
    for one, shown in ((till, first), (open_till(shop, name="Eve"), second)):
        one.find(shown)

    assert Proof.objects.filter(member=rich).count() == 2


def test_many_small_bites_are_one(shop, till, rich):
    reward = shop.reward(150)
    takes(till, rich, reward)

    takes(till, rich, reward)
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        later = Redemption.objects.count()

    assert (Redemption.objects.count(), later) == (1, 1)


@pytest.mark.parametrize("how", ["took", "paid"])
def test_the_bites_of_a_household_are_one(shop, till, rich, how):
    shop.settle(proof_points_from=300, point_value="0.01", pay_with_points={})
    ben = shop.member("+447911123456", name="Ben")
    house = open_household(head_id=rich.pk, name="All", actor=SYSTEM, request_key="open")
    join_household(
        household_id=house.pk, member_id=ben.pk, most=None, actor=SYSTEM, request_key="join"
    )
    reward = shop.reward(150)
    first = takes(till, rich, reward) if how == "took" else till.rings_up(rich, points="200")

    second = takes(till, ben, reward)
    paying = till.rings_up(ben, points="200", receipt="1002")
    shows(till, ben, picture_of(ben))
    third = takes(till, ben, reward)

    assert "/proof/" not in first["Location"]
    assert [one["Location"] for one in (second, paying)] == [
        f"/till/members/{ben.public_id}/proof/"
    ] * 2
    assert "/till/rewards/" in third["Location"]


def test_what_strangers_spend_counts_for_themselves(shop, till, rich):
    ben = shop.member("+447911123456", name="Ben")
    shop.buys(ben, "200.00")
    takes(till, rich, shop.reward(200))

    takes(till, ben, shop.reward(150))

    assert Redemption.objects.count() == 2


def test_paying_with_many_points_needs_a_proof_too(shop, till, rich):
    shop.settle(proof_points_from=300, point_value="0.01", pay_with_points={})

    refused = till.rings_up(rich, points="400")
    shows(till, rich, picture_of(rich))
    done = till.rings_up(rich, points="400")

    assert "/proof/" in refused["Location"]
    assert "/till/receipts/" in done["Location"]
    assert shop.balance(rich) < 1000


def test_a_code_that_was_sent_proves_it_once(shop, till, rich):
    proofs.send_proof_code(member_id=rich.pk, place=place(till))
    code = code_sent()

    done = shows(till, rich, code)
    again = shows(till, rich, code)

    assert (done.status_code, again.status_code) == (303, 200)
    assert "This proves nothing" in text_of(again)
    assert Proof.objects.get().means == "code"


def test_a_wrong_code_is_tried_five_times(till, rich):
    proofs.send_proof_code(member_id=rich.pk, place=place(till))
    right = code_sent()
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _ in range(5):
        with pytest.raises(ProofNotAccepted):
            proofs.prove_by_code(member_id=rich.pk, place=place(till), typed=wrong)

    with pytest.raises(ProofNotAccepted):
        proofs.prove_by_code(member_id=rich.pk, place=place(till), typed=right)
    assert Proof.objects.count() == 0


def test_a_code_opens_nothing_at_another_register_or_later(shop, till, rich):
    other = open_till(shop, name="Ben")
    proofs.send_proof_code(member_id=rich.pk, place=place(till))
    code = code_sent()

    with pytest.raises(ProofNotAccepted):
        proofs.prove_by_code(member_id=rich.pk, place=place(other), typed=code)
    with (
        time_machine.travel(timezone.now() + timedelta(minutes=6)),
        pytest.raises(ProofNotAccepted),
    ):
        proofs.prove_by_code(member_id=rich.pk, place=place(till), typed=code)


def test_codes_are_sent_with_pauses_and_not_more_than_ten_a_day(till, rich):
    start = timezone.now()
    for number in range(10):
        with time_machine.travel(start + timedelta(minutes=2 * number), tick=False):
            proofs.send_proof_code(member_id=rich.pk, place=place(till))
            with pytest.raises(ProofCodeTooSoon) as soon:
                proofs.send_proof_code(member_id=rich.pk, place=place(till))
    with (
        time_machine.travel(start + timedelta(hours=3), tick=False),
        pytest.raises(ProofCodeTooSoon) as many,
    ):
        proofs.send_proof_code(member_id=rich.pk, place=place(till))

    assert soon.value.data["retry_after"] > 60
    assert many.value.data["retry_after"] == 21 * 3600


def test_staff_send_ten_codes_an_hour_to_whomever(shop, till, rich):
    start = timezone.now()
    ben = place(open_till(shop, name="Ben"))
    people = [shop.member(f"+4474001234{number}") for number in range(10, 20)]
    with time_machine.travel(start, tick=False) as clock:
        for one in people:
            proofs.send_proof_code(member_id=one.pk, place=place(till))
            with pytest.raises(ProofCodeTooSoon):  # what is not sent is not counted
                proofs.send_proof_code(member_id=one.pk, place=ben)
        for _ in range(2):
            with pytest.raises(ProofCodeTooSoon) as many:
                proofs.send_proof_code(member_id=rich.pk, place=place(till))
        sent = OutgoingMessage.objects.count()
        proofs.send_proof_code(member_id=rich.pk, place=ben)
        clock.shift(timedelta(hours=1))
        proofs.send_proof_code(member_id=rich.pk, place=place(till))

    assert many.value.data == {"retry_after": 3600}
    assert (sent, OutgoingMessage.objects.count()) == (10, 12)


def test_two_thousand_codes_a_day_are_one_organizations_most(shop, till, rich):
    elsewhere = open_till(open_shop("elsewhere"))
    FailureCount.objects.create(
        subject=f"proof_code:organization:{shop.organization.pk}",
        failures=proofs.PER_ORGANIZATION[0] - 1,
        ends_at=timezone.now() + timedelta(hours=5),
    )
    proofs.send_proof_code(member_id=shop.member().pk, place=place(till))

    sent = till.client.post(
        f"/till/members/{rich.public_id}/proof/send/", {"request_key": uuid4().hex}, follow=True
    )
    stranger = elsewhere.shop.member()
    proofs.send_proof_code(member_id=stranger.pk, place=place(elsewhere))

    assert "Please wait a little before the next one." in text_of(sent)
    assert [code.member for code in ProofCode.objects.order_by("pk")][1:] == [stranger]
    assert FailureCount.objects.get(subject=f"proof_code:staff:{till.staff.pk}").failures == 1


def test_another_register_does_not_replace_a_code_within_its_pause(shop, till, rich):
    other = open_till(shop, name="Ben")
    proofs.send_proof_code(member_id=rich.pk, place=place(till))
    code = code_sent()

    with pytest.raises(ProofCodeTooSoon):
        proofs.send_proof_code(member_id=rich.pk, place=place(other))

    assert proofs.prove_by_code(member_id=rich.pk, place=place(till), typed=code).member == rich


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_codes_asked_for_at_the_same_moment_are_all_counted():
    shop = open_shop()
    till = open_till(shop)
    people = [shop.member(f"+4474001234{number}") for number in range(10, 22)]

    answers = race(
        *(partial(proofs.send_proof_code, member_id=one.pk, place=place(till)) for one in people)
    )

    assert answers.count(None) == OutgoingMessage.objects.count() == proofs.PER_STAFF[0]


def test_who_cannot_be_written_to_shows_the_phone(shop, till):
    nobody = shop.member()
    Member.objects.filter(pk=nobody.pk).update(phone=None)

    with pytest.raises(ProofNotSendable):
        proofs.send_proof_code(member_id=nobody.pk, place=place(till))
    page = till.client.get(f"/till/members/{nobody.public_id}/proof/")
    assert "No code can be sent" in text_of(page)


@pytest.mark.parametrize("age", [timedelta(minutes=3), timedelta(days=1)])
def test_a_picture_grows_old(till, rich, age):
    with time_machine.travel(timezone.now() - age):
        old = picture_of(rich)

    page = till.find(old)

    assert "This proves nothing" in text_of(page)
    assert Proof.objects.count() == 0


@pytest.mark.parametrize("change", [str.upper, lambda text: text[:-1], lambda text: text + "0"])
def test_a_picture_that_was_changed_proves_nothing(till, rich, change):
    assert "This proves nothing" in text_of(till.find("proof:" + change(picture_of(rich)[6:])))


def test_another_clubs_member_proves_nothing_here(till):
    stranger = open_shop("elsewhere").member()

    assert "This proves nothing" in text_of(till.find(picture_of(stranger)))
    assert Proof.objects.count() == 0


def test_a_proof_is_good_at_its_register_for_ten_minutes(shop, till, rich):
    shows(till, rich, picture_of(rich))
    other = open_till(shop, name="Ben")
    now = timezone.now()

    assert proofs.proof_of(rich, place(till), now=now) is not None
    assert proofs.proof_of(rich, place(other), now=now) is None
    assert proofs.proof_of(rich, place(till), now=now + timedelta(minutes=11)) is None


def test_the_phone_shows_a_picture_that_the_till_takes(shop, till, rich):
    phone = club_of(rich)

    page = phone.get("/club/high-street/proof/")
    part = phone.get("/club/high-street/proof/", headers={"HX-Request": "true"})
    card = phone.get("/club/high-street/")

    assert "no-store" in page["Cache-Control"]
    assert b"data:image/svg" in page.content
    assert b"<html" not in part.content
    assert b"Show that it is me" in card.content


def test_who_has_few_points_is_not_told_of_proofs(till, member):
    phone = club_of(member)

    assert b"Show that it is me" not in phone.get("/club/high-street/").content


def test_old_codes_are_forgotten(till, rich):
    proofs.send_proof_code(member_id=rich.pk, place=place(till))

    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert proofs.forget_old_proof_codes() == 1
    assert ProofCode.objects.count() == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_picture_proves_at_one_of_two_tills():
    shop = open_shop()
    member = shop.member()
    tills = [open_till(shop, name=name) for name in ("Ada", "Ben")]
    picture = picture_of(member)

    answers = race(
        *(
            partial(
                proofs.prove_by_phone,
                organization=shop.organization,
                place=place(till),
                text=picture,
            )
            for till in tills
        )
    )

    assert sorted(type(one).__name__ for one in answers) == ["Proof", "ProofNotAccepted"]
