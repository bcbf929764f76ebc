"""The named doors through which every page is entered; whoever has no business there stays out.

A view stands behind exactly one door, which sets its ``surface`` and hands it a request that says
what the door has established. docs/surfaces.md shows who passes where.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from core.models import Device, Organization, Register, RegisterSession, Staff, Store, User
from core.models.people import Role
from core.queries import device_known_as, roles_of, session_on, staff_in
from core.register_cookie import cookie_of
from core.services.sign_in import end_session, keep_session

OFFICE_IDLE = timedelta(minutes=30)
TILL_IDLE = timedelta(minutes=15)
SHIFT = timedelta(hours=12)
NOTED_EVERY = timedelta(seconds=30)
SEEN = "office_seen_at"
SECOND_FACTOR_PROVED = "second_factor_proved"
MANAGING = frozenset({Role.OWNER, Role.MANAGER})

P = ParamSpec("P")
ResponseT = TypeVar("ResponseT", bound=HttpResponseBase)
View = Callable[..., HttpResponseBase]


class LobbyRequest(HttpRequest):
    """Someone of the staff, before they said of which organization."""

    user: User
    roles: list[Staff]


class OfficeRequest(HttpRequest):
    """Someone of the staff in the office of their organization, in a role that may be here."""

    user: User
    organization: Organization
    staff: Staff


class DeviceRequest(HttpRequest):
    """A device that is a register, whoever stands in front of it."""

    organization: Organization
    store: Store
    register: Register
    device: Device


class TillRequest(DeviceRequest):
    """Someone of the staff at work on a register."""

    staff: Staff
    register_session: RegisterSession


def public(*, reason: str) -> Callable[[Callable[P, ResponseT]], Callable[P, ResponseT]]:
    """Open a view to everyone, and write down why."""

    def door(view: Callable[P, ResponseT]) -> Callable[P, ResponseT]:
        @wraps(view)
        def enter(*args: P.args, **kwargs: P.kwargs) -> ResponseT:
            return view(*args, **kwargs)

        return as_door(enter, surface="public", reason=reason)

    return door


def lobby(view: Callable[Concatenate[LobbyRequest, P], HttpResponseBase]) -> View:
    """Let staff of any organization in, to say where they want to go."""

    @wraps(view)
    def enter(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        away = _away_from_office(request)
        if away is not None:
            return away
        visitor = cast("LobbyRequest", request)
        visitor.roles = list(roles_of(visitor.user))
        if not visitor.roles:
            raise PermissionDenied
        return _send_to_prove(request) or view(visitor, *args, **kwargs)

    return as_door(enter, surface="office")


def office(
    *roles: Role,
) -> Callable[[Callable[Concatenate[OfficeRequest, P], HttpResponseBase]], View]:
    """Let staff of the organization in the address in, when they hold one of the roles.

    The address has the organization's ``slug``; the view gets ``request.organization`` instead.
    """
    if not roles:
        raise TypeError("an office door names the roles it lets in")

    def door(view: Callable[Concatenate[OfficeRequest, P], HttpResponseBase]) -> View:
        @wraps(view)
        def enter(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            away = _away_from_office(request)
            if away is not None:
                return away
            staff = staff_in(str(kwargs.pop("slug")), cast("User", request.user))
            if staff is None:
                raise Http404
            if staff.role not in roles:
                raise PermissionDenied
            visitor = cast("OfficeRequest", request)
            visitor.organization, visitor.staff = staff.organization, staff
            away = _send_to_prove(request) or _send_to_second_factor(visitor)
            if away is not None:
                return away
            with timezone.override(staff.organization.zone):
                return view(visitor, *args, **kwargs)

        return as_door(enter, surface="office", roles=roles)

    return door


def device(view: Callable[Concatenate[DeviceRequest, P], HttpResponseBase]) -> View:
    """Let a device in that is a register; any other is told how to become one."""

    @wraps(view)
    def enter(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not _knows_device(request):
            return send_on(request, "till:set_up")
        return view(cast("DeviceRequest", request), *args, **kwargs)

    return as_door(enter, surface="till")


def till(view: Callable[Concatenate[TillRequest, P], HttpResponseBase]) -> View:
    """Let staff in who signed in at this register and have not left it alone for long."""

    @wraps(view)
    def enter(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not _knows_device(request):
            return send_on(request, "till:set_up")
        visitor = cast("TillRequest", request)
        session = _session_at_work(visitor)
        if session is None:
            return send_on(request, "till:sign_in", back=True)
        visitor.register_session, visitor.staff = session, session.staff
        return view(visitor, *args, **kwargs)

    return as_door(enter, surface="till")


def as_door(enter: Callable[P, ResponseT], **marks: object) -> Callable[P, ResponseT]:
    """Mark a view as standing behind a door, so that the general check leaves it to that door."""
    for name, value in marks.items():
        setattr(enter, name, value)
    return login_not_required(enter)


# --- the office -------------------------------------------------------------------------------


def _away_from_office(request: HttpRequest) -> HttpResponseBase | None:
    """Send away who is not signed in, or was away from the desk for too long."""
    if not request.user.is_authenticated:
        return send_on(request, settings.LOGIN_URL, back=True)
    now = timezone.now()
    seen = _moment(request.session.get(SEEN)) or now
    started = max((_moment(each["at"]) or now for each in _proofs(request)), default=now)
    if now - seen > OFFICE_IDLE or now - started > SHIFT:
        logout(request)
        return send_on(request, settings.LOGIN_URL, back=True)
    if SEEN not in request.session or now - seen > NOTED_EVERY:
        request.session[SEEN] = now.timestamp()
    return None


def _proofs(request: HttpRequest) -> list[dict[str, Any]]:
    """Return when and how this session showed a password or passkey, as office work needs."""
    records = get_authentication_records(request, request.user)
    return [each for each in records if each["method"] == "password" or each.get("passwordless")]


def _moment(stamp: float | None) -> datetime | None:
    return datetime.fromtimestamp(stamp, tz=timezone.get_current_timezone()) if stamp else None


def _send_to_prove(request: HttpRequest) -> HttpResponseBase | None:
    """Ask for password or passkey when this session was opened by a code, as members' are."""
    if _proofs(request):
        return None
    methods = get_adapter().get_reauthentication_methods(request.user)
    proofs = [each["url"] for each in methods if each["id"] == "reauthenticate"]
    if not proofs:
        raise PermissionDenied
    return send_on(request, proofs[0], back=True)


