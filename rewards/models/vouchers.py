"""What shows that a reward is a member's, and whether it was handed over."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Organization, Store
from rewards.models.redemptions import Redemption


class Voucher(models.Model):
    """The code of one issued redemption; it is used once, and no longer after ``valid_until``."""

    class Status(models.TextChoices):
        """Where the voucher is in its life."""

        ISSUED = "issued", _("Not used yet")
        USED = "used", _("Used")
        CANCELED = "canceled", _("Canceled")
        EXPIRED = "expired", _("Expired")

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="vouchers")
    redemption = models.OneToOneField(Redemption, models.PROTECT, related_name="voucher")
    code = models.CharField(max_length=12)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ISSUED)
    issued_at = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)
    used_in = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    used_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "code"], name="voucher_code_is_unique"),
            models.CheckConstraint(
                condition=Q(status__in=["issued", "used", "canceled", "expired"]),
                name="voucher_status_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="used") | (Q(used_at__isnull=False) & ~Q(used_by="")),
                name="used_voucher_says_when_and_by_whom",
            ),
        ]
        indexes = [
            models.Index(
                fields=["valid_until"],
                condition=Q(status="issued"),
                name="vouchers_that_will_expire",
            )
        ]
