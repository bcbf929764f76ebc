"""Benefits: what is taken off purchases by itself."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from loyalty.models import Program


class Benefit(models.Model):
    """An automatic discount; what exactly it takes off stands in its versions."""

    class Status(models.TextChoices):
        """Whether the benefit acts."""

        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    program = models.ForeignKey(Program, models.PROTECT, related_name="benefits", db_index=False)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=50)
    name = models.CharField(max_length=120)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="benefit_code_is_unique"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "active", "paused", "ended"]),
                name="benefit_status_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BenefitVersion(models.Model):
    """What a benefit says from a moment on; ``spec`` is typed in ``rewards.discounts.spec``.

    Append-only, because what was taken off a purchase points at it for ever.
    """

    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    spec = models.JSONField()
    effective_from = models.DateTimeField()
    created_by = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["benefit", "number"], name="benefit_version_is_unique"),
        ]
