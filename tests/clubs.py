"""A club for tests: a member's browser, and the messages that were sent to them."""

from __future__ import annotations

import re

from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from core.models import Organization, OutgoingMessage
from members.models import Member


def at(organization: Organization, page: str = "") -> str:
    """Return the address of a page of the organization's club."""
    return f"/club/{organization.slug}/{page}"


def ask(client: Client, organization: Organization, contact: str, **more: str) -> HttpResponse:
    """Ask for a code as people do."""
    return client.post(at(organization, "sign-in/"), {"contact": contact, **more})


def type_code(client: Client, organization: Organization, code: str, **more: str) -> HttpResponse:
    """Type a code as people do."""
    return client.post(at(organization, "sign-in/code/"), {"code": code, **more})


def last_code() -> str:
    """Return the code in the message that was written last."""
    message = OutgoingMessage.objects.order_by("-pk").first()
    assert message is not None, "nothing was sent"
    [code] = re.findall(r"\b\d{6}\b", message.text)
    return code


def wrong_code() -> str:
    """Return a code that was not sent."""
    return f"{(int(last_code()) + 1) % 1_000_000:06}"


def club_of(member: Member, contact: str | None = None) -> Client:
    """Return the browser of a member who came in by a code."""
    cache.clear()  # throttling of sign-in counts on across tests
    client = Client()
    organization = member.organization
    assert ask(client, organization, contact or member.phone or member.email).status_code == 302
    assert type_code(client, organization, last_code()).status_code == 302
    return client
