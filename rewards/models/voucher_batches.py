"""Many vouchers at once, for paper, partners and mailings: whoever holds a code may use it."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models import Organization
from rewards.models.rewards import Reward
from rewards.voucher_codes import PREFIX_MAX, RANDOM, RANDOM_MAX

WANTED_MAX = 1_000_000
NAME_LENGTH_MAX = 120


class VoucherBatch(models.Model):
    """So many codes for one reward, made in the background; what is printed never changes.

    ``valid_from`` and ``valid_until`` are the first and the last day, as the organization lives
    them.
    """

    class Status(models.TextChoices):
        """Where the batch is: its codes are being made, are all there, or are good no more."""

        MAKING = "making", _("Being made")
        READY = "ready", _("Ready")
        STOPPED = "stopped", _("Stopped")

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="voucher_batches")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reward = models.ForeignKey(Reward, models.PROTECT, related_name="voucher_batches")
    name = models.CharField(max_length=NAME_LENGTH_MAX)
    wanted = models.PositiveIntegerField()
    made = models.PositiveIntegerField(default=0)
    prefix = models.CharField(max_length=PREFIX_MAX, blank=True)
    random_chars = models.PositiveSmallIntegerField(default=RANDOM)
    valid_from = models.DateField(null=True, blank=True)
    valid_until = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.MAKING)
    created_by = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)
    is_swept = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["making", "ready", "stopped"]),
                name="voucher_batch_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(wanted__gte=1, wanted__lte=WANTED_MAX, made__lte=F("wanted")),
                name="voucher_batch_is_of_so_many",
            ),
            models.CheckConstraint(
                condition=~Q(status="ready") | Q(made=F("wanted")),
                name="voucher_batch_is_ready_when_all_is_made",
            ),
            models.CheckConstraint(
                condition=Q(status="stopped", stopped_at__isnull=False)
                | (~Q(status="stopped") & Q(stopped_at__isnull=True, is_swept=False)),
                name="stopped_voucher_batch_says_when",
            ),
            models.CheckConstraint(
                condition=Q(random_chars__gte=RANDOM, random_chars__lte=RANDOM_MAX),
                name="voucher_batch_draws_enough",
            ),
            models.CheckConstraint(
                condition=Q(prefix="") | Q(prefix__regex="^[0-9A-HJKMNP-TV-Z]+$"),
                name="voucher_batch_begins_as_codes_can",
            ),
            models.CheckConstraint(
                condition=Q(valid_from__isnull=True)
                | Q(valid_until__isnull=True)
                | Q(valid_until__gte=F("valid_from")),
                name="voucher_batch_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(status="making") | Q(status="stopped", is_swept=False),
                name="voucher_batches_in_work",
            ),
        ]

    def __str__(self) -> str:
        """Return what the staff call it."""
        return self.name
