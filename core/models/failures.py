"""How often something failed lately, per window of time, whoever asks and wherever from."""

from __future__ import annotations

from django.db import models


class FailureCount(models.Model):
    """The failures of one subject since its window began; a window that is over begins anew."""

    subject = models.CharField(max_length=128, unique=True)
    failures = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)
