"""A member proves at the till that they are there: by their phone, or by a code sent to it."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from core.doors import TillRequest, till
from core.errors import Refusal, TooMany
from core.idempotency import Answer, answer_once
from core.keyed_forms import KeyForm, new_key
from members.models import Member
from rewards import proof_tokens
from rewards.models import Proof
from rewards.services import look_ups, proofs
from rewards.till_page import member_panel
from rewards.views.coming_back import comes_back, to_proof
from rewards.views.till_screen import (
    SeeOther,
    at_home,
    at_proof,
    keyed,
    member_named,
    place_of,
    screen,
    slow_down,
)


class ProofForm(forms.Form):
    """What the member says, or what was scanned off their phone."""

    proof = forms.CharField(label=gettext_lazy("Code"), max_length=proof_tokens.LENGTH_MAX)


@till
@require_safe
def proof(request: TillRequest, member_id: UUID) -> HttpResponse:
    """Ask the member to show that they are there."""
    return _asked(request, _member(request, member_id))


@comes_back(to_proof)
@till
@require_POST
def send_code(request: TillRequest, member_id: UUID) -> HttpResponse:
    """Send the member a code to say, once."""
    member = _member(request, member_id)
    form = KeyForm(request.POST)
    if form.is_valid():
        try:
            wish = {"member": member_id}
            act = partial(_send, request, member)
            answer_once(keyed(request, form, "send_proof_code", wish), act)
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The code is on its way. Ask the member what it says."))
    return SeeOther(at_proof(member_id))


@comes_back(to_proof)
@till
@require_POST
def prove(request: TillRequest, member_id: UUID) -> HttpResponse:
    """Take the code that the member says, or what their phone shows, and go on."""
    member = _member(request, member_id)
    form = ProofForm(request.POST)
    if not form.is_valid():
        return _asked(request, member, refusal=_("Type the code, or scan the phone."))
    typed = form.cleaned_data["proof"]
    try:
        shown = _take(request, member, typed)
    except Refusal as refusal:
        return _asked(request, member, refusal=str(refusal))
    return _proved(request, shown.member)


def take_picture(request: TillRequest, text: str) -> HttpResponse:
    """Take what was scanned off a phone into the one field, and go on with its member."""
    try:
        shown = proofs.prove_by_phone(
            organization=request.organization, place=place_of(request), text=text
        )
    except Refusal as refusal:
        return screen(request, refusal=str(refusal))
    return _proved(request, shown.member)


def _take(request: TillRequest, member: Member, typed: str) -> Proof:
    place = place_of(request)
    if proof_tokens.is_one(typed):
        return proofs.prove_by_phone(organization=request.organization, place=place, text=typed)
    return proofs.prove_by_code(member_id=member.pk, place=place, typed=typed)


def _proved(request: TillRequest, member: Member) -> HttpResponse:
    messages.success(request, _("The member is there. Go on within ten minutes."))
    return SeeOther(at_home(member=member.public_id))


def _asked(request: TillRequest, member: Member, *, refusal: str = "") -> HttpResponse:
    """Show the member, who is looked up by that, and ask them for a proof."""
    try:
        look_ups.open_member(place=place_of(request), member=member)
    except TooMany as too_many:
        return slow_down(request, too_many)
    panel = member_panel(member, currency=request.organization.currency)
    asked = {
        "member_id": member.public_id,
        "can_send": bool(member.phone or member.email),
        "key": new_key(),
        "refusal": refusal,
        "again_url": at_home(member=member.public_id),
    }
    return screen(request, member=panel, proof=asked)


def _send(request: TillRequest, member: Member, _request_key: str) -> Answer:
    proofs.send_proof_code(member_id=member.pk, place=place_of(request))
    return Answer(HTTPStatus.ACCEPTED, {})


def _member(request: TillRequest, member_id: UUID) -> Member:
    member = member_named(request, str(member_id))
    if member is None:
        raise Http404
    return member
