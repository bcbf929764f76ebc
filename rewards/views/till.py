"""The till's main screen: find the member, ring up, see what it gave, undo."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.actors import staff_actor
from core.doors import TillRequest, till
from core.errors import InvalidInput, Refusal, TooMany, TriedTooOften
from core.forms import slow_down as slow_down_form
from core.idempotency import Answer, answer_once
from core.keyed_forms import KeyForm, new_key, refuse
from loyalty.errors import DuplicateReceipt
from loyalty.queries import purchases_of
from members.forms import EnrollForm
from members.models import Member, Source
from members.phones import e164, international
from members.queries import MaskedMember
from members.services.enrollment import enroll
from rewards import gift_card_codes, proof_tokens
from rewards.answers import ReceiptView
from rewards.errors import ProofNeeded
from rewards.forms import MORE, OURS, Sale
from rewards.gift_card_errors import GiftCardMistyped
from rewards.gift_card_page import on_receipt
from rewards.services import look_ups
from rewards.services.gift_card_finding import against_guessing, without_pin
from rewards.services.till import can_undo, quote_here, ring_up_here, was_rung_up_in
from rewards.services.till import undo as undo_purchase
from rewards.services.till_gift_cards import looks_like_voucher
from rewards.services.voucher_finding import against_voucher_guessing
from rewards.till_page import Slip, dotted, slip_of, slip_of_quote
from rewards.views.coming_back import comes_back, to_adding, to_receipt, to_ring_up
from rewards.views.till_gift_cards import show_gift_card
from rewards.views.till_proofs import take_picture
from rewards.views.till_screen import (
    SeeOther,
    at_home,
    at_proof,
    at_receipt,
    keyed,
    member_named,
    place_of,
    screen,
    shown_here,
    slow_down,
    voucher_asker,
)
from rewards.views.till_vouchers import show_voucher

# What is left out of a quote, with a word about it, where it cannot be used.
LEFT_OUT = {
    "points": "points_to_spend",
    "points_to_spend": "points_to_spend",
    "vouchers": "vouchers",
}


@till
@require_safe
def home(request: TillRequest) -> HttpResponse:
    """Find a member or a voucher by whatever was typed, then ring up for who was found."""
    asked = request.GET
    if asked.get("q", "").strip():
        return _find_any(request, asked["q"].strip())
    if not (asked.get("member") or asked.get("guest")):
        return screen(request)
    member = member_named(request, asked.get("member"))
    if member is not None:
        try:
            look_ups.open_member(place=place_of(request), member=member)
        except TooMany as refusal:
            return slow_down(request, refusal)
    return _ringing_up(request, member, Sale.kept(asked, request.organization.currency))


@till
@require_safe
def receipt(request: TillRequest, purchase_id: UUID) -> HttpResponse:
    """Show what a purchase gave and why; its staff may undo it for a while.

    Whose it is was looked up to ring it up; anybody else looks the member up by opening it.
    """
    purchase = get_object_or_404(purchases_of(request.organization), public_id=purchase_id)
    member = purchase.member
    now = timezone.now()
    if member is not None and not was_rung_up_in(purchase, request.register_session, now=now):
        try:
            look_ups.open_member(place=place_of(request), member=member)
        except TooMany as refusal:
            return slow_down(request, refusal)
    context: dict[str, Any] = {
        "answer": slip_of(request.organization, purchase),
        "gift_cards": on_receipt(purchase.gift_card_entries.select_related("card").order_by("pk")),
    }
    if can_undo(purchase, request.register_session, now=now):
        context["undo"] = {"url": reverse("till:undo", args=[purchase_id]), "key": new_key()}
    if member is not None:
        context |= {
            "member": shown_here(request, member),
            "again_url": at_home(member=member.public_id),
        }
    return screen(request, is_guest=member is None, **context)


@comes_back(to_ring_up)
@till
@require_POST
def ring_up(request: TillRequest) -> HttpResponse:
    """Record a purchase once, and lead to what it gave; what is wrong shows beside its field."""
    member = member_named(request, request.POST.get("member"))
    currency = request.organization.currency
    if MORE in request.POST:
        return _ringing_up(request, member, Sale.kept(request.POST, currency))
    sale = Sale.sent(request.POST, currency)
    answer = _rung_up(request, sale) if sale.is_valid() else None
    return answer or slow_down_form(sale.purchase, _ringing_up(request, member, sale))


@comes_back(to_ring_up)
@till
@require_POST
def quote(request: TillRequest) -> HttpResponse:
    """Say what the purchase being typed comes to and gives; nothing, while it cannot be told."""
    sale = Sale.sent(request.POST, request.organization.currency)
    if not sale.can_be_priced():
        return HttpResponse()
    try:
        slip = _quoted(request, sale.contents)
    except Refusal:
        return HttpResponse()  # it is said when the form is sent
    context = {"answer": slip, "is_guest": "member" not in sale.contents}
    return render(request, "till/quote.html", context | {"currency": request.organization.currency})


@comes_back(to_receipt)
@till
@require_POST
def undo(request: TillRequest, purchase_id: UUID) -> HttpResponse:
    """Take a purchase back that was rung up by mistake, once, and show what went back."""
    purchase = get_object_or_404(purchases_of(request.organization), public_id=purchase_id)
    form = KeyForm(request.POST)
    if form.is_valid():
        try:
            act = partial(_take_back, request, purchase.pk)
            answer_once(keyed(request, form, "undo", {"purchase": purchase_id}), act)
        except Refusal as refusal:
            messages.error(request, str(refusal))
    return SeeOther(at_receipt(purchase_id))


@comes_back(to_adding)
@till
@require_POST
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


# --- what the views do ------------------------------------------------------------------------


def _find_any(request: TillRequest, text: str) -> HttpResponse:
    """Show what was typed or scanned: a phone's picture, a gift card, a voucher, or a member."""
    if proof_tokens.is_one(text):
        return take_picture(request, text)
    if gift_card_codes.clean(text):
        return show_gift_card(request, text)
    return show_voucher(request, text) or _find(request, text)


