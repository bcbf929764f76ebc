"""What a production installation refuses to start with."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

LOCAL = {"localhost", "127.0.0.1", "[::1]", "::1", "testserver"}
SECRET_KEY_LENGTH_MIN = 50


def refuse_unsafe(*, production: bool, debug: bool, secret_key: str, hosts: Sequence[str]) -> None:
    """Raise ``ImproperlyConfigured`` naming the variable that makes this configuration unsafe."""
    if debug and (production or not set(hosts) <= LOCAL):
        raise ImproperlyConfigured("DEBUG is on and ALLOWED_HOSTS names a public host.")
    if "*" in hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name hosts; '*' is refused.")
    if production and not hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name the public host.")
    if production and _is_weak(secret_key):
        raise ImproperlyConfigured(
            f"SECRET_KEY must be a random text of at least {SECRET_KEY_LENGTH_MIN} characters."
        )


def _is_weak(secret_key: str) -> bool:
    too_short = len(secret_key) < SECRET_KEY_LENGTH_MIN
    return too_short or len(set(secret_key)) < 10 or secret_key.startswith("django-insecure")
