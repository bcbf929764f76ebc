"""What the office does with a member: correct points, edit, block and let in again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
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
from core.keyed_forms import answered_once, new_key, once_in_office, refuse
from core.models.people import Role
from core.queries import stores_of
from loyalty.forms.adjusting import AdjustForm
from loyalty.member_page import who_with_card
from loyalty.models import AdjustmentRequest, Program
from loyalty.queries import chosen_program
from loyalty.services.adjustment_requests import adjust_or_ask
from loyalty.services.adjustments import (
    Correction,
    Preview,
    decided_alone,
    preview_adjustment,
)
from loyalty.views.member import member_in
from members.forms import OURS, BlockForm, MemberForm, UnblockForm
from members.models import Member
from members.queries import attributes_of
from members.services.blocking import block_member, unblock_member
from members.services.editing import edit_member

CONFIRMED = "confirmed"  # the button of the second step


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def adjust(request: OfficeRequest, member: UUID) -> HttpResponse:
    """Give or take points: say what will happen first, do it when that was confirmed."""
    found = member_in(request, member)
    try:
        program = chosen_program(request.organization)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return _to_member(request, found)
    if request.method != "POST":
        form = AdjustForm(initial={"request_key": new_key()})
        return _adjusting(request, found, program, form)
    form = AdjustForm(request.POST)
    preview = None
    if form.is_valid() and CONFIRMED not in request.POST:
        preview = _previewed(request, form, _wish(form, program, found))
    elif form.is_valid() and (answer := _adjusted(request, form, program, found)):
        return _after_adjusting(request, found, answer)
    return _adjusting(request, found, program, form, preview)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: OfficeRequest, member: UUID) -> HttpResponse:
    """Change what is known about a member."""
    found = member_in(request, member)
    stores = stores_of(request.organization)
    noted = list(attributes_of(request.organization))
    if request.method != "POST":
        known = MemberForm.known_of(found, noted) | {"request_key": new_key()}
        form = MemberForm(initial=known, stores=stores, attributes=noted)
    else:
        form = MemberForm(request.POST, stores=stores, attributes=noted)
        if form.is_valid() and _edited(request, form, found):
            messages.success(request, _("The details were changed."))
            slug = request.organization.slug
            return redirect("office:member_details", slug, found.public_id)
    return _show(request, "office/member_edit.html", found, form=form)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def block(request: OfficeRequest, member: UUID) -> HttpResponse:
    """Keep a member from earning and spending, for a reason."""
    said = _("They can neither earn nor spend until the block is lifted.")
    return _set_block(request, member_in(request, member), BlockForm, block_member, said)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def unblock(request: OfficeRequest, member: UUID) -> HttpResponse:
    """Let a blocked member take part again."""
    said = _("They can earn and spend again.")
    return _set_block(request, member_in(request, member), UnblockForm, unblock_member, said)


# --- what the views do ------------------------------------------------------------------------


def _wish(form: AdjustForm, program: Program, member: Member) -> Correction:
    return Correction(
        program_id=program.pk,
        member_id=member.pk,
        points=form.change,
        reason=form.cleaned_data["reason"],
    )


def _previewed(request: OfficeRequest, form: AdjustForm, wish: Correction) -> Preview | None:
    """Say what would come of it, or leave on the form why it is refused."""
    try:
        return preview_adjustment(wish=wish, actor=staff_actor(request.staff.pk))
    except Refusal as refusal:
        refuse(form, refusal)
        return None


def _adjusted(
    request: OfficeRequest, form: AdjustForm, program: Program, member: Member
) -> Answer | None:
    wished = _wish(form, program, member)
    sent = {"member": member.public_id, "points": wished.points, "reason": wished.reason}

    def act(request_key: str) -> Answer:
        actor = staff_actor(request.staff.pk)
        done = adjust_or_ask(wish=wished, actor=actor, request_key=request_key)
        if isinstance(done, AdjustmentRequest):
            return Answer(HTTPStatus.ACCEPTED, {"request": done.public_id})
        return Answer(HTTPStatus.CREATED, {"sequence": done.sequence})

    return answered_once(request, form, step="adjust", wish=sent, act=act)


def _after_adjusting(request: OfficeRequest, member: Member, answer: Answer) -> HttpResponse:
    """Lead to the member, or to what now waits for somebody else."""
    if "request" in answer.body:
        messages.success(request, _("A second person is asked. Nothing has changed yet."))
        return redirect("office:approval", request.organization.slug, answer.body["request"])
    messages.success(request, _("The points were corrected."))
    return _to_member(request, member)


def _edited(request: OfficeRequest, form: MemberForm, member: Member) -> Answer | None:
    details = form.details
    key = form.cleaned_data["request_key"]

    def act(_request_key: str) -> Answer:
        edit_member(member_id=member.pk, actor=staff_actor(request.staff.pk), **details)
        return Answer(HTTPStatus.OK, {})

    wish = details | {"member": member.public_id}
    try:
        return once_in_office(request, key, step="edit_member", wish=wish, act=act)
    except Refusal as refusal:
        refuse(form, refusal, called=OURS)
        return None


def _set_block(
    request: OfficeRequest,
    member: Member,
    kind: type[BlockForm],
    service: Callable[..., Member],
    said: str,
) -> HttpResponse:
    """Ask for the reason, then block or let in again, once."""
    form = kind(initial={"request_key": new_key()})
    if request.method == "POST":
        form = kind(request.POST)
        act = partial(_do, request, member, form, service)
        if form.is_valid() and _once(request, form, member, service.__name__, act):
            messages.success(request, said)
            return _to_member(request, member)
    blocks = kind is BlockForm
    return _show(request, "office/member_block.html", member, form=form, blocks=blocks)


def _do(
    request: OfficeRequest,
    member: Member,
    form: BlockForm,
    service: Callable[..., Member],
    _request_key: str,
) -> Answer:
    actor = staff_actor(request.staff.pk)
    service(member_id=member.pk, actor=actor, reason=form.cleaned_data["reason"])
    return Answer(HTTPStatus.OK, {})


def _once(
    request: OfficeRequest,
    form: BlockForm,
    member: Member,
    step: str,
    act: Callable[[str], Answer],
) -> Answer | None:
    wish = {"member": member.public_id, "reason": form.cleaned_data["reason"]}
    return answered_once(request, form, step=step, wish=wish, act=act)


# --- what is shown ----------------------------------------------------------------------------


def _adjusting(
    request: OfficeRequest,
    member: Member,
    program: Program,
    form: AdjustForm,
    preview: Preview | None = None,
) -> HttpResponse:
    """Show the form, or what it would do and the button that does it."""
    most = decided_alone(program, staff_actor(request.staff.pk))
    context: dict[str, Any] = {"form": form, "most": most}
    if preview is not None:
        context |= {"preview": preview, "change": form.change, "typed": form.cleaned_data}
    return _show(request, "office/member_adjust.html", member, **context)


def _show(request: OfficeRequest, template: str, member: Member, **context: Any) -> HttpResponse:
    return render(request, template, {"member": who_with_card(member, is_masked=False), **context})


def _to_member(request: OfficeRequest, member: Member) -> HttpResponse:
    return redirect("office:member", request.organization.slug, member.public_id)
