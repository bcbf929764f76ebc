"""Blocks of entries that were sealed, so that whoever changes history is found out."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.models import Organization


class Seal(models.Model):
    """One block of an organization's entries, chained to the one before it.

    ``digests`` holds 32 bytes per entry in the order of ``entry_ids``; ``hash`` binds everything
    else. Entries are named by plain ids: one that is deleted must be missed, not protected.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="seals")
    number = models.BigIntegerField()
    first_entry = models.BigIntegerField()
    last_entry = models.BigIntegerField()
    entries = models.IntegerField()
    entry_ids = ArrayField(models.BigIntegerField())
    digests = models.BinaryField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "number"], name="block_number_is_unique"
            ),
            models.UniqueConstraint(
                fields=["organization", "previous_hash"], name="chain_of_blocks_does_not_fork"
            ),
            models.CheckConstraint(condition=Q(entries__gt=0), name="block_has_entries"),
        ]
        indexes = [models.Index(fields=["-last_entry"], name="seals_by_last_entry")]
