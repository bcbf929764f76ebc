"""What a purchase comes to while it is being typed: priced as it would be recorded."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.actors import staff_actor
from core.doors import TillRequest, till
from core.errors import Refusal, TriedTooOften
from loyalty.earning.exact import ZERO
from rewards.answers import ReceiptView
from rewards.forms import Sale
from rewards.gift_card_errors import GiftCardMistyped, GiftCardNotUsable
from rewards.services.gift_card_finding import against_guessing
from rewards.services.till import quote_here
from rewards.services.till_gift_cards import (
    card_would_pay,
    looks_like_voucher,
    note_refused,
    refused_lately,
)
from rewards.services.voucher_finding import against_voucher_guessing
from rewards.till_page import Slip, slip_of_quote
from rewards.views.coming_back import comes_back, to_ring_up
from rewards.views.till_screen import place_of, voucher_asker
from rewards.voucher_codes import spelled

Contents = Mapping[str, Any]

WITHOUT = "without"  # the button that leaves a refused voucher out

# What is left out of a quote, with a word about it, where it cannot be used.
LEFT_OUT = {
    "points": "points_to_spend",
    "points_to_spend": "points_to_spend",
    "vouchers": "vouchers",
}


@comes_back(to_ring_up)
@till
@require_POST
def quote(request: TillRequest) -> HttpResponse:
    """Say what the purchase being typed comes to and gives; nothing, while it cannot be told."""
    sale = Sale.sent(request.POST, request.organization.currency)
    if not sale.can_be_priced():
        return HttpResponse()
    slip = quoted(request, sale.contents)
    if slip is None:
        return HttpResponse()
    context = {"answer": slip, "is_guest": "member" not in sale.contents}
    return render(request, "till/quote.html", context | {"currency": request.organization.currency})


def quoted(request: TillRequest, contents: Contents) -> Slip | None:
    """Return what would be given and paid; what cannot be used for it is left out, and said why.

    What is wrong besides is said when the form is sent, and nothing is told until then.
    """
    warnings: list[str] = []
    while True:
        try:
            view = _priced(request, contents)
            break
        except Refusal as refusal:
            fewer = _without_faulty(contents, refusal)
            if fewer is None:
                return None
            contents = fewer
            warnings.append(str(refusal))
    card = _by_card(request, contents, view)
    warning = " ".join([*warnings, *([card.warning] if card.warning else [])])
    return slip_of_quote(view, warning=warning, by_card=card.amount)


def leaving_out(contents: Contents, voucher: str) -> Contents:
    """Return a purchase without one of its vouchers."""
    codes = contents.get("vouchers", ())
    return {**contents, "vouchers": [one for one in codes if spelled(one) != spelled(voucher)]}


def without_voucher(data: QueryDict) -> QueryDict:
    """Return what was sent, less the voucher that somebody decided to leave out."""
    left_out = data.get(WITHOUT)
    if not left_out:
        return data
    codes = str(data.get("vouchers", "")).split()
    kept = [code for code in codes if spelled(code) != spelled(left_out)]
    fewer = data.copy()
    fewer["vouchers"] = " ".join(kept)
    return fewer


def vouchers_guarded(request: TillRequest, contents: Contents) -> AbstractContextManager[None]:
    """Slow down who tries vouchers; their failures count as those in the one field do."""
    return against_voucher_guessing(
        asker=voucher_asker(request), codes=contents.get("vouchers", ())
    )


def cards_guarded(request: TillRequest, contents: Contents) -> AbstractContextManager[None]:
    """Slow down who tries gift cards; most purchases are paid with none."""
    code = contents.get("gift_card")
    if not code:
        return nullcontext()
    return against_guessing(
        organization=request.organization,
        actor=staff_actor(request.staff.pk),
        pins_for=[code] if contents.get("gift_card_pin") else [],
    )


def told_of_card(refusal: Refusal, typed: str) -> str:
    """Say why a gift card cannot pay; a voucher in its field is told as one."""
    if isinstance(refusal, GiftCardMistyped) and looks_like_voucher(typed):
        return _("This looks like a voucher. Type its code into the field at the top.")
    return str(refusal)


@dataclass(frozen=True, slots=True)
class _ByCard:
    """What a gift card would pay, or why it cannot."""

    amount: Decimal = ZERO
    warning: str = ""


def _priced(request: TillRequest, contents: Contents) -> ReceiptView:
    with vouchers_guarded(request, contents):
        place = place_of(request)
        return quote_here(organization=request.organization, place=place, sent=contents)


def _without_faulty(contents: Contents, refusal: Refusal) -> Contents | None:
    """Return what is left when what was refused is not used, or nothing if that is no part."""
    refused = refusal.data.get("voucher")
    if refused is not None:
        return leaving_out(contents, refused)
    # Only vouchers are counted here: who tried too many sees the price without any.
    about = "vouchers" if isinstance(refusal, TriedTooOften) else refusal.field
    faulty = LEFT_OUT.get(about or "")
    if faulty not in contents:
        return None
    return {name: value for name, value in contents.items() if name != faulty}


def _by_card(request: TillRequest, contents: Contents, view: ReceiptView) -> _ByCard:
    """Ask what the card that is being typed would pay of what is due.

    A card that was refused a moment ago is not asked for again with every key that is pressed.
    """
    if not contents.get("gift_card") or not view.due:
        return _ByCard()
    session = request.register_session.public_id
    known = refused_lately(session, contents)
    if known:
        return _ByCard(warning=known)
    try:
        with cards_guarded(request, contents):
            place = place_of(request)
            return _ByCard(card_would_pay(request.organization, place, contents, due=view.due))
    except Refusal as refusal:
        said = told_of_card(refusal, contents["gift_card"])
        if isinstance(refusal, GiftCardNotUsable):
            note_refused(session, contents, said)
        return _ByCard(warning=said)
