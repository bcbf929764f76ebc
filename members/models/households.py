"""Members who share what they earn and spend."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from core.models import Organization
from members.models.members import Member


class Household(models.Model):
    """Members with one account between them, which is that of the head."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="households")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    head = models.ForeignKey(Member, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["head"],
                condition=Q(closed_at__isnull=True),
                name="head_has_one_household",
            ),
            models.UniqueConstraint("organization", "id", name="household_belongs_to_organization"),
            models.CheckConstraint(condition=~Q(name=""), name="household_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class HouseholdMember(models.Model):
    """Somebody of a household, the head included, and what they may spend in a calendar month."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, models.PROTECT, related_name="people")
    member = models.ForeignKey(Member, models.PROTECT, related_name="households")
    points_a_month_max = models.PositiveIntegerField(null=True, blank=True)
    request_key = models.CharField(max_length=80)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(left_at__isnull=True),
                name="member_is_of_one_household",
            ),
        ]
