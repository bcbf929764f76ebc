"""How people and devices prove who they are: one-time links, enrolled devices, wrong tries."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from core.models.organizations import Register
from core.models.people import Staff, User


class OneTimeLink(models.Model):
    """A link that lets a person choose a password, once; only its digest is kept."""

    digest = models.BinaryField(max_length=32, unique=True)
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(used_at__lte=F("expires_at")),
                name="link_is_used_before_it_expires",
            ),
        ]


class Device(models.Model):
    """A computer or tablet that works as a register until another one takes its place."""

    register = models.ForeignKey(Register, models.PROTECT, related_name="devices")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    enrolled_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    enrolled_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "register",
                name="register_lives_on_one_device",
                condition=Q(revoked_at__isnull=True),
            ),
        ]


class WrongTries(models.Model):
    """How often in a row somebody failed to prove something, and until when they must wait."""

    subject = models.CharField(max_length=128, unique=True)
    tries = models.PositiveIntegerField()
    last_try_at = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True, blank=True)
