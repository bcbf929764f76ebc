"""Stamp cards: what they ask for, the sheets members fill, and every stamp that came or went."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from loyalty.models.ledger import Account
from loyalty.models.programs import Program


class StampCard(models.Model):
    """A card to be filled; what it asks for stands in its versions."""

    class Status(models.TextChoices):
        """Whether stamps are given."""

        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    program = models.ForeignKey(Program, models.PROTECT, related_name="stamp_cards", db_index=False)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=50)
    name = models.CharField(max_length=120)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="stamp_card_code_is_unique"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "active", "paused", "ended"]),
                name="stamp_card_status_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StampCardVersion(models.Model):
    """What a card asks for and gives from a moment on; ``spec`` is typed in ``loyalty.stamps``."""

    card = models.ForeignKey(StampCard, models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    spec = models.JSONField()
    effective_from = models.DateTimeField()
    created_by = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["card", "number"], name="stamp_card_version_is_unique"),
        ]


class StampSheet(models.Model):
    """One card of an account from its first stamp: as long as it is not full, it is the open one.

    The sheet keeps the version it was begun with, by the move of sequence ``begun_by``; ``gifted``
    are the places whose gifts were given and stand. Below zero, stamps are owed. All of it follows
    from the moves and is written with them, under the account's lock.
    """

    account = models.ForeignKey(
        Account, models.PROTECT, related_name="stamp_sheets", db_index=False
    )
    card = models.ForeignKey(StampCard, models.PROTECT, related_name="sheets")
    version = models.ForeignKey(StampCardVersion, models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    stamps = models.IntegerField(default=0)
    gifted = models.JSONField(default=list)
    begun_by = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    stamped_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    lapsed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "card", "number"], name="stamp_sheets_are_numbered"
            ),
            models.UniqueConstraint(
                fields=["account", "card"],
                condition=Q(completed_at__isnull=True, lapsed_at__isnull=True),
                name="one_stamp_sheet_is_open",
            ),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True) | Q(lapsed_at__isnull=True),
                name="full_stamp_sheet_does_not_lapse",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=Q(completed_at__isnull=True, lapsed_at__isnull=True),
                name="stamp_sheets_by_end",
            )
        ]


class StampMove(models.Model):
    """Stamps that came onto a card or were taken off it, and by what; append-only.

    A sheet that it begins keeps ``version``; ``reopened`` full sheets were opened again by it.
    """

    class Cause(models.TextChoices):
        """What moves stamps."""

        PURCHASE = "purchase", _("Purchase")
        ACTIVITY = "activity", _("Activity")
        RETURN = "return", _("Return")
        MERGE = "merge", _("Two accounts became one")
        UNMERGE = "unmerge", _("They are two again")
        MANUAL = "manual", _("By hand")

    account = models.ForeignKey(Account, models.PROTECT, related_name="stamp_moves", db_index=False)
    card = models.ForeignKey(StampCard, models.PROTECT, related_name="moves")
    version = models.ForeignKey(StampCardVersion, models.PROTECT, related_name="+", db_index=False)
    sequence = models.PositiveIntegerField()
    stamps = models.IntegerField()
    reopened = models.PositiveSmallIntegerField(default=0)
    balance_after = models.IntegerField()
    cause = models.CharField(max_length=8, choices=Cause.choices)
    cause_id = models.BigIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    request_key = models.CharField(max_length=80)
    actor = models.CharField(max_length=64)
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "card", "sequence"], name="stamp_moves_are_numbered"
            ),
            models.UniqueConstraint(
                fields=["account", "card", "request_key"], name="stamps_move_once_per_request"
            ),
            models.CheckConstraint(condition=~Q(stamps=0), name="stamp_move_moves_stamps"),
            models.CheckConstraint(
                condition=Q(reopened=0) | Q(stamps__lt=0), name="only_taking_opens_full_sheets"
            ),
        ]
