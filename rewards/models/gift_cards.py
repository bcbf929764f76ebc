"""Gift cards, and the ledger that is theirs alone."""

from __future__ import annotations

import uuid
from decimal import Decimal

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from core.models import Organization, OutgoingMessage, Store
from loyalty.models import Purchase, Return
from members.models import Member

LIMIT_DEFAULT = Decimal(1000)


class GiftCardTerms(models.Model):
    """What an organization decides about its gift cards; without a row, what stands here.

    Limits are in the major unit of the organization's currency.
    """

    class ToEnded(models.TextChoices):
        """What happens to money that goes back to a card that has ended or is blocked."""

        NEW_CARD = "new_card", _("It goes onto a new card")
        REFUSE = "refuse", _("It is refused")

    organization = models.OneToOneField(
        Organization, models.PROTECT, related_name="gift_card_terms"
    )
    valid_months = models.PositiveSmallIntegerField(null=True, blank=True)
    asks_pin = models.BooleanField(default=False)
    balance_max = models.DecimalField(max_digits=14, decimal_places=3, default=LIMIT_DEFAULT)
    load_max = models.DecimalField(max_digits=14, decimal_places=3, default=LIMIT_DEFAULT)
    refund_to_ended = models.CharField(
        max_length=8, choices=ToEnded.choices, default=ToEnded.NEW_CARD
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(balance_max__gt=0, load_max__gt=0, load_max__lte=F("balance_max")),
                name="gift_card_loads_fit_their_limits",
            ),
            models.CheckConstraint(
                condition=Q(valid_months__isnull=True) | Q(valid_months__gt=0),
                name="gift_card_is_valid_for_a_while",
            ),
            models.CheckConstraint(
                condition=Q(refund_to_ended__in=["new_card", "refuse"]),
                name="refund_to_ended_gift_card_is_decided",
            ),
        ]


