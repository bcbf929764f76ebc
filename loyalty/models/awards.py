"""What each rule gave for a purchase or an activity, and what a return took back of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from loyalty.models.activities import Activity
from loyalty.models.ledger import Account, Entry, Lot
from loyalty.models.programs import Rule, RuleVersion
from loyalty.models.purchases import Purchase
from loyalty.models.returns import Return


class Award(models.Model):
    """One rule version's gift for one purchase or activity, counted in its unit.

    ``lines`` maps line numbers to parts of it; ``target`` says of which card, challenge, reward or
    draw. Only points have an entry and a lot.
    """

    class Unit(models.TextChoices):
        """What is given."""

        POINTS = "points", _("points")
        STAMPS = "stamps", _("stamps")
        STEPS = "steps", _("steps of a challenge")
        CREDITS = "credits", _("credits for a tier")
        VOUCHERS = "vouchers", _("vouchers")
        TICKETS = "tickets", _("draw tickets")

    purchase = models.ForeignKey(
        Purchase, models.PROTECT, null=True, blank=True, related_name="awards", db_index=False
    )
    activity = models.ForeignKey(
        Activity, models.PROTECT, null=True, blank=True, related_name="awards", db_index=False
    )
    account = models.ForeignKey(Account, models.PROTECT, related_name="awards")
    rule_version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="awards")
    entry = models.ForeignKey(Entry, models.PROTECT, null=True, blank=True, related_name="awards")
    lot = models.ForeignKey(Lot, models.PROTECT, null=True, blank=True, related_name="awards")
    unit = models.CharField(max_length=8, choices=Unit.choices, default=Unit.POINTS)
    target = models.CharField(max_length=64, blank=True)
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
            models.UniqueConstraint(
                fields=["activity", "account", "rule_version"],
                condition=Q(activity__isnull=False),
                name="rule_awards_an_activity_once",
            ),
            models.CheckConstraint(
                condition=Q(purchase__isnull=True) ^ Q(activity__isnull=True),
                name="award_is_for_a_purchase_or_an_activity",
            ),
            models.CheckConstraint(
                condition=Q(unit="points", target="") | (~Q(unit="points") & Q(entry__isnull=True)),
                name="only_points_have_entries",
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
    """How much of an award one return took back, in its unit and line by line.

    ``expired`` points of it had ended before and were not taken from the balance once more.
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


class CarriedPart(models.Model):
    """The money that counted in one purchase by a rule that keeps what is left over.

    Each ``per`` of what was ``counted`` and not ``returned`` makes one: so many were ``given``
    before any multiple, of which returns have ``taken`` some, and ``forgone`` because of a limit.
    ``lines`` and ``back`` map line numbers to millionths of the currency.
    """

    purchase = models.ForeignKey(
        Purchase, models.PROTECT, related_name="carried_parts", db_index=False
    )
    account = models.ForeignKey(Account, models.PROTECT, related_name="carried_parts")
    rule_version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="carried_parts")
    award = models.OneToOneField(
        Award, models.PROTECT, null=True, blank=True, related_name="carried_part"
    )
    counted = models.DecimalField(max_digits=24, decimal_places=6)
    per = models.DecimalField(max_digits=24, decimal_places=6)
    returned = models.DecimalField(max_digits=24, decimal_places=6, default=0)
    given = models.BigIntegerField(default=0)
    taken = models.BigIntegerField(default=0)
    forgone = models.BigIntegerField(default=0)
    lines = models.JSONField()
    back = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["purchase", "account", "rule_version"],
                name="rule_carries_a_purchase_once",
            ),
            models.CheckConstraint(
                condition=Q(per__gt=0, forgone__gte=0, taken__gte=0) & Q(taken__lte=F("given")),
                name="carried_part_is_of_something",
            ),
            models.CheckConstraint(
                condition=Q(returned__gte=0) & Q(returned__lte=F("counted")),
                name="carried_part_comes_back_at_most_whole",
            ),
        ]


class RuleCarry(models.Model):
    """What an account has of a rule that was not worth a whole one yet: ``carried`` of ``per``.

    A rule that asked for another amount before has a row for each; what is left is their sum.
    """

    account = models.ForeignKey(Account, models.PROTECT, related_name="carries", db_index=False)
    rule = models.ForeignKey(Rule, models.PROTECT, related_name="carries")
    carried = models.DecimalField(max_digits=24, decimal_places=6, default=0)
    per = models.DecimalField(max_digits=24, decimal_places=6)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "rule", "per"], name="rule_carries_once_per_account"
            ),
            models.CheckConstraint(condition=Q(per__gt=0), name="carry_is_of_something"),
        ]
