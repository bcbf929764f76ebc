"""What members see and change about themselves."""

from __future__ import annotations

from datetime import date
from functools import partial
from http import HTTPStatus

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actors import member_actor
from core.errors import Refusal
from core.idempotency import Answer
from core.keyed_forms import new_key, refuse
from core.templatetags.formats import in_words
from members.doors import PortalRequest, portal
from members.models import Member, Source
from members.phones import international
from members.portal_forms import (
    CONSENT_TEXT,
    CONSENTS,
    ConsentsForm,
    ProfileForm,
    consents_of,
    once_in_portal,
    profile_of,
)
from members.services.consents import ConsentGiven, record_consent
from members.services.editing import edit_member


@portal
@require_safe
def me(request: PortalRequest) -> HttpResponse:
    """Show members what the club knows about them."""
    answers = consents_of(request.member)
    return _me(request, ConsentsForm(initial={**answers, "request_key": new_key()}))


@portal
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PortalRequest) -> HttpResponse:
    """Change name, birthday and language."""
    if request.method != "POST":
        form = ProfileForm(initial={**profile_of(request.member), "request_key": new_key()})
        return render(request, "portal/edit.html", {"form": form})
    form = ProfileForm(request.POST)
    if form.is_valid():
        try:
            act = partial(_change, request, form.details)
            key = form.cleaned_data["request_key"]
            once_in_portal(request, key, step="edit", wish=form.details, act=act)
        except Refusal as refusal:
            refuse(form, refusal, called={"birthday": ""})
        else:
            return _changed(request)
    return render(request, "portal/edit.html", {"form": form})


@portal
@require_POST
def consent(request: PortalRequest) -> HttpResponse:
    """Write down what the member agrees to from now on."""
    form = ConsentsForm(request.POST)
    if form.is_valid():
        try:
            act = partial(_answer_consents, request, form.answers)
            key = form.cleaned_data["request_key"]
            once_in_portal(request, key, step="consent", wish=form.answers, act=act)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Your choice was saved."))
            return redirect("portal:me", request.organization.slug)
    return _me(request, form)


def _me(request: PortalRequest, form: ConsentsForm) -> HttpResponse:
    member = request.member
    spoken = dict(settings.LANGUAGES)
    context = {
        "phone": international(member.phone) if member.phone else "",
        "born": _born(member),
        "spoken": spoken.get(member.language, ""),
        "form": form,
    }
    return render(request, "portal/me.html", context)


def _born(member: Member) -> str:
    """Return the birthday in words, with the year if it was told."""
    born = member.birthday
    if born is None:
        return ""
    skeleton = "yMMMMd" if born.year else "MMMMd"
    # Any leap year has every day of the year.
    return in_words(date(born.year or 2000, born.month, born.day), skeleton)


def _change(request: PortalRequest, details: dict[str, str], _request_key: str) -> Answer:
    member = request.member
    edit_member(member_id=member.pk, actor=member_actor(member.pk), **details)  # type: ignore[arg-type]
    return Answer(HTTPStatus.OK, {})


def _changed(request: PortalRequest) -> HttpResponse:
    """Go back, and let the language that was chosen here count from now on."""
    messages.success(request, _("Your changes were saved."))
    answer = redirect("portal:me", request.organization.slug)
    if request.POST.get("language") != request.member.language:
        answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
    return answer


def _answer_consents(request: PortalRequest, answers: dict[str, bool], _request_key: str) -> Answer:
    """Add a line for each answer that differs from the last word."""
    member = request.member
    stood = consents_of(member)
    for name in (name for name in CONSENTS if answers[name] != stood[name]):
        channel, purpose, _label = CONSENTS[name]
        given = ConsentGiven(channel, purpose, CONSENT_TEXT, granted=answers[name])
        record_consent(
            member_id=member.pk, given=given, source=Source.PORTAL, actor=member_actor(member.pk)
        )
    return Answer(HTTPStatus.OK, {})
