"""Points that one member hands to another, seen to by the office."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.actors import staff_actor
from core.doors import OfficeRequest, office
from core.errors import Refusal
from core.idempotency import Answer
from core.keyed_forms import answered_once, new_key, refuse
from core.models.people import Role
from loyalty.forms.adjusting import HandingForm
from loyalty.member_page import who_with_card
from loyalty.queries import chosen_program
from loyalty.services.transfers import Handing, HandingPreview, preview_transfer, transfer_points
from loyalty.views.member import member_in
from members.errors import MemberUnknown
from members.models import Member
from members.queries import named_member

# What the services call this field.
CALLED = dict.fromkeys(("card", "email", "member", "phone"), "to")


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def hand_points(request: OfficeRequest, member: UUID) -> HttpResponse:
    """Hand points to another member: show both first, do it when that was confirmed."""
    giver = member_in(request, member)
    form = HandingForm(request.POST or None, initial={"request_key": new_key()})
    receiver = _receiver(request, form) if form.is_valid() else None
    wish = _wish(request, form, giver, receiver) if receiver else None
    if receiver is None or wish is None:
        return _show(request, giver, form)
    if form.cleaned_data["receiver"] != receiver.public_id:
        return _show(request, giver, form, receiver=receiver, preview=_previewed(form, wish))
    if not _handed_over(request, form, wish):
        return _show(request, giver, form)
    messages.success(request, _("The points were handed over."))
    return redirect("office:member", request.organization.slug, giver.public_id)


def _receiver(request: OfficeRequest, form: HandingForm) -> Member | None:
    """Find whom the form names, or leave on it that there is nobody."""
    try:
        found = named_member(request.organization, form.cleaned_data["to"])
        if found is None:
            raise MemberUnknown
    except Refusal as refusal:
        refuse(form, refusal, called=CALLED)
        return None
    return found


def _wish(
    request: OfficeRequest, form: HandingForm, giver: Member, receiver: Member
) -> Handing | None:
    try:
        program = chosen_program(request.organization)
    except Refusal as refusal:
        refuse(form, refusal)
        return None
    return Handing(
        program_id=program.pk,
        from_id=giver.pk,
        to_id=receiver.pk,
        points=form.cleaned_data["points"],
        reason=form.cleaned_data["reason"],
    )


def _previewed(form: HandingForm, wish: Handing) -> HandingPreview | None:
    try:
        return preview_transfer(wish=wish)
    except Refusal as refusal:
        refuse(form, refusal, called=CALLED)
        return None


def _handed_over(request: OfficeRequest, form: HandingForm, wish: Handing) -> Answer | None:
    sent = {"from": wish.from_id, "to": wish.to_id, "points": wish.points, "reason": wish.reason}

    def act(request_key: str) -> Answer:
        given, _received = transfer_points(
            wish=wish, actor=staff_actor(request.staff.pk), request_key=request_key
        )
        return Answer(HTTPStatus.CREATED, {"sequence": given.sequence})

    return answered_once(request, form, step="hand_points", wish=sent, act=act)


def _show(
    request: OfficeRequest,
    giver: Member,
    form: HandingForm,
    *,
    receiver: Member | None = None,
    preview: HandingPreview | None = None,
) -> HttpResponse:
    """Show the form, or whom it names, what it would do and the button that does it."""
    context: dict[str, Any] = {"member": who_with_card(giver, is_masked=False), "form": form}
    if receiver is not None and preview is not None:
        context |= {
            "receiver": who_with_card(receiver, is_masked=False),
            "preview": preview,
            "typed": form.cleaned_data,
        }
    return render(request, "office/member_hand_points.html", context)
