"""A passkey in a real browser: set up as the second factor, then the only thing one needs."""

from __future__ import annotations

import re

import pytest
from django.core.cache import cache
from playwright.sync_api import Page, expect

from core.services.organizations import NewOrganization, open_organization
from core.services.sign_in import make_link

pytestmark = pytest.mark.browser

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def site(live_gunicorn: str) -> str:
    """Return the server's address by name; passkeys belong to names, not to numbers."""
    return live_gunicorn.replace("127.0.0.1", "localhost")


@pytest.fixture
def owner_link(live_gunicorn: str) -> str:
    """Return the path by which the owner of a new organization comes in."""
    cache.clear()
    new = NewOrganization(
        name="Bean",
        slug="bean",
        currency="GBP",
        country="GB",
        time_zone="Europe/London",
        language="en",
    )
    opened = open_organization(
        new=new, stores=[("HS", "High Street")], owner_email="owner@bean.example"
    )
    return make_link(staff_id=opened.owner.pk)


@pytest.fixture
def phone(page: Page) -> Page:
    """Return a page of a browser that holds passkeys, as a phone does."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return page


def test_an_owner_sets_a_passkey_up_and_signs_in_by_it_alone(phone, site, owner_link):
    phone.goto(f"{site}{owner_link}")
    phone.get_by_label("New password").fill("seven green bottles hanging")
    phone.keyboard.press("Enter")
    expect(phone).to_have_url(f"{site}/office/bean/")

    phone.goto(f"{site}/accounts/2fa/webauthn/add/")
    phone.get_by_label("Password").fill("seven green bottles hanging")
    phone.keyboard.press("Enter")
    phone.get_by_label("Passwordless").check()
    phone.locator("#mfa_webauthn_add").click()
    expect(phone).to_have_url(re.compile("/accounts/2fa/"))
    phone.goto(f"{site}/accounts/logout/")
    phone.get_by_role("button", name="Sign out").click()
    expect(phone).to_have_url(f"{site}/accounts/login/")

    phone.get_by_role("button", name="Sign in with a passkey").click()

    expect(phone).to_have_url(f"{site}/office/bean/")
    expect(phone.get_by_role("heading", name="Bean")).to_be_visible()
