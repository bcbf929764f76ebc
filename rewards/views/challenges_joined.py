"""Where members take part in challenges: in the portal, at the till or in the office."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actors import Actor, member_actor, staff_actor
from core.doors import OfficeRequest, TillRequest, office, till
from core.errors import Missing, Refusal
from core.idempotency import Answer, answer_once
from core.keyed_forms import KeyForm, once_in_office
from core.models.people import Role
from core.paging import page_of
from loyalty.member_page import who_with_card
from loyalty.models import Challenge
from loyalty.services.challenge_joining import join_challenge
from loyalty.services.challenge_reading import challenges_of, completed_by
from members.doors import PortalRequest, portal
from members.models import Member
from members.portal_forms import once_in_portal
from members.queries import get_member
from rewards.challenge_cards import achievements_of, challenges_shown
from rewards.views.till_screen import SeeOther, at_home, keyed, member_named

ROWS = 20


@portal
@require_safe
def challenges(request: PortalRequest) -> HttpResponse:
    """Show what a member takes part in and may take part in, with how far they are."""
    shown = challenges_shown(request.member, request.organization)
    context = {
        "running": [one for one in shown if not one.can_join and one.begins_at is None],
        "open": [one for one in shown if one.can_join],
        "coming": [one for one in shown if one.begins_at is not None],
    }
    return render(request, "portal/challenges.html", context)


@portal
@require_POST
def join(request: PortalRequest, challenge: UUID) -> HttpResponse:
    """Let the member take part in a challenge from now on."""
    found = get_object_or_404(challenges_of(request.organization), public_id=challenge)
    form = KeyForm(request.POST)
    if form.is_valid():
        act = partial(_join, found, request.member, member_actor(request.member.pk))
        key, wish = form.cleaned_data["request_key"], {"challenge": challenge}
        try:
            once_in_portal(request, key, step="join_challenge", wish=wish, act=act)
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("You take part. Good luck!"))
    return redirect("portal:challenges", request.organization.slug)


@portal
@require_safe
def achievements(request: PortalRequest) -> HttpResponse:
    """Show the levels and badges of a member, and every challenge they completed."""
    member = request.member
    page = page_of(completed_by(member), request, by=("-completed_at", "-pk"), size=ROWS)
    context = {"achieved": achievements_of(member), "page": page}
    return render(request, "portal/achievements.html", context)


@till
@require_POST
def join_at_till(request: TillRequest, challenge: UUID) -> HttpResponse:
    """Let the member who stands at the till take part from now on."""
    found = get_object_or_404(challenges_of(request.organization), public_id=challenge)
    member = member_named(request, request.POST.get("member"))
    form = KeyForm(request.POST)
    if member is None or not form.is_valid():
        raise Http404
    act = partial(_join, found, member, staff_actor(request.staff.pk))
    wish = {"challenge": challenge, "member": member.public_id}
    try:
        answer_once(keyed(request, form, "join_challenge", wish), act)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("They take part in “%s” now.") % found.name)
    return SeeOther(at_home(member=member.public_id))


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def member_challenges(request: OfficeRequest, member: UUID) -> HttpResponse:
    """Show how far a member is in every challenge, and let them take part in one."""
    found = _member(request, member)
    if request.method == "POST":
        _join_in_office(request, found)
        return redirect("office:member_challenges", request.organization.slug, found.public_id)
    context = {
        "member": who_with_card(found, is_masked=False),
        "may_manage": True,
        "challenges": challenges_shown(found, request.organization),
        "achieved": achievements_of(found),
    }
    return render(request, "office/member_challenges.html", context)


def _join_in_office(request: OfficeRequest, member: Member) -> None:
    try:
        named = UUID(request.POST.get("challenge", ""))
    except ValueError:
        raise Http404 from None
    found = get_object_or_404(challenges_of(request.organization), public_id=named)
    form = KeyForm(request.POST)
    if not form.is_valid():
        raise Http404
    act = partial(_join, found, member, staff_actor(request.staff.pk))
    wish: dict[str, Any] = {"challenge": named, "member": member.public_id}
    key = form.cleaned_data["request_key"]
    try:
        once_in_office(request, key, step="join_challenge", wish=wish, act=act)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("They take part in “%s” now.") % found.name)


def _join(challenge: Challenge, member: Member, actor: Actor, _request_key: str) -> Answer:
    join_challenge(challenge_id=challenge.pk, member_id=member.pk, actor=actor)
    return Answer(HTTPStatus.OK, {})


def _member(request: OfficeRequest, member: UUID) -> Member:
    try:
        return get_member(request.organization, member)
    except Missing:
        raise Http404 from None
