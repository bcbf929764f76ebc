"""The merchant, its stores and their tills."""

from __future__ import annotations

import uuid
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _


class Organization(models.Model):
    """A merchant: the tenant to which every other row belongs."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=50, unique=True)
    currency = models.CharField(max_length=3)
    country = models.CharField(max_length=2)
    time_zone = models.CharField(max_length=64)
    language = models.CharField(max_length=12, default="en")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"),
                name="organization_currency_is_three_capitals",
            ),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"),
                name="organization_country_is_two_capitals",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone in which expiry and "until" dates are meant."""
        return ZoneInfo(self.time_zone)


class Store(models.Model):
    """A place where the organization sells."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="stores")
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "code"], name="store_code_is_unique"),
            models.UniqueConstraint(
                fields=["organization", "id"], name="store_belongs_to_organization"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone of the store's own clock."""
        return ZoneInfo(self.time_zone or self.organization.time_zone)


class Region(models.Model):
    """A named set of stores, for rules, pilots and figures."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="regions")
    code = models.SlugField(max_length=50)
    name = models.CharField(max_length=80)
    lying = models.ManyToManyField(Store, through="RegionStore", related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "code"], name="region_code_is_unique"),
            models.UniqueConstraint(
                fields=["organization", "id"], name="region_belongs_to_organization"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="region_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class RegionStore(models.Model):
    """A store that lies in a region; it may lie in several."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    region = models.ForeignKey(Region, models.PROTECT, related_name="places")
    store = models.ForeignKey(Store, models.PROTECT, related_name="regions")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "store"], name="store_is_once_in_a_region"),
        ]


class Register(models.Model):
    """A till in a store; a device enrolls as one and remembers it by a signed cookie."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="registers")
    store = models.ForeignKey(Store, models.PROTECT, related_name="registers")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(max_length=32)
    name = models.CharField(max_length=120, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["store", "code"], name="register_code_is_unique_in_its_store"
            ),
            models.UniqueConstraint(
                fields=["organization", "id"], name="register_belongs_to_organization"
            ),
        ]

    def __str__(self) -> str:
        return self.name or _("Register %(code)s") % {"code": self.code}
