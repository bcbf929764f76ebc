"""Coming to work at a register, and leaving it."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.addresses import own_path
from core.doors import (
    MANAGING,
    DeviceRequest,
    LobbyRequest,
    TillRequest,
    device,
    lobby,
    public,
    till,
)
from core.forms import PasswordForm, PinForm, refusals_on, slow_down
from core.models import RegisterSession
from core.queries import staff_at, staff_of
from core.register_cookie import RegisterCookie, remember
from core.services.sign_in import end_session, sign_in_with_pin, start_session


@public(reason="tells a device that is no register yet how it becomes one")
@require_safe
def set_up(request: HttpRequest) -> HttpResponse:
    """Say who can make this device a register."""
    return render(request, "till/set_up.html")


@lobby
@require_safe
def enroll(request: LobbyRequest) -> HttpResponse:
    """Ask in which organization this device is to be a register."""
    managed = [staff.organization for staff in request.roles if staff.role in MANAGING]
    if not managed:
        raise PermissionDenied
    choices = [(each.name, reverse("office:enroll", args=[each.slug])) for each in managed]
    if len(choices) == 1:
        return redirect(choices[0][1])
    return render(request, "office/choose.html", {"choices": choices})


@device
@sensitive_post_parameters("pin", "password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: DeviceRequest) -> HttpResponseBase:
    """Let staff start work by PIN or by password; whoever worked here before stops."""
    people = staff_at(request.store).exclude(pin_hash="").order_by("name", "pk").distinct()
    form = PinForm(request.POST if request.POST.get("step") == "pin" else None, staff=people)
    step = request.POST.get("step") or request.GET.get("step") or "pin"
    if step == "password" or not form.people:
        return _by_password(request, pin_is_possible=bool(form.people))
    if form.is_valid():
        with refusals_on(form):
            session = sign_in_with_pin(
                device_id=request.device.pk,
                code=form.cleaned_data["staff"],
                pin=form.cleaned_data["pin"],
            )
            return _start(request, session)
    return _ask(request, form, step="pin", pin_is_possible=True)


def _by_password(request: DeviceRequest, *, pin_is_possible: bool) -> HttpResponseBase:
    too_many: HttpResponseBase | None = ratelimit.consume_or_429(request, action="login")
    if too_many is not None:
        return too_many
    is_sent = request.POST.get("step") == "password"
    form = PasswordForm(request.POST if is_sent else None, request=request)
    if form.is_valid():
        staff = staff_of(request.organization).filter(user=form.user, user__is_active=True).first()
        if staff is None:
            form.add_error(None, get_adapter().error_messages["email_password_mismatch"])
        else:
            with refusals_on(form):
                session = start_session(device_id=request.device.pk, staff_id=staff.pk)
                return _start(request, session)
    return _ask(request, form, step="password", pin_is_possible=pin_is_possible)


def _ask(request: DeviceRequest, form: Form, *, step: str, pin_is_possible: bool) -> HttpResponse:
    context = {
        "form": form,
        "step": step,
        "pin_is_possible": pin_is_possible,
        "organization": request.organization,
        "store": request.store,
        "register": request.register,
        "next": request.POST.get("next") or request.GET.get("next", ""),
    }
    return slow_down(form, render(request, "till/sign_in.html", context))


def _start(request: DeviceRequest, session: RegisterSession) -> HttpResponse:
    """Give the device the name of the new session, and a fresh token for its forms."""
    answer = redirect(own_path(request.POST.get("next"), otherwise=reverse("till:home")))
    remember(answer, RegisterCookie(request.device.public_id, session.public_id))
    rotate_token(request)
    return answer


@till
@require_POST
def sign_out(request: TillRequest) -> HttpResponse:
    """End work at this register; the device stays the register it is."""
    end_session(session_id=request.register_session.pk)
    answer = redirect("till:sign_in")
    remember(answer, RegisterCookie(request.device.public_id))
    return answer
