"""Receipts that were rung up without a member, given to the one who now stands at the till."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from core.doors import TillRequest, till
from core.errors import Refusal, TooMany
from core.idempotency import Answer, answer_once
from loyalty.models import Purchase
from loyalty.queries import purchases_of
from loyalty.services.claims import claim_days
from members.models import Member
from rewards.earlier_page import earlier_row
from rewards.forms import EarlierForm, GivingForm
from rewards.queries import guest_receipts, rung_up_in, with_number
from rewards.services import look_ups
from rewards.services.till import claim_here
from rewards.views.coming_back import comes_back, to_earlier
from rewards.views.till_screen import (
    SeeOther,
    at_earlier,
    at_home,
    at_receipt,
    keyed,
    member_named,
    place_of,
    screen,
    shown_here,
    slow_down,
)

SHOWN = 5


@till
@require_safe
def earlier(request: TillRequest) -> HttpResponse:
    """Offer the last receipt that was rung up here without a member, or one by its number."""
    member = _member(request, request.GET.get("member"))
    try:
        look_ups.open_member(place=place_of(request), member=member)
    except TooMany as refusal:
        return slow_down(request, refusal)
    panel = shown_here(request, member)
    if panel.is_blocked:
        return SeeOther(at_home(member=member.public_id))
    form = EarlierForm(request.GET)
    number = form.cleaned_data["number"] if form.is_valid() else ""
    context = {
        "rows": [earlier_row(one) for one in _receipts(request, number)],
        "number": number,
        "again_url": at_home(member=member.public_id),
    }
    return screen(request, member=panel, earlier=context)


@comes_back(to_earlier)
@till
@require_POST
def claim(request: TillRequest, purchase_id: UUID) -> HttpResponse:
    """Give a receipt to the member, once, and show what it gave."""
    here = purchases_of(request.organization).filter(store=request.store)
    purchase = get_object_or_404(here, public_id=purchase_id)
    form = GivingForm(request.POST)
    if not form.is_valid():
        raise Http404
    member = _member(request, str(form.cleaned_data["member"]))
    wish = {"purchase": purchase_id, "member": member.public_id}
    try:
        act = partial(_claim, request, purchase, member)
        answer_once(keyed(request, form, "claim", wish), act)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return SeeOther(at_earlier(member=member.public_id))
    messages.success(request, _("The receipt is theirs now, and its points are given."))
    return SeeOther(at_receipt(purchase_id))


def _member(request: TillRequest, named: str | None) -> Member:
    member = member_named(request, named or " ")
    assert member is not None, "a name that is none was answered with 404"
    return member


def _receipts(request: TillRequest, number: str) -> list[Purchase]:
    """Return what may be given: nobody browses what others bought, so a number is needed."""
    days = claim_days(request.organization.pk)
    since = timezone.now() - timedelta(days=days)
    guests = guest_receipts(request.organization, request.store, since=since)
    if number:
        return list(with_number(guests, number)[:SHOWN])
    return list(rung_up_in(guests, request.register_session)[:1])


def _claim(request: TillRequest, purchase: Purchase, member: Member, request_key: str) -> Answer:
    claim_here(purchase=purchase, member=member, place=place_of(request), request_key=request_key)
    return Answer(HTTPStatus.OK, {"purchase": purchase.public_id})
