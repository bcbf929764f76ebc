"""How sign-in by e-mail and password behaves here: no sign-up, and no way out to other sites."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse

from core.addresses import is_own_path
from core.text import caseless


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Fits the sign-in library to staff who are invited and never sign up."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        """Say no: people come in by a one-time link that somebody made for them."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Say whether ``next`` stays here."""
        return is_own_path(url)

    def get_logout_redirect_url(self, _request: HttpRequest) -> str:
        """Return the sign-in page, where the next person starts."""
        return reverse("account_login")

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return the office."""
        return self.get_login_redirect_url(request)  # type: ignore[no-any-return]

    def reauthenticate(self, user: AbstractBaseUser, password: str) -> bool:
        """Say whether this is the person's password, whether or not the address is verified."""
        known = self.authenticate(context.request, email=user.get_username(), password=password)
        return known is not None and known.pk == user.pk

    def _get_login_attempts_cache_key(self, _request: HttpRequest, **credentials: Any) -> str:
        # The library's own key holds the Host header, whose port anyone can vary at will.
        return f"login:{caseless(str(credentials.get('email', '')))}"
