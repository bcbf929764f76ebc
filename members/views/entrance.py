"""Coming into the club by a code, and leaving it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.addresses import own_path
from core.context import THEME_COLOR
from core.delivery import is_recorded_only
from core.doors import public
from core.errors import Refusal
from core.forms import refusals_on
from core.models import Organization
from members.doors import open_club
from members.errors import CodeAskedTooSoon
from members.portal_forms import CodeForm, ContactForm
from members.queries import club_at
from members.services import codes

ASKED = "club_code"


@public(reason="members sign in here")
@never_cache
@sensitive_post_parameters("contact")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Ask for a phone number or an e-mail address, and send a code to it if it is a member's."""
    club = _club(slug)
    limited: HttpResponseBase | None = ratelimit.consume_or_429(request, action="code_asked")
    if limited is not None:
        return limited
    form = ContactForm(request.POST or None)
    if form.is_valid():
        with refusals_on(form):
            _ask_unless_under_way(request, club, form.cleaned_data["contact"])
            return _on_to_code(request, slug)
    return _page(request, "portal/sign_in.html", club, form=form)


@public(reason="the code is the proof")
@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def enter_code(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Let in whoever types the code that was asked for in this browser."""
    club = _club(slug)
    asked = _asked(request, club)
    if not asked:
        return redirect(_with_next(request, "portal:sign_in", slug))
    limited: HttpResponseBase | None = ratelimit.consume_or_429(request, action="code_tried")
    if limited is not None:
        return limited
    form = CodeForm(request.POST or None)
    if form.is_valid():
        with refusals_on(form):
            ticket, typed = UUID(asked["ticket"]), form.cleaned_data["code"]
            member = codes.sign_in(organization_id=club.pk, ticket=ticket, typed=typed)
            del request.session[ASKED]
            open_club(request, member)
            return redirect(_next(request, slug))
    return _page(request, "portal/code.html", club, form=form, contact=asked["contact"])


@public(reason="who waits for a code is not signed in")
@require_POST
def ask_again(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Send another code to the contact of before; the first one works no more."""
    club = _club(slug)
    asked = _asked(request, club)
    if not asked:
        return redirect(_with_next(request, "portal:sign_in", slug))
    limited: HttpResponseBase | None = ratelimit.consume_or_429(request, action="code_asked")
    if limited is not None:
        return limited
    try:
        _ask(request, club, asked["contact"])
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.info(request, _("Another code was asked for. The first one works no more."))
    return _on_to_code(request, slug)


@public(reason="signing out works in an ended session too")
@require_POST
def sign_out(request: HttpRequest, slug: str) -> HttpResponse:
    """End the session, and have the browser forget the member's pages."""
    club = _club(slug)
    logout(request)
    answer = redirect("portal:sign_in", club.slug)
    # A register keeps its cookie, and the purchases that wait in it for a connection.
    is_register = settings.REGISTER_COOKIE_NAME in request.COOKIES
    answer["Clear-Site-Data"] = '"cache"' if is_register else '"cache", "cookies", "storage"'
    return answer


@public(reason="browsers ask for it without a session; it tells the club's name")
@require_safe
def manifest(_request: HttpRequest, slug: str) -> HttpResponse:
    """Tell a phone how the club installs as an app."""
    club = _club(slug)
    home = reverse("portal:card", args=[slug])
    icon = {"src": static("icons/mark.svg"), "sizes": "any", "type": "image/svg+xml"}
    told = {
        "name": club.name,
        "short_name": club.name,
        "id": home,
        "start_url": home,
        "scope": home,
        "display": "standalone",
        "theme_color": THEME_COLOR,
        "background_color": THEME_COLOR,
        "icons": [{**icon, "purpose": "any"}],
    }
    return JsonResponse(told, content_type="application/manifest+json")


def _club(slug: str) -> Organization:
    club = club_at(slug)
    if club is None:
        raise Http404
    return club


def _ask(request: HttpRequest, club: Organization, typed: str) -> None:
    """Have a code sent, and remember that this browser asked for it."""
    language = get_language() or settings.LANGUAGE_CODE
    ticket = codes.ask_code(organization_id=club.pk, typed=typed, language=language)
    kept = {"organization": club.pk, "ticket": str(ticket), "contact": typed}
    request.session[ASKED] = kept


def _ask_unless_under_way(request: HttpRequest, club: Organization, typed: str) -> None:
    """Have a code sent; who asked in this browser a moment ago goes on to type that one."""
    try:
        _ask(request, club, typed)
    except CodeAskedTooSoon:
        if _asked(request, club).get("contact") != typed:
            raise


def _asked(request: HttpRequest, club: Organization) -> dict[str, Any]:
    """Return what this browser asked for in this club, if it did."""
    asked: dict[str, Any] = request.session.get(ASKED) or {}
    return asked if asked.get("organization") == club.pk else {}


def _page(request: HttpRequest, name: str, club: Organization, **shown: Any) -> HttpResponse:
    nowhere = is_recorded_only() and not settings.PRODUCTION
    context = {"club": club, "next": _asked_next(request), "goes_nowhere": nowhere, **shown}
    page = render(request, name, context)
    if shown["form"].has_error("contact", CodeAskedTooSoon.code):
        page.status_code = HTTPStatus.TOO_MANY_REQUESTS
    return page


def _on_to_code(request: HttpRequest, slug: str) -> HttpResponse:
    return redirect(_with_next(request, "portal:code", slug))


def _with_next(request: HttpRequest, page: str, slug: str) -> str:
    wanted = _asked_next(request)
    address = reverse(page, args=[slug])
    return f"{address}?{urlencode({'next': wanted})}" if wanted else address


def _asked_next(request: HttpRequest) -> str:
    return own_path(request.POST.get("next") or request.GET.get("next"), otherwise="")


def _next(request: HttpRequest, slug: str) -> str:
    return _asked_next(request) or reverse("portal:card", args=[slug])
