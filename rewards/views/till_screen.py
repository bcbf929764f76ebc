"""What all views of the till's main screen share: who is here, what is sent once, what is shown."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from core.doors import TillRequest
from core.errors import Missing, TooMany
from core.idempotency import Keyed
from core.visitors import address_of
from members.models import Member
from members.queries import get_member
from rewards.services.baskets import Place
from rewards.services.voucher_finding import Asker
from rewards.till_page import MemberPanel, member_panel


class SeeOther(HttpResponseRedirect):
    """Leads on after a form, so that going back or reloading sends nothing again."""

    status_code = HTTPStatus.SEE_OTHER


def screen(request: TillRequest, **context: Any) -> HttpResponse:
    """Show the main screen, with times as the clock on the store's wall has them."""
    with timezone.override(place_of(request).zone):
        shown = {"currency": request.organization.currency, **context}
        return render(request, "till/home.html", shown)


def slow_down(request: TillRequest, refusal: TooMany, **context: Any) -> HttpResponse:
    """Say that something was asked too often, and when to go on."""
    page = screen(request, refusal=str(refusal), **context)
    page.status_code = HTTPStatus.TOO_MANY_REQUESTS
    page["Retry-After"] = str(refusal.data["retry_after"])
    return page


def place_of(request: TillRequest) -> Place:
    """Return where the till stands and who works there."""
    # The door read both, so that nothing asks the database for the one from the other.
    request.store.organization = request.organization
    return Place(store=request.store, register=request.register, staff=request.staff)


def voucher_asker(request: TillRequest) -> Asker:
    """Return who types voucher codes here, so that failures are counted."""
    return Asker(
        organization=request.organization,
        name=f"session:{request.register_session.pk}",
        address=address_of(request),
    )


def member_named(request: TillRequest, named: str | None) -> Member | None:
    """Return the member of an address or form; whoever is no member here does not exist."""
    if not named:
        return None
    try:
        member = get_member(request.organization, UUID(named))
    except (ValueError, Missing):
        raise Http404 from None
    if not member.is_open:
        raise Http404
    return member


def keyed(request: TillRequest, form: forms.Form, step: str, wish: dict[str, Any]) -> Keyed:
    """Tie what is wished to the key of the form it came from, so that it happens once."""
    return Keyed(
        organization_id=request.organization.pk,
        caller=f"staff:{request.staff.pk}",
        key=form.cleaned_data["request_key"],
        route=f"till:{step}",
        body=wish,
    )


def at_home(*, member: UUID | str) -> str:
    """Return the address at which to ring up for a member."""
    return f"{reverse('till:home')}?{urlencode({'member': str(member)})}"


def at_home_with(voucher: str, *, member: UUID | None) -> str:
    """Return the address at which to ring up with a voucher, for its member or a guest."""
    who = {"member": str(member)} if member else {"guest": "1"}
    return f"{reverse('till:home')}?{urlencode({**who, 'vouchers': voucher})}"


def at_earlier(*, member: UUID) -> str:
    """Return the address at which a member gets a receipt that was rung up without them."""
    return f"{reverse('till:earlier')}?{urlencode({'member': str(member)})}"


def at_proof(member_id: UUID) -> str:
    """Return the address at which a member proves that they are there."""
    return reverse("till:proof", args=[member_id])


def at_receipt(purchase_id: object) -> str:
    """Return the address of a receipt."""
    return reverse("till:receipt", args=[purchase_id])


def at_redemption(redemption_id: object) -> str:
    """Return the address of what was handed over."""
    return reverse("till:redemption", args=[redemption_id])


def shown_here(request: TillRequest, member: Member) -> MemberPanel:
    """Return the member as this register may see them, with what is given in its store."""
    store = request.store.code
    return member_panel(member, currency=request.organization.currency, store=store)