def _send_to_second_factor(request: OfficeRequest) -> HttpResponseBase | None:
    """Ask owners and managers for the second factor, or to set one up, where it is required."""
    if not settings.SECOND_FACTOR_REQUIRED or request.staff.role not in MANAGING:
        return None
    records = get_authentication_records(request, request.user)
    if any(each["method"] == "mfa" for each in records):
        return None
    if request.session.get(SECOND_FACTOR_PROVED):
        return None
    if not is_mfa_enabled(request.user):
        return send_on(request, "mfa_activate_totp", back=True)
    methods = get_adapter().get_reauthentication_methods(request.user)
    proofs = [each["url"] for each in methods if each["id"].startswith("mfa_")]
    return send_on(request, proofs[0], back=True)


# --- the till ---------------------------------------------------------------------------------


def _knows_device(request: HttpRequest) -> bool:
    """Establish which register this device is, if it is one."""
    cookie = cookie_of(request)
    known = device_known_as(cookie.device) if cookie else None
    if known is None:
        return False
    visitor = cast("DeviceRequest", request)
    visitor.device, visitor.register = known, known.register
    visitor.store, visitor.organization = known.register.store, known.register.organization
    return True


def _session_at_work(request: DeviceRequest) -> RegisterSession | None:
    """Return the session of who works here; one left alone, or longer than a shift, has ended."""
    cookie = cookie_of(request)
    session = session_on(request.device, cookie.session) if cookie and cookie.session else None
    if session is None:
        return None
    now = timezone.now()
    idle = now - session.last_seen_at
    if idle > TILL_IDLE or now - session.started_at > SHIFT:
        end_session(session_id=session.pk)
        return None
    if idle > NOTED_EVERY:
        keep_session(session_id=session.pk)
    return session


# --- the way out ------------------------------------------------------------------------------


def send_on(request: HttpRequest, to: str, *, back: bool = False) -> HttpResponse:
    """Redirect, also when only a part of the page asked; ``back`` remembers where from."""
    url = resolve_url(to)
    # What was sent by a form is not sent again after signing in.
    if back and request.method == "GET":
        url = f"{url}?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)
