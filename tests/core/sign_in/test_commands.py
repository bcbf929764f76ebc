from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from core.models import OneTimeLink, Staff
from tests.core.sign_in.conftest import count_everything, enter_pin


def run(*words):
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue().splitlines()


def test_a_cashier_gets_a_pin_that_is_shown_once(shop, counter):
    lines = run("create_staff", "bean", "--name", "Rex", "--role", "cashier", "--code", "rex")

    assert lines[0] == "Rex is Cashier, code rex"
    pin = lines[1].removeprefix("PIN, shown once: ")
    assert enter_pin(counter, staff="rex", pin=pin).status_code == 302
    assert OneTimeLink.objects.count() == 0


def test_a_manager_gets_a_link_to_come_in_by(shop, settings):
    settings.PUBLIC_URL = "https://points.example.com"
    words = ["create_staff", "bean", "--name", "Mo", "--role", "manager"]

    lines = run(*words, "--email", "mo@bean.example", "--store", "HS")

    assert lines[-1].startswith("https://points.example.com/accounts/link/")
    path = lines[-1].removeprefix("https://points.example.com")
    assert Client().get(path).status_code == 200
    assert [store.code for store in Staff.objects.get(name="Mo").stores.all()] == ["HS"]


def test_who_has_a_password_keeps_it(shop, other_shop):
    words = ["create_staff", "leaf", "--name", "Mo", "--role", "analyst"]

    lines = run(*words, "--email", "owner@bean.example")

    assert lines == ["Mo is Analyst, code 2"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["none", "--name", "Rex", "--role", "cashier"], "slug: No organization has this"),
        (["bean", "--name", "Rex", "--role", "cashier", "--pin", "12"], "pin: A PIN has six"),
        (["bean", "--name", "Rex", "--role", "manager"], "email: This role signs in by e-mail"),
        (["bean", "--name", "Rex", "--role", "cashier", "--store", "X"], "stores: No store"),
    ],
)
def test_what_is_wrong_is_named_and_changes_nothing(shop, words, complaint):
    before = count_everything()

    with pytest.raises(CommandError) as error:
        run("create_staff", *words)

    assert str(error.value).startswith(complaint)
    assert count_everything() == before


def test_a_new_sign_in_link_stands_alone_on_the_last_line(shop, settings):
    settings.PUBLIC_URL = "https://points.example.com"

    lines = run("create_sign_in_link", "bean", "OWNER@bean.example")

    assert lines[-1].startswith("https://points.example.com/accounts/link/")
    assert Client().get(lines[-1].removeprefix(settings.PUBLIC_URL)).status_code == 200


@pytest.mark.parametrize("who", [("none", "owner@bean.example"), ("bean", "no@bean.example")])
def test_no_link_for_who_does_not_work_there(shop, who):
    with pytest.raises(CommandError):
        run("create_sign_in_link", *who)

    assert OneTimeLink.objects.count() == 0
