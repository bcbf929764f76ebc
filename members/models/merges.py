"""Members who turned out to be one person."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from core.models import Organization
from members.models.members import Member


class MemberMerge(models.Model):
    """One member taken into another, with all that is needed to part them again.

    ``contacts`` went over with their values, because a contact belongs to one member, and
    ``copied`` names what the survivor lacked and has from the other; ``cards`` went over too, of
    which ``primary_card`` was printed first. ``followers`` had been merged into the other before.
    Whoever erases the survivor or the other empties ``contacts``.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="merges")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kept = models.ForeignKey(Member, models.PROTECT, related_name="merges_into_them")
    merged = models.ForeignKey(Member, models.PROTECT, related_name="merges_of_them")
    contacts = models.JSONField(default=dict)
    copied = ArrayField(models.CharField(max_length=20), default=list)
    cards = ArrayField(models.BigIntegerField(), default=list)
    primary_card = models.BigIntegerField(null=True, blank=True)
    followers = ArrayField(models.BigIntegerField(), default=list)
    request_key = models.CharField(max_length=80)
    actor = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["merged"],
                condition=Q(undone_at__isnull=True),
                name="member_is_merged_into_one",
            ),
            models.CheckConstraint(condition=~Q(kept=F("merged")), name="merge_is_of_two_members"),
        ]
