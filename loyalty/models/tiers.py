"""The ladder of tiers, who stands where on it, and why."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from loyalty.models.activities import Activity
from loyalty.models.ledger import Account
from loyalty.models.programs import Program
from loyalty.models.purchases import Purchase
from loyalty.models.returns import Return


class LadderVersion(models.Model):
    """What a program's tiers are from a moment on; ``spec`` is typed in ``loyalty.tiers``."""

    program = models.ForeignKey(
        Program, models.PROTECT, related_name="ladder_versions", db_index=False
    )
    number = models.PositiveIntegerField()
    spec = models.JSONField()
    effective_from = models.DateTimeField()
    created_by = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "number"], name="ladder_version_is_unique"),
        ]


class LadderLift(models.Model):
    """How far it has come that everybody is lifted who qualifies by a new version of the ladder."""

    version = models.OneToOneField(LadderVersion, models.PROTECT, related_name="lift")
    position = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)


class TierCount(models.Model):
    """What one purchase, activity or return counts for the tier of an account; append-only.

    ``day`` is the organization's date of what was done, also for what came back of it, and ``at``
    the moment from which it counts. A return has ``parent`` and takes from ``purchase``.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="tier_counts", db_index=False)
    purchase = models.ForeignKey(
        Purchase, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    activity = models.ForeignKey(
        Activity, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    parent = models.ForeignKey(
        Return, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    day = models.DateField()
    at = models.DateTimeField()
    spend = models.DecimalField(max_digits=14, decimal_places=3, default=0)
    points = models.BigIntegerField(default=0)
    visits = models.SmallIntegerField(default=0)
    credits = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purchase", "account"],
                condition=Q(parent__isnull=True),
                name="purchase_counts_once_for_a_tier",
            ),
            models.UniqueConstraint(
                fields=["activity", "account"],
                condition=Q(activity__isnull=False),
                name="activity_counts_once_for_a_tier",
            ),
            models.UniqueConstraint(
                fields=["parent", "purchase", "account"],
                condition=Q(parent__isnull=False),
                name="return_counts_once_for_a_tier",
            ),
            models.CheckConstraint(
                condition=Q(purchase__isnull=True) ^ Q(activity__isnull=True),
                name="tier_counts_a_purchase_or_an_activity",
            ),
        ]
        indexes = [models.Index(fields=["account", "day"], name="tier_counts_of_account")]


class Standing(models.Model):
    """The tier an account earned: no history of its own, the account's past told again gives it.

    ``tier`` is a code of the ladder, or empty below the first; it holds until ``until``, and while
    there is grace until ``grace_until``. ``floor`` is the tier that no return takes away before
    then. ``steps`` are those that were climbed on top of it (``loyalty.tiers.fold``), ``due_at``
    is when it is looked at by itself, and what counts from a moment until ``looked_at`` was.
    Written under the account's lock.
    """

    account = models.OneToOneField(Account, models.PROTECT, related_name="standing")
    tier = models.SlugField(max_length=50, blank=True)
    floor = models.SlugField(max_length=50, blank=True)
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    grace_until = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    steps = models.JSONField(default=list)
    joined_on = models.DateField()
    looked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(grace_until__isnull=True) | Q(grace_until__gte=F("until")),
                name="grace_comes_after_the_tier",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"], name="standings_by_due", condition=Q(due_at__isnull=False)
            ),
            models.Index(fields=["tier"], name="standings_by_tier", condition=~Q(tier="")),
        ]


class TierGrant(models.Model):
    """A tier somebody was invited to or has paid for, whatever the account earned.

    ``line`` is that of the purchase that paid for it; ``origin`` is the one that it carries on in
    an account that another was merged into.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="tier_grants")
    tier = models.SlugField(max_length=50)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    cause = models.CharField(max_length=32)
    cause_id = models.BigIntegerField(null=True, blank=True)
    line = models.PositiveSmallIntegerField(null=True, blank=True)
    origin = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="carried_on_by"
    )
    reason = models.CharField(max_length=200, blank=True)
    request_key = models.CharField(max_length=80)
    actor = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "request_key"], name="tier_is_granted_once_per_request"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("begins_at")),
                name="tier_grant_lasts",
            ),
        ]
        indexes = [
            models.Index(
                fields=["ends_at"], name="tier_grants_by_end", condition=Q(ended_at__isnull=True)
            ),
            models.Index(fields=["cause", "cause_id"], name="tier_grants_by_cause"),
        ]

    def is_live(self, at: datetime) -> bool:
        """Say whether it gives the tier at a moment."""
        over = [end for end in (self.ends_at, self.ended_at) if end is not None]
        return self.begins_at <= at and all(end > at for end in over)


class TierChange(models.Model):
    """One step of an account on the ladder, with its reason; append-only."""

    class Why(models.TextChoices):
        """Why the tier changed, or was looked at and stayed."""

        REACHED = "reached", _("Reached")
        KEPT = "kept", _("Kept for another period")
        LOWERED = "lowered", _("Not kept")
        RETURNED = "returned", _("Taken back by a return")
        GRANTED = "granted", _("Given")
        GRANT_ENDED = "grant_ended", _("What was given has ended")
        RULES = "rules", _("The tiers have changed")
        MERGED = "merged", _("Accounts were joined or parted")

    account = models.ForeignKey(Account, models.PROTECT, related_name="tier_changes")
    why = models.CharField(max_length=11, choices=Why.choices)
    before = models.SlugField(max_length=50, blank=True)
    after = models.SlugField(max_length=50, blank=True)
    floor = models.SlugField(max_length=50, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    at = models.DateTimeField()
    cause = models.CharField(max_length=32)
    cause_id = models.BigIntegerField(null=True, blank=True)
    details = models.JSONField(default=dict)
    actor = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["account", "-id"], name="tier_changes_of_account")]
