"""The stores in the office, with their registers."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.actors import staff_actor
from core.doors import MANAGING, OfficeRequest, office
from core.idempotency import Answer
from core.keyed_forms import KeyForm, answered_once, new_key
from core.models import Store
from core.models.people import Role
from core.office_forms import NewStoreForm, StoreForm
from core.queries import every_register_of, registers_of, stores_of
from core.services.registers import add_register as make_register
from core.services.registers import retire_register
from core.services.stores import StoreDetails, change_store
from core.services.stores import add_store as open_store


@office(Role.OWNER, Role.MANAGER, Role.ANALYST)
@require_safe
def stores(request: OfficeRequest) -> HttpResponse:
    """List the stores with their registers, and what may be done with them."""
    context = {
        "registers": registers_of(request.organization),
        "stores": stores_of(request.organization),
        "may_manage": request.staff.role in MANAGING,
        "request_key": new_key(),
    }
    return render(request, "office/stores.html", context)


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def add_store(request: OfficeRequest) -> HttpResponse:
    """Open one more store, with its first register."""
    form = NewStoreForm(request.POST or None, initial={"request_key": new_key()})
    if form.is_valid():
        act = partial(_open, request, form)
        if answered_once(request, form, step="add_store", wish=_typed(form), act=act):
            messages.success(request, _("The store was added, with its first register."))
            return _to_stores(request)
    return render(request, "office/store.html", {"form": form})


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_store(request: OfficeRequest, code: str) -> HttpResponse:
    """Change what a store is called, and its clock."""
    store = get_object_or_404(stores_of(request.organization), code=code)
    known = {"name": store.name, "time_zone": store.time_zone, "request_key": new_key()}
    form = StoreForm(request.POST or None, initial=known)
    if form.is_valid():
        act = partial(_change, request, form, store)
        wish = _typed(form) | {"store": store.code}
        if answered_once(request, form, step="edit_store", wish=wish, act=act):
            messages.success(request, _("The store was changed."))
            return _to_stores(request)
    return render(request, "office/store.html", {"form": form, "store": store})


@office(Role.OWNER, Role.MANAGER)
@require_POST
def add_register(request: OfficeRequest, code: str) -> HttpResponse:
    """Make one more register in a store."""
    store = get_object_or_404(stores_of(request.organization), code=code)
    form = KeyForm(request.POST)

    def act(_request_key: str) -> Answer:
        register = make_register(store_id=store.pk, staff_id=request.staff.pk)
        return Answer(HTTPStatus.CREATED, {"register": register.public_id})

    wish = {"store": store.code}
    if form.is_valid() and answered_once(request, form, step="add_register", wish=wish, act=act):
        messages.success(request, _("The register was added."))
    else:
        messages.error(request, _("Nothing was added. Please try again."))
    return _to_stores(request)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def retire(request: OfficeRequest, register: UUID) -> HttpResponse:
    """Take a register out of use; doing so twice changes nothing."""
    found = get_object_or_404(every_register_of(request.organization), public_id=register)
    retire_register(register_id=found.pk, staff_id=request.staff.pk)
    messages.success(request, _("The register is out of use."))
    return _to_stores(request)


def _open(request: OfficeRequest, form: NewStoreForm, _request_key: str) -> Answer:
    store = open_store(
        organization_id=request.organization.pk,
        code=form.cleaned_data["code"],
        details=_details(form),
        actor=staff_actor(request.staff.pk),
    )
    return Answer(HTTPStatus.CREATED, {"store": store.code})


def _change(request: OfficeRequest, form: StoreForm, store: Store, _request_key: str) -> Answer:
    actor = staff_actor(request.staff.pk)
    change_store(store_id=store.pk, details=_details(form), actor=actor)
    return Answer(HTTPStatus.OK, {})


def _details(form: StoreForm) -> StoreDetails:
    typed = form.cleaned_data
    return StoreDetails(name=typed["name"], time_zone=typed["time_zone"])


def _typed(form: KeyForm) -> dict[str, object]:
    return {name: value for name, value in form.cleaned_data.items() if name != "request_key"}


def _to_stores(request: OfficeRequest) -> HttpResponse:
    return redirect("office:stores", request.organization.slug)
