from functools import partial

import pytest
from django.db import connection

from core.errors import PinNotAccepted, TriedTooOften
from core.models import RegisterSession, WrongTries
from core.services.sign_in import sign_in_with_pin
from core.services.tries import count_try
from tests.core.sign_in import hashers
from tests.core.sign_in.conftest import enter_pin, hire, text_of
from tests.racing import race


@pytest.mark.proves("input 13")
@pytest.mark.parametrize(
    ("script", "typed"),
    [
        ("ASCII", "246813"),
        ("Persian", "۲۴۶۸۱۳"),
        ("Arabic-Indic", "٢٤٦٨١٣"),
        ("full width", "２４６８１３"),
        ("mixed, with spaces", "24۶ 8１3"),
    ],
)
def test_a_pin_is_typed_in_any_script(counter, script, typed):
    assert enter_pin(counter, pin=typed).status_code == 302


@pytest.mark.parametrize(
    ("why", "typed"),
    [
        ("empty", ""),
        ("too short", "24681"),
        ("too long", "2468133"),
        ("letters", "abcdef"),
        ("not decimal", "²⁴⁶⁸¹³"),
        ("NUL", "24681\0"),
        ("huge", "2" * 5000),
    ],
)
def test_what_is_no_pin_is_refused_beside_the_field(counter, why, typed):
    answer = enter_pin(counter, pin=typed)

    assert answer.status_code == 200
    assert RegisterSession.objects.count() == 0
    assert WrongTries.objects.count() == 0


def test_the_pin_of_somebody_else_does_not_fit(counter, shop):
    hire(shop.organization, "cashier", name="Rex", email="", pin="135792", code="rex")

    answer = enter_pin(counter, staff="pia", pin="135792")

    assert answer.status_code == 200
    assert "do not belong together" in text_of(answer)
    assert RegisterSession.objects.count() == 0


def test_a_code_of_another_organization_opens_nothing(counter, shop, other_shop):
    hire(other_shop.organization, "cashier", name="Rex", email="", pin="135792", code="rex")

    assert enter_pin(counter, staff="rex", pin="135792").status_code == 200
    assert RegisterSession.objects.count() == 0


@pytest.mark.proves("input 60")
def test_after_five_wrong_pins_even_the_right_one_has_to_wait_unread(clock, counter):
    wrong = [enter_pin(counter, pin="000000").status_code for _try in range(5)]
    hashers.asked.clear()

    answer = enter_pin(counter)

    assert wrong == [200] * 5
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert hashers.asked == []
    assert RegisterSession.objects.count() == 0


@pytest.mark.proves("input 60")
def test_waiting_helps_and_nobody_is_locked_out_for_good(clock, counter):
    for _try in range(5):
        enter_pin(counter, pin="000000")
    clock.shift(61)

    assert enter_pin(counter).status_code == 302
    assert WrongTries.objects.count() == 0


@pytest.mark.proves("input 60")
def test_every_further_wrong_pin_doubles_the_wait_up_to_a_quarter_of_an_hour(clock, db):
    waits = []
    for _try in range(4):
        count_try(subject="somebody")
    for _try in range(6):
        count_try(subject="somebody")
        with pytest.raises(TriedTooOften) as refusal:
            count_try(subject="somebody")
        waits.append(refusal.value.data["retry_after"])
        clock.shift(waits[-1])

    assert waits == [60, 120, 240, 480, 900, 900]


def test_tries_are_forgotten_after_a_quiet_hour(clock, counter):
    for _try in range(4):
        enter_pin(counter, pin="000000")
    clock.shift(3601)
    enter_pin(counter, pin="000000")

    assert enter_pin(counter).status_code == 302


def test_trying_one_name_after_the_other_is_counted_at_the_register(clock, counter, shop):
    for number in range(4):
        hire(shop.organization, "cashier", email="", pin="135792", code=f"c{number}")
    for number in range(4):
        enter_pin(counter, staff=f"c{number}", pin="000000")
    enter_pin(counter, pin="000000")

    assert enter_pin(counter).status_code == 429


def test_a_right_pin_starts_the_count_anew(counter):
    for _round in range(3):
        for _try in range(4):
            assert enter_pin(counter, pin="000000").status_code == 200
        assert enter_pin(counter).status_code == 302


@pytest.mark.parametrize("who", ["nobody", "somebody without a PIN", "somebody else's code"])
def test_a_name_without_a_pin_takes_as_long_as_a_wrong_pin(shop, tablet, who):
    code = {"nobody": "zed", "somebody without a PIN": shop.owner.code}.get(who, "pia")
    hashers.asked.clear()

    with pytest.raises(PinNotAccepted):
        sign_in_with_pin(device_id=tablet.pk, code=code, pin="135790")

    assert hashers.asked == ["135790"]
    assert RegisterSession.objects.count() == 0


def naive_count(subject):
    """Read, compare, write: what everyone writes first."""
    row = WrongTries.objects.get(subject=subject)
    if row.tries >= 5:
        raise TriedTooOften
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.1)")
    WrongTries.objects.filter(pk=row.pk).update(tries=row.tries + 1)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_without_the_one_statement_guesses_do_share_a_count(clock):
    """The control: if this ever fails, the test below proves nothing."""
    WrongTries.objects.create(subject="s", tries=0, last_try_at="2026-03-02T09:00:00Z")

    results = race(*[partial(naive_count, "s")] * 12)

    assert [result for result in results if isinstance(result, TriedTooOften)] == []


@pytest.mark.race
@pytest.mark.proves("input 60")
@pytest.mark.django_db(transaction=True)
def test_of_many_guesses_at_once_five_are_read(clock):
    results = race(*[partial(count_try, subject="s")] * 12)

    assert sorted(type(result).__name__ for result in results) == (
        ["NoneType"] * 5 + ["TriedTooOften"] * 7
    )
