"""Gift cards that are mailed, and those in a member's wallet."""

import re
from uuid import uuid4

import pytest
import time_machine
from django.core import mail
from django.utils import timezone

from core.models import OutgoingMessage
from core.models.people import Role
from core.services.messages import send_due_messages
from rewards import proof_tokens
from rewards.gift_card_codes import grouped
from rewards.models import GiftCard
from rewards.services import proofs
from tests.clubs import at, club_of
from tests.giftcards import balance_of, blank, sold
from tests.offices import keyed, office_of
from tests.tills import errors_on, open_till, text_of

HOME = "/office/high-street/gift-cards/"


@pytest.fixture
def office(shop):
    return office_of(shop.organization, Role.MANAGER)


@pytest.fixture
def club(member):
    return club_of(member)


def test_a_card_with_an_address_is_mailed_once(shop, office, settings):
    settings.EMAIL_URL = "smtp://mail.example"
    shop.organization.language = "fi"
    shop.organization.save()
    typed = keyed(amount="25", code="", pin="", email="friend@example.com")
    office.post(f"{HOME}sell/", typed)
    card = GiftCard.objects.get()

    send_due_messages()
    send_due_messages()

    [letter] = mail.outbox
    assert letter.to == ["friend@example.com"]
    assert grouped(card.code) in letter.body
    assert OutgoingMessage.objects.get().text == ""

    office.post(f"{HOME}{card.public_id}/mail/", keyed())
    send_due_messages()
    assert len(mail.outbox) == 2


def test_a_member_takes_a_card_in_and_sees_it_without_its_pin_after(shop, member, club):
    card = sold(shop, pin="4711")
    form = {"request_key": uuid4().hex, "code": grouped(card.code), "pin": "4711"}

    page = club.post(at(shop.organization, "gift-cards/"), form, follow=True)

    assert grouped(card.code) in text_of(page)
    assert "£50.00" in text_of(club.get(at(shop.organization, "gift-cards/")))


@pytest.mark.proves("input 48")
def test_a_holder_pays_without_the_pin_only_while_they_proved_to_be_at_this_till(
    shop, member, till
):
    card = sold(shop, pin="4711", member_id=member.pk)
    typed = {"amount": "10.00", "gift_card": card.code}

    nobody = till.rings_up(member, **typed)
    open_till(shop, name="Eve").find(proof_tokens.make(member.public_id))
    elsewhere = till.rings_up(member, **typed)
    till.find(proof_tokens.make(shop.member("+447400654321").public_id))
    other = till.rings_up(member, **typed)
    assert [errors_on(page).keys() for page in (nobody, elsewhere, other)] == [{"gift_card"}] * 3
    assert balance_of(card) == "50.00"

    till.find(proof_tokens.make(member.public_id))
    till.rings_up(member, **typed)
    assert balance_of(card) == "40.00"

    with time_machine.travel(timezone.now() + proofs.LASTS, tick=False):
        late = till.rings_up(member, receipt="1002", **typed)
    assert errors_on(late).keys() == {"gift_card"}
    assert balance_of(card) == "40.00"


@pytest.mark.proves("input 48")
def test_the_portal_tells_strangers_cards_apart_from_nothing(shop, member, club):
    held = sold(shop, member_id=shop.member("+447400654321").pk)
    blocked, secret = sold(shop), sold(shop, pin="4711")
    GiftCard.objects.filter(pk=blocked.pk).update(status=GiftCard.Status.BLOCKED)

    said = set()
    for card in (held, blocked, secret, blank(shop)):
        form = {"request_key": uuid4().hex, "code": card.code, "pin": ""}
        page = club.post(at(shop.organization, "gift-cards/"), form)
        said.add(str(page.context["form"].errors))

    assert len(said) == 1
    assert "This gift card cannot be used." in said.pop()


def test_a_members_cards_are_theirs_alone(shop, member, club):
    other = sold(shop, member_id=shop.member("+447400654321").pk)

    assert club.get(at(shop.organization, f"gift-cards/{other.public_id}/")).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_wallet_asks_a_fixed_number_of_questions(
    shop, member, club, count, django_assert_num_queries
):
    for _card in range(count):
        card = sold(shop, member_id=member.pk)

    with django_assert_num_queries(4):
        club.get(at(shop.organization, "gift-cards/"))
    with django_assert_num_queries(5):
        page = club.get(at(shop.organization, f"gift-cards/{card.public_id}/"))

    assert re.search(r"data:image/svg", page.content.decode())
