"""What shows that a reward can be had, and every time that it was."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Right
from django.utils.translation import gettext_lazy as _

from core.models import Organization, Store
from loyalty.models import Purchase
from members.models import Member
from rewards.models.redemptions import Redemption
from rewards.models.rewards import Reward
from rewards.models.voucher_batches import VoucherBatch
from rewards.voucher_codes import LOOKS_LIKE

CODE_LENGTH_MAX = 24
ENDING_LENGTH = 4

# What codes have in common that people cannot tell apart, as the database writes it.
READ_ALIKE = Func(F("code"), *map(Value, LOOKS_LIKE), function="TRANSLATE")


class Voucher(models.Model):
    """A code that is good for a reward, once or as often as it says, from day to day.

    One that a member took or was granted has its redemption; one on paper belongs to whoever holds
    it, and a shared code to everybody who knows it.
    """

    class Kind(models.TextChoices):
        """Whose the code is."""

        UNIQUE = "unique", _("One code for one use")
        SHARED = "shared", _("One code for many")

    class Status(models.TextChoices):
        """Where the voucher is in its life; it is used when no use of it is left."""

        ISSUED = "issued", _("Not used yet")
        USED = "used", _("Used")
        CANCELED = "canceled", _("Canceled")
        EXPIRED = "expired", _("Expired")

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="vouchers")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reward = models.ForeignKey(Reward, models.PROTECT, related_name="vouchers")
    redemption = models.OneToOneField(
        Redemption, models.PROTECT, null=True, blank=True, related_name="voucher"
    )
    batch = models.ForeignKey(
        VoucherBatch,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="vouchers",
        db_index=False,  # the index of its codes begins with it
    )
    kind = models.CharField(max_length=6, choices=Kind.choices, default=Kind.UNIQUE)
    code = models.CharField(max_length=CODE_LENGTH_MAX)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ISSUED)
    uses = models.PositiveIntegerField(default=0)
    uses_max = models.PositiveIntegerField(null=True, blank=True, default=1)
    per_member_max = models.PositiveSmallIntegerField(null=True, blank=True)
    issued_at = models.DateTimeField()
    valid_from = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
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
            models.CheckConstraint(
                condition=Q(kind="unique", uses_max=1, per_member_max__isnull=True)
                | Q(kind="shared", redemption__isnull=True),
                name="voucher_is_for_one_use_or_shared",
            ),
            models.CheckConstraint(
                condition=Q(uses_max__isnull=True) | Q(uses_max__gt=0, uses__lte=F("uses_max")),
                name="voucher_is_used_no_more_than_it_may_be",
            ),
            models.CheckConstraint(
                condition=~Q(status="used") | Q(uses=F("uses_max")),
                name="voucher_is_used_when_no_use_is_left",
            ),
            models.CheckConstraint(
                condition=Q(per_member_max__isnull=True) | Q(per_member_max__gt=0),
                name="voucher_is_good_for_a_member_at_least_once",
            ),
            models.UniqueConstraint(
                "organization",
                READ_ALIKE,
                condition=Q(kind="shared"),
                name="shared_code_is_read_as_no_other",
            ),
            models.CheckConstraint(
                condition=Q(batch__isnull=True) | Q(kind="unique", redemption__isnull=True),
                name="voucher_of_a_batch_is_nobodys",
            ),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True) | Q(kind="shared"),
                name="only_shared_code_is_paused",
            ),
        ]
        indexes = [
            models.Index(
                fields=["valid_until"],
                condition=Q(status="issued"),
                name="vouchers_that_will_expire",
            ),
            models.Index(
                fields=["batch", "id"],
                condition=Q(batch__isnull=False),
                name="vouchers_of_batch",
            ),
            models.Index(
                fields=["batch"], condition=Q(status="used"), name="used_vouchers_of_batch"
            ),
            models.Index(
                "batch",
                Right("code", ENDING_LENGTH),
                condition=Q(batch__isnull=False),
                name="vouchers_by_their_ending",
            ),
            models.Index(
                fields=["organization", "id"],
                condition=Q(kind="shared"),
                name="shared_codes_of_organization",
            ),
        ]

    @property
    def is_shared(self) -> bool:
        """Say whether many use one code."""
        return self.kind == Voucher.Kind.SHARED


class VoucherUse(models.Model):
    """One time that a voucher was good for its reward; one that was let go of counts no more."""

    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="all_uses")
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="+")
    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    purchase = models.ForeignKey(
        Purchase, models.PROTECT, null=True, blank=True, related_name="voucher_uses"
    )
    amount = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    actor = models.CharField(max_length=64)
    request_key = models.CharField(max_length=80)
    used_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["voucher", "request_key"], name="voucher_is_used_once_for_a_request"
            ),
            models.UniqueConstraint(
                fields=["voucher", "purchase"],
                condition=Q(released_at__isnull=True),
                name="voucher_is_used_once_on_a_purchase",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True, released_by="")
                | (Q(released_at__gte=F("used_at")) & ~Q(released_by="")),
                name="voucher_use_is_let_go_of_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gt=0),
                name="voucher_use_takes_something_off_or_says_nothing",
            ),
        ]
        indexes = [
            models.Index(
                fields=["voucher", "member"],
                condition=Q(released_at__isnull=True),
                name="voucher_uses_of_member",
            ),
            models.Index(fields=["voucher", "-used_at"], name="voucher_uses_by_time"),
        ]
