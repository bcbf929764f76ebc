"""Changes who works in an organization and as what, by who works there already.

The organization is locked first, so that two owners who remove each other leave one, and what
somebody may do is asked again behind the lock. docs/surfaces.md has the rules.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from core.actors import staff_actor
from core.audit import record
from core.errors import (
    LastOwner,
    LinkOutOfReach,
    Missing,
    OwnRole,
    StaffEmailNeeded,
    StaffInactive,
    StaffOutOfReach,
)
from core.locking import lock_one
from core.models import OneTimeLink, Organization, RegisterSession, Staff, User
from core.models.people import Role
from core.services.sign_in import make_link
from core.services.staff import (
    NewStaff,
    add_staff,
    clean_pin,
    clean_staff_name,
    known_role,
    stores_by_codes,
)

MANAGING = frozenset({Role.OWNER, Role.MANAGER})


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffDetails:
    """What is said of somebody who works here already."""

    name: str
    role: str
    stores: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hired:
    """Somebody new, and the path of the link that lets them choose a password, shown once."""

    staff: Staff
    link: str = ""


@transaction.atomic
def hire(*, organization_id: int, by_id: int, new: NewStaff) -> Hired:
    """Take somebody on; who had no account before gets a sign-in link with it."""
    by = _managing(organization_id, by_id)
    _refuse_role(by, known_role(new.role))
    address = new.email.strip()
    is_known = bool(address) and User.objects.filter(email__iexact=address).exists()
    staff = add_staff(organization_id=organization_id, new=new, actor=staff_actor(by.pk))
    if staff.user is None or is_known:
        return Hired(staff)
    return Hired(staff, make_link(staff_id=staff.pk, actor=staff_actor(by.pk)))


@transaction.atomic
def change_staff(*, staff_id: int, by_id: int, details: StaffDetails) -> Staff:
    """Change somebody's name, role and stores; a new role ends their work at the till."""
    staff, by = _in_reach(staff_id, by_id)
    name, role = clean_staff_name(details.name), known_role(details.role)
    stores = stores_by_codes(staff.organization_id, details.stores)
    if role != staff.role:
        _refuse_new_role(staff, role, by)
    wanted = {"name": name, "role": role, "stores": {store.pk for store in stores}}
    before = {"name": staff.name, "role": staff.role, "stores": _store_ids(staff)}
    fields = [field for field, value in wanted.items() if before[field] != value]
    if not fields:
        return staff
    if "role" in fields:
        _end_sessions(staff)
    staff.name, staff.role = name, role
    staff.save(update_fields=["name", "role"])
    staff.stores.set(stores)
    _note("changed", staff, by, *fields)
    return staff


@transaction.atomic
def set_pin(*, staff_id: int, by_id: int, pin: str) -> Staff:
    """Give somebody a PIN for the till; whoever works there with the old one stops."""
    staff, by = _in_reach(staff_id, by_id)
    digits = clean_pin(pin)
    if not staff.is_active:
        raise StaffInactive
    staff.set_pin(digits)
    staff.save(update_fields=["pin_hash"])
    _end_sessions(staff)
    _note("changed", staff, by, "pin")
    return staff


@transaction.atomic
def deactivate(*, staff_id: int, by_id: int) -> Staff:
    """End somebody's access to office and till; what they did stays theirs."""
    staff, by = _in_reach(staff_id, by_id)
    if not staff.is_active:
        return staff
    _refuse_losing(staff, by)
    staff.is_active = False
    staff.save(update_fields=["is_active"])
    _end_sessions(staff)
    _end_links(staff)
    _note("deactivated", staff, by)
    return staff


@transaction.atomic
def reactivate(*, staff_id: int, by_id: int) -> Staff:
    """Let somebody work here again, in the role they had."""
    staff, by = _in_reach(staff_id, by_id)
    if staff.is_active:
        return staff
    _end_sessions(staff)
    staff.is_active = True
    staff.save(update_fields=["is_active"])
    _note("reactivated", staff, by)
    return staff


@transaction.atomic
def new_link(*, staff_id: int, by_id: int) -> str:
    """Return the path of a new sign-in link, for who lost their password; it is shown once.

    A password opens every door of a person, so nobody gets one for who has doors elsewhere.
    """
    staff, by = _in_reach(staff_id, by_id)
    if not staff.is_active:
        raise StaffInactive
    if staff.user is None:
        raise StaffEmailNeeded
    if not _is_ours_alone(staff):
        raise LinkOutOfReach
    return make_link(staff_id=staff.pk, actor=staff_actor(by.pk))


def _managing(organization_id: int, by_id: int) -> Staff:
    """Lock the organization, and return who acts while they still may."""
    lock_one(Organization, organization_id)
    here = Staff.objects.filter(organization=organization_id, is_active=True, role__in=MANAGING)
    by = here.filter(pk=by_id).first()
    if by is None:
        raise StaffOutOfReach
    return by


def _in_reach(staff_id: int, by_id: int) -> tuple[Staff, Staff]:
    """Return who is changed, fresh, and who changes them; managers leave their likes alone."""
    found = Staff.objects.filter(pk=staff_id)
    organization_id = found.values_list("organization_id", flat=True).first()
    if organization_id is None:
        raise Missing
    by = _managing(organization_id, by_id)
    staff = found.select_related("user").get()
    if staff.pk != by.pk:
        _refuse_role(by, Role(staff.role))
    return staff, by


def _refuse_role(by: Staff, role: Role) -> None:
    if role in MANAGING and by.role != Role.OWNER:
        raise StaffOutOfReach


def _refuse_new_role(staff: Staff, role: Role, by: Staff) -> None:
    _refuse_losing(staff, by)
    _refuse_role(by, role)
    if role != Role.CASHIER and staff.user_id is None:
        raise StaffEmailNeeded(field="role")


def _refuse_losing(staff: Staff, by: Staff) -> None:
    """Refuse to take the role of oneself, or of the only owner."""
    owners = Staff.objects.filter(
        organization=staff.organization_id, role=Role.OWNER, is_active=True
    )
    if staff.role == Role.OWNER and staff.is_active and not owners.exclude(pk=staff.pk).exists():
        raise LastOwner
    if staff.pk == by.pk:
        raise OwnRole


def _is_ours_alone(staff: Staff) -> bool:
    """Say whether the person's account began with a link, and opens nothing elsewhere."""
    assert staff.user is not None, "a link needs a person"
    elsewhere = Staff.objects.filter(user=staff.user).exclude(pk=staff.pk)
    invited = OneTimeLink.objects.filter(user=staff.user)
    return not staff.user.is_superuser and not elsewhere.exists() and invited.exists()


def _store_ids(staff: Staff) -> set[int]:
    return set(staff.stores.values_list("pk", flat=True))


def _end_sessions(staff: Staff) -> None:
    at_work = RegisterSession.objects.filter(staff=staff, ended_at__isnull=True)
    at_work.update(ended_at=timezone.now())


def _end_links(staff: Staff) -> None:
    """Let no unused link open an account whose owner was just sent away."""
    now = timezone.now()
    if staff.user_id is not None and _is_ours_alone(staff):
        unused = OneTimeLink.objects.filter(user=staff.user_id, used_at__isnull=True)
        unused.filter(expires_at__gt=now).update(expires_at=now)


def _note(verb: str, staff: Staff, by: Staff, *fields: str) -> None:
    record(
        verb,
        staff,
        organization_id=staff.organization_id,
        actor=staff_actor(by.pk),
        fields=fields,
    )