def _find(request: TillRequest, text: str) -> HttpResponse:
    """Show whom the text means: one, several to choose from, or nobody yet."""
    place = place_of(request)
    try:
        found = look_ups.search(organization=request.organization, place=place, text=text)
    except TooMany as refusal:
        return slow_down(request, refusal)
    except InvalidInput as refusal:
        return screen(request, query=text, refusal=str(refusal))
    if len(found) == 1:
        return SeeOther(at_home(member=found[0].public_id))
    if found:
        return screen(request, query=text, choices=[_choice(member) for member in found])
    return _offer_to_add(request, text)


def _offer_to_add(request: TillRequest, text: str) -> HttpResponse:
    """Offer to add whoever has this phone number; nobody is added by less than that."""
    try:
        phone = e164(text, region=request.organization.country)
    except InvalidInput:
        nobody = _("Nobody was found. To add a new member, type the whole phone number.")
        return screen(request, query=text, refusal=nobody)
    form = EnrollForm(initial={"phone": phone, "request_key": new_key()})
    return screen(request, query=text, enroll={"phone": international(phone), "form": form})


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


def _rung_up(request: TillRequest, sale: Sale) -> HttpResponse | None:
    """Record the purchase and lead to it; or leave on the form why not."""
    wish = sale.contents | {"receipt": sale.purchase.cleaned_data["receipt"]}
    act = partial(_record, request, wish)
    try:
        with _vouchers_guarded(request, wish), _against_guessing(request, wish):
            answer = answer_once(keyed(request, sale.purchase, "ring_up", without_pin(wish)), act)
    except Refusal as refusal:
        if refusal.code == DuplicateReceipt.code:
            messages.info(request, _("This receipt was rung up already. Here it is."))
            return SeeOther(at_receipt(refusal.data["purchase"]["id"]))
        if refusal.code == ProofNeeded.code:
            messages.warning(request, str(refusal))
            return SeeOther(at_proof(sale.contents["member"]))
        _refuse(sale, refusal)
        return None
    return SeeOther(at_receipt(answer.body["purchase"]))


