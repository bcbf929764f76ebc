"""Periodic work, one row per job and time slot."""

from __future__ import annotations

from django.db import models


class JobRun(models.Model):
    """A periodic job's run for one slot; two schedulers cannot both make it."""

    job = models.CharField(max_length=64)
    slot = models.DateTimeField()
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "slot"], name="job_runs_once_per_slot")
        ]
