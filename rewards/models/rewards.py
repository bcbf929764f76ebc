"""The catalog."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.models import Picture
from loyalty.models import Program
from rewards.kinds import AnyKind, ChooseOne, parse_kind
from rewards.models.categories import RewardCategory

UNDO_MINUTES = 15
CODE_LENGTH_MAX = 50


def _of_kind(*kinds: str, amount: bool = False, **details: bool) -> Q:
    """Return what holds for rewards of these kinds: what their details have."""
    told = Q(kind__in=kinds, amount__gt=0) if amount else Q(kind__in=kinds, amount__isnull=True)
    for name in details:
        told &= Q(details__has_key=name)
    return told


def _codes() -> ArrayField[list[str], list[str]]:
    return ArrayField(models.CharField(max_length=CODE_LENGTH_MAX), default=list, blank=True)


class RewardQuerySet(models.QuerySet["Reward"]):
    """Questions about the catalog."""

    def on_offer(self, today: date) -> RewardQuerySet:
        """Keep what can be had for points on this day: switched on, in its time and in stock."""
        return self.to_give().in_time(today).filter(is_for_points=True)

    def in_time(self, today: date) -> RewardQuerySet:
        """Keep what has begun and has not ended on this day."""
        return self.filter(
            Q(starts_on__isnull=True) | Q(starts_on__lte=today),
            Q(ends_on__isnull=True) | Q(ends_on__gte=today),
        )

    def to_all(self) -> RewardQuerySet:
        """Keep what everybody may know of."""
        return self.filter(Q(tiers=[], groups=[]) | Q(shown_to_all=True))

    def to_give(self) -> RewardQuerySet:
        """Keep what is switched on and in stock, also what is only ever given."""
        in_stock = Q(stock__isnull=True) | Q(stock__gt=0)
        return self.filter(in_stock, status=Reward.Status.ACTIVE)

    def givable(self) -> RewardQuerySet:
        """Keep what can be given to who is not asked, which a choice cannot."""
        return self.exclude(kind=Reward.Kind.CHOOSE_ONE)


class Reward(models.Model):
    """Something a member can have for a fixed number of points.

    What is not ``is_for_points`` is only given: for a full card, a tier, a challenge.
    """

    class Status(models.TextChoices):
        """Whether the reward is offered."""

        DRAFT = "draft", _("Draft")
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        ENDED = "ended", _("Ended")

    class Kind(models.TextChoices):
        """What the member gets."""

        PERCENT_OFF = "percent_off", _("Percent off")
        AMOUNT_OFF = "amount_off", _("Amount off")
        FREE_PRODUCT = "free_product", _("Free product")
        PRODUCT_WITH_PURCHASE = "product_with_purchase", _("Free product with a purchase")
        FREE_SHIPPING = "free_shipping", _("Free shipping")
        GIFT_CARD = "gift_card", _("Gift card credit")
        EXPERIENCE = "experience", _("Experience")
        DONATION = "donation", _("Donation or partner miles")
        DRAW_TICKET = "draw_ticket", _("Prize draw ticket")
        EXCLUSIVE = "exclusive", _("Product for members only")
        ACCESS = "access", _("Access to something closed")
        CHOOSE_ONE = "choose_one", _("One of several")

    class Period(models.TextChoices):
        """In which time a member may take so many."""

        EVER = "ever", _("ever")
        YEAR = "year", _("a year")
        MONTH = "month", _("a month")
        WEEK = "week", _("a week")
        DAY = "day", _("a day")

    program = models.ForeignKey(Program, models.PROTECT, related_name="rewards")
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.SlugField(max_length=50)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=24, choices=Kind.choices, default=Kind.FREE_PRODUCT)
    amount = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    details = models.JSONField(default=dict, blank=True)
    category = models.ForeignKey(
        RewardCategory, models.SET_NULL, null=True, blank=True, related_name="rewards"
    )
    picture = models.ForeignKey(
        Picture, models.PROTECT, to_field="digest", null=True, blank=True, related_name="+"
    )
    picture_alt = models.CharField(max_length=200, blank=True)
    description = models.CharField(max_length=300, blank=True)
    terms = models.CharField(max_length=1000, blank=True)
    valid_days = models.PositiveSmallIntegerField(null=True, blank=True)
    points = models.PositiveIntegerField()
    price_money = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    cost = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    is_for_points = models.BooleanField(default=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.DRAFT)
    stock_initial = models.PositiveIntegerField(null=True, blank=True)
    stock = models.PositiveIntegerField(null=True, blank=True)

    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    stores = _codes()
    tiers = _codes()
    groups = _codes()
    shown_to_all = models.BooleanField(default=False)
    limit_count = models.PositiveSmallIntegerField(null=True, blank=True)
    limit_period = models.CharField(
        max_length=5, choices=Period.choices, default=Period.EVER, blank=True
    )
    limited_since = models.DateTimeField(null=True, blank=True)
    is_limited_edition = models.BooleanField(default=False)
    is_combinable = models.BooleanField(default=False)
    goodwill_days = models.PositiveSmallIntegerField(null=True, blank=True)
    undo_minutes = models.PositiveSmallIntegerField(default=UNDO_MINUTES)

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
                condition=_of_kind("amount_off", "gift_card", amount=True)
                | _of_kind(
                    "free_product",
                    "product_with_purchase",
                    "free_shipping",
                    "experience",
                    "exclusive",
                )
                | _of_kind("percent_off", percent=True)
                | _of_kind("donation", partner=True)
                | _of_kind("draw_ticket", draw=True, tickets=True)
                | _of_kind("access", link=True)
                | _of_kind("access", access_code=True)
                | _of_kind("choose_one", options=True),
                name="reward_has_what_its_kind_needs",
            ),
            models.CheckConstraint(
                condition=Q(price_money__isnull=True) | Q(price_money__gt=0),
                name="reward_asks_for_money_or_none",
            ),
            models.CheckConstraint(
                condition=Q(cost__isnull=True) | Q(cost__gte=0), name="reward_cost_is_no_gain"
            ),
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(starts_on__lte=F("ends_on")),
                name="reward_begins_before_it_ends",
            ),
            models.CheckConstraint(
                condition=Q(limit_count__isnull=True, limited_since__isnull=True)
                | Q(limit_count__gt=0, limited_since__isnull=False),
                name="reward_limit_is_one_since_a_moment",
            ),
            models.CheckConstraint(
                condition=Q(limit_period__in=["ever", "year", "month", "week", "day"]),
                name="reward_limit_period_is_known",
            ),
            models.CheckConstraint(
                condition=Q(is_limited_edition=False) | Q(stock__isnull=False),
                name="limited_edition_says_how_many",
            ),
            models.CheckConstraint(
                condition=~Q(kind="access") | Q(shown_to_all=False),
                name="closed_reward_is_hidden_from_others",
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

    @property
    def promise(self) -> AnyKind:
        """Return what the reward is, typed."""
        return parse_kind(kind_data(self.kind, self.amount, self.details))

    @property
    def options(self) -> tuple[str, ...]:
        """Return the codes of what there is to choose from, if this is a choice."""
        promise = self.promise
        return promise.options if isinstance(promise, ChooseOne) else ()

    @property
    def is_for_some(self) -> bool:
        """Say whether only some members may have it."""
        return bool(self.tiers or self.groups)


def kind_data(kind: str, amount: Any, details: dict[str, Any]) -> dict[str, Any]:
    """Return what a reward is, as its document has it."""
    told = {} if amount is None else {"amount": amount}
    return {"type": kind, **told, **details}
