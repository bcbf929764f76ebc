"""Two records of one person in the office: merged into one, and parted again."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.actors import staff_actor
from core.doors import OfficeRequest, office
from core.errors import Refusal
from core.idempotency import Answer
from core.keyed_forms import KeyForm, answered_once, new_key, refuse
from core.models.people import Role
from core.templatetags.formats import number
from loyalty.forms.joining import FindForm
from loyalty.member_page import who_with_card
from loyalty.services.member_merges import merge_members, preview_parting, unmerge_members
from loyalty.together_page import MergePreview, called, merge_shown
from loyalty.views.member import member_in
from members.errors import MemberUnknown
from members.models import Member, MemberMerge
from members.queries import members_of, merges_into, named_member, survivor

# What the services call this field.
CALLED = dict.fromkeys(("card", "email", "member", "phone"), "find")


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def merge_member(request: OfficeRequest, member: UUID) -> HttpResponse:
    """Take another member into this one: show both first, do it when that was confirmed."""
    kept = member_in(request, member)
    form = FindForm(request.POST or None, initial={"request_key": new_key()})
    other = found_by(request, form) if form.is_valid() else None
    if other is None:
        return _show_merge(request, kept, form)
    confirmed = _confirmed(request, form, other)
    if confirmed is None:
        return _show_merge(request, kept, form, _previewed(form, kept, other))
    if not _merged(request, form, kept, confirmed):
        return _show_merge(request, kept, form)
    messages.success(request, _("The two are one member now. You can undo it here."))
    return redirect("office:member_together", request.organization.slug, kept.public_id)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def unmerge_member(request: OfficeRequest, member: UUID, merge: UUID) -> HttpResponse:
    """Part two members again: say first what goes back."""
    kept = member_in(request, member)
    found = get_object_or_404(merges_into(kept), public_id=merge)
    form = KeyForm(request.POST or None, initial={"request_key": new_key()})
    if form.is_valid() and (answer := _parted(request, form, found)):
        text = _("They are two members again. Points that went back: %(points)s.")
        messages.success(request, text % {"points": number(answer.body["points"])})
        return redirect("office:member_together", request.organization.slug, kept.public_id)
    context = {
        "member": who_with_card(kept, is_masked=False),
        "form": form,
        "other": called(found.merged),
        "parts": preview_parting(found),
    }
    return render(request, "office/member_unmerge.html", context)


def found_by(request: OfficeRequest, form: FindForm) -> Member | None:
    """Find whom the form names, or leave on it that there is nobody."""
    try:
        found = named_member(request.organization, form.cleaned_data["find"])
        if found is None:
            raise MemberUnknown
    except Refusal as refusal:
        refuse(form, refusal, called=CALLED)
        return None
    return found


def _confirmed(request: OfficeRequest, form: FindForm, found: Member) -> Member | None:
    """Return who was shown and is meant; sent again it is the same, though merged by now."""
    shown = members_of(request.organization).filter(public_id=form.cleaned_data["other"]).first()
    return shown if shown is not None and survivor(shown) == found else None


def _previewed(form: FindForm, kept: Member, other: Member) -> MergePreview | None:
    try:
        return merge_shown(kept, other)
    except Refusal as refusal:
        refuse(form, refusal, called=CALLED)
        return None


def _merged(request: OfficeRequest, form: FindForm, kept: Member, other: Member) -> Answer | None:
    def act(request_key: str) -> Answer:
        merge = merge_members(
            organization_id=request.organization.pk,
            kept_id=kept.pk,
            merged_id=other.pk,
            actor=staff_actor(request.staff.pk),
            request_key=request_key,
        )
        return Answer(HTTPStatus.CREATED, {"merge": merge.public_id})

    wish = {"kept": kept.public_id, "merged": other.public_id}
    return answered_once(request, form, step="merge_member", wish=wish, act=act)


def _parted(request: OfficeRequest, form: KeyForm, merge: MemberMerge) -> Answer | None:
    def act(request_key: str) -> Answer:
        parted = unmerge_members(
            organization_id=request.organization.pk,
            merge_id=merge.pk,
            actor=staff_actor(request.staff.pk),
            request_key=request_key,
        )
        return Answer(HTTPStatus.OK, {"points": sum(one.points for one in parted.given_back)})

    return answered_once(
        request, form, step="unmerge_member", wish={"merge": merge.public_id}, act=act
    )


def _show_merge(
    request: OfficeRequest, kept: Member, form: FindForm, preview: MergePreview | None = None
) -> HttpResponse:
    """Show the form, or whom it names, what would become of both and the button that does it."""
    context: dict[str, Any] = {"member": who_with_card(kept, is_masked=False), "form": form}
    if preview is not None:
        context |= {"preview": preview, "typed": form.cleaned_data}
    return render(request, "office/member_merge.html", context)
