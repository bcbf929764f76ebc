"""Short messages to people outside, written in the transaction that has something to say."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models.organizations import Organization


class OutgoingMessage(models.Model):
    """One message to one address; ``over_at`` says that it was sent or given up.

    ``text`` is blank once nobody needs it any more, because it may hold a code.
    """

    class Channel(models.TextChoices):
        """How the message travels."""

        SMS = "sms", _("SMS")
        EMAIL = "email", _("E-mail")

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="messages")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.CharField(max_length=5, choices=Channel.choices)
    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    worthless_at = models.DateTimeField(null=True, blank=True)
    next_try_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    over_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__in=["sms", "email"]), name="message_channel_is_known"
            ),
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(over_at__isnull=False),
                name="sent_message_is_over",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="messages_to_send",
                condition=Q(over_at__isnull=True),
            )
        ]
