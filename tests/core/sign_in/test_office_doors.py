import time
from importlib import import_module

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings as django_settings
from django.test import Client

from core.doors import office
from core.models import Staff
from tests.core.sign_in.conftest import PASSWORD, sign_in, text_of

HOME = "/office/bean/"
LOGIN = "/accounts/login/?next="


def code_for(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def session_of(client):
    engine = import_module(django_settings.SESSION_ENGINE)
    return engine.SessionStore(client.cookies[django_settings.SESSION_COOKIE_NAME].value)


@pytest.mark.parametrize(
    ("who", "statuses"),
    [
        ("owner", [200, 200, 200, 200]),
        ("manager", [403, 200, 200, 200]),
        ("analyst", [403, 403, 200, 200]),
        ("cashier", [403, 403, 403, 200]),
        ("stranger", [404, 404, 404, 404]),
        ("nobody", [302, 302, 302, 302]),
    ],
)
def test_a_role_opens_its_doors_and_no_other(shop, other_shop, who, statuses):
    staff = other_shop.owner if who == "stranger" else getattr(shop, who, None)
    client = sign_in(staff) if staff else Client()

    doors = ("owner", "manager", "analyst", "everyone")
    answers = [client.get(f"/office/bean/probe/{door}/").status_code for door in doors]

    assert answers == statuses


def test_an_office_door_must_name_its_roles():
    with pytest.raises(TypeError):
        office()


def test_who_is_not_signed_in_comes_back_after_signing_in(shop):
    client = Client()

    away = client.get(f"{HOME}?tab=1")
    back = client.post(away.url, {"login": shop.owner.user.email, "password": PASSWORD})

    assert away.url == "/accounts/login/?next=%2Foffice%2Fbean%2F%3Ftab%3D1"
    assert (back.status_code, back.url) == (302, f"{HOME}?tab=1")


def test_what_a_form_sent_is_not_sent_again_after_signing_in(shop, register):
    away = Client().post(f"/office/bean/registers/{register.public_id}/release/")

    assert (away.status_code, away.url) == (302, "/accounts/login/")


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(shop):
    away = Client().get(HOME, headers={"HX-Request": "true"})

    assert away.headers["HX-Redirect"] == "/accounts/login/?next=%2Foffice%2Fbean%2F"


def test_another_organization_looks_like_one_that_does_not_exist(shop, other_shop):
    client = sign_in(shop.owner)

    theirs = client.get("/office/leaf/")
    nobodys = client.get("/office/none/")

    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert text_of(theirs) == text_of(nobodys)


def test_the_office_hall_opens_the_only_office(shop):
    assert sign_in(shop.owner).get("/office/").url == HOME


def test_the_office_hall_asks_who_works_in_several(shop, other_shop):
    Staff.objects.create(
        organization=other_shop.organization,
        user=shop.owner.user,
        code="9",
        name="Owner",
        role="analyst",
    )

    page = sign_in(shop.owner).get("/office/")

    assert page.status_code == 200
    assert 'href="/office/bean/"' in page.content.decode()
    assert 'href="/office/leaf/"' in page.content.decode()


def test_the_office_hall_sends_cashiers_to_the_till(shop):
    assert sign_in(shop.cashier).get("/office/").url == "/till/"


def test_the_office_hall_is_closed_to_people_without_a_role(shop, django_user_model):
    member = django_user_model.objects.create_user("member@example.org", PASSWORD)
    client = Client()
    client.post("/accounts/login/", {"login": member.email, "password": PASSWORD})

    assert client.get("/office/").status_code == 403


def test_who_left_has_no_office_any_more(shop):
    client = sign_in(shop.manager)
    Staff.objects.filter(pk=shop.manager.pk).update(is_active=False)

    assert client.get(HOME).status_code == 404


@pytest.mark.proves("input 63")
def test_a_new_role_counts_from_the_next_click(shop):
    client = sign_in(shop.owner)
    Staff.objects.filter(pk=shop.owner.pk).update(role="cashier")

    assert client.get(HOME).status_code == 403


# --- how this session was opened --------------------------------------------------------------


def test_a_session_opened_by_a_code_must_show_the_password_first(shop):
    client = Client()
    client.force_login(shop.owner.user)  # as after a one-time code: no password was shown
    before = client.cookies["sid"].value

    away = client.get(HOME)
    back = client.post(away.url, {"password": PASSWORD})

    assert away.url == "/accounts/reauthenticate/?next=%2Foffice%2Fbean%2F"
    assert (back.status_code, back.url) == (302, HOME)
    assert client.get(HOME).status_code == 200
    assert client.cookies["sid"].value != before


def test_a_session_opened_by_a_code_stays_out_without_a_password_to_show(shop):
    shop.owner.user.set_unusable_password()
    shop.owner.user.save()
    client = Client()
    client.force_login(shop.owner.user)

    assert client.get(HOME).status_code == 403


def test_a_passkey_opens_the_office_and_stands_for_both_factors(shop, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    client = Client()
    client.force_login(shop.owner.user)
    session = client.session
    session["account_authentication_methods"] = [
        {"method": "mfa", "type": "webauthn", "passwordless": True, "at": time.time()}
    ]
    session["account_authentication_methods_user"] = str(shop.owner.user.pk)
    session.save()

    assert client.get(HOME).status_code == 200


# --- the second factor ------------------------------------------------------------------------


@pytest.fixture
def strict(settings):
    settings.SECOND_FACTOR_REQUIRED = True


def set_up_second_factor(client):
    """Follow the pages as a person does; return the secret in the phone."""
    away = client.get(HOME)
    assert away.url == "/accounts/2fa/totp/activate/?next=%2Foffice%2Fbean%2F"
    asked = client.get(away.url)
    client.get(asked.url)
    client.post(asked.url, {"password": PASSWORD})
    client.get("/accounts/2fa/totp/activate/")
    secret = client.session["mfa.totp.secret"]
    done = client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)})
    assert done.status_code == 302, text_of(done)
    return secret