class GiftCardBatch(models.Model):
    """Blank cards for a printer: ``made`` of ``size`` are there, and their codes leave once."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="gift_card_batches")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    made = models.PositiveIntegerField(default=0)
    has_pins = models.BooleanField(default=False)
    created_by = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    downloaded_at = models.DateTimeField(null=True, blank=True)
    downloaded_by = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(size__gt=0, made__lte=F("size")), name="gift_card_batch_has_a_size"
            ),
            models.CheckConstraint(
                condition=Q(downloaded_at__isnull=True)
                | (Q(made=F("size")) & ~Q(downloaded_by="")),
                name="gift_card_batch_is_downloaded_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(made__lt=F("size")), name="gift_card_batches_to_make"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_ready(self) -> bool:
        """Say whether all its cards are made."""
        return self.made == self.size


class GiftCard(models.Model):
    """Money of one currency behind a code; whoever shows the code spends it.

    ``loaded`` is all that was ever put on, ``balance`` what is left of it. It is worth nothing from
    ``valid_until`` on, whether or not a job has booked that. A card that took the place of another
    names it.
    """

    class Status(models.TextChoices):
        """Where the card is in its life."""

        BLANK = "blank", _("Not sold yet")
        ACTIVE = "active", _("Active")
        BLOCKED = "blocked", _("Blocked")
        EXPIRED = "expired", _("Expired")

    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="gift_cards", db_index=False
    )
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(max_length=17)
    ending = models.CharField(max_length=4)
    pin_digest = models.BinaryField(max_length=32, null=True, blank=True)
    currency = models.CharField(max_length=3)
    balance = models.DecimalField(max_digits=14, decimal_places=3, default=Decimal(0))
    loaded = models.DecimalField(max_digits=14, decimal_places=3, default=Decimal(0))
    entries_count = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.BLANK)
    valid_until = models.DateTimeField(null=True, blank=True)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="gift_cards"
    )
    batch = models.ForeignKey(
        GiftCardBatch, models.PROTECT, null=True, blank=True, related_name="cards"
    )
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    sold_in = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    sold_at = models.DateTimeField(null=True, blank=True)
    email = models.CharField(max_length=254, blank=True)
    message = models.ForeignKey(
        OutgoingMessage, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "code"], name="gift_card_code_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(balance__gte=0, balance__lte=F("loaded")),
                name="gift_card_balance_is_between_zero_and_its_load",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"),
                name="gift_card_currency_is_three_capitals",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["blank", "active", "blocked", "expired"]),
                name="gift_card_status_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="blank") | Q(loaded=0, member=None, valid_until=None),
                name="blank_gift_card_holds_nothing",
            ),
            models.CheckConstraint(
                condition=~Q(status="expired") | Q(balance=0), name="expired_gift_card_is_empty"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "ending"], name="gift_cards_by_ending"),
            models.Index(fields=["organization", "-id"], name="gift_cards_newest_first"),
            models.Index(
                fields=["valid_until"],
                condition=Q(status__in=["active", "blocked"]),
                name="gift_cards_that_will_expire",
            ),
        ]


class GiftCardEntryQuerySet(models.QuerySet["GiftCardEntry"]):
    """Questions about what happened to cards."""

    def on_receipt(self) -> GiftCardEntryQuerySet:
        """Keep what a sale did, with the cards, in its order: what was sold and what paid."""
        bought = self.filter(kind__in=["load", "charge"], came_back=None)
        return bought.select_related("card").order_by("pk")

    def of_return(self) -> GiftCardEntryQuerySet:
        """Keep what a return did to cards, with the cards, in its order."""
        return self.exclude(kind="charge").select_related("card").order_by("pk")


class GiftCardEntry(models.Model):
    """A fact in a card's ledger; never changed or deleted.

    ``reference`` names the purchase that a charge or refund belongs to as its source knows it, also
    while there is none on record.
    """

    class Kind(models.TextChoices):
        """What happened to the money on the card."""

        LOAD = "load", _("Loaded")
        CHARGE = "charge", _("Paid with")
        REFUND = "refund", _("Put back")
        EXPIRE = "expire", _("Expired")
        ADJUST = "adjust", _("Corrected")

    card = models.ForeignKey(GiftCard, models.PROTECT, related_name="entries", db_index=False)
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=6, choices=Kind.choices)
    amount = models.DecimalField(max_digits=14, decimal_places=3)
    balance_after = models.DecimalField(max_digits=14, decimal_places=3)
    actor = models.CharField(max_length=64)
    request_key = models.CharField(max_length=120)
    purchase = models.ForeignKey(
        Purchase, models.PROTECT, null=True, blank=True, related_name="gift_card_entries"
    )
    line = models.PositiveSmallIntegerField(null=True, blank=True)
    came_back = models.ForeignKey(
        Return, models.PROTECT, null=True, blank=True, related_name="gift_card_entries"
    )
    reference = models.CharField(max_length=210, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()

    objects = GiftCardEntryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["card", "sequence"], name="gift_card_entries_are_numbered"
            ),
            models.UniqueConstraint(
                fields=["card", "request_key"], name="gift_card_request_is_booked_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["load", "refund"], amount__gt=0)
                | Q(kind__in=["charge", "expire"], amount__lt=0)
                | (Q(kind="adjust") & ~Q(amount=0)),
                name="gift_card_entry_has_the_sign_of_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(balance_after__gte=0), name="gift_card_is_never_overdrawn"
            ),
        ]
        indexes = [
            models.Index(fields=["reference", "card"], name="gift_card_entries_of_purchase"),
        ]


def put_on_cards() -> Coalesce:
    """Return, for each return that is asked for, the money of it that went onto gift cards."""
    entries = GiftCardEntry.objects.filter(came_back=OuterRef("pk"), kind="refund")
    sums = entries.order_by().values("came_back").annotate(put_on=Sum("amount")).values("put_on")
    return Coalesce(Subquery(sums), Value(Decimal(0)))
