"""What a member did besides buying: listed, and noted by hand."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.actors import staff_actor
from core.doors import MANAGING, OfficeRequest, office
from core.idempotency import Answer
from core.keyed_forms import answered_once, new_key
from core.models.people import Role
from core.paging import page_of
from loyalty.activity_drafts import ActivityDraft
from loyalty.activity_page import deed_rows
from loyalty.earning.vocabulary.triggers import ActivityKind
from loyalty.errors import ActivityNameWrong
from loyalty.forms.noting import NoteForm
from loyalty.member_page import who_with_card
from loyalty.queries import activities_of
from loyalty.services.activities import record_activity, refuse_untimely
from loyalty.views.member import member_in
from members.errors import MemberBlocked
from members.models import Member, MemberStatus
from members.queries import everyone_in

SOURCE = "office"


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def member_activities(request: OfficeRequest, member: UUID) -> HttpResponse:
    """List what a member did besides buying, and what it gave."""
    found = member_in(request, member)
    may_manage = request.staff.role in MANAGING
    done = activities_of(request.organization).filter(member__in=everyone_in(found))
    page = page_of(done, request, by=("-occurred_at", "-pk"))
    context = {
        "member": who_with_card(found, is_masked=not may_manage),
        "may_manage": may_manage,
        "page": page,
        "rows": deed_rows(request.organization, page.rows),
    }
    return render(request, "office/member_activities.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def note_activity(request: OfficeRequest, member: UUID) -> HttpResponse:
    """Note that a member did something, and give what the rules have for it."""
    found = member_in(request, member)
    with timezone.override(request.organization.zone):
        form = NoteForm(request.POST or None, initial={"request_key": new_key()})
        answer = _noted(request, form, found) if form.is_valid() else None
        if answer is not None:
            _say(request, answer.body["points"])
            return redirect("office:member_activities", request.organization.slug, found.public_id)
        context = {"member": who_with_card(found, is_masked=False), "form": form}
        return render(request, "office/member_note.html", context)


def _noted(request: OfficeRequest, form: NoteForm, member: Member) -> Answer | None:
    typed = form.cleaned_data
    kind, name = ActivityKind(typed["kind"]), typed["name"]
    at = typed["at"] or timezone.now()
    sent = [member.pk, kind.value, name, typed["at"] and typed["at"].isoformat(), typed["note"]]

    def act(request_key: str) -> Answer:
        _refuse(member, kind, name)
        refuse_untimely(organization_id=request.organization.pk, occurred_at=at)
        draft = ActivityDraft(
            member_id=member.pk,
            kind=kind,
            name=name,
            source=SOURCE,
            external_id=request_key,
            occurred_at=at,
            request_key=request_key,
            data={"note": typed["note"]} if typed["note"] else {},
        )
        done = record_activity(
            organization_id=request.organization.pk,
            draft=draft,
            actor=staff_actor(request.staff.pk),
        )
        return Answer(HTTPStatus.CREATED, {"points": done.points})

    return answered_once(request, form, step="note_activity", wish=sent, act=act)


def _refuse(member: Member, kind: ActivityKind, name: str) -> None:
    if member.status != MemberStatus.ACTIVE:
        raise MemberBlocked
    if (kind is ActivityKind.CUSTOM) != bool(name):
        raise ActivityNameWrong


def _say(request: OfficeRequest, points: int) -> None:
    if points:
        messages.success(request, _("It is noted and gave %(n)s points.") % {"n": points})
    else:
        messages.success(request, _("It is noted."))
