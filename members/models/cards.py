"""Cards: the numbers that members show, printed or on a screen."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Organization
from members.models.members import Member


class CardKind(models.TextChoices):
    """Whether the card names its member."""

    PERSONAL = "personal", _("Personal")
    BEARER = "bearer", _("Bearer")


class CardStatus(models.TextChoices):
    """Whether the card still opens anything."""

    ACTIVE = "active", _("Active")
    BLOCKED = "blocked", _("Blocked")
    LOST = "lost", _("Lost")


class Card(models.Model):
    """One card number; a bearer card may be in use before anybody has given a name."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="cards")
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="cards")
    number = models.CharField(max_length=13)
    kind = models.CharField(max_length=8, choices=CardKind.choices)
    status = models.CharField(max_length=8, choices=CardStatus.choices, default=CardStatus.ACTIVE)
    is_primary = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("organization", "number", name="card_number_is_unique"),
            models.UniqueConstraint(
                "member", name="member_has_one_primary_card", condition=Q(is_primary=True)
            ),
            models.CheckConstraint(
                condition=Q(number__regex=r"^29[0-9]{11}$"),
                name="card_number_is_thirteen_digits_from_29",
            ),
            models.CheckConstraint(
                condition=Q(kind=CardKind.BEARER) | Q(kind=CardKind.PERSONAL, member__isnull=False),
                name="personal_card_has_a_member",
            ),
            models.CheckConstraint(
                condition=Q(status__in=CardStatus.values),
                name="card_status_is_a_known_status",
            ),
            models.CheckConstraint(
                condition=Q(is_primary=False) | Q(member__isnull=False, status=CardStatus.ACTIVE),
                name="primary_card_is_in_use",
            ),
        ]

    def __str__(self) -> str:
        return self.number
