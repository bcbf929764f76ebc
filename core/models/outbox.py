"""What happened and must be told, written in the transaction in which it happened."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.models.organizations import Organization


class OutboxEvent(models.Model):
    """One event; ``subject`` names the row it tells of, so that the audit can match them.

    ``sent_at`` says that everybody who listens has had it, ``done_by`` who had it before somebody
    else could not take it, and ``parked_at`` that it is tried no more until a person says so.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    event_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=64)
    subject = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    payload = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    done_by = ArrayField(models.CharField(max_length=40), null=True, blank=True)
    last_error = models.CharField(max_length=200, blank=True, default="", db_default="")
    parked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "subject_id", "kind"], name="event_is_told_once"
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(parked_at__isnull=True),
                name="sent_event_is_not_parked",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="events_to_relay", condition=Q(sent_at__isnull=True))
        ]
