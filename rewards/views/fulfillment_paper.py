"""Fulfillment on paper: address labels for what is sent, and the list to pick by."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from core.doors import OfficeRequest, office
from core.models.people import Role
from rewards.fulfillment_forms import LabelsForm
from rewards.fulfillment_page import can_be_labeled, label_of, pick_list
from rewards.paper import (
    LABEL_FORMS,
    NoPango,
    label_context,
    labels_pdf,
    pick_context,
    picks_pdf,
)
from rewards.views.fulfillment import back_to_list, picked


@office(Role.OWNER, Role.MANAGER)
@require_POST
def print_labels(request: OfficeRequest) -> HttpResponseBase:
    """Give labels for the ticked ones that are sent; what is picked up needs none."""
    found, form = picked(request), LabelsForm(request.POST)
    sent = [one for one in found if can_be_labeled(one)]
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(map(str, errors)))
        return redirect(back_to_list(request))
    if not sent:
        messages.warning(request, _("Tick something that is sent to an address."))
        return redirect(back_to_list(request))
    kind = LABEL_FORMS[form.cleaned_data["form"]]
    labels = [label_of(one, request.organization) for one in sent]
    first = form.cleaned_data["first"] or 1
    return _paper(
        request,
        "labels.pdf",
        lambda: labels_pdf(kind, labels, first=first),
        lambda: label_context(kind, labels, first=first),
    )


@office(Role.OWNER, Role.MANAGER)
@require_POST
def print_picks(request: OfficeRequest) -> HttpResponseBase:
    """Give the list by which the ticked ones are picked."""
    found = picked(request)
    if not found:
        messages.warning(request, _("Tick the rows first."))
        return redirect(back_to_list(request))
    picks = pick_list(found, request.organization)
    return _paper(request, "to-pick.pdf", lambda: picks_pdf(picks), lambda: pick_context(picks))


def _paper(
    request: OfficeRequest,
    name: str,
    pdf: Callable[[], bytes],
    context: Callable[[], dict[str, Any]],
) -> HttpResponseBase:
    """Answer with a PDF, or with a page for the browser's printer where none can be made."""
    try:
        made = pdf()
    except NoPango:
        return _on_screen(request, context())
    return FileResponse(BytesIO(made), filename=name, content_type="application/pdf")


def _on_screen(request: OfficeRequest, context: dict[str, Any]) -> HttpResponse:
    shown = context | {"back_url": back_to_list(request)}
    return render(request, "paper/parcels_screen.html", shown)
