"""Rows 64 and 65: a form counts only with the token that our own page gave."""

import re

import pytest
from django.test import Client

from core.models import RegisterSession
from core.services.sign_in import make_link
from tests.core.sign_in.conftest import PASSWORD, sign_in

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


def strict_copy(client):
    """Return a client that checks tokens, with the cookies of another one."""
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    return strict


@pytest.fixture
def forms(shop, pia_at_work, register):
    """Every form of the ground floor: who sends it, where, and what."""
    office = sign_in(shop.owner)
    link = make_link(staff_id=shop.manager.pk)
    return [
        (Client(), "/accounts/login/", {"login": shop.owner.user.email, "password": PASSWORD}),
        (office, "/accounts/logout/", {}),
        (office, "/accounts/password/change/", {"oldpassword": PASSWORD}),
        (office, "/accounts/2fa/totp/activate/", {"code": "1"}),
        (Client(), link, {"password": "seven green bottles hanging"}),
        (Client(), "/appearance/theme/", {"theme": "dark"}),
        (Client(), "/appearance/language/", {"language": "fa"}),
        (office, "/office/bean/registers/enroll/", {"place": f"register-{register.public_id}"}),
        (office, f"/office/bean/registers/{register.public_id}/release/", {}),
        (pia_at_work, "/till/sign-in/", {"step": "pin", "staff": "pia", "pin": "246813"}),
        (pia_at_work, "/till/sign-out/", {}),
    ]


@pytest.mark.proves("input 64", "input 65")
@pytest.mark.parametrize("token", [None, "", "x" * 64, "y" * 32])
def test_no_form_is_taken_without_its_token(forms, token):
    more = {} if token is None else {"csrfmiddlewaretoken": token}

    statuses = [
        strict_copy(client).post(path, {**sent, **more}).status_code for client, path, sent in forms
    ]

    assert statuses == [403] * len(forms)
    assert RegisterSession.objects.filter(ended_at__isnull=True).count() == 1


@pytest.mark.proves("input 64")
def test_a_token_sent_from_another_site_does_not_help(shop):
    client = Client(enforce_csrf_checks=True)
    token = TOKEN.search(client.get("/accounts/login/").content.decode())[1]
    sent = {
        "login": shop.owner.user.email,
        "password": PASSWORD,
        "csrfmiddlewaretoken": token,
    }

    foreign = client.post("/accounts/login/", sent, headers={"origin": "https://evil.com"})
    own = client.post("/accounts/login/", sent)

    assert (foreign.status_code, own.status_code) == (403, 302)


def test_the_page_of_the_till_gives_the_token_that_its_form_needs(counter):
    client = strict_copy(counter)
    token = TOKEN.search(client.get("/till/sign-in/").content.decode())[1]
    sent = {"step": "pin", "staff": "pia", "pin": "246813", "csrfmiddlewaretoken": token}

    answer = client.post("/till/sign-in/", sent)

    assert answer.status_code == 302
    assert client.cookies["csrf"].value != token
