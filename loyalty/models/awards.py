"""What each rule gave for a purchase, and what a return took back of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from loyalty.models.ledger import Account, Entry, Lot
from loyalty.models.programs import RuleVersion
from loyalty.models.purchases import Purchase
from loyalty.models.returns import Return


class Award(models.Model):
    """One rule version's gift for one purchase; ``lines`` maps line numbers to points."""

    purchase = models.ForeignKey(Purchase, models.PROTECT, related_name="awards", db_index=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="awards")
    rule_version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="awards")
    entry = models.ForeignKey(Entry, models.PROTECT, null=True, blank=True, related_name="awards")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="awards")
    desired = models.BigIntegerField()
    awarded = models.BigIntegerField()
    reversed = models.BigIntegerField(default=0)
    lines = models.JSONField()
    why = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purchase", "account", "rule_version"],
                name="rule_awards_a_purchase_once",
            ),
            models.CheckConstraint(
                condition=Q(awarded__gte=0) & Q(awarded__lte=F("desired")),
                name="award_is_not_more_than_desired",
            ),
            models.CheckConstraint(
                condition=Q(reversed__gte=0) & Q(reversed__lte=F("awarded")),
                name="award_is_not_reversed_beyond_what_was_given",
            ),
        ]


class AwardReversal(models.Model):
    """How many points of an award one return took back, line by line.

    ``expired`` of them had ended before and were not taken from the balance once more.
    """

    parent = models.ForeignKey(Return, models.PROTECT, related_name="reversals")
    award = models.ForeignKey(Award, models.PROTECT, related_name="reversals")
    points = models.BigIntegerField()
    expired = models.BigIntegerField(default=0)
    lines = models.JSONField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(points__gt=0), name="reversal_takes_points"),
            models.CheckConstraint(
                condition=Q(expired__gte=0) & Q(expired__lte=F("points")),
                name="reversal_spares_what_expired_at_most",
            ),
        ]
