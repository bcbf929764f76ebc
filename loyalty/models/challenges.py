"""Challenges: what is asked for in a period, and how far each account has come."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from loyalty.models.activities import Activity
from loyalty.models.ledger import Account
from loyalty.models.programs import Program
from loyalty.models.purchases import Purchase


class Challenge(models.Model):
    """Something to reach in a period; what exactly stands in its versions."""

    class Status(models.TextChoices):
        """Whether progress is counted."""

        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    program = models.ForeignKey(Program, models.PROTECT, related_name="challenges", db_index=False)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=50)
    name = models.CharField(max_length=120)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="challenge_code_is_unique"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "active", "paused", "ended"]),
                name="challenge_status_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ChallengeVersion(models.Model):
    """What a challenge asks and gives from a moment on; typed in ``loyalty.challenges``."""

    challenge = models.ForeignKey(
        Challenge, models.PROTECT, related_name="versions", db_index=False
    )
    number = models.PositiveIntegerField()
    spec = models.JSONField()
    effective_from = models.DateTimeField()
    created_by = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["challenge", "number"], name="challenge_version_is_unique"
            ),
        ]


class ChallengeRun(models.Model):
    """An account's try at a challenge in one period, counted by the version it began with.

    ``period`` is its first local day; what happens from ``starts_at`` until ``ends_at`` counts.
    ``seen`` says how often each day, week or category counted, where those are what is asked for.
    Written under the account's lock.
    """

    account = models.ForeignKey(
        Account, models.PROTECT, related_name="challenge_runs", db_index=False
    )
    challenge = models.ForeignKey(Challenge, models.PROTECT, related_name="runs")
    version = models.ForeignKey(ChallengeVersion, models.PROTECT, related_name="runs")
    period = models.DateField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    progress = models.DecimalField(max_digits=18, decimal_places=3, default=0)
    seen = models.JSONField(default=dict)
    opted_in_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "challenge", "version", "period"],
                name="challenge_runs_once_a_period",
            ),
            models.CheckConstraint(
                condition=Q(progress__gte=0), name="challenge_progress_is_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(starts_at__lt=F("ends_at")), name="challenge_run_ends_after_its_start"
            ),
        ]


class ChallengeCount(models.Model):
    """What one purchase or activity counts in a run; a return may lower it."""

    run = models.ForeignKey(ChallengeRun, models.PROTECT, related_name="counts", db_index=False)
    purchase = models.ForeignKey(
        Purchase, models.PROTECT, null=True, blank=True, related_name="challenge_counts"
    )
    activity = models.ForeignKey(
        Activity, models.PROTECT, null=True, blank=True, related_name="challenge_counts"
    )
    counted = models.DecimalField(max_digits=18, decimal_places=3)
    keys = ArrayField(models.CharField(max_length=100), default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "purchase"], name="purchase_counts_once_in_a_run"
            ),
            models.UniqueConstraint(
                fields=["run", "activity"], name="activity_counts_once_in_a_run"
            ),
            models.CheckConstraint(
                condition=Q(purchase__isnull=True) ^ Q(activity__isnull=True),
                name="challenge_count_is_of_a_purchase_or_an_activity",
            ),
            models.CheckConstraint(
                condition=Q(counted__gte=0), name="challenge_count_is_not_negative"
            ),
        ]


class ChallengeCompletion(models.Model):
    """That a run was completed, and the points it gave; ``taken`` of them went back.

    A completion that a return undid may come again, and then gives what does not stand any more.
    """

    run = models.ForeignKey(ChallengeRun, models.PROTECT, related_name="completions")
    points = models.BigIntegerField(default=0)
    taken = models.BigIntegerField(default=0)
    request_key = models.CharField(max_length=80)
    actor = models.CharField(max_length=64)
    completed_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run"],
                condition=Q(undone_at__isnull=True),
                name="challenge_run_is_completed_once",
            ),
            models.CheckConstraint(
                condition=Q(taken__gte=0) & Q(taken__lte=F("points")),
                name="challenge_takes_back_what_it_gave_at_most",
            ),
        ]
