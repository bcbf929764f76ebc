"""How a program sorts its rewards."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q

from loyalty.models import Program


class RewardCategory(models.Model):
    """A shelf of the catalog; ``position`` is its place among the others."""

    program = models.ForeignKey(Program, models.PROTECT, related_name="reward_categories")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=50)
    name = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "code"], name="reward_category_code_is_unique"
            ),
            models.UniqueConstraint(
                fields=["program", "id"], name="reward_category_belongs_to_program"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="reward_category_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
