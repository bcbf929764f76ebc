"""Files of receipts that were read, how far, and what was refused."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Organization
from loyalty.models.ledger import Batch


class FileKind(models.TextChoices):
    """What a file brings in."""

    RECEIPTS = "receipts", _("Receipts")
    BALANCES = "balances", _("Balances")


class ReceiptImport(models.Model):
    """One reading of one file; ``position`` receipts or rows are done, whatever happened since.

    ``mapping`` holds everything that decides how the file is read, ``report`` what came of it.
    """

    class Status(models.TextChoices):
        """How far the reading is."""

        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="imports")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    batch = models.OneToOneField(Batch, models.PROTECT, related_name="receipt_import")
    kind = models.CharField(max_length=8, choices=FileKind.choices, default=FileKind.RECEIPTS)
    file_name = models.CharField(max_length=200)
    file_digest = models.CharField(max_length=64)
    mapping = models.JSONField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.RUNNING)
    position = models.BigIntegerField(default=0)
    report = models.JSONField(default=dict)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "file_digest"],
                name="file_is_imported_once_at_a_time",
                condition=Q(status="running"),
            ),
            models.CheckConstraint(
                condition=Q(status__in=["running", "finished"]), name="import_status_is_known"
            ),
        ]


class ImportRefusal(models.Model):
    """A row of the file that was not taken, and why; the first thousand are kept."""

    parent = models.ForeignKey(ReceiptImport, models.PROTECT, related_name="refusals")
    row = models.BigIntegerField()
    receipt = models.CharField(max_length=128, blank=True)
    code = models.CharField(max_length=48)
    message = models.CharField(max_length=300)


class ImportLane(models.Model):
    """One of the lanes in which a file is imported side by side: how far, and what came of it.

    Everything of one customer is in one lane; ``position`` counts the receipts of the lane alone.
    """

    parent = models.ForeignKey(ReceiptImport, models.PROTECT, related_name="lanes", db_index=False)
    number = models.PositiveSmallIntegerField()
    position = models.BigIntegerField(default=0)
    report = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["parent", "number"], name="lane_of_an_import_is_one"),
        ]


class ImportedReceipt(models.Model):
    """A receipt of a file that is on record, known by its rows as they stood there.

    ``documents`` says how many records it is: its sale, its return, or both.
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", db_index=False)
    fingerprint = models.UUIDField()
    documents = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "fingerprint"], name="imported_receipt_is_noted_once"
            ),
        ]


class ReceiptUpload(models.Model):
    """A file that somebody sent by a browser, from then until it is imported.

    It lies in the data folder under its ``public_id``; ``trial`` is the report of a dry run.
    """

    class Status(models.TextChoices):
        """What becomes of the file; a worker sees to what is ``checking`` or ``importing``."""

        READY = "ready", _("Uploaded")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked")
        IMPORTING = "importing", _("Being imported")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Not possible")
        REMOVED = "removed", _("Removed")

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="uploads")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=8, choices=FileKind.choices, default=FileKind.RECEIPTS)
    file_name = models.CharField(max_length=120)
    mapping = models.JSONField()
    store_code = models.CharField(max_length=32, blank=True)
    rows = models.BigIntegerField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.READY)
    trial = models.JSONField(default=dict)
    problem = models.CharField(max_length=300, blank=True)
    receipt_import = models.ForeignKey(
        ReceiptImport, models.PROTECT, null=True, blank=True, related_name="uploads"
    )
    uploaded_by = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        "ready",
                        "checking",
                        "checked",
                        "importing",
                        "finished",
                        "failed",
                        "removed",
                    ]
                ),
                name="upload_status_is_known",
            ),
        ]
