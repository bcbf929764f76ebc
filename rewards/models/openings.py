"""What issuing a reward does later, because the reward opens later."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rewards.models.redemptions import Redemption


class Opening(models.Model):
    """What a redemption does when it opens: once, or never when it was taken back before.

    What could not be done on its day says ``why``; its redemption is undone then.
    """

    class Status(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        CANCELED = "canceled", _("Canceled")
        FAILED = "failed", _("Could not be done")

    redemption = models.OneToOneField(Redemption, models.PROTECT, related_name="opening")
    due_at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    why = models.CharField(max_length=64, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="waiting", ended_at__isnull=True)
                | Q(status__in=["done", "canceled", "failed"], ended_at__isnull=False),
                name="opening_waits_or_says_when_it_ended",
            ),
            models.CheckConstraint(
                condition=Q(status="failed") ^ Q(why=""), name="failed_opening_says_why"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], condition=Q(status="waiting"), name="openings_that_are_due"
            )
        ]