def _against_guessing(request: TillRequest, wish: dict[str, Any]) -> AbstractContextManager[None]:
    """Slow down who tries gift cards; most purchases are paid with none."""
    code = wish.get("gift_card")
    if not code:
        return nullcontext()
    return against_guessing(
        organization=request.organization,
        actor=staff_actor(request.staff.pk),
        pins_for=[code] if wish.get("gift_card_pin") else [],
    )


def _vouchers_guarded(request: TillRequest, wish: dict[str, Any]) -> AbstractContextManager[None]:
    """Slow down who tries vouchers; their failures count as those in the one field do."""
    return against_voucher_guessing(asker=voucher_asker(request), codes=wish.get("vouchers", ()))


def _refuse(sale: Sale, refusal: Refusal) -> None:
    """Leave on the form why not; a voucher in the field of the gift card is told as one."""
    typed = sale.contents.get("gift_card", "")
    if refusal.code == GiftCardMistyped.code and looks_like_voucher(typed):
        words = _("This looks like a voucher. Type its code into the field at the top.")
        sale.purchase.add_error("gift_card", words)
    else:
        refuse(sale.purchase, refusal, called=OURS)


def _quoted(request: TillRequest, contents: dict[str, Any]) -> Slip:
    """Return what would be given and paid; what cannot be used for it is left out, and said why."""
    try:
        view = _priced(request, contents)
    except Refusal as refusal:
        # Only vouchers are counted here: who tried too many sees the price without any.
        about = "vouchers" if isinstance(refusal, TriedTooOften) else refusal.field
        faulty = LEFT_OUT.get(about or "")
        if faulty not in contents:
            raise
        others = {name: value for name, value in contents.items() if name != faulty}
        view = _priced(request, others)
        return slip_of_quote(view, warning=str(refusal))
    return slip_of_quote(view)


def _priced(request: TillRequest, contents: dict[str, Any]) -> ReceiptView:
    with _vouchers_guarded(request, contents):
        place = place_of(request)
        return quote_here(organization=request.organization, place=place, sent=contents)


def _record(request: TillRequest, wish: dict[str, Any], request_key: str) -> Answer:
    purchase = ring_up_here(
        organization=request.organization,
        place=place_of(request),
        sent={name: value for name, value in wish.items() if name != "receipt"},
        receipt=wish["receipt"],
        request_key=request_key,
    )
    return Answer(HTTPStatus.CREATED, {"purchase": purchase.public_id})


def _take_back(request: TillRequest, purchase_id: int, request_key: str) -> Answer:
    row = undo_purchase(
        purchase_id=purchase_id,
        session_id=request.register_session.pk,
        request_key=request_key,
    )
    return Answer(HTTPStatus.CREATED, {"return": row.public_id})


# --- what is shown ----------------------------------------------------------------------------


def _ringing_up(request: TillRequest, member: Member | None, sale: Sale) -> HttpResponse:
    """Show the member, or that it is a guest, beside the panel to ring up in."""
    panel = shown_here(request, member) if member else None
    if (panel is not None and panel.pays) or "points" in sale.purchase.errors:
        sale.purchase.ask_for_points()
    if sale.purchase["vouchers"].value() or "vouchers" in sale.purchase.errors:
        sale.purchase.ask_for_vouchers()
    sale.take_focus()
    shown = {"purchase": sale.purchase, "lines": sale.lines, "quote_url": reverse("till:quote")}
    if panel is not None and panel.is_blocked:
        shown = {}
    return screen(request, member=panel, is_guest=member is None, **shown)


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
