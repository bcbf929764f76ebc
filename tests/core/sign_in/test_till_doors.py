import pytest
from django.core import signing
from django.test import Client

from core.models import Device, Register, RegisterSession, Staff
from core.register_cookie import RegisterCookie, signed
from core.services.registers import enroll_device, release_device
from core.services.sign_in import start_session
from tests.core.sign_in.conftest import PASSWORD, enter_pin, sign_in, text_of

SET_UP = "/till/set-up/"
SIGN_IN = "/till/sign-in/?next=%2Ftill%2F"


def cookie_of(client):
    return client.cookies["register"].value


# --- the device -------------------------------------------------------------------------------


def test_an_unknown_device_is_told_how_to_become_a_register(shop):
    client = Client()

    away = client.get("/till/")

    assert (away.status_code, away.url) == (302, SET_UP)
    assert "/till/enroll/" in client.get(SET_UP).content.decode()


@pytest.mark.parametrize(
    ("why", "kept"),
    [
        ("a letter changed", "{head}{other_tail}"),
        ("the contents changed", "A{true}"),
        ("cut short", "{head}"),
        ("empty", ""),
        ("unsigned", "{contents}"),
        ("signed for something else", "{foreign}"),
        ("only separators", ":::::"),
        ("no ASCII", "\xe9:\xe9:\xe9"),
    ],
)
def test_a_cookie_we_did_not_make_says_nothing(pia_at_work, why, kept):
    true = cookie_of(pia_at_work)
    pia_at_work.cookies["register"] = kept.format(
        true=true,
        head=true[:-1],
        other_tail="B" if true.endswith("A") else "A",
        contents=true.partition(":")[0],
        foreign=signing.dumps(["x", ""], salt="something else"),
    )

    assert pia_at_work.get("/till/").url == SET_UP


def test_a_released_device_is_no_register(pia_at_work, register, shop):
    release_device(register_id=register.pk, staff_id=shop.manager.pk)

    assert pia_at_work.get("/till/").url == SET_UP


def test_a_register_out_of_use_lets_nobody_in(pia_at_work, register):
    Register.objects.filter(pk=register.pk).update(is_active=False)

    assert pia_at_work.get("/till/").url == SET_UP


def test_a_register_lives_on_the_device_enrolled_last(pia_at_work, register, shop):
    enroll_device(register_id=register.pk, staff_id=shop.manager.pk)

    assert pia_at_work.get("/till/").url == SET_UP
    assert Device.objects.filter(register=register, revoked_at__isnull=True).count() == 1
    assert RegisterSession.objects.filter(ended_at__isnull=True).count() == 0


# --- who works there --------------------------------------------------------------------------


def test_a_register_where_nobody_works_asks_who_does(counter):
    assert counter.get("/till/").url == SIGN_IN


def test_a_pin_opens_the_till_of_this_register(pia_at_work):
    page = pia_at_work.get("/till/")

    assert text_of(page) == "Pia at High Street/1"


def test_the_till_goes_back_to_the_page_it_was_opened_at(counter):
    assert enter_pin(counter, next="/till/?q=42").url == "/till/?q=42"


def test_e_mail_and_password_open_the_till_but_not_the_office(counter, shop):
    sent = {"step": "password", "login": shop.manager.user.email, "password": PASSWORD}

    answer = counter.post("/till/sign-in/", sent)

    assert answer.url == "/till/"
    assert text_of(counter.get("/till/")) == "Manager at High Street/1"
    assert counter.get("/office/bean/").url == "/accounts/login/?next=%2Foffice%2Fbean%2F"


@pytest.mark.parametrize("who", ["another organization's owner", "a wrong password"])
def test_who_does_not_work_here_gets_the_same_answer_as_a_wrong_password(
    counter, shop, other_shop, who
):
    is_stranger = who.startswith("another")
    sent = {
        "step": "password",
        "login": other_shop.owner.user.email if is_stranger else shop.owner.user.email,
        "password": PASSWORD if is_stranger else "wrong",
    }

    answer = counter.post("/till/sign-in/", sent)

    assert answer.status_code == 200
    assert "email address and/or password you specified are not correct" in text_of(answer)
    assert RegisterSession.objects.count() == 0


def test_an_office_session_opens_no_till(counter, shop):
    sign_in(shop.owner, counter)

    assert counter.get("/office/bean/").status_code == 200
    assert counter.get("/till/").url == SIGN_IN


