"""Who looked for members at the tills, so that nobody browses them."""

from __future__ import annotations

from django.db import models

from core.models import Register, Staff
from loyalty.models import Purchase
from members.models import Member


class LookUp(models.Model):
    """One search for a member at a register; ``purchase`` is what it led to, if anything."""

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="look_ups")
    register = models.ForeignKey(Register, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    matched = models.PositiveSmallIntegerField()
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    purchase = models.ForeignKey(Purchase, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(fields=["staff", "at"], name="look_ups_of_staff"),
            models.Index(fields=["at"], name="look_ups_by_age"),
        ]
