"""Who works here, in the office: the list, somebody new, and one person."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.addresses import public_url
from core.doors import MANAGING, OfficeRequest, office
from core.errors import StaffOutOfReach
from core.idempotency import Answer
from core.keyed_forms import KeyForm, answered_once, new_key
from core.models import Staff
from core.models.people import Role
from core.office_forms import NewStaffForm, SetPinForm, StaffForm
from core.queries import stores_of, team_of
from core.services import staffing
from core.services.staff import NewStaff
from core.services.staffing import StaffDetails

LINK_MADE = "made"


@office(Role.OWNER, Role.MANAGER)
@require_safe
def staff(request: OfficeRequest) -> HttpResponse:
    """List who works here or ever did, and how they sign in."""
    return render(request, "office/staff.html", {"team": team_of(request.organization)})


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def add_staff(request: OfficeRequest) -> HttpResponse:
    """Take somebody on, and show once the link by which they choose a password."""
    form = NewStaffForm(
        request.POST or None,
        initial={"request_key": new_key(), "role": Role.CASHIER},
        stores=stores_of(request.organization),
        by=request.staff,
    )
    links: list[str] = []
    if form.is_valid():
        act = partial(_hire, request, form, links)
        answer = answered_once(request, form, step="add_staff", wish=_typed(form), act=act)
        if answer is not None:
            return _hired(request, answer, links)
    return render(request, "office/staff_new.html", {"form": form})


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def staff_member(request: OfficeRequest, person: UUID) -> HttpResponse:
    """Show one person, and change their name, role and stores."""
    found = _person(request, person)
    if request.method != "POST":
        return _show(request, found)
    form = _form(request, found, request.POST)
    if form.is_valid():
        act = partial(_change, request, form, found)
        wish = _typed(form) | {"staff": found.public_id}
        if _once(request, form, step="change_staff", wish=wish, act=act):
            messages.success(request, _("The changes were saved."))
            return _to_person(request, found)
    return _show(request, found, form=form)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def staff_pin(request: OfficeRequest, person: UUID) -> HttpResponse:
    """Give somebody a new PIN."""
    found = _person(request, person)
    form = SetPinForm(request.POST, auto_id="pin_%s")
    if form.is_valid():
        # The PIN is no part of the wish, which is stored: only that one was set.
        act = partial(_set_pin, request, form, found)
        if _once(request, form, step="staff_pin", wish={"staff": found.public_id}, act=act):
            messages.success(request, _("The new PIN works from now on."))
            return _to_person(request, found)
    if not found.is_active:  # their page has no form that could show it
        _tell(request, form)
        return _to_person(request, found)
    return _show(request, found, pin_form=form)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def staff_link(request: OfficeRequest, person: UUID) -> HttpResponse:
    """Make a new sign-in link and show it, once: it is kept nowhere and in no address."""
    found = _person(request, person)
    form = KeyForm(request.POST)
    links: list[str] = []
    if form.is_valid():
        act = partial(_make_link, request, found, links)
        wish = {"staff": found.public_id}
        if _once(request, form, step="staff_link", wish=wish, act=act) and links:
            return _link_page(request, found, links[0])
        if not form.errors:
            messages.info(request, _("This link was shown already. You can make a new one."))
            return _to_person(request, found)
    _tell(request, form)
    return _to_person(request, found)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def deactivate(request: OfficeRequest, person: UUID) -> HttpResponse:
    """End somebody's access."""
    said = _("They can sign in neither here nor at the till any more.")
    return _set_access(request, _person(request, person), staffing.deactivate, said)


@office(Role.OWNER, Role.MANAGER)
@require_POST
def reactivate(request: OfficeRequest, person: UUID) -> HttpResponse:
    """Let somebody work here again."""
    said = _("They can work here again, in the role they had.")
    return _set_access(request, _person(request, person), staffing.reactivate, said)


# --- what the views do ------------------------------------------------------------------------


def _person(request: OfficeRequest, person: UUID) -> Staff:
    return get_object_or_404(team_of(request.organization), public_id=person)


def _once(
    request: OfficeRequest,
    form: KeyForm,
    *,
    step: str,
    wish: dict[str, Any],
    act: Callable[[str], Answer],
) -> Answer | None:
    """Do it once, or leave on the form why not; who may not at all is shown the door."""
    answer = answered_once(request, form, step=step, wish=wish, act=act)
    if form.has_error("__all__", code=StaffOutOfReach.code):
        raise PermissionDenied
    return answer


