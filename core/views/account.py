"""Signing in and out of the office, one-time links, and how pages look to whoever is here."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from allauth.account.views import LoginView, LogoutView
from django.conf import settings
from django.contrib.auth import logout
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.addresses import own_path
from core.context import THEME_COOKIE, THEMES
from core.doors import public
from core.forms import NewPasswordForm, PasswordForm, refusals_on, slow_down
from core.queries import link_behind, only_organization
from core.services.sign_in import use_link

YEAR_SECONDS = 365 * 24 * 60 * 60


class SignIn(LoginView):  # type: ignore[misc]
    """Sign-in by e-mail and password, which says so when it is asked too often."""

    form_class = PasswordForm

    def form_invalid(self, form: Form) -> HttpResponse:
        """Show what is wrong."""
        return slow_down(form, super().form_invalid(form))


class SignOut(LogoutView):  # type: ignore[misc]
    """Sign-out, which leaves nothing of the office in the browser."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """End the session and have the browser forget its pages."""
        response: HttpResponse = super().post(*args, **kwargs)
        # A register keeps its cookie, and the purchases that wait in it for a connection.
        is_register = settings.REGISTER_COOKIE_NAME in self.request.COOKIES
        response["Clear-Site-Data"] = '"cache"' if is_register else '"cache", "cookies", "storage"'
        return response


sign_in = public(reason="people sign in here")(SignIn.as_view())
sign_out = public(reason="signing out works in an ended session too")(SignOut.as_view())


@public(reason="links to the office, to the till, and to the club when there is one")
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """Show the way in."""
    return render(request, "front.html", {"club": only_organization()})


@public(reason="who forgot their password is not signed in")
@require_safe
def password_help(request: HttpRequest) -> HttpResponse:
    """Say who can make a new sign-in link."""
    return render(request, "account/password_help.html")


@public(reason="the secret in the address is the proof")
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponseBase:
    """Let the person of a one-time link choose a password, and sign them in.

    Opening the page uses nothing up: mail programs and messengers look at links before people do.
    """
    found = link_behind(token)
    if found is None:
        return render(request, "account/link_unusable.html", status=404)
    form = NewPasswordForm(request.POST or None)
    if form.is_valid():
        with refusals_on(form):
            user = use_link(token=token, password=form.cleaned_data["password"])
            logout(request)
            way_in = Login(user=user, redirect_url=settings.LOGIN_REDIRECT_URL)
            answer: HttpResponseBase = perform_password_login(request, {}, way_in)
            return answer
    return render(request, "account/link.html", {"form": form, "person": found.user})


@public(reason="the theme is a matter of the browser, not of a person")
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or automatic."""
    answer = _back(request)
    if request.POST.get("theme") in THEMES:
        _remember(answer, THEME_COOKIE, request.POST["theme"])
    return answer


@public(reason="the language is a matter of the browser, not of a person")
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language."""
    answer = _back(request)
    if request.POST.get("language") in dict(settings.LANGUAGES):
        _remember(answer, settings.LANGUAGE_COOKIE_NAME, request.POST["language"])
    return answer


def _back(request: HttpRequest) -> HttpResponse:
    return redirect(own_path(request.POST.get("next"), otherwise="/"))


def _remember(answer: HttpResponse, name: str, value: str) -> None:
    answer.set_cookie(
        name, value, max_age=YEAR_SECONDS, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
    )
