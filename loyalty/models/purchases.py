"""Receipts as they came from the shop."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Organization, Register, Staff, Store
from loyalty.models.ledger import Batch
from members.models import Member


class Product(models.Model):
    """Something the organization sells, made when a receipt first names its SKU."""

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="products", db_index=False
    )
    sku = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True)
    brand = models.CharField(max_length=100, blank=True)
    category = ArrayField(models.CharField(max_length=100), default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "sku"], name="product_sku_is_unique"),
        ]


class Purchase(models.Model):
    """One receipt, known by its source and the number that source gave it."""

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="purchases", db_index=False
    )
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    source = models.CharField(max_length=80)
    external_id = models.CharField(max_length=128)
    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    register = models.ForeignKey(Register, models.PROTECT, null=True, blank=True, related_name="+")
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, blank=True, related_name="+")
    member = models.ForeignKey(
        Member,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="purchases",
        db_index=False,
    )
    channel = models.CharField(max_length=32, default="store")
    occurred_at = models.DateTimeField()
    business_date = models.DateField()
    total = models.DecimalField(max_digits=14, decimal_places=3)
    returned = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    content_digest = models.CharField(max_length=64)
    request_key = models.CharField(max_length=80)
    actor = models.CharField(max_length=64)
    metadata = models.JSONField(default=dict)
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "source", "external_id"], name="receipt_is_recorded_once"
            ),
            models.CheckConstraint(
                condition=Q(total__gte=0), name="purchase_total_is_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(returned__gte=0) & Q(returned__lte=models.F("total")),
                name="purchase_is_not_returned_beyond_its_total",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "-occurred_at"], name="purchases_of_member"),
            models.Index(fields=["organization", "-occurred_at"], name="purchases_by_time"),
            models.Index(fields=["organization", "external_id"], name="purchases_by_number"),
        ]


class PurchaseLine(models.Model):
    """One line of a receipt; ``amount`` is what was paid for it, tax included."""

    class Kind(models.TextChoices):
        """What the line is for; only products earn unless the program says otherwise."""

        PRODUCT = "product", _("Product")
        SHIPPING = "shipping", _("Shipping")
        TIP = "tip", _("Tip")
        FEE = "fee", _("Fee")
        GIFT_CARD = "gift_card", _("Gift card")
        MEMBERSHIP = "membership", _("Membership")

    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="lines", db_index=False)
    number = models.PositiveSmallIntegerField()
    # Nothing asks for the lines of a product, which is never deleted, and lines are the most rows.
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    sku = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=200, blank=True)
    brand = models.CharField(max_length=100, blank=True)
    category = ArrayField(models.CharField(max_length=100), default=list)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.PRODUCT)
    quantity = models.DecimalField(max_digits=13, decimal_places=3)
    amount = models.DecimalField(max_digits=14, decimal_places=3)
    discount = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    tax = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    unit_cost = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    returned_quantity = models.DecimalField(max_digits=13, decimal_places=3, default=0)
    returned_amount = models.DecimalField(max_digits=14, decimal_places=3, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purchase", "number"], name="line_number_is_unique"),
            models.CheckConstraint(
                condition=Q(returned_quantity__gte=0)
                & Q(returned_quantity__lte=models.F("quantity")),
                name="line_is_not_returned_beyond_its_quantity",
            ),
            models.CheckConstraint(
                condition=Q(returned_amount__gte=0) & Q(returned_amount__lte=models.F("amount")),
                name="line_is_not_returned_beyond_its_amount",
            ),
        ]


class Payment(models.Model):
    """How a part of the receipt was paid; ``points`` were spent from the member's account."""

    class Method(models.TextChoices):
        """The means of payment that matter to earning."""

        CASH = "cash", _("Cash")
        CARD = "card", _("Card")
        GIFT_CARD = "gift_card", _("Gift card")
        POINTS = "points", _("Points")
        OTHER = "other", _("Other")

    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="payments")
    method = models.CharField(max_length=12, choices=Method.choices)
    amount = models.DecimalField(max_digits=14, decimal_places=3)
    points = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_has_an_amount"),
            models.CheckConstraint(
                condition=Q(points=0) | Q(points__gt=0, method="points"),
                name="only_points_are_paid_in_points",
            ),
        ]
