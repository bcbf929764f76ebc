"""Shop systems that call the API, and their keys."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models.organizations import Organization, Register, Store


class Scope(models.TextChoices):
    """What a key may be used for; see docs/surfaces.md."""

    ADMIN = "admin", _("Adjust balances")
    GIFT_CARDS_WRITE = "gift-cards:write", _("Sell and charge gift cards")
    MEMBERS_READ = "members:read", _("Look members up")
    MEMBERS_WRITE = "members:write", _("Enroll and change members")
    PROGRAM_READ = "program:read", _("Read the public program")
    PURCHASES_READ = "purchases:read", _("Read purchases")
    PURCHASES_WRITE = "purchases:write", _("Post purchases and returns")
    REWARDS_READ = "rewards:read", _("See what members can have and hold")
    REWARDS_WRITE = "rewards:write", _("Redeem rewards")


class Integration(models.Model):
    """A shop system; the scope in which its idempotency keys are unique."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="integrations")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    register = models.ForeignKey(Register, models.PROTECT, null=True, blank=True, related_name="+")
    scopes = ArrayField(models.CharField(max_length=32))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"], name="integration_name_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(scopes__contained_by=Scope.values) & Q(scopes__len__gt=0),
                name="integration_scopes_are_known_scopes",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ApiKey(models.Model):
    """A secret of an integration, kept as its SHA-256 digest and shown once."""

    integration = models.ForeignKey(Integration, models.PROTECT, related_name="keys")
    prefix = models.CharField(max_length=16, unique=True)
    digest = models.BinaryField(max_length=32)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
