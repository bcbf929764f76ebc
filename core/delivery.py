"""The border to the outside world: where short messages leave the house, if they do at all."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.core.mail import send_mail

TIMEOUT_SECONDS = 10
OURSELVES = frozenset({"localhost", "127.0.0.1", "::1"})


class NotDelivered(Exception):
    """The message did not leave; the text says why, without a word of the message."""


def is_recorded_only() -> bool:
    """Say whether messages stay in the house, to be read in the outbox."""
    return not (settings.SMS_GATEWAY_URL or settings.EMAIL_URL)


def deliver_sms(*, to: str, text: str, reference: str) -> None:
    """Post a message to the gateway, which tells repetitions by the reference."""
    if not settings.SMS_GATEWAY_URL:
        raise NotDelivered("no SMS_GATEWAY_URL")
    _refuse_open_line(settings.SMS_GATEWAY_URL)
    headers = {"Content-Type": "application/json"}
    if settings.SMS_GATEWAY_TOKEN:
        headers["Authorization"] = f"Bearer {settings.SMS_GATEWAY_TOKEN}"
    body = json.dumps({"id": reference, "to": to, "text": text}).encode()
    request = Request(settings.SMS_GATEWAY_URL, data=body, headers=headers, method="POST")  # noqa: S310 looked at above
    try:
        with _opener.open(request, timeout=TIMEOUT_SECONDS):
            pass
    except OSError as fault:  # among them every answer of 300 and above
        raise NotDelivered(type(fault).__name__ + _status_of(fault)) from fault


def deliver_email(*, to: str, subject: str, text: str) -> None:
    """Hand a message to the mail server."""
    if not settings.EMAIL_URL:
        raise NotDelivered("no EMAIL_URL")
    try:
        send_mail(subject, text, None, [to])
    except OSError as fault:  # SMTP's faults are among them
        raise NotDelivered(type(fault).__name__) from fault


class _StayHere(HTTPRedirectHandler):
    """Follows nobody: a redirect would carry a code to a host that nobody named."""

    def redirect_request(self, *_asked: Any, **_more: Any) -> None:
        """Go nowhere; the answer then counts as a failure."""


_opener = build_opener(_StayHere)


def _refuse_open_line(url: str) -> None:
    """Let codes travel encrypted, except to a gateway on this machine."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in OURSELVES):
        raise NotDelivered("SMS_GATEWAY_URL is not https")


def _status_of(fault: OSError) -> str:
    return f" {fault.code}" if hasattr(fault, "code") else ""