@pytest.mark.parametrize(("who", "status"), [("owner", 302), ("manager", 302), ("analyst", 200)])
def test_owners_and_managers_need_a_second_factor_where_it_is_required(shop, strict, who, status):
    assert sign_in(getattr(shop, who)).get(HOME).status_code == status


@pytest.mark.proves("input 63")
@pytest.mark.django_db(transaction=True)
def test_setting_the_second_factor_up_opens_the_office_under_a_new_session(shop, strict):
    client = sign_in(shop.owner)
    before = client.cookies["sid"].value

    set_up_second_factor(client)

    assert client.get(HOME).status_code == 200
    assert client.cookies["sid"].value != before
    assert session_of(client).exists(before) is False


@pytest.mark.django_db(transaction=True)
def test_a_session_from_before_must_show_the_second_factor(shop, strict):
    elsewhere = sign_in(shop.owner)
    secret = set_up_second_factor(sign_in(shop.owner))

    away = elsewhere.get(HOME)
    before = elsewhere.cookies["sid"].value
    back = elsewhere.post(away.url, {"code": code_for(secret)})

    assert away.url == "/accounts/2fa/reauthenticate/?next=%2Foffice%2Fbean%2F"
    assert (back.status_code, back.url) == (302, HOME)
    assert elsewhere.get(HOME).status_code == 200
    assert elsewhere.cookies["sid"].value != before


@pytest.mark.proves("input 63")
@pytest.mark.django_db(transaction=True)
def test_the_second_factor_is_asked_at_sign_in_and_gives_a_new_session(shop, strict, clock):
    secret = set_up_second_factor(sign_in(shop.owner))
    clock.shift(31)
    client = sign_in(shop.owner)
    before = client.cookies["sid"].value

    still_out = client.get(HOME)
    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    right = client.post("/accounts/2fa/authenticate/", {"code": code_for(secret)})

    assert still_out.url == f"{LOGIN}%2Foffice%2Fbean%2F"
    assert wrong.status_code == 200
    assert right.status_code == 302
    assert client.get(HOME).status_code == 200
    assert client.cookies["sid"].value != before


# --- how long a session lasts -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("why", "minutes", "status"), [("at the desk", 29, 200), ("away for long", 31, 302)]
)
def test_an_office_left_alone_closes(shop, clock, why, minutes, status):
    client = sign_in(shop.owner)
    client.get(HOME)
    clock.shift(minutes * 60)

    assert client.get(HOME).status_code == status


def test_a_closed_office_needs_the_password_again(shop, clock):
    client = sign_in(shop.owner)
    client.get(HOME)
    clock.shift(31 * 60)

    away = client.get(HOME)
    clock.shift(-31 * 60)

    assert away.url == f"{LOGIN}%2Foffice%2Fbean%2F"
    assert client.get(HOME).status_code == 302


def test_no_office_stays_open_longer_than_a_shift(shop, clock):
    client = sign_in(shop.owner)
    answers = []
    for _quarter in range(12 * 4):
        clock.shift(15 * 60)
        answers.append(client.get(HOME).status_code)
    clock.shift(60)

    assert set(answers) == {200}
    assert client.get(HOME).url == f"{LOGIN}%2Foffice%2Fbean%2F"
