"""What is sent to members or put aside for them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.models import Organization, Store
from rewards.addresses import (
    CARRIER_LENGTH_MAX,
    CITY_LENGTH_MAX,
    COUNTRY_LENGTH,
    LINE_LENGTH_MAX,
    NAME_LENGTH_MAX,
    NOTE_LENGTH_MAX,
    PHONE_LENGTH_MAX,
    POSTAL_CODE_LENGTH_MAX,
    TRACKING_LENGTH_MAX,
    Address,
)
from rewards.models.redemptions import Redemption
from rewards.models.rewards import Reward

ENDED = ("done", "canceled")
NO_ADDRESS = Q(
    name="", line1="", line2="", postal_code="", city="", region="", country="", phone=""
)
AN_ADDRESS = ~Q(name="") & ~Q(line1="") & ~Q(city="") & ~Q(country="")


class Fulfillment(models.Model):
    """How a member comes by what they took: a parcel, or something put aside in a store.

    It goes with the voucher of its redemption, and under its lock: what is done has used the
    voucher, and what is canceled has none that is good. Once the member has said where, the shop
    is at work, and the voucher has no last day any more. The address is kept no longer than it
    is needed.
    """

    class Status(models.TextChoices):
        """Where it is on its way."""

        WAITING = "waiting", _("Waiting for the member")
        OPEN = "open", _("To be packed")
        READY = "ready", _("Ready")
        DONE = "done", _("Done")
        CANCELED = "canceled", _("Canceled")

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="fulfillments")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    redemption = models.OneToOneField(Redemption, models.PROTECT, related_name="fulfillment")
    method = models.CharField(max_length=8, choices=Reward.Delivery.choices)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)

    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=NAME_LENGTH_MAX, blank=True)
    line1 = models.CharField(max_length=LINE_LENGTH_MAX, blank=True)
    line2 = models.CharField(max_length=LINE_LENGTH_MAX, blank=True)
    postal_code = models.CharField(max_length=POSTAL_CODE_LENGTH_MAX, blank=True)
    city = models.CharField(max_length=CITY_LENGTH_MAX, blank=True)
    region = models.CharField(max_length=CITY_LENGTH_MAX, blank=True)
    country = models.CharField(max_length=COUNTRY_LENGTH, blank=True)
    phone = models.CharField(max_length=PHONE_LENGTH_MAX, blank=True)
    note = models.CharField(max_length=NOTE_LENGTH_MAX, blank=True)
    forgotten_at = models.DateTimeField(null=True, blank=True)

    carrier = models.CharField(max_length=CARRIER_LENGTH_MAX, blank=True)
    tracking = models.CharField(max_length=TRACKING_LENGTH_MAX, blank=True)

    created_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.CharField(max_length=64, blank=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    ready_by = models.CharField(max_length=64, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=64, blank=True)
    canceled_at = models.DateTimeField(null=True, blank=True)
    canceled_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "open", "ready", "done", "canceled"])
                & Q(method__in=["pickup", "shipping"]),
                name="fulfillment_is_of_a_known_kind",
            ),
            models.CheckConstraint(
                condition=Q(method="pickup") & NO_ADDRESS | Q(method="shipping", store=None),
                name="fulfillment_goes_to_a_store_or_an_address",
            ),
            models.CheckConstraint(
                condition=~Q(status="waiting")
                | NO_ADDRESS & Q(store=None, note="", opened_at=None, ready_at=None),
                name="waiting_fulfillment_goes_nowhere_yet",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["open", "ready"])
                | Q(opened_at__isnull=False)
                & (Q(method="pickup", store__isnull=False) | Q(method="shipping") & AN_ADDRESS),
                name="open_fulfillment_knows_where_to",
            ),
            models.CheckConstraint(
                condition=Q(status="open", ready_at=None)
                | Q(status="ready", ready_at__isnull=False)
                | Q(status__in=["waiting", *ENDED]),
                name="ready_fulfillment_says_since_when",
            ),
            models.CheckConstraint(
                condition=Q(status="done", done_at__isnull=False)
                | Q(status="canceled")
                | Q(status__in=["waiting", "open", "ready"], done_at=None),
                name="done_fulfillment_says_since_when",
            ),
            models.CheckConstraint(
                condition=Q(status="canceled", canceled_at__isnull=False)
                | Q(canceled_at=None) & ~Q(status="canceled"),
                name="canceled_fulfillment_says_since_when",
            ),
            models.CheckConstraint(
                condition=~Q(status="done", method="shipping")
                | Q(ready_at__isnull=False) & (AN_ADDRESS | Q(forgotten_at__isnull=False)),
                name="sent_fulfillment_was_packed_for_an_address",
            ),
            models.CheckConstraint(
                condition=Q(opened_at=None, opened_by="")
                | Q(opened_at__isnull=False) & ~Q(opened_by=""),
                name="fulfillment_was_opened_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(ready_at=None, ready_by="")
                | Q(ready_at__isnull=False, opened_at__isnull=False) & ~Q(ready_by=""),
                name="fulfillment_was_made_ready_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by="") | Q(done_at__isnull=False) & ~Q(done_by=""),
                name="fulfillment_was_done_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(canceled_at=None, canceled_by="")
                | Q(canceled_at__isnull=False) & ~Q(canceled_by=""),
                name="fulfillment_was_canceled_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(carrier="", tracking="") | Q(method="shipping", done_at__isnull=False),
                name="only_what_was_sent_is_tracked",
            ),
            models.CheckConstraint(
                condition=Q(forgotten_at=None) | NO_ADDRESS & Q(note="", status__in=ENDED),
                name="forgotten_address_is_gone",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "status", "id"], name="fulfillments_by_status"),
            models.Index(
                fields=["id"],
                condition=Q(status__in=ENDED, forgotten_at__isnull=True),
                name="fulfillments_to_forget",
            ),
        ]

    @property
    def is_over(self) -> bool:
        """Say whether nothing more will come of it."""
        return self.status in ENDED

    @property
    def is_to_unpack(self) -> bool:
        """Say whether it was canceled when it lay ready, so that somebody has to unpack it."""
        is_canceled = self.status == Fulfillment.Status.CANCELED
        return is_canceled and self.ready_at is not None and self.done_at is None

    @property
    def address(self) -> Address:
        """Return where it is sent; empty lines when that is not known, or not any more."""
        return Address(
            name=self.name,
            line1=self.line1,
            line2=self.line2,
            postal_code=self.postal_code,
            city=self.city,
            region=self.region,
            country=self.country,
            phone=self.phone,
        )
