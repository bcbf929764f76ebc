"""Gift cards in the office: what is owed for them, one card with its ledger, and selling."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actors import staff_actor
from core.doors import MANAGING, OfficeRequest, office
from core.idempotency import Answer
from core.keyed_forms import KeyForm, answered_once, new_key
from core.models.people import Role
from core.paging import page_of
from rewards.gift_card_forms import AdjustForm, BlockForm, LoadForm, SearchForm, SellForm
from rewards.gift_card_page import card_row, move_rows
from rewards.models import GiftCard
from rewards.services import gift_cards as cards
from rewards.services.gift_card_finding import find_unsold_or_refuse, without_pin
from rewards.services.gift_card_ledger import Booking
from rewards.services.gift_card_mail import mail_card_again
from rewards.services.gift_card_reading import cards_like, cards_of, entries_of, outstanding
from rewards.services.gift_card_terms import terms_of

SHOWN_AGAIN = 1
ACTED = {
    "load": gettext_lazy("The money is on the card."),
    "adjust": gettext_lazy("The card was corrected."),
    "block": gettext_lazy("The card is blocked. Nobody can use it until it is unblocked."),
    "unblock": gettext_lazy("The card can be used again."),
    "mail": gettext_lazy("The card is sent by e-mail."),
}


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def gift_cards(request: OfficeRequest) -> HttpResponse:
    """List the gift cards, newest first, and say what is owed for them."""
    search = SearchForm(request.GET)
    asked = search.cleaned_data if search.is_valid() else {}
    typed, state = asked.get("q", ""), asked.get("state", "")
    found = cards_like(request.organization, typed=typed, state=state)
    page = page_of(found, request, by=("-pk",))
    context = {
        "rows": [card_row(one, sees_names=_manages(request)) for one in page.rows],
        "page": page,
        "search": search,
        "is_searched": bool(typed or state),
        "owed": outstanding(request.organization),
        "currency": request.organization.currency,
        "may_manage": _manages(request),
    }
    return render(request, "office/gift_cards.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def sell_gift_card(request: OfficeRequest) -> HttpResponse:
    """Sell a gift card, and lead to it; its code is shown once, right after."""
    currency = request.organization.currency
    form = SellForm(request.POST or None, currency=currency, initial={"request_key": new_key()})
    answer = _sold(request, form) if request.method == "POST" and form.is_valid() else None
    if answer is None:
        asks_pin = terms_of(request.organization).asks_pin
        context = {"form": form, "asks_pin": asks_pin}
        return render(request, "office/gift_card_sell.html", context)
    request.session[_just_sold(answer.body["card"])] = SHOWN_AGAIN
    messages.success(request, _("The gift card is sold."))
    return redirect("office:gift_card", request.organization.slug, answer.body["card"])


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def gift_card(request: OfficeRequest, card: UUID) -> HttpResponse:
    """Show a card and everything that ever changed it."""
    found = _card(request, card)
    return _shown(request, found)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def act_on_gift_card(request: OfficeRequest, card: UUID, step: str) -> HttpResponse:
    """Load, correct, block or unblock a card, or send its mail again; each once per form."""
    found = _card(request, card)
    if step not in ACTED:
        raise Http404
    form = _form_for(step, request)
    if not form.is_valid():
        return _shown(request, found, {step: form})
    wish = {"card": card, **{k: v for k, v in form.cleaned_data.items() if k != "request_key"}}
    act = partial(_act, request, found.pk, step, form)
    if answered_once(request, form, step=f"gift_card_{step}", wish=wish, act=act) is None:
        return _shown(request, found, {step: form})
    messages.success(request, str(ACTED[step]))
    return redirect("office:gift_card", request.organization.slug, card)


# --- what the views do ------------------------------------------------------------------------


def _sold(request: OfficeRequest, form: SellForm) -> Answer | None:
    """Sell what was typed, once; or leave on the form why not."""
    typed = form.cleaned_data
    wish = without_pin({name: typed[name] for name in ("amount", "code", "pin", "email")})
    return answered_once(
        request, form, step="sell_gift_card", wish=wish, act=partial(_sell, request, typed)
    )


def _sell(request: OfficeRequest, typed: dict[str, Any], request_key: str) -> Answer:
    actor = staff_actor(request.staff.pk)
    code = typed["code"]
    blank = find_unsold_or_refuse(request.organization, code, actor) if code else None
    new = cards.NewGiftCard(
        amount=typed["amount"],
        currency=request.organization.currency,
        blank_id=blank.pk if blank else None,
        pin=typed["pin"],
        email=typed["email"],
    )
    booking = Booking(actor=actor.name, request_key=f"{request_key}:gift_card")
    sold = cards.sell(organization_id=request.organization.pk, new=new, booking=booking)
    return Answer(HTTPStatus.CREATED, {"card": sold.public_id})


def _act(
    request: OfficeRequest, card_id: int, step: str, form: KeyForm, request_key: str
) -> Answer:
    actor, typed = staff_actor(request.staff.pk), form.cleaned_data
    key = f"{request_key}:gift_card"
    if step == "load":
        booking = Booking(actor=actor.name, request_key=key)
        cards.load(card_id=card_id, amount=typed["amount"], booking=booking)
    elif isinstance(form, AdjustForm):
        reason = typed["reason"]
        cards.adjust(
            card_id=card_id, amount=form.signed, reason=reason, actor=actor, request_key=key
        )
    elif step == "block":
        cards.block(card_id=card_id, reason=typed["reason"], actor=actor)
    elif step == "unblock":
        cards.unblock(card_id=card_id, actor=actor)
    else:
        mail_card_again(card_id=card_id, actor=actor)
    return Answer(HTTPStatus.OK, {"card": card_id})


def _form_for(step: str, request: OfficeRequest) -> KeyForm:
    currency = request.organization.currency
    if step == "load":
        return LoadForm(request.POST, currency=currency)
    if step == "adjust":
        return AdjustForm(request.POST, currency=currency)
    return BlockForm(request.POST) if step == "block" else KeyForm(request.POST)


def _shown(
    request: OfficeRequest, card: GiftCard, tried: dict[str, KeyForm] | None = None
) -> HttpResponse:
    """Show a card with the forms to change it; one that was tried says what is wrong."""
    page = page_of(entries_of(card), request, by=("-sequence",))
    first, currency = {"request_key": new_key()}, request.organization.currency
    is_new = request.session.pop(_just_sold(card.public_id), 0)
    forms = {
        "load": LoadForm(initial=first, currency=currency),
        "adjust": AdjustForm(initial=first | {"direction": AdjustForm.UP}, currency=currency),
        "block": BlockForm(initial=first),
    }
    manages = _manages(request)
    context = {
        "card": card_row(card, sees_names=manages, shows_code=bool(is_new)),
        "moves": move_rows(card, page.rows),
        "page": page,
        "forms": forms | (tried or {}),
        "tried": next(iter(tried or {}), ""),
        "key": new_key(),
        "may_manage": manages,
    }
    return render(request, "office/gift_card.html", context)


def _just_sold(public_id: object) -> str:
    return f"gift_card_sold:{public_id}"


def _card(request: OfficeRequest, public_id: UUID) -> GiftCard:
    return get_object_or_404(cards_of(request.organization), public_id=public_id)


def _manages(request: OfficeRequest) -> bool:
    return request.staff.role in MANAGING
