"""What members agreed to: an append-only log, of which the latest word counts."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.members import Member, Source


class Channel(models.TextChoices):
    """How the organization may turn to the member."""

    ANY = "any", _("Any channel")
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    PUSH = "push", _("Push")
    INBOX = "inbox", _("Inbox")
    POST = "post", _("Post")
    MESSENGER = "messenger", _("Messenger")


class Purpose(models.TextChoices):
    """What for."""

    TERMS = "terms", _("Terms of the program")
    MARKETING = "marketing", _("Offers and news")
    PROFILING = "profiling", _("Suggestions made from purchases")


class Consent(models.Model):
    """One yes or no to one purpose on one channel; append-only by trigger."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="consents")
    channel = models.CharField(max_length=12, choices=Channel.choices)
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    granted = models.BooleanField()
    text_version = models.CharField(max_length=40)
    source = models.CharField(max_length=8, choices=Source.choices)
    occurred_at = models.DateTimeField(default=timezone.now)
    by = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__in=Channel.values),
                name="consent_channel_is_a_known_channel",
            ),
            models.CheckConstraint(
                condition=Q(purpose__in=Purpose.values),
                name="consent_purpose_is_a_known_purpose",
            ),
        ]
        indexes = [
            models.Index(
                fields=["member", "purpose", "channel", "-occurred_at"],
                name="consents_by_latest_word",
            )
        ]
