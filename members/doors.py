"""The door of the portal: a member of the organization in the address, signed in by a code there.

A session of the office opens nothing here, nor one of another club; and a member's session opens no
office, because the office asks for a password or passkey shown in the same session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from core.doors import View, as_door, send_on
from core.models import Organization, User
from members.models import Member
from members.queries import club_at, member_in

BY_CODE = "code"
SEEN = "club_seen_at"
IDLE = timedelta(days=30)
SIGNED_IN_FOR = timedelta(days=90)
NOTED_EVERY = timedelta(hours=1)

P = ParamSpec("P")


class PortalRequest(HttpRequest):
    """A member in the club of their organization."""

    user: User
    organization: Organization
    member: Member


def portal(view: Callable[Concatenate[PortalRequest, P], HttpResponseBase]) -> View:
    """Let a member of the organization in the address in, who signed in there by a code.

    The address has the organization's ``slug``; the view gets ``request.organization`` instead.
    """

    @wraps(view)
    def enter(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        slug = str(kwargs.pop("slug"))
        member = _member_here(request, slug)
        if member is None:
            return _to_sign_in(request, slug)
        visitor = cast("PortalRequest", request)
        visitor.member, visitor.organization = member, member.organization
        with (
            timezone.override(member.organization.zone),
            _in_their_words(request, member) as spoken,
        ):
            answer = view(visitor, *args, **kwargs)
        answer.headers.setdefault("Content-Language", spoken)
        return answer

    return as_door(enter, surface="portal")


def open_club(request: HttpRequest, member: Member) -> None:
    """Open a session for a member who has just proved who they are; the old one ends."""
    assert member.user is not None, "who signed in has a user"
    login(request, member.user)
    record_authentication(request, member.user, method=BY_CODE, organization=member.organization_id)
    request.session[SEEN] = timezone.now().timestamp()
    request.session.set_expiry(SIGNED_IN_FOR)


def _member_here(request: HttpRequest, slug: str) -> Member | None:
    """Return who this is in this club, if this session was opened for it."""
    if not request.user.is_authenticated:
        return None
    member = member_in(slug, request.user)
    if member is None or not _came_by_code(request, member.organization):
        return None
    if not member.is_open:
        messages.error(request, _("This membership has ended, or was joined with another one."))
        return None
    if _was_away_for_long(request):
        logout(request)
        return None
    return member


def _came_by_code(request: HttpRequest, organization: Organization) -> bool:
    records = get_authentication_records(request, request.user)
    return any(
        each["method"] == BY_CODE and each.get("organization") == organization.pk
        for each in records
    )


def _was_away_for_long(request: HttpRequest) -> bool:
    """Say whether the session was left alone for too long; note, now and then, that it was not."""
    now = timezone.now()
    seen = datetime.fromtimestamp(request.session.get(SEEN, 0), tz=now.tzinfo)
    if now - seen > NOTED_EVERY and now - seen <= IDLE:
        request.session[SEEN] = now.timestamp()
    return now - seen > IDLE


def _to_sign_in(request: HttpRequest, slug: str) -> HttpResponseBase:
    if club_at(slug) is None:
        raise Http404
    return send_on(request, reverse("portal:sign_in", args=[slug]), back=True)


@contextmanager
def _in_their_words(request: HttpRequest, member: Member) -> Iterator[str]:
    """Speak the member's language, unless this browser was told to speak another one."""
    is_chosen = bool(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME))
    language = translation.get_language() or settings.LANGUAGE_CODE
    if member.language in dict(settings.LANGUAGES) and not is_chosen:
        language = member.language
    with translation.override(language):
        yield language
