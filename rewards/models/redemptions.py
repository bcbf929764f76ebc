"""What members took."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models import Organization, Store
from loyalty.models import Account, Entry, Grant, Hold
from members.models import Member
from rewards.kinds import AnyKind, dump_kind, parse_kind
from rewards.models.rewards import Reward


class Redemption(models.Model):
    """A reward taken by a member: held, then issued, or canceled or expired on the way.

    One that was granted costs no points: it is issued at once. What the reward said when it was
    taken is kept here, whatever becomes of the reward: its ``name``, ``terms``, what it is
    (``promised``), the ``price_money`` paid at the till, and its ``cost`` to the shop.
    """

    class Status(models.TextChoices):
        """Where the redemption is in its life."""

        HELD = "held", _("Set aside")
        ISSUED = "issued", _("Issued")
        CANCELED = "canceled", _("Canceled")
        EXPIRED = "expired", _("Expired")

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="redemptions")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    reward = models.ForeignKey(Reward, models.PROTECT, related_name="redemptions")
    account = models.ForeignKey(Account, models.PROTECT, related_name="redemptions")
    member = models.ForeignKey(Member, models.PROTECT, related_name="redemptions")
    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    points = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    terms = models.CharField(max_length=1000, blank=True)
    promised = models.JSONField(default=dict)
    price_money = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    cost = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    chosen_from = models.ForeignKey(
        Reward, models.PROTECT, null=True, blank=True, related_name="choices"
    )
    serial = models.PositiveIntegerField(null=True, blank=True)
    serial_of = models.PositiveIntegerField(null=True, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices)
    hold = models.OneToOneField(
        Hold, models.PROTECT, null=True, blank=True, related_name="redemption"
    )
    entry = models.OneToOneField(
        Entry, models.PROTECT, null=True, blank=True, related_name="redemption"
    )
    grant = models.OneToOneField(
        Grant, models.PROTECT, null=True, blank=True, related_name="redemption"
    )
    reason = models.CharField(max_length=200, blank=True)
    actor = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(status="issued") | Q(entry__isnull=False) | Q(grant__isnull=False),
                name="issued_redemption_has_its_entry",
            ),
            models.CheckConstraint(
                condition=Q(points__gt=0, hold__isnull=False, grant__isnull=True)
                | Q(
                    points=0,
                    hold__isnull=True,
                    entry__isnull=True,
                    grant__isnull=False,
                    status__in=["issued", "canceled"],
                ),
                name="redemption_costs_points_or_was_granted",
            ),
            models.CheckConstraint(
                condition=Q(serial__isnull=True, serial_of__isnull=True)
                | Q(serial__gt=0, serial__lte=F("serial_of")),
                name="redemption_number_is_one_of_its_edition",
            ),
            models.CheckConstraint(
                condition=Q(promised__has_key="type") & ~Q(name=""),
                name="redemption_says_what_was_promised",
            ),
            models.UniqueConstraint(
                fields=["reward", "serial"],
                condition=Q(status__in=["held", "issued"]),
                name="redemption_number_is_unique",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "-created_at"], name="redemptions_of_member"),
            models.Index(fields=["reward", "-created_at"], name="redemptions_of_reward"),
            models.Index(
                fields=["chosen_from", "-created_at"],
                condition=Q(chosen_from__isnull=False),
                name="redemptions_of_choice",
            ),
        ]

    @property
    def promise(self) -> AnyKind:
        """Return what was promised, as it was when it was taken."""
        return parse_kind(self.promised)


LIVE = (Redemption.Status.HELD, Redemption.Status.ISSUED)


def snapshot_of(reward: Reward) -> dict[str, Any]:
    """Return what a redemption keeps of its reward."""
    return {
        "name": reward.name,
        "terms": reward.terms,
        "promised": dump_kind(reward.promise),
        "price_money": reward.price_money,
        "cost": reward.cost,
    }
