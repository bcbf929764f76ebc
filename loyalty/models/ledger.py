"""The points ledger: accounts, entries, the lots they make and what consumes them.

Only ``loyalty.services.ledger`` writes these rows; docs/ledger.md lists what always holds. A
foreign key by which a constraint begins is found by its index, and has none of its own.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models import Organization
from loyalty.models.programs import Program
from members.models import Member


class Batch(models.Model):
    """Many entries made by one import or one expiry run, told of by one event."""

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=16)
    created_at = models.DateTimeField(auto_now_add=True)


class Account(models.Model):
    """What the holders have in a program: ``balance`` is the sum of the entries.

    ``balance`` equals what is left in the lots less ``debt``; ``sequence`` is the last entry's.
    ``active_at`` is the last thing the holders did themselves, from which inactivity is counted;
    ``counts_activity`` says that some of its points ever ended, or end, by inactivity.
    """

    program = models.ForeignKey(Program, models.PROTECT, related_name="accounts", db_index=False)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    balance = models.BigIntegerField(default=0)
    debt = models.BigIntegerField(default=0)
    sequence = models.BigIntegerField(default=0)
    active_at = models.DateTimeField(null=True, blank=True)
    counts_activity = models.BooleanField(default=False)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_accounts"
    )
    under_review_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(debt__gte=0), name="debt_is_never_negative"),
            models.UniqueConstraint(fields=["program", "id"], name="account_belongs_to_program"),
        ]


class AccountHolder(models.Model):
    """A member who may earn into and spend from an account."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="holders")
    member = models.ForeignKey(Member, models.PROTECT, related_name="holdings")
    program = models.ForeignKey(Program, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["program", "member"], name="member_holds_one_account_per_program"
            ),
        ]


class Entry(models.Model):
    """One fact: so many points came or went, why, by whom and under which request."""

    class Kind(models.TextChoices):
        """Why the balance changed."""

        EARN = "earn", _("Earned")
        REDEEM = "redeem", _("Spent")
        RELEASE = "release", _("Given back")
        EXPIRE = "expire", _("Expired")
        ADJUST = "adjust", _("Adjusted")
        TRANSFER = "transfer", _("Transferred")
        RETURN = "return", _("Returned")
        FORFEIT = "forfeit", _("Forfeited")
        MERGE = "merge", _("Merged")
        OPENING = "opening", _("Brought forward")

    account = models.ForeignKey(Account, models.PROTECT, related_name="entries", db_index=False)
    sequence = models.BigIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    points = models.BigIntegerField()
    balance_after = models.BigIntegerField()
    request_key = models.CharField(max_length=80)
    actor = models.CharField(max_length=64)
    cause = models.CharField(max_length=32)
    cause_id = models.BigIntegerField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    reverses = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )
    batch = models.ForeignKey(Batch, models.PROTECT, null=True, blank=True, related_name="entries")
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "sequence"], name="entry_sequence_is_unique"
            ),
            models.UniqueConstraint(
                fields=["account", "request_key"], name="entry_has_one_effect_per_request_key"
            ),
            models.CheckConstraint(condition=~Q(points=0), name="entry_moves_points"),
            models.CheckConstraint(condition=~Q(actor=""), name="entry_names_its_actor"),
            models.CheckConstraint(condition=~Q(request_key=""), name="entry_names_its_request"),
        ]
        indexes = [
            models.Index(fields=["cause", "cause_id"], name="entries_by_cause"),
            models.Index(fields=["occurred_at"], name="entries_by_time"),
            models.Index(
                fields=["actor", "occurred_at"],
                name="adjustments_of_a_person",
                condition=Q(cause="adjustment"),
            ),
        ]


class Lot(models.Model):
    """Points that came together and expire together.

    ``awaits_event`` says that they lapse at their end unless their purchase is settled before;
    ``reckoned_by`` is the expiry by which a new end is reckoned, when their event comes or the
    holders are active. ``origin`` is the lot of another account that this one carries on.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="lots")
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="lots")
    points = models.BigIntegerField()
    remaining = models.BigIntegerField()
    held = models.BigIntegerField(default=0)
    available_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    awaits_event = models.BooleanField(default=False)
    reckoned_by = models.JSONField(null=True, blank=True)
    origin = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="carried_on_by"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0), name="lot_has_points"),
            models.CheckConstraint(
                condition=Q(awaits_event=False)
                | Q(expires_at__isnull=False, reckoned_by__isnull=False),
                name="waiting_lot_has_a_deadline",
            ),
            models.CheckConstraint(
                condition=Q(remaining__gte=0) & Q(remaining__lte=F("points")),
                name="lot_remaining_is_between_zero_and_its_points",
            ),
            models.CheckConstraint(
                condition=Q(held__gte=0) & Q(held__lte=F("remaining")),
                name="lot_held_is_part_of_what_remains",
            ),
        ]
        indexes = [
            models.Index(
                fields=["account", "expires_at"],
                name="lots_with_points_left",
                condition=Q(remaining__gt=0),
            ),
            models.Index(
                fields=["expires_at"],
                name="lots_that_will_expire",
                condition=Q(remaining__gt=0) & Q(expires_at__isnull=False),
            ),
            # Small, and nothing to those who earn: lots come nearly in the order of these dates.
            BrinIndex(fields=["available_at"], name="lots_by_availability", autosummarize=True),
        ]


class Consumption(models.Model):
    """Points an entry took from a lot, or, when negative, put back into it."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="consumptions", db_index=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="consumptions")
    points = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "lot"], name="entry_touches_a_lot_once"),
            models.CheckConstraint(condition=~Q(points=0), name="consumption_moves_points"),
        ]


class Hold(models.Model):
    """Points set aside for a moment; it ends captured, canceled or expired, and only once."""

    class Status(models.TextChoices):
        """Where the hold is in its life."""

        OPEN = "open", _("Open")
        CAPTURED = "captured", _("Captured")
        CANCELED = "canceled", _("Canceled")
        EXPIRED = "expired", _("Expired")

    account = models.ForeignKey(Account, models.PROTECT, related_name="holds", db_index=False)
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    points = models.BigIntegerField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    request_key = models.CharField(max_length=80)
    expires_at = models.DateTimeField()
    entry = models.OneToOneField(
        Entry, models.PROTECT, null=True, blank=True, related_name="captured_hold"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "request_key"], name="hold_is_made_once_per_request_key"
            ),
            models.CheckConstraint(condition=Q(points__gt=0), name="hold_has_points"),
            models.CheckConstraint(
                condition=(Q(status="captured") & Q(entry__isnull=False))
                | (~Q(status="captured") & Q(entry__isnull=True)),
                name="captured_hold_has_its_entry",
            ),
            models.CheckConstraint(
                condition=(Q(status="open") & Q(ended_at__isnull=True))
                | (~Q(status="open") & Q(ended_at__isnull=False)),
                name="open_hold_has_not_ended",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], name="holds_that_are_open", condition=Q(status="open")
            )
        ]


class HoldLot(models.Model):
    """How many points of a lot a hold sets aside."""

    hold = models.ForeignKey(Hold, models.PROTECT, related_name="parts", db_index=False)
    lot = models.ForeignKey(Lot, models.PROTECT, related_name="hold_parts")
    points = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hold", "lot"], name="hold_touches_a_lot_once"),
            models.CheckConstraint(condition=Q(points__gt=0), name="hold_part_has_points"),
        ]
