"""Gift cards in the portal: what is on them, their codes, and taking one into the wallet."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.actors import member_actor
from core.errors import Refusal
from core.idempotency import Answer
from core.keyed_forms import new_key, refuse
from core.paging import page_of
from members.doors import PortalRequest, portal
from members.portal_forms import once_in_portal
from rewards.gift_card_forms import ShowForm
from rewards.gift_card_page import card_row, move_rows
from rewards.services.gift_card_finding import (
    Asker,
    against_guessing,
    find_card,
    without_pin,
)
from rewards.services.gift_card_reading import cards_held_by, entries_of, is_usable_voucher
from rewards.services.gift_cards import keep

ROWS = 20


@portal
@require_http_methods(["GET", "HEAD", "POST"])
def gift_cards(request: PortalRequest) -> HttpResponse:
    """Show the member's gift cards, and take one more in by its code and PIN."""
    form = ShowForm(request.POST or None, initial={"request_key": new_key()})
    kept = _kept(request, form) if request.method == "POST" and form.is_valid() else None
    if kept is not None:
        messages.success(request, _("The gift card is yours now."))
        return redirect("portal:gift_card", request.organization.slug, kept.body["card"])
    page = page_of(cards_held_by(request.member), request, by=("-pk",), size=ROWS)
    context = {"rows": [card_row(one) for one in page.rows], "page": page, "form": form}
    return render(request, "portal/gift_cards.html", context)


@portal
@require_safe
def gift_card(request: PortalRequest, card: UUID) -> HttpResponse:
    """Show a card of the member's own, to be held up at the till, and what happened to it."""
    found = get_object_or_404(cards_held_by(request.member), public_id=card)
    page = page_of(entries_of(found), request, by=("-sequence",), size=ROWS)
    context = {
        "card": card_row(found, shows_code=True),
        "moves": move_rows(found, page.rows),
        "page": page,
    }
    return render(request, "portal/gift_card.html", context)


def _kept(request: PortalRequest, form: ShowForm) -> Answer | None:
    """Take the card that is shown into the wallet, once; or leave on the form why not."""
    typed = form.cleaned_data
    actor = member_actor(request.member.pk)
    pins_for = [typed["code"]] if typed["pin"] else []
    try:
        with against_guessing(organization=request.organization, actor=actor, pins_for=pins_for):
            return once_in_portal(
                request,
                typed["request_key"],
                step="keep_gift_card",
                wish=without_pin({"code": typed["code"], "pin": typed["pin"]}),
                act=partial(_keep, request, Asker(actor=actor, pin=typed["pin"]), typed["code"]),
            )
    except Refusal as refusal:
        if is_usable_voucher(request.member, typed["code"]):
            form.add_error("code", _("This is a voucher of yours. Show it at the till."))
        else:
            refuse(form, refusal)
        return None


def _keep(request: PortalRequest, asker: Asker, code: str, _request_key: str) -> Answer:
    card = find_card(organization=request.organization, typed=code, asker=asker)
    kept = keep(card_id=card.pk, member_id=request.member.pk)
    return Answer(HTTPStatus.OK, {"card": kept.public_id})
