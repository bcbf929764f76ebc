"""The night of each organization: once for every local day, however often it is begun."""

from __future__ import annotations

from django.db import models

from core.models.organizations import Organization


class Night(models.Model):
    """How far an organization's night has come: ``work`` is being done, up to ``position``.

    It covers what fell due after ``since``, until and with ``due``, the first instant of ``day``.
    ``skipped`` names the work that broke and could not be done.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="nights")
    day = models.DateField()
    since = models.DateTimeField()
    due = models.DateTimeField()
    work = models.CharField(max_length=40, blank=True)
    position = models.BigIntegerField(default=0)
    skipped = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "day"], name="night_of_a_day_is_one"),
        ]
