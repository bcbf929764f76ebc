"""Where batches and shared codes are found, scoped to an organization."""

from __future__ import annotations

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from core.models import Organization
from rewards.models import Voucher, VoucherBatch
from rewards.queries import vouchers_of


def batches_of(organization: Organization) -> QuerySet[VoucherBatch]:
    """Return the organization's batches with how many of their codes are used."""
    batches = VoucherBatch.objects.filter(organization=organization)
    used = Voucher.objects.filter(batch=OuterRef("pk"), status=Voucher.Status.USED)
    counted = used.order_by().values("batch").annotate(used=Count("pk")).values("used")
    return batches.select_related("reward", "organization").annotate(
        used=Coalesce(Subquery(counted), 0)
    )


def shared_codes_of(organization: Organization) -> QuerySet[Voucher]:
    """Return the words that are good for a reward of the organization."""
    return vouchers_of(organization).filter(kind=Voucher.Kind.SHARED)
