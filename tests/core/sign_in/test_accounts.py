import pytest
from django.conf import settings as django_settings
from django.test import Client

from core.accounts import AccountAdapter
from core.addresses import public_url
from core.models import User
from tests.core.sign_in import hashers
from tests.core.sign_in.conftest import PASSWORD, sign_in, text_of


def try_password(staff, password="wrong", **extra):
    return Client().post(
        "/accounts/login/", {"login": staff.user.email, "password": password}, **extra
    )


def test_nobody_signs_up(shop):
    before = User.objects.count()

    answer = Client().post("/accounts/signup/", {"email": "new@example.com", "password1": "x" * 20})

    assert answer.status_code == 404
    assert AccountAdapter().is_open_for_signup(None) is False
    assert User.objects.count() == before


@pytest.mark.proves("input 63")
def test_a_session_chosen_by_somebody_else_is_not_the_one_signed_in_to(shop):
    client = Client()
    client.get("/accounts/login/")
    planted = client.session
    planted["planted"] = True
    planted.save()
    client.cookies[django_settings.SESSION_COOKIE_NAME] = planted.session_key

    sign_in(shop.owner, client)

    assert client.cookies["sid"].value != planted.session_key
    assert planted.exists(planted.session_key) is False


def test_signing_out_ends_the_session_and_clears_the_browser(shop):
    client = sign_in(shop.owner)
    client.get("/office/bean/")
    before = client.cookies["sid"].value

    answer = client.post("/accounts/logout/")
    client.cookies["sid"] = before

    assert answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert client.get("/office/bean/").status_code == 302


def test_signing_out_at_a_register_keeps_the_register_and_what_waits_in_it(shop, counter):
    sign_in(shop.owner, counter)

    answer = counter.post("/accounts/logout/")

    assert answer.headers["Clear-Site-Data"] == '"cache"'


def test_signing_out_takes_a_form_not_a_link(shop):
    client = sign_in(shop.owner)

    assert client.get("/accounts/logout/").status_code == 200
    assert client.get("/office/bean/").status_code == 200


@pytest.mark.proves("input 60")
def test_after_five_wrong_passwords_even_the_right_one_has_to_wait_unread(shop, clock):
    wrong = [try_password(shop.owner).status_code for _try in range(5)]
    hashers.asked.clear()

    answer = try_password(shop.owner, PASSWORD)

    assert wrong == [200] * 5
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert hashers.asked == []


@pytest.mark.proves("input 60")
def test_waiting_helps_and_other_people_are_not_kept_waiting(shop, clock):
    for _try in range(5):
        try_password(shop.owner)
    colleague = try_password(shop.manager, PASSWORD).status_code
    clock.shift(301)

    assert colleague == 302
    assert try_password(shop.owner, PASSWORD).status_code == 302


@pytest.mark.proves("input 60")
def test_a_hundred_tries_a_minute_are_turned_away_unread(shop, clock):
    hashers.asked.clear()

    statuses = [try_password(shop.owner).status_code for _try in range(100)]

    assert statuses[5:] == [429] * 95
    assert len(hashers.asked) == 5


@pytest.mark.proves("input 60", "input 62")
def test_another_port_in_the_host_header_gives_no_further_tries(shop, clock):
    for port in range(8001, 8006):
        try_password(shop.owner, headers={"host": f"localhost:{port}"})

    answer = try_password(shop.owner, PASSWORD, headers={"host": "localhost:9000"})

    assert answer.status_code == 429


def test_the_till_and_the_office_count_wrong_passwords_together(shop, counter, clock):
    for _try in range(5):
        try_password(shop.owner)
    sent = {"step": "password", "login": shop.owner.user.email, "password": PASSWORD}

    assert counter.post("/till/sign-in/", sent).status_code == 429


@pytest.mark.parametrize(
    "email", ["nobody@example.com", "OWNER@bean.example ", "o\u0431wner@bean.example", "x" * 300]
)
def test_unknown_addresses_get_the_same_answer_as_wrong_passwords(shop, email):
    answer = Client().post("/accounts/login/", {"login": email, "password": "wrong"})

    assert answer.status_code == 200


def test_the_password_is_changed_by_who_knows_it_and_ends_other_sessions(shop):
    here, elsewhere = sign_in(shop.owner), sign_in(shop.owner)
    sent = {
        "oldpassword": PASSWORD,
        "password1": "seven green bottles hanging",
        "password2": "seven green bottles hanging",
    }

    wrong = here.post("/accounts/password/change/", {**sent, "oldpassword": "wrong"})
    right = here.post("/accounts/password/change/", sent)

    assert wrong.status_code == 200
    assert (right.status_code, right.url) == (302, "/office/")
    assert here.get("/office/bean/").status_code == 200
    assert elsewhere.get("/office/bean/").status_code == 302


def test_an_inactive_person_does_not_come_in(shop):
    User.objects.filter(pk=shop.owner.user_id).update(is_active=False)
    client = Client()
    sent = {"login": shop.owner.user.email, "password": PASSWORD}

    answer = client.post("/accounts/login/", sent)

    assert answer.url == "/accounts/inactive/"
    assert client.get("/office/bean/").status_code == 302


def test_an_inactive_person_does_not_come_in_at_a_register(shop, counter):
    User.objects.filter(pk=shop.owner.user_id).update(is_active=False)
    sent = {"step": "password", "login": shop.owner.user.email, "password": PASSWORD}

    assert counter.post("/till/sign-in/", sent).status_code == 200
    assert counter.get("/till/").status_code == 302


# --- addresses in links -----------------------------------------------------------------------


def test_links_for_outsiders_begin_with_the_configured_address(settings):
    settings.PUBLIC_URL = "https://points.example.com/"

    assert public_url("/accounts/link/x/") == "https://points.example.com/accounts/link/x/"


def test_without_one_they_begin_with_where_the_installation_serves(settings, tmp_path, monkeypatch):
    settings.PUBLIC_URL = ""
    monkeypatch.setenv("REGULARS_DATA", str(tmp_path))
    before = public_url("/x/")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "address").write_text("http://127.0.0.1:9123\n")

    assert before == "http://127.0.0.1:8000/x/"
    assert public_url("/x/") == "http://127.0.0.1:9123/x/"


@pytest.mark.proves("input 62")
@pytest.mark.parametrize("page", ["/accounts/login/", "/accounts/password/reset/", "/till/set-up/"])
def test_a_forged_host_is_refused(db, page):
    assert Client().get(page, headers={"host": "evil.com"}).status_code == 400


@pytest.mark.proves("input 62")
def test_a_forwarded_host_is_not_believed(shop):
    page = Client().get("/accounts/password/reset/", headers={"x-forwarded-host": "evil.com"})

    assert page.status_code == 200
    assert "evil.com" not in page.content.decode()


def test_who_forgot_the_password_learns_who_can_help(db):
    assert "create_sign_in_link" in text_of(Client().get("/accounts/password/reset/"))
