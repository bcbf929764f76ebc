"""Row 67: wherever a page takes an address to go to next, it goes nowhere but here."""

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
@pytest.mark.parametrize("address", ELSEWHERE)
def test_sign_in_goes_to_the_office_instead(shop, address):
    sent = {"login": shop.owner.user.email, "password": PASSWORD, "next": address}

    answer = Client().post("/accounts/login/", sent)

    assert (answer.status_code, answer.url) == (302, "/office/")


@pytest.mark.proves("input 67")
@pytest.mark.parametrize("address", ELSEWHERE)
def test_signing_in_at_a_register_goes_to_the_till_instead(counter, address):
    assert enter_pin(counter, next=address).url == "/till/"


@pytest.mark.proves("input 67")
@pytest.mark.parametrize("switch", ["language", "theme"])
@pytest.mark.parametrize("address", ELSEWHERE)
def test_switching_goes_to_the_front_instead(db, switch, address):
    answer = Client().post(f"/appearance/{switch}/", {switch: "x", "next": address})

    assert (answer.status_code, answer.url) == (302, "/")


@pytest.mark.proves("input 67")
@pytest.mark.parametrize("address", ELSEWHERE)
def test_signing_out_goes_to_sign_in_instead(db, address):
    answer = Client().post("/accounts/logout/", {"next": address})

    assert (answer.status_code, answer.url) == (302, "/accounts/login/")
