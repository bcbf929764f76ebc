"""The ways into the back-office, and of its devices: which organization, which register."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.doors import LobbyRequest, OfficeRequest, lobby, office
from core.forms import EnrollForm
from core.models import Register
from core.models.people import Role
from core.queries import registers_of, stores_of
from core.register_cookie import RegisterCookie, remember
from core.services.registers import add_register, enroll_device, release_device


@lobby
@require_safe
def choose(request: LobbyRequest) -> HttpResponse:
    """Open the only office someone works in, or ask which; cashiers belong at the till."""
    offices = [staff.organization for staff in request.roles if staff.role != Role.CASHIER]
    choices = [(each.name, reverse("office:home", args=[each.slug])) for each in offices]
    if len(choices) > 1:
        return render(request, "office/choose.html", {"choices": choices})
    return redirect(choices[0][1] if choices else "till:home")


@office(Role.OWNER, Role.MANAGER)
@require_http_methods(["GET", "HEAD", "POST"])
def enroll(request: OfficeRequest) -> HttpResponse:
    """Make this device a register, and leave no office open on it."""
    form = EnrollForm(
        request.POST or None,
        registers=registers_of(request.organization),
        stores=stores_of(request.organization),
    )
    if not form.is_valid():
        return render(request, "office/enroll.html", {"form": form})
    staff_id, place = request.staff.pk, form.chosen
    if not isinstance(place, Register):
        place = add_register(store_id=place.pk, staff_id=staff_id)
    device = enroll_device(register_id=place.pk, staff_id=staff_id)
    logout(request)
    messages.success(request, _("This device is a register now. You are signed out of the office."))
    answer = redirect("till:sign_in")
    remember(answer, RegisterCookie(device.public_id))
    return answer


@office(Role.OWNER, Role.MANAGER)
@require_POST
def release(request: OfficeRequest, register: UUID) -> HttpResponse:
    """Stop the device that is this register, for instance because it was lost."""
    found = get_object_or_404(registers_of(request.organization), public_id=register)
    release_device(register_id=found.pk, staff_id=request.staff.pk)
    messages.success(request, _("The device is no register any more."))
    return redirect("office:stores", request.organization.slug)
