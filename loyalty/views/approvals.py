"""Corrections that wait for a second person: the list, one of them, and the decision."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from core.actors import Actor, staff_actor
from core.doors import OfficeRequest, office
from core.errors import Refusal
from core.idempotency import Answer
from core.keyed_forms import KeyForm, answered_once, new_key, once_in_office
from core.models.people import Role
from core.paging import page_of
from loyalty.approval_page import approval_rows
from loyalty.forms.adjusting import DecisionForm
from loyalty.models import AdjustmentRequest
from loyalty.queries import adjustment_requests_of
from loyalty.services.adjustment_requests import (
    approve_adjustment,
    decline_adjustment,
    withdraw_adjustment,
)

DONE = {
    "approve": (approve_adjustment, _("The points were corrected.")),
    "withdraw": (withdraw_adjustment, _("Nobody is asked any more. Nothing was changed.")),
}
DECLINED = _("Declined. Nothing was changed.")


@office(Role.OWNER, Role.MANAGER)
@require_safe
def approvals(request: OfficeRequest) -> HttpResponse:
    """List what waits for a second person, oldest first."""
    waiting = adjustment_requests_of(request.organization).filter(
        status=AdjustmentRequest.Status.ASKED
    )
    page = page_of(waiting, request, by=("created_at", "pk"))
    rows = approval_rows(request.organization, page.rows, actor=_actor(request))
    return render(request, "office/approvals.html", {"rows": rows, "page": page})


@office(Role.OWNER, Role.MANAGER)
@require_safe
def approval(request: OfficeRequest, asked: UUID) -> HttpResponse:
    """Show one correction, and let it be decided by whoever may."""
    form = DecisionForm(initial={"request_key": new_key()})
    return _show(request, _found(request, asked), form)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def decline(request: OfficeRequest, asked: UUID) -> HttpResponse:
    """Say no, and why."""
    found = _found(request, asked)
    form = DecisionForm(request.POST)
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        wish = {"request": found.public_id, "reason": reason}
        act = partial(_act, partial(decline_adjustment, reason=reason), found.pk, _actor(request))
        if answered_once(request, form, step="decline_adjustment", wish=wish, act=act):
            messages.success(request, str(DECLINED))
            return redirect("office:approvals", request.organization.slug)
    return _show(request, _found(request, asked), form)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def decide(request: OfficeRequest, asked: UUID, decision: str) -> HttpResponse:
    """Approve what somebody else asked for, or withdraw what one asked for oneself."""
    found = _found(request, asked)
    form = KeyForm(request.POST)
    if decision not in DONE or not form.is_valid():
        raise Http404
    service, said = DONE[decision]
    act = partial(_act, service, found.pk, _actor(request))
    key = form.cleaned_data["request_key"]
    wish = {"request": found.public_id}
    try:
        once_in_office(request, key, step=f"{decision}_adjustment", wish=wish, act=act)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("office:approval", request.organization.slug, found.public_id)
    messages.success(request, str(said))
    return redirect("office:approvals", request.organization.slug)


def _act(
    service: Callable[..., AdjustmentRequest], request_id: int, actor: Actor, _request_key: str
) -> Answer:
    decided = service(request_id=request_id, actor=actor)
    return Answer(HTTPStatus.OK, {"status": decided.status})


def _found(request: OfficeRequest, asked: UUID) -> AdjustmentRequest:
    return get_object_or_404(adjustment_requests_of(request.organization), public_id=asked)


def _actor(request: OfficeRequest) -> Actor:
    return staff_actor(request.staff.pk)


def _show(request: OfficeRequest, found: AdjustmentRequest, form: DecisionForm) -> HttpResponse:
    [row] = approval_rows(request.organization, [found], actor=_actor(request))
    context = {"asked": row, "form": form, "request_key": new_key()}
    return render(request, "office/approval.html", context)
