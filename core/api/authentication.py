"""Who calls: one key in one header, and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.actors import SYSTEM, Actor, integration_actor
from core.api.errors import (
    CredentialsAmbiguous,
    KeyInAddress,
    KeyNotAccepted,
    ScopeMissing,
    TlsRequired,
)
from core.models import ApiKey, Integration, Organization, Register, Store
from core.services.api_keys import KEY, find_key, is_live, note_use, revoke_key

if TYPE_CHECKING:  # the framework's views are made of these classes, and import them first
    from rest_framework.views import APIView

KEYS_IN_ADDRESS_MAX = 3

_BEARER = re.compile(r"bearer +(\S+)", re.IGNORECASE)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """The shop system on whose behalf a request is made."""

    organization: Organization
    integration: Integration
    scopes: frozenset[str]
    store: Store | None
    register: Register | None
    key_id: int

    @property
    def actor(self) -> Actor:
        """Return the caller as the one who acts."""
        return integration_actor(self.integration.pk)

    def must_hold(self, scope: str) -> None:
        """Raise ``ScopeMissing`` for a key that may not be used for this."""
        if scope not in self.scopes:
            raise ScopeMissing(scope=scope)


class BearerKey(BaseAuthentication):
    """Accepts ``Authorization: Bearer rg_live_…``; cookies never count."""

    def authenticate(self, request: Request) -> tuple[None, Caller] | None:
        """Return the caller that the key stands for, or nothing when no key was sent."""
        http_request = request._request  # noqa: SLF001 the framework's way to Django's request
        _refuse_key_in_address(http_request)
        header = http_request.META.get("HTTP_AUTHORIZATION")
        if header is None:
            return None
        _refuse_cookies(http_request)
        _refuse_clear_text(http_request, header)
        return None, _caller_of(_live_key(header))

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002 the framework's signature
        """Name the scheme that a 401 asks for."""
        return 'Bearer realm="regulars"'


class DenyAll(BasePermission):
    """Keeps shut every view that does not declare who may come in."""

    def has_permission(self, request: Request, view: APIView) -> bool:  # noqa: ARG002 the framework's signature
        """Let nobody in."""
        return False


class HasScope(BasePermission):
    """Lets a key in where it holds the scope that the view declares for the method."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Compare the caller's scopes with the declared one; ``None`` takes any key."""
        if request.auth is None:
            return False
        needed = view.declared(view.scopes)
        if needed is not None:
            view.caller.must_hold(needed)
        return True


def _live_key(header: str) -> ApiKey:
    shape = _BEARER.fullmatch(header)
    key = find_key(shape[1]) if shape else None
    now = timezone.now()
    if key is None or not is_live(key, now):
        raise KeyNotAccepted
    note_use(key, now)
    return key


def _caller_of(key: ApiKey) -> Caller:
    integration = key.integration
    caller = Caller(
        organization=integration.organization,
        integration=integration,
        scopes=frozenset(integration.scopes),
        store=integration.store,
        register=integration.register,
        key_id=key.pk,
    )
    structlog.contextvars.bind_contextvars(
        organization_id=caller.organization.pk, actor=caller.actor.name
    )
    return caller


def _refuse_cookies(request: HttpRequest) -> None:
    if {settings.SESSION_COOKIE_NAME, settings.REGISTER_COOKIE_NAME} & request.COOKIES.keys():
        raise CredentialsAmbiguous


def _refuse_clear_text(request: HttpRequest, header: str) -> None:
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        exposed = KEY.search(header)
        _log.warning("key_in_clear_text", key_prefix=exposed[1] if exposed else None)
        raise TlsRequired


def _refuse_key_in_address(request: HttpRequest) -> None:
    """Revoke a real key that came in the address: logs, proxies and histories have it by now."""
    address = f"{request.path}?{unquote(request.META.get('QUERY_STRING', ''))}"
    found = list(KEY.finditer(address))[:KEYS_IN_ADDRESS_MAX]
    for secret in found:
        key = find_key(secret[0])
        if key and revoke_key(api_key_id=key.pk, actor=SYSTEM, reason="sent in an address"):
            _log.warning("key_in_address_revoked", key_prefix=key.prefix)
    if found:
        raise KeyInAddress
