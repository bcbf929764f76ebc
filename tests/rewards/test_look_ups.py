from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from members.errors import LookUpUnreadable
from rewards.errors import TooManyLookUps
from rewards.models import LookUp
from rewards.services import look_ups
from rewards.services.baskets import Place
from tests.tills import open_till


@pytest.fixture
def place(shop):
    till = open_till(shop)
    return Place(store=shop.store, register=till.register, staff=till.staff)


def look(shop, place, text):
    return look_ups.search(organization=shop.organization, place=place, text=text)


def seen():
    return list(
        LookUp.objects.order_by("pk").values_list("matched", "member__name", "purchase__total")
    )


def browse(place, count):
    """Look for as many people in vain."""
    row = {"staff": place.staff, "register": place.register, "matched": 0, "at": timezone.now()}
    LookUp.objects.bulk_create(LookUp(**row) for _ in range(count))


def test_a_search_and_the_member_it_leads_to_are_one_look_up(shop, member, place):
    look(shop, place, "3456")
    look_ups.open_member(place=place, member=member)
    look_ups.open_member(place=place, member=member)

    assert seen() == [(1, "Mina K", None)]


def test_a_member_opened_without_a_search_is_a_look_up_too(shop, member, place):
    look_ups.open_member(place=place, member=member)

    assert seen() == [(1, "Mina K", None)]


def test_a_purchase_accounts_for_the_look_ups_that_led_to_it(shop, member, place):
    other = shop.member("+447911123456", name="Zoë")
    look_ups.open_member(place=place, member=other)
    look(shop, place, "0000")
    look(shop, place, "07400123456")
    look_ups.open_member(place=place, member=member)
    bought = shop.buys(member, "5.00").purchase

    look_ups.follow(place=place, member_id=member.pk, purchase_id=bought.pk)

    assert seen() == [(1, "Zoë", None), (0, None, bought.total), (1, "Mina K", bought.total)]


def test_what_cannot_be_read_is_no_look_up(shop, place):
    with pytest.raises(LookUpUnreadable):
        look(shop, place, "12")

    assert seen() == []


def test_who_browses_is_told_to_wait_and_sees_nobody(shop, member, place):
    browse(place, look_ups.IN_VAIN_MAX)

    with pytest.raises(TooManyLookUps) as searching:
        look(shop, place, "3456")
    with pytest.raises(TooManyLookUps):
        look_ups.open_member(place=place, member=shop.member("+447911123456"))

    assert 3590 <= searching.value.data["retry_after"] <= 3600
    assert LookUp.objects.count() == look_ups.IN_VAIN_MAX


def test_another_hour_and_another_person_count_for_themselves(shop, member, place):
    browse(place, look_ups.IN_VAIN_MAX)
    other = open_till(shop, name="Zoë")
    elsewhere = Place(store=shop.store, register=other.register, staff=other.staff)

    by_other = look(shop, elsewhere, "3456")
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        later = look(shop, place, "3456")

    assert [len(by_other), len(later)] == [1, 1]


def test_look_ups_are_forgotten_after_half_a_year(shop, place):
    browse(place, 2)
    LookUp.objects.filter(pk=LookUp.objects.first().pk).update(
        at=timezone.now() - timedelta(days=181)
    )

    forgotten = look_ups.forget_old_look_ups()

    assert (forgotten, LookUp.objects.count()) == (1, 1)
