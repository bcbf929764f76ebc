"""One member in the office: overview, ledger, details, and their receipts."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.doors import MANAGING, OfficeRequest, office
from core.errors import Missing
from core.keyed_forms import new_key
from core.models.people import Role
from core.paging import page_of
from loyalty.forms.adjusting import LedgerFilters
from loyalty.member_page import (
    birthday_words,
    entry_rows,
    how_they_shop,
    noted_of,
    overview,
    who_with_card,
)
from loyalty.queries import entries_held_by, purchases_of
from loyalty.receipt_page import receipt_shown
from members.models import Member
from members.queries import attributes_of, cards_of, consents_of, get_member, groups_with

MemberView = Callable[[OfficeRequest, Member], HttpResponse]


def member_in(request: OfficeRequest, member: UUID) -> Member:
    """Return the member of an address, or who they were merged into; others do not exist."""
    try:
        return get_member(request.organization, member)
    except Missing:
        raise Http404 from None


def _of_member(view: MemberView) -> Callable[..., HttpResponse]:
    """Hand the view its member; the pages of a merged one lead to the one that lives on."""

    @wraps(view)
    def enter(request: OfficeRequest, member: UUID) -> HttpResponse:
        found = member_in(request, member)
        if found.public_id != member:
            return redirect("office:member", request.organization.slug, found.public_id)
        return view(request, found)

    return enter


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
@_of_member
def profile(request: OfficeRequest, member: Member) -> HttpResponse:
    """Show who it is, what they have and what they bought last."""
    shown = overview(request.organization, member)
    at = [request.organization.slug, member.public_id]
    context = {
        "shown": shown,
        "shops": how_they_shop(member, timezone.now()),
        "rewards_url": reverse("office:member_rewards", args=at),
    }
    return _tab(request, member, "office/member.html", **context)


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
@_of_member
def ledger(request: OfficeRequest, member: Member) -> HttpResponse:
    """List what happened to the member's points, and why."""
    form = LedgerFilters(request.GET)
    entries = entries_held_by(member)
    kind = form.cleaned_data["kind"] if form.is_valid() else ""
    if kind:
        entries = entries.filter(kind=kind)
    page = page_of(entries, request, by=("-account_id", "-sequence"))
    rows = entry_rows(request.organization, page.rows)
    context = {"form": form, "page": page, "rows": rows, "is_narrowed": bool(kind)}
    return _tab(request, member, "office/member_ledger.html", **context)


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
@_of_member
def details(request: OfficeRequest, member: Member) -> HttpResponse:
    """Show everything that is known about the member."""
    may_manage = request.staff.role in MANAGING
    defined = attributes_of(request.organization)
    context: dict[str, Any] = {
        "groups": groups_with(member),
        "noted": noted_of(member, defined, is_masked=not may_manage),
    }
    if request.staff.role in MANAGING:
        context |= {"cards": cards_of(member), "consents": consents_of(member), "known": member}
        context["birthday"] = birthday_words(member)
    return _tab(request, member, "office/member_details.html", **context)


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def purchase(request: OfficeRequest, purchase: UUID) -> HttpResponse:
    """Show what was bought, what it earned and why, and what came back."""
    found = get_object_or_404(purchases_of(request.organization), public_id=purchase)
    may_manage = request.staff.role in MANAGING
    at = [request.organization.slug, found.public_id]
    context = {
        "receipt": receipt_shown(request.organization, found, is_masked=not may_manage),
        "currency": request.organization.currency,
        "settle_url": reverse("office:settle", args=at) if may_manage else "",
        "request_key": new_key(),
    }
    return render(request, "office/purchase.html", context)


def _tab(request: OfficeRequest, member: Member, template: str, **context: Any) -> HttpResponse:
    """Show one of the member's pages under the head they share."""
    may_manage = request.staff.role in MANAGING
    shared = {
        "member": who_with_card(member, is_masked=not may_manage),
        "may_manage": may_manage,
        "currency": request.organization.currency,
    }
    return render(request, template, shared | context)
