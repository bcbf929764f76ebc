"""Named sets of members, with who was in them when."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from core.models import Organization
from members.models.members import Member


class Group(models.Model):
    """A set of members that rules and rewards can name by its code."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="groups")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=50)
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "code"], name="group_code_is_unique"),
            models.UniqueConstraint(
                fields=["organization", "id"], name="group_belongs_to_organization"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="group_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """One stay of a member in a group; who comes back has another row."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    group = models.ForeignKey(Group, models.PROTECT, related_name="people")
    member = models.ForeignKey(Member, models.PROTECT, related_name="groups")
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group", "member"],
                condition=Q(left_at__isnull=True),
                name="member_is_once_in_a_group",
            ),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(left_at__gte=F("joined_at")),
                name="group_is_left_after_it_was_joined",
            ),
        ]
