"""A program and the rules by which it gives points."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Organization
from loyalty.program_settings import ProgramSettings


class Program(models.Model):
    """What a shop promises its members; its settings are typed in ``program_settings``."""

    class Status(models.TextChoices):
        """Where the program is in its life."""

        DRAFT = "draft", _("Draft")
        LIVE = "live", _("Live")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="programs")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=50)
    name = models.CharField(max_length=120)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)
    is_open = models.BooleanField(default=True)
    settings = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "slug"], name="program_slug_is_unique"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "live", "paused", "ended"]),
                name="program_status_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def terms(self) -> ProgramSettings:
        """Return the typed settings."""
        return ProgramSettings.model_validate(self.settings)


class Rule(models.Model):
    """A reason for which points are given; what exactly stands in its versions."""

    class Status(models.TextChoices):
        """Whether the rule acts."""

        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    program = models.ForeignKey(Program, models.PROTECT, related_name="rules")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=50)
    name = models.CharField(max_length=120)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="rule_code_is_unique"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "active", "paused", "ended"]),
                name="rule_status_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RuleVersion(models.Model):
    """What a rule says from a moment on; append-only, because awards point at it for ever."""

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    spec = models.JSONField()
    effective_from = models.DateTimeField()
    created_by = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="rule_version_is_unique"),
        ]


class RuleBudget(models.Model):
    """How many points a rule has given in all, locked while it gives more."""

    rule = models.OneToOneField(Rule, models.PROTECT, related_name="budget")
    used = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(used__gte=0), name="budget_use_is_not_negative"),
        ]
