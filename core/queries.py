"""Who may see what: the only source of the ground floor's objects for doors and views."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Missing
from core.models import (
    ApiKey,
    AuditRecord,
    Device,
    Integration,
    OneTimeLink,
    Organization,
    OutboxEvent,
    OutgoingMessage,
    Picture,
    Region,
    Register,
    RegisterSession,
    Staff,
    Store,
    User,
)
from core.prepared import Prepared


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


def only_organization() -> Organization | None:
    """Return the organization of an installation that serves a single one."""
    first_two = list(Organization.objects.order_by("pk")[:2])
    return first_two[0] if len(first_two) == 1 else None


def picture_known_as(digest: str) -> Picture | None:
    """Return the picture of this name."""
    return Picture.objects.filter(digest=digest).first()


def events_not_sent() -> QuerySet[OutboxEvent]:
    """Return the events that somebody still waits for, oldest first."""
    return OutboxEvent.objects.filter(sent_at__isnull=True).order_by("pk")


def newest_messages(count: int) -> QuerySet[OutgoingMessage]:
    """Return the messages written last, whoever wrote them."""
    newest = OutgoingMessage.objects.select_related("organization")
    return newest.order_by("-created_at", "-pk")[:count]


def is_without_organizations() -> bool:
    """Tell whether this installation is new."""
    return not Organization.objects.exists()


def stores_of(organization: Organization) -> QuerySet[Store]:
    """Return the stores of the organization."""
    return Store.objects.filter(organization=organization).order_by("name", "pk")


def regions_of(organization: Organization) -> QuerySet[Region]:
    """Return the regions of the organization, each with the stores that lie in it."""
    regions = Region.objects.filter(organization=organization).order_by("name", "pk")
    lying = Prefetch("lying", queryset=stores_of(organization), to_attr="stores")
    return regions.prefetch_related(lying)


_STORE = Prepared(
    lambda organization_id, code: Store.objects.filter(organization_id=organization_id, code=code)
)


def store_named(organization: Organization, code: str) -> Store | None:
    """Return the store of the organization with this code, if there is one."""
    return _STORE.one(organization.pk, code)


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


def team_of(organization: Organization) -> QuerySet[Staff]:
    """Return who works in the organization or ever did, and whether they proved a second factor."""
    # By the name of the relation: the package's tables are its own.
    proved = User.objects.filter(authenticator__type__in=["totp", "webauthn"])
    everyone = Staff.objects.filter(organization=organization).select_related("user")
    return (
        everyone.prefetch_related(
            Prefetch("stores", queryset=stores_of(organization), to_attr="places")
        )
        .annotate(has_second_factor=Exists(proved.filter(pk=OuterRef("user"))))
        .order_by("-is_active", "name", "pk")
    )


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


def audit_of(organization: Organization) -> QuerySet[AuditRecord]:
    """Return who changed what in the organization."""
    return AuditRecord.objects.filter(organization=organization)


def integrations_of(organization: Organization) -> QuerySet[Integration]:
    """Return the shop systems that call the API for the organization."""
    return Integration.objects.filter(organization=organization).order_by("name", "pk")


def api_keys_of(organization: Organization) -> QuerySet[ApiKey]:
    """Return the keys of the organization's shop systems, revoked ones included."""
    keys = ApiKey.objects.filter(integration__organization=organization)
    return keys.select_related("integration")


def every_register_of(organization: Organization) -> QuerySet[Register]:
    """Return the registers that are in use or ever were."""
    return Register.objects.filter(organization=organization).select_related("store")


def devices_of(organization: Organization) -> QuerySet[Device]:
    """Return the devices that are a register or ever were one."""
    devices = Device.objects.filter(register__organization=organization)
    return devices.select_related("register__store")


def register_sessions_of(organization: Organization) -> QuerySet[RegisterSession]:
    """Return who worked at which register."""
    sessions = RegisterSession.objects.filter(register__organization=organization)
    return sessions.select_related("register__store")


def links_of(organization: Organization) -> QuerySet[OneTimeLink]:
    """Return the sign-in links of people who work in the organization, with their names."""
    here = Staff.objects.filter(organization=organization, user=OuterRef("user"))
    links = OneTimeLink.objects.filter(user__roles__organization=organization)
    return links.annotate(name=Subquery(here.values("name")[:1]))
