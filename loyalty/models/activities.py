"""What members do besides buying, and what loyalty gives that other apps own."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Organization
from loyalty.models.ledger import Account
from members.models import Member


class Activity(models.Model):
    """Something a member did, once per number; ``once_key`` keeps what counts only once."""

    class Kind(models.TextChoices):
        """What was done."""

        JOINED = "joined", _("Joined")
        BIRTHDAY = "birthday", _("Birthday")
        JOIN_ANNIVERSARY = "join_anniversary", _("Anniversary of joining")
        REVIEW = "review", _("Review")
        CHECK_IN = "check_in", _("Visit without a purchase")
        SURVEY = "survey", _("Survey")
        REFERRAL = "referral", _("Referral")
        SOCIAL_SHARE = "social_share", _("Shared in public")
        APP_INSTALL = "app_install", _("App installed")
        CUSTOM = "custom", _("Something of the shop's own")

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="activities", db_index=False
    )
    member = models.ForeignKey(Member, models.PROTECT, related_name="activities")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=50, blank=True)
    source = models.CharField(max_length=64)
    external_id = models.CharField(max_length=128)
    once_key = models.CharField(max_length=40, blank=True)
    occurred_at = models.DateTimeField()
    data = models.JSONField(default=dict)
    content_digest = models.CharField(max_length=64)
    request_key = models.CharField(max_length=80)
    actor = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "source", "external_id"], name="activity_number_is_unique"
            ),
            models.UniqueConstraint(
                fields=["member", "kind", "once_key"],
                condition=~Q(once_key=""),
                name="activity_counts_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="custom") ^ Q(name=""), name="own_activity_has_a_name"
            ),
        ]
        indexes = [models.Index(fields=["member", "occurred_at"], name="activities_of_member")]


class Grant(models.Model):
    """A thing given that another app owns, named by its code.

    ``number`` tells apart what is alike and has one cause; ``count`` is how many tickets it is.
    """

    class Kind(models.TextChoices):
        """What is given."""

        VOUCHER = "voucher", _("Voucher")
        TICKET = "ticket", _("Draw ticket")
        BADGE = "badge", _("Badge")

    class Status(models.TextChoices):
        """Whether it still stands."""

        GIVEN = "given", _("Given")
        WITHDRAWN = "withdrawn", _("Taken back")

    account = models.ForeignKey(Account, models.PROTECT, related_name="grants", db_index=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="grants")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    target = models.CharField(max_length=64)
    number = models.PositiveSmallIntegerField(default=1)
    count = models.PositiveIntegerField(default=1)
    cause = models.CharField(max_length=32)
    cause_id = models.BigIntegerField()
    request_key = models.CharField(max_length=80)
    actor = models.CharField(max_length=64)
    status = models.CharField(max_length=9, choices=Status.choices, default=Status.GIVEN)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "cause", "cause_id", "kind", "target", "number"],
                condition=Q(status="given"),
                name="grant_is_given_once_per_cause",
            ),
            models.CheckConstraint(
                condition=Q(count=1) | Q(count__gt=1, kind="ticket"), name="grant_gives_something"
            ),
            models.CheckConstraint(
                condition=Q(status="given", withdrawn_at__isnull=True)
                | Q(status="withdrawn", withdrawn_at__isnull=False),
                name="withdrawn_grant_says_when",
            ),
        ]
