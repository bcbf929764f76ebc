"""Gift cards at the till: what is on one, and selling one."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actors import staff_actor
from core.doors import TillRequest, till
from core.errors import Refusal, TooMany
from core.idempotency import Answer, answer_once
from core.keyed_forms import new_key, refuse
from rewards.gift_card_codes import clean
from rewards.gift_card_errors import GiftCardNotUsable
from rewards.gift_card_forms import SellForm, ShowForm
from rewards.gift_card_page import card_row
from rewards.services.gift_card_finding import (
    Asker,
    against_guessing,
    find_card,
    find_unsold,
    without_pin,
)
from rewards.services.gift_card_reading import sold_here
from rewards.services.gift_card_terms import terms_of
from rewards.services.till_gift_cards import SHOWN_FOR, sell_here
from rewards.views.coming_back import comes_back, to_gift_card, to_selling_gift_card
from rewards.views.till_screen import SeeOther, keyed, place_of, screen, slow_down


def show_gift_card(request: TillRequest, text: str, pin: str = "") -> HttpResponse:
    """Show what is on the card whose code was typed or scanned, or offer to sell a blank one."""
    actor = staff_actor(request.staff.pk)
    asker = Asker(actor=actor, pin=pin)
    guarded = against_guessing(
        organization=request.organization, actor=actor, pins_for=[text] if pin else []
    )
    try:
        with guarded:
            if find_unsold(request.organization, text) is not None:
                return SeeOther(f"{reverse('till:sell_gift_card')}?code={clean(text)}")
            card = find_card(organization=request.organization, typed=text, asker=asker)
    except TooMany as refusal:
        return slow_down(request, refusal)
    except GiftCardNotUsable as refusal:
        ask = ShowForm(initial={"code": clean(text), "request_key": new_key()})
        return screen(request, refusal=str(refusal), ask_pin=ask if refusal.may_have_pin else None)
    except Refusal as refusal:
        return screen(request, query=text, refusal=str(refusal))
    return screen(request, gift_card=card_row(card, sees_names=False))


@comes_back(to_gift_card)
@till
@require_POST
def gift_card(request: TillRequest) -> HttpResponse:
    """Show what is on a card that has a PIN, once the PIN is typed."""
    form = ShowForm(request.POST)
    if not form.is_valid():
        return screen(request, ask_pin=form)
    return show_gift_card(request, form.cleaned_data["code"], form.cleaned_data["pin"])


@comes_back(to_selling_gift_card)
@till
@require_http_methods(["GET", "HEAD", "POST"])
def sell_gift_card(request: TillRequest) -> HttpResponse:
    """Sell a gift card, once, and lead to its code."""
    currency = request.organization.currency
    first = {"request_key": new_key(), "code": request.GET.get("code", "")}
    form = SellForm(request.POST or None, currency=currency, initial=first)
    shown = {"selling": form, "asks_pin": terms_of(request.organization).asks_pin}
    if request.method == "POST" and form.is_valid():
        try:
            answer = _sold(request, form)
        except TooMany as refusal:
            return slow_down(request, refusal, **shown)
        if answer is not None:
            return SeeOther(reverse("till:gift_card_sold", args=[answer.body["card"]]))
    return screen(request, **shown)


@till
@require_safe
def gift_card_sold(request: TillRequest, card: UUID) -> HttpResponse:
    """Show the code of a card that was just sold here, large enough to be scanned or printed."""
    return screen(request, sold=card_row(_just_sold(request, card), shows_code=True))


@till
@require_safe
def print_gift_card(request: TillRequest, card: UUID) -> HttpResponse:
    """Show the same alone, for a printer."""
    shown = card_row(_just_sold(request, card), shows_code=True)
    context = {"card": shown, "shop": request.organization.name}
    return render(request, "till/gift_card_print.html", context)


def _just_sold(request: TillRequest, public_id: UUID) -> Any:
    since = timezone.now() - SHOWN_FOR
    cards = sold_here(request.organization, request.staff, since=since)
    return get_object_or_404(cards, public_id=public_id)


def _against_guessing(request: TillRequest, code: str) -> AbstractContextManager[None]:
    """Slow down who tries codes of printed cards; most cards that are sold are new."""
    if not code:
        return nullcontext()
    actor = staff_actor(request.staff.pk)
    return against_guessing(organization=request.organization, actor=actor)


def _sold(request: TillRequest, form: SellForm) -> Answer | None:
    typed = {name: form.cleaned_data[name] for name in ("amount", "code", "pin", "email")}

    def act(request_key: str) -> Answer:
        sold = sell_here(
            organization=request.organization,
            place=place_of(request),
            typed=typed,
            request_key=request_key,
        )
        return Answer(HTTPStatus.CREATED, {"card": sold.public_id})

    try:
        with _against_guessing(request, typed["code"]):
            return answer_once(keyed(request, form, "sell_gift_card", without_pin(typed)), act)
    except TooMany:
        raise
    except Refusal as refusal:
        refuse(form, refusal)
        return None
