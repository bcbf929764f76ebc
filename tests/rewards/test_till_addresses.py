"""No code and no phone number stands in any address the till leads to, and notes are one's own."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from core.models import Device
from rewards.models import LookUp
from rewards.services import till_notes
from rewards.voucher_codes import make
from tests.giftcards import blank, sold
from tests.tills import open_till, text_of
from tests.vouchers import batch_of, codes_of, shared_code


def five_off(shop):
    return shop.reward(50, name="Five off", kind="amount_off", amount=5)


def a_voucher(shop):
    return codes_of(batch_of(shop, 1))[0].code


def a_discount(shop):
    return codes_of(batch_of(shop, 1, reward=five_off(shop)))[0].code


def a_shared_code(shop):
    return shared_code(shop, "SUMMER26").code


def a_gift_card(shop):
    return sold(shop).code


def a_card_with_a_pin(shop):
    return sold(shop, pin="4711").code


def a_blank_card(shop):
    return blank(shop).code


def nobodys_voucher(_shop):
    return make()


def a_members_phone(shop):
    shop.member()
    return "07400123456"


def nobodys_phone(_shop):
    return "07400123456"


def the_last_digits_of_two(shop):
    shop.member()
    shop.member("+447911123456")
    return "3456"


def too_little(_shop):
    return "123"


TYPED = [
    a_voucher,
    a_discount,
    a_shared_code,
    a_gift_card,
    a_card_with_a_pin,
    a_blank_card,
    nobodys_voucher,
    a_members_phone,
    nobodys_phone,
    the_last_digits_of_two,
    too_little,
]


def device_of(till):
    return Device.objects.get(register=till.register).public_id


def addresses_of(page):
    links = re.findall(r'(?:href|action|hx-post)="([^"]*)"', page.content.decode())
    return [*(url for url, _status in page.redirect_chain), *links]


def names(address, typed):
    """Say whether an address holds what was typed, or all but a country's prefix of a number."""
    return typed in address or typed.lstrip("0") in address or f"+44{typed[1:]}" in address


@pytest.mark.parametrize("typing", TYPED)
def test_what_is_found_is_shown_at_an_address_that_says_nothing_of_it(shop, till, typing):
    typed = typing(shop)

    page = till.find(typed)

    assert [url for url in addresses_of(page) if names(url, typed)] == []
    assert page.redirect_chain[-1][1] == 303


@pytest.mark.parametrize("typing", TYPED)
def test_reloading_and_going_back_show_the_same_and_look_nobody_up_again(shop, till, typing):
    page = till.find(typing(shop))
    looked_up = LookUp.objects.count()

    again = till.client.get(page.redirect_chain[-1][0])

    assert (again.status_code, again.context.get("refusal")) == (200, page.context.get("refusal"))
    assert again.context.get("choices") == page.context.get("choices")
    assert LookUp.objects.count() == looked_up


def test_a_note_opens_nothing_at_another_till_nor_for_who_comes_next(shop, till):
    other_till = open_till(shop, name="Ben")
    address = till.find("07400 123456").redirect_chain[-1][0]
    name = address.partition("note=")[2]
    other = till_notes.Whose(device_of(till), device_of(till))

    mine = till.client.get(address)
    elsewhere = other_till.client.get(address)

    assert mine.context["enroll"]["phone"] == "+44 7400 123456"
    assert "enroll" not in elsewhere.context
    assert "is forgotten. Type or scan it again." in text_of(elsewhere)
    assert till_notes.noted(other, name) is None


def test_a_note_is_forgotten_after_a_while_and_says_so(till):
    address = till.find("07400 123456").redirect_chain[-1][0]

    with time_machine.travel(timezone.now() + till_notes.KEPT_FOR + timedelta(seconds=5)):
        whose = till_notes.Whose(device_of(till), till.session.public_id)
        late = till_notes.noted(whose, address.partition("note=")[2])

    assert late is None


def test_a_device_keeps_a_few_notes_however_much_is_typed(till):
    whose = till_notes.Whose(device_of(till), till.session.public_id)

    kept = [till_notes.keep(whose, {"n": n}) for n in range(till_notes.NOTES_MAX + 2)]

    living = [till_notes.noted(whose, name) is not None for name in kept]
    assert living == [False, False] + [True] * till_notes.NOTES_MAX


def test_who_was_signed_out_while_finding_has_it_in_the_field_again(till):
    till.session.ended_at = timezone.now()
    till.session.save(update_fields=["ended_at"])

    away = till.client.post("/till/find/", {"q": "07400 123456"})
    back = till.client.get(away.url).context["next"]
    till.session.ended_at = None
    till.session.save(update_fields=["ended_at"])

    assert "7400" not in away.url
    assert till.client.get(back).context["query"] == "07400 123456"