def _hire(
    request: OfficeRequest, form: NewStaffForm, links: list[str], _request_key: str
) -> Answer:
    typed = form.cleaned_data
    new = NewStaff(
        name=typed["name"],
        role=typed["role"],
        code=typed["code"],
        email=typed["email"],
        pin=typed["pin"],
        stores=tuple(typed["stores"]),
    )
    organization_id = request.organization.pk
    hired = staffing.hire(organization_id=organization_id, by_id=request.staff.pk, new=new)
    # The link goes to the page alone: what is answered under a key is kept.
    links[:] = [hired.link] if hired.link else []
    return Answer(HTTPStatus.CREATED, {"staff": hired.staff.public_id})


def _hired(request: OfficeRequest, answer: Answer, links: list[str]) -> HttpResponse:
    person = _person(request, UUID(answer.body["staff"]))
    if links:
        return _link_page(request, person, links[0])
    messages.success(request, _("They were added to your staff."))
    return _to_person(request, person)


def _change(request: OfficeRequest, form: StaffForm, person: Staff, _request_key: str) -> Answer:
    typed = form.cleaned_data
    details = StaffDetails(name=typed["name"], role=typed["role"], stores=tuple(typed["stores"]))
    staffing.change_staff(staff_id=person.pk, by_id=request.staff.pk, details=details)
    return Answer(HTTPStatus.OK, {})


def _set_pin(request: OfficeRequest, form: SetPinForm, person: Staff, _request_key: str) -> Answer:
    pin = form.cleaned_data["pin"]
    staffing.set_pin(staff_id=person.pk, by_id=request.staff.pk, pin=pin)
    return Answer(HTTPStatus.OK, {})


def _make_link(
    request: OfficeRequest, person: Staff, links: list[str], _request_key: str
) -> Answer:
    links[:] = [staffing.new_link(staff_id=person.pk, by_id=request.staff.pk)]
    return Answer(HTTPStatus.CREATED, {"link": LINK_MADE})


def _set_access(
    request: OfficeRequest, person: Staff, service: Callable[..., Staff], said: str
) -> HttpResponse:
    form = KeyForm(request.POST)

    def act(_request_key: str) -> Answer:
        service(staff_id=person.pk, by_id=request.staff.pk)
        return Answer(HTTPStatus.OK, {})

    wish = {"staff": person.public_id}
    if form.is_valid() and _once(request, form, step=service.__name__, wish=wish, act=act):
        messages.success(request, said)
    _tell(request, form)
    return _to_person(request, person)


def _tell(request: OfficeRequest, form: KeyForm) -> None:
    """Say what was refused, where no form is shown again."""
    for error in form.non_field_errors():
        messages.error(request, str(error))


def _typed(form: KeyForm) -> dict[str, Any]:
    """Return what was typed as it may be kept: a PIN is not."""
    return {
        name: value
        for name, value in form.cleaned_data.items()
        if name not in {"request_key", "pin"}
    }


# --- what is shown ----------------------------------------------------------------------------


def _form(request: OfficeRequest, person: Staff, data: Any = None) -> StaffForm:
    known = {
        "name": person.name,
        "role": person.role,
        "stores": [store.code for store in person.places],  # type: ignore[attr-defined]  # the query added them
        "request_key": new_key(),
    }
    return StaffForm(
        data,
        initial=known,
        stores=stores_of(request.organization),
        by=request.staff,
        own=person.pk == request.staff.pk,
    )


def _show(
    request: OfficeRequest,
    person: Staff,
    *,
    form: StaffForm | None = None,
    pin_form: SetPinForm | None = None,
) -> HttpResponse:
    is_self = person.pk == request.staff.pk
    context = {
        "person": person,
        "is_self": is_self,
        "may_change": is_self or request.staff.role == Role.OWNER or person.role not in MANAGING,
        "form": form or _form(request, person),
        "pin_form": pin_form or SetPinForm(initial={"request_key": new_key()}, auto_id="pin_%s"),
        "request_key": new_key(),
    }
    return render(request, "office/staff_member.html", context)


def _link_page(request: OfficeRequest, person: Staff, path: str) -> HttpResponse:
    context = {"person": person, "link": public_url(path)}
    return render(request, "office/staff_link.html", context)


def _to_person(request: OfficeRequest, person: Staff) -> HttpResponse:
    return redirect("office:staff_member", request.organization.slug, person.public_id)
