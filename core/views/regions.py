"""Regions in the office: named sets of stores, for rules and figures."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.actors import staff_actor
from core.doors import MANAGING, OfficeRequest, office
from core.idempotency import Answer
from core.keyed_forms import answered_once, new_key
from core.models import Region
from core.models.people import Role
from core.office_forms import NewRegionForm, RegionForm
from core.queries import regions_of, stores_of
from core.services.regions import add_region as make_region
from core.services.regions import change_region


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def regions(request: OfficeRequest) -> HttpResponse:
    """List the regions with their stores."""
    context = {
        "regions": regions_of(request.organization),
        "may_manage": request.staff.role in MANAGING,
    }
    return render(request, "office/regions.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def add_region(request: OfficeRequest) -> HttpResponse:
    """Make one more region."""
    stores = stores_of(request.organization)
    first = {"request_key": new_key()}
    form = NewRegionForm(request.POST or None, initial=first, stores=stores)
    if form.is_valid():
        act = partial(_add, request, form)
        if answered_once(request, form, step="add_region", wish=_typed(form), act=act):
            messages.success(request, _("The region was added."))
            return redirect("office:regions", request.organization.slug)
    return render(request, "office/region.html", {"form": form})


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_region(request: OfficeRequest, code: str) -> HttpResponse:
    """Change what a region is called, and which stores lie in it."""
    region = get_object_or_404(regions_of(request.organization), code=code)
    lying = [store.code for store in region.stores]  # type: ignore[attr-defined]  # asked for
    known = {"name": region.name, "stores": lying, "request_key": new_key()}
    stores = stores_of(request.organization)
    form = RegionForm(request.POST or None, initial=known, stores=stores)
    if form.is_valid():
        act = partial(_change, request, form, region)
        wish = _typed(form) | {"region": region.code}
        if answered_once(request, form, step="edit_region", wish=wish, act=act):
            messages.success(request, _("The region was changed."))
            return redirect("office:regions", request.organization.slug)
    return render(request, "office/region.html", {"form": form, "region": region})


def _add(request: OfficeRequest, form: NewRegionForm, _request_key: str) -> Answer:
    region = make_region(
        organization_id=request.organization.pk,
        actor=staff_actor(request.staff.pk),
        **_typed(form),
    )
    return Answer(HTTPStatus.CREATED, {"region": region.code})


def _change(request: OfficeRequest, form: RegionForm, region: Region, _request_key: str) -> Answer:
    actor = staff_actor(request.staff.pk)
    change_region(region_id=region.pk, actor=actor, **_typed(form))
    return Answer(HTTPStatus.OK, {})


def _typed(form: RegionForm) -> dict[str, Any]:
    return {name: value for name, value in form.cleaned_data.items() if name != "request_key"}
