"""Corrections that one person asks for and another decides on."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models import Organization
from loyalty.models.ledger import Entry
from loyalty.models.programs import Program
from members.models import Member


class AdjustmentRequest(models.Model):
    """A correction beyond what one person may do alone; who asks does not decide."""

    class Status(models.TextChoices):
        """What became of the request."""

        ASKED = "asked", _("Waiting for a second person")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="adjustment_requests"
    )
    program = models.ForeignKey(Program, models.PROTECT, related_name="+")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    points = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.ASKED)
    request_key = models.CharField(max_length=80)
    asked_by = models.CharField(max_length=64)
    decided_by = models.CharField(max_length=64, blank=True)
    decided_because = models.CharField(max_length=200, blank=True)
    entry = models.OneToOneField(
        Entry, models.PROTECT, null=True, blank=True, related_name="approved_request"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "request_key"], name="adjustment_is_asked_for_once"
            ),
            models.CheckConstraint(condition=~Q(points=0), name="asked_adjustment_moves_points"),
            models.CheckConstraint(
                condition=~Q(decided_by=F("asked_by")) | Q(status="withdrawn"),
                name="nobody_decides_on_their_own_request",
            ),
            models.CheckConstraint(
                condition=Q(status="approved", entry__isnull=False)
                | (~Q(status="approved") & Q(entry__isnull=True)),
                name="approved_adjustment_has_its_entry",
            ),
            models.CheckConstraint(
                condition=Q(status="asked", decided_at__isnull=True)
                | (~Q(status="asked") & Q(decided_at__isnull=False)),
                name="decided_adjustment_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(status="declined") | ~Q(decided_because=""),
                name="declined_adjustment_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "created_at"],
                name="adjustments_to_decide",
                condition=Q(status="asked"),
            )
        ]