def test_a_session_belongs_to_its_register(pia_at_work, shop, register):
    session = RegisterSession.objects.get()
    market = shop.organization.registers.get(store__code="MK")
    elsewhere = enroll_device(register_id=market.pk, staff_id=shop.manager.pk)
    thief = Client()
    thief.cookies["register"] = signed(RegisterCookie(elsewhere.public_id, session.public_id))

    assert thief.get("/till/").url == SIGN_IN


@pytest.mark.parametrize(
    ("why", "change"),
    [("left", {"is_active": False}), ("was moved", {"stores": "MK"})],
)
def test_who_does_not_work_here_any_more_is_out_at_once(pia_at_work, shop, why, change):
    if "stores" in change:
        shop.pia.stores.set(shop.organization.stores.filter(code=change["stores"]))
    else:
        Staff.objects.filter(pk=shop.pia.pk).update(**change)

    assert pia_at_work.get("/till/").url == SIGN_IN


def test_who_is_tied_to_other_stores_cannot_start_here(counter, shop):
    shop.pia.stores.set(shop.organization.stores.filter(code="MK"))

    answer = enter_pin(counter)

    assert answer.status_code == 200
    assert RegisterSession.objects.count() == 0


def test_who_works_in_other_stores_only_is_told_so(counter, shop):
    shop.manager.stores.set(shop.organization.stores.filter(code="MK"))
    sent = {"step": "password", "login": shop.manager.user.email, "password": PASSWORD}

    answer = counter.post("/till/sign-in/", sent)

    assert "You do not work at this store." in text_of(answer)
    assert RegisterSession.objects.count() == 0


def test_a_device_that_is_no_register_has_no_sign_in(shop):
    assert Client().get("/till/sign-in/").url == SET_UP


@pytest.mark.proves("input 60")
def test_a_client_that_signs_in_without_end_has_to_wait(counter, shop, clock):
    sent = {"step": "password", "login": shop.manager.user.email, "password": PASSWORD}

    statuses = [counter.post("/till/sign-in/", sent).status_code for _time in range(31)]

    assert statuses == [302] * 30 + [429]


def test_the_next_person_ends_the_session_of_the_last(pia_at_work, shop, tablet):
    pia = RegisterSession.objects.get()

    start_session(device_id=tablet.pk, staff_id=shop.manager.pk)

    pia.refresh_from_db()
    assert pia.ended_at is not None
    assert pia_at_work.get("/till/").url == SIGN_IN


@pytest.mark.proves("input 63")
def test_every_sign_in_has_a_session_of_its_own(counter):
    enter_pin(counter)
    first = cookie_of(counter)
    enter_pin(counter)
    second = cookie_of(counter)
    counter.cookies["register"] = first

    assert first != second
    assert counter.get("/till/").url == SIGN_IN


def test_signing_out_ends_the_session_and_keeps_the_register(pia_at_work):
    before = cookie_of(pia_at_work)

    answer = pia_at_work.post("/till/sign-out/")

    assert answer.url == "/till/sign-in/"
    assert pia_at_work.get("/till/").url == SIGN_IN
    pia_at_work.cookies["register"] = before
    assert pia_at_work.get("/till/").url == SIGN_IN


def test_signing_out_takes_a_form_not_a_link(pia_at_work):
    assert pia_at_work.get("/till/sign-out/").status_code == 405
    assert pia_at_work.get("/till/").status_code == 200


# --- how long ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("why", "minutes", "status"), [("still here", 14, 200), ("left alone", 16, 302)]
)
def test_a_till_left_alone_asks_for_the_pin_again(clock, counter, why, minutes, status):
    enter_pin(counter)
    clock.shift(minutes * 60)

    assert counter.get("/till/").status_code == status


def test_work_keeps_the_till_open_until_the_end_of_a_shift(clock, counter):
    enter_pin(counter)
    answers = []
    for _tick in range(12 * 6):
        clock.shift(10 * 60)
        answers.append(counter.get("/till/").status_code)
    clock.shift(60)

    assert set(answers) == {200}
    assert counter.get("/till/").url == SIGN_IN
    assert RegisterSession.objects.get().ended_at is not None


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(clock, counter):
    enter_pin(counter)
    clock.shift(16 * 60)

    away = counter.get("/till/", headers={"HX-Request": "true"})

    assert away.headers["HX-Redirect"] == SIGN_IN


def test_a_page_of_the_till_asks_the_database_little(pia_at_work, django_assert_num_queries):
    with django_assert_num_queries(2):
        pia_at_work.get("/till/")


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(pia_at_work):
    kept = pia_at_work.cookies["register"]

    assert (kept["httponly"], kept["samesite"], kept["path"]) == (True, "Lax", "/")
