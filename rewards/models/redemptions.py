"""What members took."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Organization, Store
from loyalty.models import Account, Entry, Hold
from members.models import Member
from rewards.models.rewards import Reward


class Redemption(models.Model):
    """A reward taken by a member: held, then issued, or canceled or expired on the way."""

    class Status(models.TextChoices):
        """Where the redemption is in its life."""

        HELD = "held", _("Set aside")
        ISSUED = "issued", _("Issued")
        CANCELED = "canceled", _("Canceled")
        EXPIRED = "expired", _("Expired")

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="redemptions")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reward = models.ForeignKey(Reward, models.PROTECT, related_name="redemptions")
    account = models.ForeignKey(Account, models.PROTECT, related_name="redemptions")
    member = models.ForeignKey(Member, models.PROTECT, related_name="redemptions")
    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    points = models.PositiveIntegerField()
    status = models.CharField(max_length=8, choices=Status.choices)
    hold = models.OneToOneField(Hold, models.PROTECT, related_name="redemption")
    entry = models.OneToOneField(
        Entry, models.PROTECT, null=True, blank=True, related_name="redemption"
    )
    reason = models.CharField(max_length=200, blank=True)
    actor = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="issued") | Q(entry__isnull=False),
                name="issued_redemption_has_its_entry",
            ),
            models.CheckConstraint(condition=Q(points__gt=0), name="redemption_costs_points"),
        ]
        indexes = [
            models.Index(fields=["member", "-created_at"], name="redemptions_of_member"),
            models.Index(fields=["reward", "-created_at"], name="redemptions_of_reward"),
        ]
