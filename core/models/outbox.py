"""What happened and must be told, written in the transaction in which it happened."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from core.models.organizations import Organization


class OutboxEvent(models.Model):
    """One event; ``subject`` names the row it tells of, so that the audit can match them."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    event_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=64)
    subject = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    payload = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "subject_id", "kind"], name="event_is_told_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"], name="events_to_send", condition=Q(sent_at__isnull=True)
            )
        ]
