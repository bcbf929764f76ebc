"""The till's one field: whatever is typed or scanned into it is sent as a form, and found once.

What was found is shown at an address of its own that names nobody and no code, so that going back
and reloading show it again and look nobody up twice.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from core.actors import staff_actor
from core.doors import TillRequest, till
from core.errors import InvalidInput, Refusal, TooMany
from core.idempotency import Answer, answer_once
from core.keyed_forms import new_key, refuse
from members.forms import EnrollForm
from members.models import Source
from members.phones import e164, international
from members.queries import MaskedMember
from members.services.enrollment import enroll
from rewards import gift_card_codes, proof_tokens
from rewards.gift_card_forms import ShowForm
from rewards.gift_card_page import card_row
from rewards.services import look_ups
from rewards.services.gift_card_reading import cards_of
from rewards.services.till_notes import Note
from rewards.till_page import dotted
from rewards.views.coming_back import comes_back, to_adding, to_finding
from rewards.views.till_gift_cards import show_gift_card
from rewards.views.till_proofs import take_picture
from rewards.views.till_screen import (
    SeeOther,
    at_home,
    found,
    keyed,
    place_of,
    posted,
    screen,
    slow_down,
)
from rewards.views.till_vouchers import show_voucher


@comes_back(to_finding)
@till
@posted
def find(request: TillRequest) -> HttpResponse:
    """Lead to what was typed or scanned: a phone's picture, a gift card, a voucher, or a member."""
    text = request.POST.get("q", "").strip()
    if not text:
        return screen(request)
    if proof_tokens.is_one(text):
        return take_picture(request, text)
    if gift_card_codes.clean(text):
        return show_gift_card(request, text)
    return show_voucher(request, text) or _find_member(request, text)


@comes_back(to_adding)
@till
@posted
def add_member(request: TillRequest) -> HttpResponse:
    """Add the person at the till by their phone number alone, and go on to ring up."""
    form = EnrollForm(request.POST)
    if form.is_valid():
        typed = {name: form.cleaned_data[name] for name in ("phone", "name")}
        try:
            act = partial(_enroll, request, typed)
            answer = answer_once(keyed(request, form, "add_member", typed), act)
        except Refusal as refusal:
            refuse(form, refusal)
        else:
            _welcome(request, created=answer.body["created"])
            return SeeOther(at_home(member=answer.body["member"]))
    return screen(request, enroll={"phone": _as_written(request, form), "form": form})


def show_found(request: TillRequest, note: Note) -> HttpResponse:
    """Show what was found before; nobody is looked up, and no code tried, by looking again."""
    shown: dict[str, Any] = {name: note[name] for name in SAID if name in note}
    if "phone" in note:
        form = EnrollForm(initial={"phone": note["phone"], "request_key": new_key()})
        shown["enroll"] = {"phone": international(note["phone"]), "form": form}
    if "asks_pin" in note:
        first = {"code": note["asks_pin"], "request_key": new_key()}
        shown["ask_pin"] = ShowForm(initial=first)
    if "gift_card" in note:
        cards = cards_of(request.organization)
        card = get_object_or_404(cards, public_id=UUID(note["gift_card"]))
        shown["gift_card"] = card_row(card, sees_names=False)
    return screen(request, **shown)


SAID = ("query", "refusal", "choices")


# --- what the views do ------------------------------------------------------------------------


def _find_member(request: TillRequest, text: str) -> HttpResponse:
    """Lead to whom the text means: one, several to choose from, or nobody yet."""
    place = place_of(request)
    try:
        members = look_ups.search(organization=request.organization, place=place, text=text)
    except TooMany as refusal:
        return slow_down(request, refusal)
    except InvalidInput as refusal:
        return found(request, query=text, refusal=str(refusal))
    if len(members) == 1:
        return SeeOther(at_home(member=members[0].public_id))
    if members:
        return found(request, query=text, choices=[_choice(one) for one in members])
    return _offer_to_add(request, text)


def _offer_to_add(request: TillRequest, text: str) -> HttpResponse:
    """Offer to add whoever has this phone number; nobody is added by less than that."""
    try:
        phone = e164(text, region=request.organization.country)
    except InvalidInput:
        nobody = _("Nobody was found. To add a new member, type the whole phone number.")
        return found(request, query=text, refusal=nobody)
    return found(request, query=text, phone=phone)


def _enroll(request: TillRequest, typed: dict[str, str], _request_key: str) -> Answer:
    enrolled = enroll(
        organization_id=request.organization.pk,
        source=Source.TILL,
        actor=staff_actor(request.staff.pk),
        phone=typed["phone"],
        name=typed["name"],
        store_id=request.store.pk,
    )
    known = {"member": enrolled.member.public_id, "created": enrolled.created}
    return Answer(HTTPStatus.CREATED, known)


def _welcome(request: TillRequest, *, created: bool) -> None:
    if created:
        messages.success(request, _("The new member was added."))
    else:
        messages.info(request, _("This number belonged to a member already. Nothing was changed."))


def _choice(member: MaskedMember) -> dict[str, str]:
    return {
        "url": at_home(member=member.public_id),
        "name": member.name,
        "phone": member.phone,
        "card": dotted(member.card),
    }


def _as_written(request: TillRequest, form: EnrollForm) -> str:
    """Return the phone number of a form for people to read, unless somebody tampered with it."""
    typed: str = form.data.get("phone", "")
    try:
        return international(e164(typed, region=request.organization.country))
    except InvalidInput:
        return typed
