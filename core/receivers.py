"""Keeps sessions safe when people prove more about themselves than when the session began."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import authentication_step_completed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.dispatch import receiver
from django.http import HttpRequest

from core.doors import SECOND_FACTOR_PROVED

SECOND_FACTORS = {Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN}


@receiver(authentication_step_completed)
def renew_session(request: HttpRequest, **extra: Any) -> None:
    """Give a session that may do more from now on a new name, so that an old copy cannot."""
    if extra.get("reauthenticated"):
        request.session.cycle_key()


@receiver(authenticator_added)
def remember_second_factor(
    request: HttpRequest, authenticator: Authenticator, **_extra: Any
) -> None:
    """Take setting a second factor up as having shown it, in a session of a new name."""
    if authenticator.type in SECOND_FACTORS:
        request.session[SECOND_FACTOR_PROVED] = True
        request.session.cycle_key()
