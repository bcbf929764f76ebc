"""The catalog."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from loyalty.models import Program


class RewardQuerySet(models.QuerySet["Reward"]):
    """Questions about the catalog."""

    def on_offer(self) -> RewardQuerySet:
        """Keep what is switched on and in stock."""
        in_stock = Q(stock__isnull=True) | Q(stock__gt=0)
        return self.filter(in_stock, status=Reward.Status.ACTIVE)


class Reward(models.Model):
    """Something a member can have for a fixed number of points."""

    class Status(models.TextChoices):
        """Whether the reward is offered."""

        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    class Kind(models.TextChoices):
        """What the member gets."""

        FREE_PRODUCT = "free_product", _("Free product")
        AMOUNT_OFF = "amount_off", _("Amount off")

    program = models.ForeignKey(Program, models.PROTECT, related_name="rewards")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=50)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.FREE_PRODUCT)
    amount = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    description = models.CharField(max_length=300, blank=True)
    terms = models.CharField(max_length=1000, blank=True)
    valid_days = models.PositiveSmallIntegerField(null=True, blank=True)
    points = models.PositiveIntegerField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)
    stock_initial = models.PositiveIntegerField(null=True, blank=True)
    stock = models.PositiveIntegerField(null=True, blank=True)

    objects = RewardQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["program", "code"], name="reward_code_is_unique"),
            models.CheckConstraint(condition=Q(points__gt=0), name="reward_costs_points"),
            models.CheckConstraint(
                condition=Q(stock__isnull=True, stock_initial__isnull=True)
                | Q(stock__gte=0, stock__lte=F("stock_initial")),
                name="reward_stock_is_between_zero_and_its_start",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "active", "paused", "ended"]),
                name="reward_status_is_known",
            ),
            models.CheckConstraint(
                condition=Q(kind="free_product", amount__isnull=True)
                | Q(kind="amount_off", amount__gt=0),
                name="reward_takes_an_amount_off_or_none",
            ),
            models.CheckConstraint(
                condition=Q(valid_days__isnull=True) | Q(valid_days__gt=0),
                name="reward_is_valid_for_a_while",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_sold_out(self) -> bool:
        """Say whether nothing is left of a reward that there is a number of."""
        return self.stock == 0
