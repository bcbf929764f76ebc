"""Who did what to which row: ids and field names, never values."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from core.models.organizations import Organization


class AuditRecord(models.Model):
    """One change by one actor; append-only by trigger."""

    organization = models.ForeignKey(
        Organization, models.PROTECT, null=True, blank=True, related_name="+"
    )
    actor = models.CharField(max_length=64)
    verb = models.CharField(max_length=64)
    subject = models.CharField(max_length=32)
    subject_id = models.BigIntegerField()
    fields = ArrayField(models.CharField(max_length=64), default=list)
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["organization", "-created_at"], name="audit_by_time")]
