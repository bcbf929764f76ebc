"""From where somebody asks: the address of their client, as proxies that are trusted tell it."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from django.http import HttpRequest


def address_of(request: HttpRequest) -> str:
    """Return the client's IP address, which TRUSTED_PROXY_COUNT says how to find."""
    address: str = get_adapter(request).get_client_ip(request)
    return address
