"""Requests that were answered, so that a repeated one gets the same answer."""

from __future__ import annotations

from django.db import models

from core.models.organizations import Organization


class IdempotentRequest(models.Model):
    """One keyed request and its stored answer, written in the transaction of its effect."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", db_index=False)
    caller = models.CharField(max_length=64)
    key = models.CharField(max_length=128)
    route = models.CharField(max_length=200)
    body = models.JSONField()
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True)  # text keeps the order of keys, byte for byte
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "caller", "key"], name="request_key_is_used_once_per_caller"
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="requests_by_age")]
