"""Printed gift cards in the office, and what the organization decides about gift cards."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actors import staff_actor
from core.doors import MANAGING, OfficeRequest, office
from core.errors import Refusal
from core.idempotency import Answer
from core.keyed_forms import answered_once, new_key
from core.models.people import Role
from core.paging import page_of
from rewards.gift_card_forms import BatchForm, TermsForm
from rewards.gift_card_page import batch_rows
from rewards.services.gift_card_batches import give_out_codes, order_batch
from rewards.services.gift_card_reading import batches_of
from rewards.services.gift_card_terms import Decided, save_terms, terms_of


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def gift_card_batches(request: OfficeRequest) -> HttpResponse:
    """List the batches of printed cards with how far they are, and order another one."""
    form = BatchForm(request.POST or None, initial={"request_key": new_key()})
    if request.method == "POST" and form.is_valid() and _ordered(request, form):
        messages.success(request, _("The cards are being made. This page says how far they are."))
        return redirect("office:gift_card_batches", request.organization.slug)
    return render(request, "office/gift_card_batches.html", _listed(request) | {"form": form})


@office(Role.OWNER, Role.MANAGER)
@require_safe
def gift_card_batch_rows(request: OfficeRequest) -> HttpResponse:
    """Show the same list alone, which the page asks for while cards are being made."""
    return render(request, "office/parts/gift_card_batches.html", _listed(request))


@office(Role.OWNER, Role.MANAGER)
@require_POST
def gift_card_codes(request: OfficeRequest, batch: UUID) -> HttpResponse:
    """Give the codes of a batch out for the printer, once."""
    found = get_object_or_404(batches_of(request.organization), public_id=batch)
    try:
        codes = give_out_codes(batch_id=found.pk, actor=staff_actor(request.staff.pk))
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("office:gift_card_batches", request.organization.slug)
    answer = HttpResponse(codes, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="gift-cards-{found.pk}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_http_methods(["GET", "HEAD", "POST"])
def gift_card_terms(request: OfficeRequest) -> HttpResponse:
    """Show and change what is decided about gift cards; only who manages changes it."""
    manages = request.staff.role in MANAGING
    terms, currency = terms_of(request.organization), request.organization.currency
    known = {name: getattr(terms, name) for name in Decided.__slots__}
    first = known | {"request_key": new_key()}
    sends = request.method == "POST" and manages
    form = TermsForm(request.POST if sends else None, currency=currency, initial=first)
    if not manages:
        for field in form.fields.values():
            field.disabled = True
    if sends and form.is_valid() and _decided(request, form):
        messages.success(request, _("Saved. It counts for what is sold or loaded from now on."))
        return redirect("office:gift_card_terms", request.organization.slug)
    context = {"form": form, "may_manage": manages}
    return render(request, "office/gift_card_terms.html", context)


# --- what the views do ------------------------------------------------------------------------


def _listed(request: OfficeRequest) -> dict[str, Any]:
    page = page_of(batches_of(request.organization), request, by=("-pk",))
    rows = batch_rows(page.rows)
    return {"rows": rows, "page": page, "is_making": any(not row.is_ready for row in rows)}


def _ordered(request: OfficeRequest, form: BatchForm) -> Answer | None:
    wish = {name: form.cleaned_data[name] for name in ("name", "size")}
    act = partial(_order, request, wish)
    return answered_once(request, form, step="order_gift_cards", wish=wish, act=act)


def _order(request: OfficeRequest, wish: dict[str, Any], _request_key: str) -> Answer:
    batch = order_batch(
        organization_id=request.organization.pk, actor=staff_actor(request.staff.pk), **wish
    )
    return Answer(HTTPStatus.CREATED, {"batch": batch.public_id})


def _decided(request: OfficeRequest, form: TermsForm) -> Answer | None:
    wish = {name: form.cleaned_data[name] for name in Decided.__slots__}

    def act(_request_key: str) -> Answer:
        decided = Decided(**wish)
        actor = staff_actor(request.staff.pk)
        save_terms(organization_id=request.organization.pk, decided=decided, actor=actor)
        return Answer(HTTPStatus.OK, {})

    return answered_once(request, form, step="gift_card_terms", wish=wish, act=act)
