from functools import partial

import pytest
from django.db import connection, transaction
from django.utils import timezone

from core.models import OutgoingMessage, User
from members.errors import CodeAskedTooSoon, CodeNotAccepted
from members.models import Member, SignInCode
from members.services.codes import ask_code, sign_in
from tests.clubs import last_code
from tests.racing import race


def naive_use(code_id, member_id):
    """Read, compare, write: what everyone writes first."""
    if SignInCode.objects.get(pk=code_id).used_at is not None:
        raise CodeNotAccepted
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(0.1)")
        SignInCode.objects.filter(pk=code_id).update(used_at=timezone.now())
        Member.objects.filter(pk=member_id).update(user=User.objects.create_user())


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_one_code_opens_twice(organization, ada):
    """The control: if this ever fails, the test below proves nothing."""
    ask_code(organization_id=organization.pk, typed=ada.phone, language="en")

    results = race(*[partial(naive_use, SignInCode.objects.get().pk, ada.pk)] * 4)

    assert len([result for result in results if result is None]) > 1
    assert User.objects.count() > 1


@pytest.mark.race
@pytest.mark.proves("input 56")
@pytest.mark.django_db(transaction=True)
def test_of_many_who_type_one_code_at_once_one_comes_in(organization, ada):
    ticket = ask_code(organization_id=organization.pk, typed=ada.phone, language="en")
    typed = last_code()

    results = race(
        *[partial(sign_in, organization_id=organization.pk, ticket=ticket, typed=typed)] * 4
    )

    assert sorted(type(result).__name__ for result in results) == [
        "CodeNotAccepted",
        "CodeNotAccepted",
        "CodeNotAccepted",
        "Member",
    ]
    assert User.objects.count() == 1


@pytest.mark.race
@pytest.mark.proves("input 53")
@pytest.mark.django_db(transaction=True)
def test_of_many_guesses_at_once_five_are_read(organization, ada):
    ticket = ask_code(organization_id=organization.pk, typed=ada.phone, language="en")

    race(*[partial(sign_in, organization_id=organization.pk, ticket=ticket, typed="x1")] * 3)
    race(*[partial(sign_in, organization_id=organization.pk, ticket=ticket, typed="1")] * 12)

    assert SignInCode.objects.get().tries == 5


@pytest.mark.race
@pytest.mark.proves("input 54", "input 57")
@pytest.mark.django_db(transaction=True)
def test_of_many_who_ask_for_one_number_at_once_one_gets_a_code(organization, ada):
    results = race(
        *[partial(ask_code, organization_id=organization.pk, typed=ada.phone, language="en")] * 6
    )

    assert len([result for result in results if isinstance(result, CodeAskedTooSoon)]) == 5
    assert OutgoingMessage.objects.count() == 1
