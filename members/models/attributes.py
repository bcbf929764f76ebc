"""What an organization wants to note about its members, beside what is asked of everybody."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Organization
from members.attributes import Kind


class AttributeDefinition(models.Model):
    """One thing that is noted: its name for machines, its label for people, and its type."""

    class Kind(models.TextChoices):
        """What sort of values it has."""

        TEXT = Kind.TEXT.value, _("Text")
        NUMBER = Kind.NUMBER.value, _("Number")
        YES_NO = Kind.YES_NO.value, _("Yes or no")
        DATE = Kind.DATE.value, _("Date")
        CHOICE = Kind.CHOICE.value, _("One of a list")

    class Audience(models.TextChoices):
        """Who of the office sees it."""

        MANAGERS = "managers", _("Owners and managers")
        OFFICE = "office", _("Analysts too")

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="attributes")
    name = models.CharField(max_length=50)
    label = models.CharField(max_length=80)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    choices = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    audience = models.CharField(max_length=8, choices=Audience.choices, default=Audience.MANAGERS)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"], name="attribute_name_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(name__regex=r"^[a-z][a-z0-9_]{0,49}$"),
                name="attribute_name_is_a_short_name",
            ),
            models.CheckConstraint(condition=~Q(label=""), name="attribute_has_a_label"),
            models.CheckConstraint(
                condition=Q(kind="choice") ^ Q(choices=[]), name="only_choices_have_choices"
            ),
        ]

    def __str__(self) -> str:
        return self.label
