"""What came back to the shop."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Organization, Store
from loyalty.models.ledger import Batch
from loyalty.models.purchases import Payment, Purchase, PurchaseLine
from members.models import Member


class Return(models.Model):
    """Goods or money given back; parked while the sale it belongs to is not known yet.

    ``points_put_back`` had paid for what came back; ``deduction`` is the money that the shop may
    keep from the refund for points that were spent already.
    """

    class Status(models.TextChoices):
        """Whether the return has met its sale."""

        DONE = "done", _("Done")
        PARKED = "parked", _("Waiting for its sale")
        UNMATCHED = "unmatched", _("Without a known sale")

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="returns")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.CharField(max_length=80)
    external_id = models.CharField(max_length=128)
    status = models.CharField(max_length=10, choices=Status.choices)
    purchase = models.ForeignKey(
        Purchase, models.PROTECT, null=True, blank=True, related_name="returns"
    )
    sale_source = models.CharField(max_length=80, blank=True)
    sale_external_id = models.CharField(max_length=128, blank=True)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="returns"
    )
    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    amount = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    points_reversed = models.BigIntegerField(default=0)
    debt = models.BigIntegerField(default=0)
    points_put_back = models.BigIntegerField(default=0)
    deduction = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    wish = models.JSONField(default=dict)
    problem = models.CharField(max_length=48, blank=True)
    content_digest = models.CharField(max_length=64)
    request_key = models.CharField(max_length=80)
    actor = models.CharField(max_length=64)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, blank=True, related_name="+")
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "source", "external_id"], name="return_is_recorded_once"
            ),
            models.CheckConstraint(
                condition=Q(points_put_back__gte=0) & Q(deduction__gte=0),
                name="return_puts_back_and_deducts_nothing_negative",
            ),
            models.CheckConstraint(
                condition=~Q(status="done") | Q(purchase__isnull=False) | Q(batch__isnull=False),
                name="done_return_has_its_purchase",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "sale_source", "sale_external_id"],
                name="returns_that_are_parked",
                condition=Q(status="parked"),
            )
        ]


class ReturnLine(models.Model):
    """How much of one sold line came back; without ``purchase_line`` its sale is unknown."""

    parent = models.ForeignKey(Return, models.PROTECT, related_name="lines")
    purchase_line = models.ForeignKey(
        PurchaseLine, models.PROTECT, null=True, blank=True, related_name="returns"
    )
    sku = models.CharField(max_length=64, blank=True)
    quantity = models.DecimalField(max_digits=13, decimal_places=3)
    amount = models.DecimalField(max_digits=14, decimal_places=3)


class PointsPutBack(models.Model):
    """What one return covers of the points that paid for a purchase; append-only.

    ``points`` went back to their lots, and ``amount`` is the money that they had stood for and
    that is not paid out.
    """

    parent = models.ForeignKey(Return, models.PROTECT, related_name="put_back")
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="put_back")
    points = models.BigIntegerField()
    amount = models.DecimalField(max_digits=14, decimal_places=3, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["parent", "payment"], name="return_puts_a_payment_back_once"
            ),
            models.CheckConstraint(
                condition=Q(points__gte=0, amount__gte=0) & (Q(points__gt=0) | Q(amount__gt=0)),
                name="putting_back_has_points_or_their_worth",
            ),
        ]
