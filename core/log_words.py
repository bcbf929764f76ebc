"""How the log says what was done to the ground floor's things.

Each app has a module of this name with its ``KINDS``; ``core.log_page`` puts them together.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.models import Organization, Register
from core.queries import (
    api_keys_of,
    devices_of,
    every_register_of,
    integrations_of,
    links_of,
    regions_of,
    register_sessions_of,
    stores_of,
    team_of,
)


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that was changed: its name today, and its page if it has one."""

    name: str
    url: str = ""


Named = Callable[[Organization, Collection[int]], Mapping[int, Thing]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A sort of things: what is said of each verb, and how single ones are named.

    Sentences hold ``%(who)s`` and ``%(what)s``; ``fields`` are the words for names of fields,
    and a field without a word is not worth telling.
    """

    subject: str
    label: Promise
    sentences: Mapping[str, Promise]
    named: Named | None = None
    fields: Mapping[str, Promise] = field(default_factory=dict)


def _staff(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    found = team_of(organization).filter(pk__in=ids)
    return {
        one.pk: Thing(
            one.name, reverse("office:staff_member", args=[organization.slug, one.public_id])
        )
        for one in found
    }


def _stores(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    url = reverse("office:stores", args=[organization.slug])
    return {one.pk: Thing(one.name, url) for one in stores_of(organization).filter(pk__in=ids)}


def _regions(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    slug = organization.slug
    return {
        one.pk: Thing(one.name, reverse("office:edit_region", args=[slug, one.code]))
        for one in regions_of(organization).filter(pk__in=ids)
    }


def _registers(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    found = every_register_of(organization).filter(pk__in=ids)
    return {one.pk: _register(organization, one) for one in found}


def _devices(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    found = devices_of(organization).filter(pk__in=ids)
    return {one.pk: _register(organization, one.register) for one in found}


def _sessions(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    found = register_sessions_of(organization).filter(pk__in=ids)
    return {one.pk: _register(organization, one.register) for one in found}


def _register(organization: Organization, register: Register) -> Thing:
    name = _("%(store)s, %(register)s") % {"store": register.store.name, "register": register}
    return Thing(name, reverse("office:stores", args=[organization.slug]))


def _integrations(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    return {one.pk: Thing(one.name) for one in integrations_of(organization).filter(pk__in=ids)}


def _keys(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    found = api_keys_of(organization).filter(pk__in=ids)
    return {one.pk: Thing(one.integration.name) for one in found}


def _links(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    found = links_of(organization).filter(pk__in=ids)
    return {one.pk: Thing(one.name) for one in found}  # type: ignore[attr-defined]  # asked for


def _organization(organization: Organization, ids: Collection[int]) -> dict[int, Thing]:
    return dict.fromkeys(ids, Thing(organization.name))


KINDS = (
    Kind(
        subject="core.organization",
        label=gettext_lazy("Organization"),
        sentences={"opened": gettext_lazy("%(who)s opened %(what)s")},
        named=_organization,
    ),
    Kind(
        subject="core.store",
        label=gettext_lazy("Stores"),
        sentences={
            "added": gettext_lazy("%(who)s added the store %(what)s"),
            "changed": gettext_lazy("%(who)s changed the store %(what)s"),
        },
        named=_stores,
        fields={"name": gettext_lazy("name"), "time_zone": gettext_lazy("time zone")},
    ),
    Kind(
        subject="core.region",
        label=gettext_lazy("Regions"),
        sentences={
            "added": gettext_lazy("%(who)s added the region %(what)s"),
            "changed": gettext_lazy("%(who)s changed the region %(what)s"),
        },
        named=_regions,
        fields={"name": gettext_lazy("name"), "stores": gettext_lazy("stores")},
    ),
    Kind(
        subject="core.register",
        label=gettext_lazy("Registers"),
        sentences={
            "added": gettext_lazy("%(who)s added a register: %(what)s"),
            "released": gettext_lazy("%(who)s stopped the device of %(what)s"),
            "retired": gettext_lazy("%(who)s took %(what)s out of use"),
        },
        named=_registers,
    ),
    Kind(
        subject="core.device",
        label=gettext_lazy("Devices"),
        sentences={"enrolled": gettext_lazy("%(who)s set up a device as %(what)s")},
        named=_devices,
    ),
    Kind(
        subject="core.staff",
        label=gettext_lazy("Staff"),
        sentences={
            "added": gettext_lazy("%(who)s took on %(what)s"),
            "changed": gettext_lazy("%(who)s changed %(what)s"),
            "deactivated": gettext_lazy("%(who)s ended the access of %(what)s"),
            "reactivated": gettext_lazy("%(who)s let %(what)s work here again"),
        },
        named=_staff,
        fields={
            "name": gettext_lazy("name"),
            "role": gettext_lazy("role"),
            "stores": gettext_lazy("stores"),
            "pin": gettext_lazy("PIN"),
        },
    ),
    Kind(
        subject="core.onetimelink",
        label=gettext_lazy("Sign-in links"),
        sentences={"link_made": gettext_lazy("%(who)s made a sign-in link for %(what)s")},
        named=_links,
    ),
    Kind(
        subject="core.user",
        label=gettext_lazy("Passwords"),
        sentences={"password_chosen": gettext_lazy("%(who)s chose a password")},
    ),
    Kind(
        subject="core.registersession",
        label=gettext_lazy("Work at registers"),
        sentences={"signed_in": gettext_lazy("%(who)s signed in at %(what)s")},
        named=_sessions,
    ),
    Kind(
        subject="core.integration",
        label=gettext_lazy("Shop systems"),
        sentences={"opened": gettext_lazy("%(who)s connected the shop system %(what)s")},
        named=_integrations,
    ),
    Kind(
        subject="core.apikey",
        label=gettext_lazy("API keys"),
        sentences={
            "issued": gettext_lazy("%(who)s made a key for %(what)s"),
            "revoked": gettext_lazy("%(who)s revoked a key of %(what)s"),
        },
        named=_keys,
    ),
)
