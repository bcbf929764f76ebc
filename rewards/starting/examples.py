"""Shops to begin like: each fills in every answer, and each answer can be changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rewards.starting.answers import (
    About,
    Answers,
    Earning,
    FirstReward,
    Kind,
    Stamps,
    Step,
    Tiers,
)


@dataclass(frozen=True, slots=True)
class Example:
    """A kind of shop, and the program that suits it."""

    kind: Kind
    title: str | Promise
    text: str | Promise
    icon: str
    answers: Callable[[str], Answers]  # by the name of the shop


def _cafe(shop: str) -> Answers:
    return Answers(
        about=_about("cafe", shop, "active_members", 200),
        earning=Earning(gives_points=False),
        tiers=Tiers(),
        stamps=Stamps(
            has_stamps=True, size=9, per="unit", category=_("Coffee"), gift=_("A free coffee")
        ),
        reward=FirstReward(has_reward=False, name=_("A free coffee")),
    )


def _grocery(shop: str) -> Answers:
    return Answers(
        about=_about("grocery", shop, "member_sales", 60),
        earning=Earning(points=1, per=Decimal(1), point_value=Decimal("0.01"), lasts_months=12),
        tiers=Tiers(),
        stamps=Stamps(),
        reward=FirstReward(name=_("5 off your purchase"), points=500, amount=Decimal(5)),
    )


def _fashion(shop: str) -> Answers:
    return Answers(
        about=_about("fashion", shop, "member_sales", 50),
        earning=Earning(points=1, per=Decimal(1), point_value=Decimal("0.03"), lasts_months=18),
        tiers=Tiers(
            has_tiers=True,
            steps=(
                Step(name=_("Silver"), threshold=Decimal(300), times=Decimal("1.25")),
                Step(name=_("Gold"), threshold=Decimal(1000), times=Decimal("1.5")),
            ),
        ),
        stamps=Stamps(),
        reward=FirstReward(name=_("10 off your purchase"), points=350, amount=Decimal(10)),
    )


def _membership(shop: str) -> Answers:
    return Answers(
        about=_about("membership", shop, "active_members", 300),
        earning=Earning(points=1, per=Decimal(1), point_value=Decimal("0.02"), lasts_months=12),
        tiers=Tiers(has_tiers=True, member_name=_("Member"), fee_sku="MEMBERSHIP", fee_months=12),
        stamps=Stamps(),
        reward=FirstReward(name=_("10 off your purchase"), points=500, amount=Decimal(10)),
    )


def _discount(shop: str) -> Answers:
    return Answers(
        about=_about("discount", shop, "member_sales", 50),
        earning=Earning(gives_points=False),
        tiers=Tiers(
            has_tiers=True,
            steps=(
                Step(name=_("Bronze"), threshold=Decimal(1), percent=Decimal(3)),
                Step(name=_("Silver"), threshold=Decimal(300), percent=Decimal(5)),
                Step(name=_("Gold"), threshold=Decimal(1000), percent=Decimal(10)),
            ),
        ),
        stamps=Stamps(),
        reward=FirstReward(has_reward=False, name=_("10 off your purchase")),
    )


def _scale(shop: str) -> Answers:
    return Answers(
        about=_about("scale", shop, "member_sales", 50),
        earning=Earning(gives_points=False),
        tiers=Tiers(
            has_tiers=True,
            is_scale=True,
            steps=(
                Step(name=_("First step"), threshold=Decimal(100), percent=Decimal(3)),
                Step(name=_("Second step"), threshold=Decimal(500), percent=Decimal(5)),
                Step(name=_("Third step"), threshold=Decimal(1500), percent=Decimal(10)),
            ),
        ),
        stamps=Stamps(),
        reward=FirstReward(has_reward=False, name=_("10 off your purchase")),
    )


def _about(kind: Kind, shop: str, goal: str, target: int) -> About:
    name = _("%(shop)s Club") % {"shop": shop}
    return About.model_validate({"kind": kind, "name": name, "goal": goal, "target": target})


EXAMPLES: dict[str, Example] = {
    one.kind: one
    for one in (
        Example(
            "cafe",
            gettext_lazy("Café with a stamp card"),
            gettext_lazy("A stamp for every coffee; a full card is a free one."),
            "sparkles",
            _cafe,
        ),
        Example(
            "grocery",
            gettext_lazy("Grocery with points"),
            gettext_lazy("A point for every unit of money; points take money off."),
            "shopping-cart",
            _grocery,
        ),
        Example(
            "fashion",
            gettext_lazy("Fashion with tiers"),
            gettext_lazy("Points, and more of them for those who come often."),
            "star",
            _fashion,
        ),
        Example(
            "membership",
            gettext_lazy("Paid membership"),
            gettext_lazy("Members pay a fee and get double points while it lasts."),
            "identification",
            _membership,
        ),
        Example(
            "discount",
            gettext_lazy("Discounts by tier"),
            gettext_lazy("No points: members of a higher tier pay less at once."),
            "receipt-percent",
            _discount,
        ),
        Example(
            "scale",
            gettext_lazy("A discount that grows"),
            gettext_lazy("The more a member has spent this year, the more is taken off."),
            "arrow-trending-up",
            _scale,
        ),
    )
}
