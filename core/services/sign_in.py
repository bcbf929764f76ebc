"""Lets people in: by a one-time link into the office, by PIN or password at a register."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from core.actors import SYSTEM, Actor, staff_actor
from core.audit import record
from core.errors import (
    LinkNotUsable,
    NotAtThisStore,
    PasswordNotAllowed,
    PinNotAccepted,
    StaffEmailNeeded,
)
from core.locking import lock_one
from core.models import Device, OneTimeLink, Register, RegisterSession, Staff, User
from core.queries import link_behind, link_digest, staff_at
from core.services.tries import count_try, forget_tries
from core.text import caseless

LINK_LASTS = timedelta(hours=1)


@transaction.atomic
def make_link(*, staff_id: int, actor: Actor = SYSTEM) -> str:
    """Make a link that lets someone choose a password; return its path, which is shown once.

    Earlier links of the person stop working. Who may ask for one is the caller's to decide:
    the link opens every organization in which the person has a role.
    """
    staff = Staff.objects.get(pk=staff_id)
    if staff.user_id is None:
        raise StaffEmailNeeded
    now = timezone.now()
    unused = OneTimeLink.objects.filter(user=staff.user_id, used_at__isnull=True)
    unused.filter(expires_at__gt=now).update(expires_at=now)
    token = secrets.token_urlsafe(32)
    link = OneTimeLink.objects.create(
        digest=link_digest(token), user_id=staff.user_id, expires_at=now + LINK_LASTS
    )
    record("link_made", link, organization_id=staff.organization_id, actor=actor)
    return reverse("account_link", args=[token])


@transaction.atomic
def use_link(*, token: str, password: str) -> User:
    """Give the person of the link this password; the link works no more."""
    link = link_behind(token)
    if link is None or not _claim(link):
        raise LinkNotUsable
    user = link.user
    try:
        validate_password(password, user)
    except ValidationError as fault:
        raise PasswordNotAllowed(" ".join(fault.messages)) from fault
    user.set_password(password)
    user.save(update_fields=["password"])
    record("password_chosen", user, organization_id=None, actor=Actor("user", user.pk))
    return user


def _claim(link: OneTimeLink) -> bool:
    """Take the link, and say whether nobody was faster."""
    now = timezone.now()
    unused = OneTimeLink.objects.filter(pk=link.pk, used_at__isnull=True, expires_at__gt=now)
    return unused.update(used_at=now) == 1


def sign_in_with_pin(*, device_id: int, code: str, pin: str) -> RegisterSession:
    """Let a staff member work on the register that lives on this device.

    Not one transaction: the try stays counted whatever happens after it.
    """
    device = Device.objects.select_related("register__store").get(pk=device_id)
    organization_id = device.register.organization_id
    subjects = (f"pin:{organization_id}:{caseless(code)[:64]}", f"register:{device.register_id}")
    for subject in subjects:
        count_try(subject=subject)
    staff = Staff.objects.filter(
        organization_id=organization_id, is_active=True, code__iexact=code
    ).first()
    if not _is_pin_of(staff, pin):
        raise PinNotAccepted
    assert staff is not None, "nobody has no PIN"
    forget_tries(subjects=subjects)
    return start_session(device_id=device_id, staff_id=staff.pk)


def _is_pin_of(staff: Staff | None, pin: str) -> bool:
    if staff is None or not staff.pin_hash:
        make_password(pin)  # takes as long as comparing, so that time tells nothing
        return False
    return staff.has_pin(pin)


@transaction.atomic
def start_session(*, device_id: int, staff_id: int) -> RegisterSession:
    """Start work on a register for someone who proved who they are; whoever worked there stops."""
    device = Device.objects.get(pk=device_id)
    register = lock_one(Register, device.register_id)
    if not staff_at(register.store).filter(pk=staff_id).exists():
        raise NotAtThisStore
    now = timezone.now()
    RegisterSession.objects.filter(register=register, ended_at__isnull=True).update(ended_at=now)
    session = RegisterSession.objects.create(register=register, staff_id=staff_id, last_seen_at=now)
    record(
        "signed_in",
        session,
        organization_id=register.organization_id,
        actor=staff_actor(staff_id),
    )
    return session


def keep_session(*, session_id: int) -> None:
    """Note that somebody is at work."""
    RegisterSession.objects.filter(pk=session_id).update(last_seen_at=timezone.now())


def end_session(*, session_id: int) -> None:
    """Stop work on a register; stopping twice changes nothing."""
    still_open = RegisterSession.objects.filter(pk=session_id, ended_at__isnull=True)
    still_open.update(ended_at=timezone.now())
