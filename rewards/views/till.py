"""The till's main screen: find the member, ring up, see what it gave, undo."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.doors import TillRequest, till
from core.errors import Refusal, TooMany
from core.forms import slow_down as slow_down_form
from core.idempotency import Answer, answer_once
from core.keyed_forms import KeyForm, new_key, refuse
from loyalty.errors import DuplicateReceipt
from loyalty.queries import purchases_of
from members.models import Member
from rewards.errors import ProofNeeded
from rewards.forms import MORE, OURS, Sale
from rewards.gift_card_errors import GiftCardMistyped
from rewards.gift_card_page import charged_in, on_receipt
from rewards.queries import vouchers_of
from rewards.services import look_ups
from rewards.services.gift_card_finding import without_pin
from rewards.services.till import can_undo, ring_up_here, was_rung_up_in
from rewards.services.till import undo as undo_purchase
from rewards.till_page import slip_of
from rewards.views.coming_back import comes_back, to_receipt, to_ring_up
from rewards.views.till_finding import show_found
from rewards.views.till_quotes import (
    cards_guarded,
    leaving_out,
    quoted,
    told_of_card,
    vouchers_guarded,
    without_voucher,
)
from rewards.views.till_screen import (
    SeeOther,
    at_home,
    at_proof,
    at_receipt,
    keyed,
    member_named,
    note_in,
    place_of,
    posted,
    screen,
    shown_here,
    slow_down,
)


@till
@require_safe
def home(request: TillRequest) -> HttpResponse:
    """Ask for a member or a voucher; show what was found, or ring up for who it was."""
    note = note_in(request)
    if "found" in note:
        return show_found(request, note["found"])
    asked = note.get("typed") or _named(request)
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
    moves = list(purchase.gift_card_entries.select_related("card").order_by("pk"))
    context: dict[str, Any] = {
        "answer": slip_of(request.organization, purchase, by_card=charged_in(moves)),
        "gift_cards": on_receipt(moves),
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
@posted
def ring_up(request: TillRequest) -> HttpResponse:
    """Record a purchase once, and lead to what it gave; what is wrong shows beside its field."""
    member = member_named(request, request.POST.get("member"))
    currency = request.organization.currency
    if MORE in request.POST:
        return _ringing_up(request, member, Sale.kept(request.POST, currency))
    sale = Sale.sent(without_voucher(request.POST), currency)
    answer = _rung_up(request, sale) if sale.is_valid() else None
    return answer or slow_down_form(sale.purchase, _ringing_up(request, member, sale))


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


# --- what the views do ------------------------------------------------------------------------


def _named(request: TillRequest) -> dict[str, str]:
    """Return for whom an address rings up, and with which voucher, named without its code."""
    asked = {name: request.GET[name] for name in ("member", "guest") if request.GET.get(name)}
    if not request.GET.get("voucher"):
        return asked
    try:
        named = UUID(request.GET["voucher"])
    except ValueError:
        raise Http404 from None
    voucher = get_object_or_404(vouchers_of(request.organization), public_id=named)
    return {**asked, "vouchers": voucher.code}


def _rung_up(request: TillRequest, sale: Sale) -> HttpResponse | None:
    """Record the purchase and lead to it; or leave on the form why not."""
    wish = sale.contents | {"receipt": sale.purchase.cleaned_data["receipt"]}
    act = partial(_record, request, wish)
    try:
        with vouchers_guarded(request, wish), cards_guarded(request, wish):
            answer = answer_once(keyed(request, sale.purchase, "ring_up", without_pin(wish)), act)
    except Refusal as refusal:
        if refusal.code == DuplicateReceipt.code:
            messages.info(request, _("This receipt was rung up already. Here it is."))
            return SeeOther(at_receipt(refusal.data["purchase"]["id"]))
        if refusal.code == ProofNeeded.code:
            messages.warning(request, str(refusal))
            return SeeOther(at_proof(sale.contents["member"]))
        _refuse(sale, refusal)
        if refusal.data.get("voucher"):
            sale.purchase.refused_voucher = refusal.data["voucher"]
            sale.purchase.quote = quoted(request, leaving_out(wish, refusal.data["voucher"]))
        return None
    return SeeOther(at_receipt(answer.body["purchase"]))


def _refuse(sale: Sale, refusal: Refusal) -> None:
    """Leave on the form why not; a voucher in the field of the gift card is told as one."""
    if isinstance(refusal, GiftCardMistyped):
        said = told_of_card(refusal, sale.contents.get("gift_card", ""))
        sale.purchase.add_error("gift_card", said)
    else:
        refuse(sale.purchase, refusal, called=OURS)


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
