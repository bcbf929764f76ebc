"""Who may see what: the only source of the ground floor's objects for doors and views."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.db.models import F, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Missing
from core.models import (
    Device,
    OneTimeLink,
    Organization,
    Register,
    RegisterSession,
    Staff,
    Store,
    User,
)


def roles_of(user: User) -> QuerySet[Staff]:
    """Return every role a person holds, one per organization."""
    held = Staff.objects.filter(user=user, is_active=True)
    return held.select_related("organization").order_by("organization__name", "pk")


def staff_in(slug: str, user: User) -> Staff | None:
    """Return the person's role in the organization of an address, if there is one."""
    return roles_of(user).filter(organization__slug=slug).first()


def organization_named(slug: str) -> Organization:
    """Return the organization that an operator names on the command line, or refuse."""
    found = Organization.objects.filter(slug=slug).first()
    if found is None:
        raise Missing(_("No organization has this short name."), field="slug")
    return found


def is_without_organizations() -> bool:
    """Tell whether this installation is new."""
    return not Organization.objects.exists()


def stores_of(organization: Organization) -> QuerySet[Store]:
    """Return the stores of the organization."""
    return Store.objects.filter(organization=organization).order_by("name", "pk")


def registers_of(organization: Organization) -> QuerySet[Register]:
    """Return the registers in use, each with its store and the device it lives on."""
    alive = Device.objects.filter(revoked_at__isnull=True).select_related("enrolled_by")
    registers = Register.objects.filter(organization=organization, is_active=True)
    return (
        registers.select_related("store")
        .prefetch_related(Prefetch("devices", queryset=alive, to_attr="live_devices"))
        .order_by("store__name", "store_id", "code", "pk")
    )


def staff_of(organization: Organization) -> QuerySet[Staff]:
    """Return who works in the organization."""
    return Staff.objects.filter(organization=organization, is_active=True).order_by("name", "pk")


def staff_at(store: Store) -> QuerySet[Staff]:
    """Return who may work at the store: those tied to it, and those tied to none."""
    here = Q(stores=store) | Q(stores__isnull=True)
    return Staff.objects.filter(here, organization_id=store.organization_id, is_active=True)


def device_known_as(public_id: UUID) -> Device | None:
    """Return the device that carries this cookie, while it is a register."""
    alive = Device.objects.filter(revoked_at__isnull=True, register__is_active=True)
    return (
        alive.select_related("register__store", "register__organization")
        .filter(public_id=public_id)
        .first()
    )


def session_on(device: Device, public_id: UUID) -> RegisterSession | None:
    """Return the open session that this cookie belongs to, while its staff works here."""
    works_here = Q(staff__stores=F("register__store")) | Q(staff__stores__isnull=True)
    alive = RegisterSession.objects.filter(works_here, ended_at__isnull=True, staff__is_active=True)
    found = alive.filter(register=device.register_id, public_id=public_id)
    return found.select_related("staff").first()


def link_behind(token: str) -> OneTimeLink | None:
    """Return the sign-in link with this secret while it can be used."""
    now = timezone.now()
    usable = OneTimeLink.objects.filter(used_at__isnull=True, expires_at__gt=now)
    return usable.select_related("user").filter(digest=link_digest(token)).first()


def link_digest(token: str) -> bytes:
    """Return what is kept of a sign-in link's secret."""
    return hashlib.sha256(token.encode()).digest()
