"""Row 67: wherever a page takes an address to go to next, it goes nowhere but here."""

from urllib.parse import quote

import pytest
from django.test import Client

from core.addresses import is_own_path
from tests.core.sign_in.conftest import PASSWORD, enter_pin

ELSEWHERE = [
    "//evil.com",
    "///evil.com",
    "////evil.com",
    "/\\evil.com",
    "\\\\evil.com",
    "\\/evil.com",
    "/\\/evil.com",
    "//evil.com/%2e%2e",
    "http:evil.com",
    "https:evil.com",
    "https:/evil.com",
    "https://evil.com",
    "HTTPS://EVIL.COM",
    "http:///evil.com",
    "https://localhost@evil.com",
    "https://localhost:80@evil.com/",
    "https://testserver.evil.com",
    "https://evil.com#testserver",
    "https://evil.com?testserver",
    "http://testserver:8000/",
    "http://localhost:1/",
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,hello",
    "vbscript:x",
    "ftp://evil.com",
    "/\t/evil.com",
    "/\n/evil.com",
    "/\r\nLocation: https://evil.com",
    " //evil.com",
    "\x00//evil.com",
    "\u2028//evil.com",
    "/\u202e//evil.com",
    "%2F%2Fevil.com",
    "%5C%5Cevil.com",
    "evil.com",
    "http://[::1",
    "//[evil",
    "/" + "a" * 3000,
    "",
]


@pytest.mark.proves("input 67")
@pytest.mark.parametrize("address", ELSEWHERE)
def test_no_such_address_is_ours(address):
    assert is_own_path(address) is False


@pytest.mark.parametrize(
    "address", ["/", "/till/", "/office/bean/?tab=1#top", "/till/?q=%D8%B9", "/a/../b", "/%2F/x"]
)
def test_our_own_pages_are(address):
    assert is_own_path(address) is True


@pytest.mark.proves("input 67")
def test_sign_in_goes_to_the_office_instead(shop, clock):
    sent = {"login": shop.owner.user.email, "password": PASSWORD}
    ways = set()

    for address in ELSEWHERE:
        clock.shift(3)  # slower than the limit on sign-ins
        ways.add(Client().post("/accounts/login/", {**sent, "next": address}).url)

    assert ways == {"/office/"}


@pytest.mark.proves("input 67")
def test_the_question_for_the_password_goes_to_the_office_instead(shop, clock):
    client = Client()
    client.force_login(shop.owner.user)
    ways = set()

    for address in ELSEWHERE:
        clock.shift(7)
        sent = {"password": PASSWORD, "next": address}
        ways.add(client.post("/accounts/reauthenticate/", sent).url)

    assert ways == {"/office/"}


@pytest.mark.proves("input 67")
def test_signing_in_at_a_register_goes_to_the_till_instead(counter):
    ways = {enter_pin(counter, next=address).url for address in ELSEWHERE}

    assert ways == {"/till/"}


@pytest.mark.proves("input 67")
@pytest.mark.parametrize(
    ("path", "sent", "otherwise"),
    [
        ("/appearance/language/", {"language": "fa"}, "/"),
        ("/appearance/theme/", {"theme": "dark"}, "/"),
        ("/accounts/logout/", {}, "/accounts/login/"),
    ],
)
def test_switching_and_signing_out_stay_here_too(db, path, sent, otherwise):
    ways = {Client().post(path, {**sent, "next": address}).url for address in ELSEWHERE}

    assert ways == {otherwise}


@pytest.mark.proves("input 67")
def test_an_encoded_address_in_the_query_is_not_followed_either(shop, clock):
    sent = {"login": shop.owner.user.email, "password": PASSWORD}
    ways = set()

    for address in ELSEWHERE:
        clock.shift(3)
        answer = Client().post(f"/accounts/login/?next={quote(address)}", sent)
        ways.add(answer.headers.get("Location", answer.status_code))

    assert ways == {"/office/", 400}  # NUL is refused before anything is read
