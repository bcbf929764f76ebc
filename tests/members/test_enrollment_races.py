"""C11 in one process: the same person joins at several tills at the same moment."""

import threading
import time
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from core.models import AuditRecord
from members.cards import new_number
from members.errors import CardTaken
from members.models import Card, CardKind, Member, Source
from members.services.enrollment import enroll
from tests.members.test_phones import SIX_NOTATIONS
from tests.racing import race

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

TILLS = 6


def naive_writer(organization):
    """Check, then insert: what everyone writes first. The barrier widens the gap."""
    checked = threading.Barrier(TILLS, timeout=10)

    def join():
        known = Member.objects.filter(organization=organization, phone="+989123456789").first()
        checked.wait()
        return known or Member.objects.create(
            organization=organization, phone="+989123456789", joined_source=Source.TILL
        )

    return join


def test_without_the_service_the_tills_do_collide(tehran):
    """The control: if this ever fails, the tests below prove nothing."""
    results = race(*[naive_writer(tehran)] * TILLS)

    collisions = [result for result in results if isinstance(result, IntegrityError)]
    assert len(collisions) == TILLS - 1
    assert Member.objects.count() == 1


@pytest.mark.proves("C11", "input 12", "case 12")
@pytest.mark.parametrize("attempt", range(5))
def test_one_phone_at_six_tills_is_one_member_with_one_card(tehran, attempt):
    tills = [
        partial(enroll, organization_id=tehran.pk, phone=typed, source=Source.TILL)
        for typed in SIX_NOTATIONS
    ]

    results = race(*tills)

    member = Member.objects.get()
    assert [result.member for result in results] == [member] * TILLS
    assert sorted(result.created for result in results) == [False] * (TILLS - 1) + [True]
    assert Card.objects.get().member == member
    assert AuditRecord.objects.count() == 1


@pytest.mark.proves("C11", "input 18")
def test_one_address_at_six_tills_is_one_member(tehran):
    spellings = ["ada@example.org", "ADA@example.org", "Ada@Example.Org"] * 2

    results = race(
        *[
            partial(enroll, organization_id=tehran.pk, email=typed, source=Source.PORTAL)
            for typed in spellings
        ]
    )

    member = Member.objects.get()
    assert [result.member for result in results] == [member] * TILLS
    assert Card.objects.count() == 1


@pytest.mark.proves("C11")
def test_the_loser_waits_for_a_rival_that_gives_up_and_becomes_the_member(tehran):
    inserted = threading.Event()

    def gives_up():
        with transaction.atomic():
            enroll(organization_id=tehran.pk, phone="+989123456789", source=Source.TILL)
            inserted.set()
            time.sleep(0.3)
            transaction.set_rollback(True)

    def waits():
        inserted.wait(timeout=10)
        return enroll(organization_id=tehran.pk, phone="+989123456789", source=Source.TILL)

    _, result = race(gives_up, waits)

    assert result.created is True
    assert Member.objects.get() == result.member


@pytest.mark.proves("C11")
def test_losing_the_race_leaves_the_transaction_around_it_alive(tehran):
    def within_a_larger_transaction():
        with transaction.atomic():
            enrolled = enroll(organization_id=tehran.pk, phone="+989123456789", source=Source.API)
            number = new_number()
            Card.objects.create(organization=tehran, number=number, kind=CardKind.BEARER)
        return enrolled

    results = race(*[within_a_larger_transaction] * TILLS)

    member = Member.objects.get()
    assert [result.member for result in results] == [member] * TILLS
    assert Card.objects.filter(kind=CardKind.BEARER).count() == TILLS


def test_one_bearer_card_goes_to_one_of_two_who_want_it(tehran):
    Card.objects.create(organization=tehran, number="2900000000001", kind=CardKind.BEARER)
    join = partial(enroll, organization_id=tehran.pk, card="2900000000001", source=Source.TILL)

    results = race(partial(join, phone="+989123456789"), partial(join, phone="+989123456780"))

    assert sorted(type(result).__name__ for result in results) == ["CardTaken", "Enrolled"]
    assert [type(result) for result in results].count(CardTaken) == 1
    assert Member.objects.count() == 1
    assert Card.objects.get().member == Member.objects.get()
