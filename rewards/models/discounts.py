"""What was taken off purchases, and the quotes that set something aside for one."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Organization, Store
from loyalty.models import Hold, Purchase
from members.models import Member
from rewards.discounts.told import TakenOff, lines_from_json, why_from_json
from rewards.models.benefits import BenefitVersion
from rewards.models.redemptions import Redemption
from rewards.models.vouchers import Voucher, VoucherUse


class PurchaseDiscountQuerySet(models.QuerySet["PurchaseDiscount"]):
    """Questions about what was taken off."""

    def told_of(self, purchase: Purchase) -> list[TakenOff]:
        """Return what was taken off a purchase, as it was told then."""
        rows = self.filter(purchase=purchase).order_by("pk")
        with_sources = rows.select_related("benefit_version__benefit", "voucher_use__voucher")
        return [one.told for one in with_sources]


class PurchaseDiscount(models.Model):
    """What one source took off one purchase, as it was told; never changed.

    ``lines`` lists line numbers with their parts of the amount, as text; the lines on record are
    what was left to pay.
    """

    class Source(models.TextChoices):
        """What took it off."""

        BENEFIT = "benefit", _("Benefit")
        TIER = "tier", _("Tier")
        VOUCHER = "voucher", _("Voucher")

    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="taken_off")
    source = models.CharField(max_length=8, choices=Source.choices)
    benefit_version = models.ForeignKey(
        BenefitVersion, models.PROTECT, null=True, blank=True, related_name="taken_off"
    )
    tier = models.CharField(max_length=80, blank=True)
    voucher_use = models.OneToOneField(
        VoucherUse, models.PROTECT, null=True, blank=True, related_name="taken_off"
    )
    name = models.CharField(max_length=120)
    amount = models.DecimalField(max_digits=14, decimal_places=3)
    lines = models.JSONField()
    why = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PurchaseDiscountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="discount_takes_something_off"),
            models.CheckConstraint(
                condition=Q(
                    source="benefit",
                    benefit_version__isnull=False,
                    tier="",
                    voucher_use__isnull=True,
                )
                | Q(source="tier", benefit_version__isnull=True, voucher_use__isnull=True)
                & ~Q(tier="")
                | Q(
                    source="voucher",
                    benefit_version__isnull=True,
                    tier="",
                    voucher_use__isnull=False,
                ),
                name="discount_has_the_source_it_names",
            ),
        ]

    @property
    def told(self) -> TakenOff:
        """Return the discount as answers tell it."""
        return TakenOff(
            kind=self.source,
            source=self._key,
            name=self.name,
            amount=self.amount,
            lines=lines_from_json(self.lines),
            why=why_from_json(self.why),
        )

    @property
    def _key(self) -> str:
        if self.benefit_version is not None:
            return str(self.benefit_version.benefit.public_id)
        return self.voucher_use.voucher.code if self.voucher_use else self.tier


class Quote(models.Model):
    """A price that was promised for some minutes, with the vouchers and points set aside for it.

    ``asked`` fingerprints what was asked and ``promised`` is what was answered. Time and the
    purchase it was made for end it; after ``expires_at`` it holds nothing, whatever is stored.
    """

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="quotes", db_index=False
    )
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    asked = models.CharField(max_length=64)
    due = models.DecimalField(max_digits=14, decimal_places=3)
    promised = models.JSONField()
    hold = models.OneToOneField(Hold, models.PROTECT, null=True, blank=True, related_name="quote")
    purchase = models.OneToOneField(
        Purchase, models.PROTECT, null=True, blank=True, related_name="quote"
    )
    actor = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(purchase__isnull=True) | Q(ended_at__isnull=False),
                name="used_quote_has_ended",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=Q(ended_at=None), name="quotes_that_will_end"
            )
        ]


class QuotedVoucherQuerySet(models.QuerySet["QuotedVoucher"]):
    """Questions about what quotes set aside."""

    def living(self, now: datetime) -> QuotedVoucherQuerySet:
        """Keep what is set aside at this moment, whatever any job has marked."""
        return self.filter(quote__ended_at=None, quote__expires_at__gt=now)


class QuotedVoucher(models.Model):
    """A use of a voucher that a quote sets aside, for as long as the quote lives."""

    quote = models.ForeignKey(Quote, models.PROTECT, related_name="vouchers", db_index=False)
    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="quoted")

    objects = QuotedVoucherQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["quote", "voucher"], name="quote_sets_a_voucher_aside_once"
            ),
        ]


class QuotedReward(models.Model):
    """A reward that a quote sets aside, with its points and its piece of the stock."""

    quote = models.ForeignKey(Quote, models.PROTECT, related_name="rewards")
    redemption = models.OneToOneField(Redemption, models.PROTECT, related_name="quoted")
