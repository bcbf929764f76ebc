"""The way back to what was typed, for those who were signed out before they sent it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from rewards.forms import LINES, typed_in

ADDRESS_LENGTH_MAX = 2500

View = Callable[..., HttpResponseBase]


def comes_back(to: Callable[..., str]) -> Callable[[View], View]:
    """Lead whoever the till's door sends away back to ``to``, which shows what they had typed.

    Stands outside the door, because a form that is sent too late never gets past it.
    """

    def way_back(view: View) -> View:
        @wraps(view)
        def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            answer = view(request, *args, **kwargs)
            is_signed_out = hasattr(request, "register") and not hasattr(request, "staff")
            if request.method == "POST" and is_signed_out:
                return _sign_in(request, to(request, **kwargs))
            return answer

        return enter

    return way_back


def to_ring_up(request: HttpRequest) -> str:
    """Return the address of the ring-up panel with what was typed; very long lines stay behind."""
    typed = typed_in(request.POST)
    if not typed.get("member"):
        typed["guest"] = "1"
    if len(quote(urlencode(typed))) > ADDRESS_LENGTH_MAX:
        typed = {name: text for name, text in typed.items() if not name.startswith(LINES)}
    return f"{reverse('till:home')}?{urlencode(typed)}"


def to_adding(request: HttpRequest) -> str:
    """Return the address at which the same phone number is offered to be added."""
    return f"{reverse('till:home')}?{urlencode({'q': request.POST.get('phone', '')})}"


def to_receipt(request: HttpRequest, purchase_id: object) -> str:  # noqa: ARG001 one shape for all
    """Return the address of the receipt."""
    return reverse("till:receipt", args=[purchase_id])


def to_member(request: HttpRequest) -> str:
    """Return the address of the member for whom something was to be handed over."""
    return f"{reverse('till:home')}?{urlencode({'member': request.POST.get('member', '')})}"


def to_earlier(request: HttpRequest, purchase_id: object) -> str:  # noqa: ARG001 one shape for all
    """Return the address at which an earlier receipt is looked for again."""
    return f"{reverse('till:earlier')}?{urlencode({'member': request.POST.get('member', '')})}"


def to_gift_card(request: HttpRequest) -> str:  # noqa: ARG001 one shape for all
    """Return the address at which a gift card's code is typed again; codes stand in no address."""
    return reverse("till:home")


def to_selling_gift_card(request: HttpRequest) -> str:  # noqa: ARG001 one shape for all
    """Return the address at which a gift card is sold."""
    return reverse("till:sell_gift_card")


def to_proof(request: HttpRequest, member_id: object) -> str:  # noqa: ARG001 one shape for all
    """Return the address at which a member proves that they are there."""
    return reverse("till:proof", args=[member_id])


def to_redemption(request: HttpRequest, redemption_id: object) -> str:  # noqa: ARG001 one shape for all
    """Return the address of what was handed over."""
    return reverse("till:redemption", args=[redemption_id])


def to_voucher(request: HttpRequest, voucher_id: object) -> str:
    """Return the address of the voucher, with the member for whom it was to be used."""
    member = request.POST.get("member", "")
    return f"{reverse('till:voucher', args=[voucher_id])}?{urlencode({'member': member})}"


def to_use(request: HttpRequest, voucher_id: object, use: int) -> str:  # noqa: ARG001 one shape for all
    """Return the address of what was handed over for a voucher."""
    return reverse("till:voucher_used", args=[voucher_id, use])


def _sign_in(request: HttpRequest, address: str) -> HttpResponseBase:
    messages.warning(
        request,
        _("You were signed out before this was sent. Sign in and send it again; it is kept."),
    )
    url = f"{reverse('till:sign_in')}?{urlencode({'next': address})}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)
