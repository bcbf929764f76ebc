"""The one-time codes with which members sign in."""

from __future__ import annotations

import uuid

from django.db import models

from core.models import Organization
from members.models.members import Member


class SignInCode(models.Model):
    """The latest code asked for one contact of one organization; asking again replaces it.

    Contacts that nobody has get a row like all others, and their code goes nowhere: what is asked
    of this table, and what it answers, tells nobody who is a member. Only digests are kept.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    contact = models.BinaryField(max_length=32)
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    # Only the browser that asked may answer; this is how it is recognized.
    ticket = models.UUIDField(default=uuid.uuid4, unique=True)
    code = models.BinaryField(max_length=32)
    asked_at = models.DateTimeField()
    again_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)
    asked_today = models.PositiveSmallIntegerField(default=1)
    today_since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("organization", "contact", name="contact_has_one_live_code"),
        ]
        indexes = [models.Index(fields=["asked_at"], name="codes_by_age")]
