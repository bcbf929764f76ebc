"""The signed cookie by which a device knows which register it is, and who works there."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase

SALT = "regulars.register"
AGE_SECONDS = 400 * 24 * 60 * 60  # as long as browsers keep any cookie


@dataclass(frozen=True, slots=True)
class RegisterCookie:
    """What a device carries: its own name, and that of the session in which somebody works."""

    device: UUID
    session: UUID | None = None


def signed(cookie: RegisterCookie) -> str:
    """Return the text that a device keeps."""
    parts = [str(cookie.device), str(cookie.session or "")]
    return signing.dumps(parts, salt=SALT)


def cookie_of(request: HttpRequest) -> RegisterCookie | None:
    """Return what the device carries; a cookie that we did not sign says nothing."""
    try:
        device, session = signing.loads(
            request.COOKIES.get(settings.REGISTER_COOKIE_NAME, ""), salt=SALT, max_age=AGE_SECONDS
        )
    except signing.BadSignature:
        return None
    return RegisterCookie(UUID(device), UUID(session) if session else None)


def remember(response: HttpResponseBase, cookie: RegisterCookie) -> None:
    """Give the device its cookie, out of reach of scripts."""
    response.set_cookie(
        settings.REGISTER_COOKIE_NAME,
        signed(cookie),
        max_age=AGE_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
